"""One day in the village, in a real browser on a small phone."""

import re

import pytest

from app.demo import MEI, WORKER
from app.kit.identifiers import check_character
from tests.browser.conftest import Phone, Phones

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(120)]

HAN = re.compile(r"[\u4e00-\u9fff]+")
NUMBER = re.compile(r"\d{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
NEW_MEI = "13912345678"


def identity(birth: str) -> str:
    body = f"330822{birth}768"
    return body + check_character(body)


async def register(phone: Phone) -> None:
    """Fill in the form: oneself, the grid by typing pinyin, one child."""
    page = phone.page
    await page.fill("#name", "梅小雨")
    await page.fill("#id_number", identity("19900305"))
    await page.fill("#address", "中山路 1 号 101")
    await page.locator("#place_query").press_sequentially("xifengcun", delay=20)
    grid = page.locator("[data-results] label", has_text="天马街道 西峰村").first
    await grid.wait_for()
    await phone.tap(grid)
    await phone.tap(page.locator("[name=add_member]"))
    await page.fill("#member-0-name", "梅豆豆")
    await page.select_option("#member-0-id_type", "none")
    await page.fill("#member-0-birth_date", "2018-06-01")
    await page.select_option("#member-0-relation", "child")
    await phone.tap(page.locator("form[action='/register'] > button:not([hidden])"))
    await page.wait_for_url("**/today")


async def answer_step_by_step(phone: Phone, temperature: str) -> None:
    """The long form, one question at a time."""
    page = phone.page
    following = page.locator("[data-move=next]:visible")
    assert await page.locator("[data-step]:visible").count() == 1
    await page.fill("#temperature", temperature)
    await phone.tap(following)
    await phone.tap(page.locator("label", has=page.locator("[name=symptoms][value=cough]")))
    await phone.tap(following)
    await phone.tap(page.locator("label", has=page.locator("[name=exposed][value=no]")))
    await phone.tap(following)
    await phone.tap(page.locator("label", has=page.locator("[name=place][value=home]")))
    await phone.tap(following)
    await phone.tap(page.locator("form[data-steps] .step:visible .button.tall"))
    await page.wait_for_url("**/checkins/*/*/*")


async def check_in_with_two_taps(mei: Phone) -> str:
    """The healthy day from the start page; returns the number of the receipt."""
    await mei.go("/")
    mei.taps = 0
    await mei.tap(mei.page.locator("main a[href='/today']"))
    await mei.tap(mei.page.locator("form[action='/checkins'] .button.tall"))
    await mei.page.wait_for_url("**/checkins/*/*/*")
    assert mei.taps == 2
    receipt = await mei.text()
    number = NUMBER.search(receipt)
    assert number is not None
    assert "正常" in receipt
    return number[0]


async def find_her_on_top_and_call(li: Phone) -> None:
    """The grid worker sees Mei first, opens her page, and asks for the number."""
    await li.sign_in(WORKER)
    await li.page.wait_for_url("**/staff")
    await li.page.click("main a[href='/roll-call']")
    await li.page.wait_for_url("**/roll-call/*")
    first = li.page.locator("ul.people li").first
    assert "梅小雨" in await first.inner_text()
    assert "紧急" in await first.inner_text()
    await li.tap(first.locator("a.who"))
    await li.page.wait_for_url("**/residents/*")
    assert NEW_MEI not in await li.page.content()
    await li.tap(li.page.locator("form[data-call] button").first)
    await li.page.locator(f"a[href='tel:{NEW_MEI}']").wait_for()


async def test_mei_registers_reports_corrects_and_the_grid_worker_calls(phones: Phones) -> None:
    mei = await phones.new()
    await mei.sign_in(NEW_MEI)
    await mei.page.wait_for_url("**/register")
    await register(mei)
    assert "梅豆豆" in await mei.text()
    number = await check_in_with_two_taps(mei)

    await mei.tap(mei.page.locator("main a[href*='/checkins/new']"))
    mei.taps = 0
    await answer_step_by_step(mei, "38.6")
    assert mei.taps <= 8
    receipt = await mei.text()
    assert number in receipt
    assert "紧急" in receipt
    assert await mei.page.locator("main a[href='tel:120']").count() >= 1

    await find_her_on_top_and_call(await phones.new())

    await mei.tap(mei.page.locator("nav.tabs a[href='/me']"))
    seen = await mei.text()
    assert seen.count("李桂芳 · 网格员") == 3
    await mei.tap(mei.page.locator("form[action='/sign-out'] button"))
    await mei.page.wait_for_url(f"{mei.base}/")
    await mei.go("/today")
    assert "/sign-in" in mei.page.url
    await mei.page.go_back()
    assert "梅小雨" not in await mei.text()


async def test_without_scripts_everything_works_with_plain_forms(phones: Phones) -> None:
    phone = await phones.new(scripts=False)
    await phone.sign_in(MEI)
    await phone.page.wait_for_url("**/today")
    await phone.tap(phone.page.locator("form[action='/checkins'] .button.tall"))
    await phone.page.wait_for_url("**/checkins/*/*/*")
    assert NUMBER.search(await phone.text())
    await phone.tap(phone.page.locator("main a[href*='/checkins/new']"))
    assert await phone.page.locator("[data-step]:visible").count() == 5
    await phone.tap(phone.page.locator("form[data-steps] .button.tall"))
    assert (await phone.page.title()).startswith("错误：")
    assert await phone.page.locator("[data-errors] a").count() >= 2
    # The browser itself tells of the refused form.
    phone.complaints.clear()


async def test_a_refused_form_puts_the_focus_on_its_summary(phones: Phones) -> None:
    phone = await phones.new()
    await phone.go("/sign-in")
    await phone.page.fill("#phone", "123")
    await phone.tap(phone.page.locator("form[action='/sign-in'] button"))
    await phone.page.locator("[data-errors]").wait_for()
    assert await phone.page.evaluate("document.activeElement.hasAttribute('data-errors')")
    assert await phone.page.input_value("#phone") == "123"
    await phone.tap(phone.page.locator("[data-errors] a").first)
    assert await phone.page.evaluate("document.activeElement.id") == "phone"
    assert all("422" in complaint for complaint in phone.complaints), phone.complaints
    phone.complaints.clear()


async def test_the_english_pages_hold_no_chinese_but_names(phones: Phones) -> None:
    phone = await phones.new()
    await phone.go("/help")
    await phone.tap(phone.page.locator("form[action='/settings/language'] button").first)
    await phone.page.wait_for_url("**/help")
    for path in ("/", "/help", "/privacy", "/sign-in", "/offline"):
        await phone.go(path)
        assert await phone.page.get_attribute("html", "lang") == "en"
        assert HAN.findall(await phone.text()) == [], path
    foreigner = await phones.new(language="en-GB")
    await foreigner.go("/")
    assert await foreigner.page.get_attribute("html", "lang") == "en"


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
async def test_nothing_scrolls_sideways_on_the_narrowest_phone(phones: Phones, language: str) -> None:
    phone = await phones.new(language=language)
    open_pages = ["/", "/help", "/privacy", "/sign-in", "/regions", "/offline", "/dev/outbox"]
    # The second language needs no second code within a minute: another resident of the demo village signs in.
    await phone.sign_in("13800000100" if language == "zh-CN" else "13800000101")
    await phone.page.wait_for_url("**/today")
    for path in (*open_pages, "/today", "/checkins", "/checkins/new", "/me", "/me/household"):
        await phone.go(path)
        for width in (320, 360):
            assert await phone.fits(width), f"{path} at {width} px"
    await phone.tap(phone.page.locator("form[action='/settings/text'] button").first)
    await phone.go("/today")
    assert await phone.fits(320)


async def test_a_breach_of_the_content_policy_would_be_heard(phones: Phones) -> None:
    phone = await phones.new()
    await phone.go("/help")
    await phone.page.evaluate(
        "document.head.append(Object.assign(document.createElement('style'), {textContent: 'a{}'}))"
    )
    assert any("Content Security Policy" in complaint for complaint in phone.complaints)
    phone.complaints.clear()
