"""A grid worker's morning on a small phone, with scripts and without: accept, call, finish."""

import re

import pytest

from app.demo import MEI, OBSERVED, WORKER
from tests.browser.conftest import Phone, Phones
from tests.browser.test_village import answer_step_by_step

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(120)]


async def wait_for_owner(li: Phone) -> None:
    """The next tick of the house gives an urgent report to whoever is on duty."""
    for _ in range(20):
        await li.go("/staff/day")
        first = await li.page.locator("ul.people li").first.inner_text()
        if "王小梅" in first and "待接单" in first:
            return
        await li.page.wait_for_timeout(250)
    raise AssertionError(first)


async def accept_and_open(li: Phone, name: str) -> None:
    """One tap in the list, one on the name."""
    row = li.page.locator("ul.people li", has_text=name).first
    await li.tap(row.locator("form[action$='/acceptance'] button"))
    await li.page.wait_for_url("**/staff/day?told=accepted")
    row = li.page.locator("ul.people li", has_text=name).first
    assert "已接单" in await row.inner_text()
    await li.tap(row.locator("a.who"))
    await li.page.wait_for_url(re.compile("/staff/tasks/"))


async def finish(li: Phone, outcome: str, note: str) -> None:
    """Nothing is chosen beforehand; the choice, a note, done."""
    form = li.page.locator("form[action$='/outcome']")
    assert await form.locator(":checked").count() == 0
    await li.tap(form.locator("label.choice", has_text=outcome))
    await form.locator("textarea").fill(note)
    await li.tap(form.locator("button"))
    await li.page.wait_for_url("**?told=done")
    text = await li.text()
    for words in ("已办结", outcome, note, "撤回，重新打开"):
        assert words in text, words


async def test_a_worker_accepts_calls_and_finishes(phones: Phones) -> None:
    mei = await phones.new()
    await mei.sign_in(MEI)
    await mei.go("/checkins/new")
    await answer_step_by_step(mei, "38.6")

    li = await phones.new()
    await li.sign_in(WORKER)
    await li.page.wait_for_url("**/staff")
    await li.tap(li.page.locator("main a[href='/staff/day']"))
    await wait_for_owner(li)
    assert "紧急" in await li.page.locator("ul.people li").first.inner_text()
    li.taps = 0
    await accept_and_open(li, "王小梅")
    assert MEI not in await li.page.content()
    await li.tap(li.page.locator("form[data-call] button"))
    await li.page.locator(f"a[href='tel:{MEI}']").wait_for()
    await finish(li, "已转医生", "体温 38.6，已联系姜医生")
    assert li.taps == 5
    await no_sideways_scroll(li)

    plain = await phones.new(scripts=False)
    await plain.context.add_cookies(await li.context.cookies())  # type: ignore[arg-type]
    await plain.go("/staff/day")
    await accept_and_open(plain, "周建明")
    sheet = plain.page.url.partition("?")[0]
    await plain.tap(plain.page.locator("form[data-call] button"))
    assert await plain.page.locator(f"a[href='tel:{OBSERVED}']").count() == 1
    await plain.tap(plain.page.locator(f"main a[href='{sheet.removeprefix(plain.base)}']"))
    # Without a choice the words stay, and the summary leads to it.
    form = plain.page.locator("form[action$='/outcome']")
    await form.locator("textarea").fill("体温计已送到")
    await plain.tap(form.locator("button"))
    assert (await plain.page.title()).startswith("错误")
    assert await form.locator("textarea").input_value() == "体温计已送到"
    plain.complaints.clear()  # the browser itself tells of the refused form
    await finish(plain, "已联系上", "体温计已送到")


async def no_sideways_scroll(li: Phone) -> None:
    """Also with the largest text and in English, which is longer."""
    sheet = li.page.url.partition("?")[0].removeprefix(li.base)
    for _ in ("m", "l", "xl"):
        for path in ("/staff/day", sheet, "/staff/tasks", "/staff/tasks/new"):
            for language in ("zh-Hans", "en"):
                await li.context.add_cookies([{"name": "lang", "value": language, "url": li.base}])
                await li.go(path)
                assert await li.fits(320), (path, language)
        await li.context.add_cookies([{"name": "lang", "value": "zh-Hans", "url": li.base}])
        await li.go("/staff/day")
        await li.tap(li.page.locator("form[action='/settings/text'] button").first)
    await li.page.set_viewport_size({"width": 360, "height": 740})
