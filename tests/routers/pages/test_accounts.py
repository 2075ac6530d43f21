"""Signing in and out, and moving to a new phone, on pages."""

import asyncio

import httpx
import pytest

from routers.kit.gate import safe_next
from tests.cast import Village, fresh_phone
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import Page, look, press, read, submit

pytestmark = pytest.mark.anyio


async def ask_code(browser: httpx.AsyncClient, phone: str, next_page: str = "") -> tuple[Page, str]:
    """Type a phone, get the page for the code; the code as it would arrive."""
    page = await look(browser, f"/sign-in?next={next_page}" if next_page else "/sign-in")
    page = await submit(browser, page.form("/sign-in"), phone=phone)
    items = (await browser.get("/dev/outbox.json", params={"phone": phone})).json().get("items") if phone else []
    return page, items[0]["code"] if items else ""


@pytest.mark.parametrize("phone", ["", "123", "一三八", "1385700123x"])
async def test_a_wrong_number_comes_back_with_its_words(browser: httpx.AsyncClient, phone: str) -> None:
    page, _ = await ask_code(browser, phone)
    assert page.status == 422
    assert page.title.startswith("错误：")
    assert page.errors == ["phone"]
    assert page.form("/sign-in").fields["phone"] == phone


async def test_a_wrong_code_is_told_the_tries_left_and_the_sixth_try_is_over(browser: httpx.AsyncClient) -> None:
    phone = fresh_phone()
    page, code = await ask_code(browser, phone)
    assert phone not in page.text
    assert f"{phone[:3]}****{phone[-4:]}" in page.text
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for left in (4, 3, 2, 1):
        page = await submit(browser, page.form("/sign-in/code"), code=wrong)
        assert (page.status, page.errors) == (422, ["code"])
        assert f"{left}" in page.text
        assert page.form("/sign-in/code").fields["code"] == wrong
    for last in (wrong, code):
        page = await submit(browser, page.form("/sign-in/code"), code=last)
        assert page.status == 422
        assert "请重新获取" in page.text
    assert (await browser.get("/today")).headers["location"].startswith("/sign-in")


async def test_a_second_code_has_to_wait_and_the_first_stays_good(browser: httpx.AsyncClient) -> None:
    phone = fresh_phone()
    page, code = await ask_code(browser, phone)
    assert "60" in page.text
    page = await submit(browser, page.form("/sign-in"))
    assert page.status == 429
    assert page.errors == ["code"]
    assert (await press(browser, page.form("/sign-in/code"), code=code)).headers["location"] == "/register"


async def test_a_new_phone_is_led_to_register_and_a_known_one_to_where_it_wanted(
    browser: httpx.AsyncClient, village: Village
) -> None:
    page, code = await ask_code(browser, village.mei.phone, "/checkins")
    answer = await press(browser, page.form("/sign-in/code"), code=code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/checkins")
    cookie = answer.headers["set-cookie"]
    for part in ("shouwang=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"):
        assert part in cookie
    assert "王小梅" not in cookie
    assert "打卡" in (await look(browser, "/today")).title
    assert (await browser.get("/sign-in?next=/me")).headers["location"] == "/me"


async def test_a_worker_starts_at_their_desk(browser: httpx.AsyncClient, village: Village) -> None:
    page, code = await ask_code(browser, village.li.phone)
    assert (await press(browser, page.form("/sign-in/code"), code=code)).headers["location"] == "/staff"
    assert "/roll-call" in (await look(browser, "/staff")).links


async def test_who_is_not_signed_in_comes_back_to_where_they_were(browser: httpx.AsyncClient, village: Village) -> None:
    answer = await browser.get("/checkins")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/checkins")
    page = read(await browser.post("/checkins", data={"id": "x"}))
    assert page.status == 401
    assert "/sign-in" in page.links


async def test_signing_out_clears_the_phone_and_the_sign_in(at: SignedIn, village: Village) -> None:
    browser = at(village.mei)
    page = await look(browser, "/me")
    answer = await press(browser, page.form("/sign-out"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert answer.headers["clear-site-data"] == '"cache"'
    assert (await browser.get("/today")).headers["location"].startswith("/sign-in")
    await asyncio.sleep(1)
    assert (await at(village.mei).get("/today")).headers["location"].startswith("/sign-in"), "the copy still works"


async def test_signing_out_everywhere_ends_the_other_phone_too(at: SignedIn, village: Village) -> None:
    page = await look(at(village.mei), "/me")
    await press(at(village.mei), page.form("/sign-out/everywhere"))
    await asyncio.sleep(1)
    assert (await at(village.mei).get("/today")).headers["location"].startswith("/sign-in")


async def test_the_new_number_is_proved_before_the_old_one_goes(at: SignedIn, village: Village) -> None:
    browser, new = at(village.mei), fresh_phone()
    page = await look(browser, "/me")
    page = await submit(browser, page.form("/me/phone"), phone=new)
    page = await submit(browser, page.form("/me/phone/code"), code="00000")
    assert (page.status, page.errors) == (422, ["code"])
    code = (await browser.get("/dev/outbox.json", params={"phone": new})).json()["items"][0]["code"]
    page = await submit(browser, page.form("/me/phone/code"), code=code)
    assert "今后请用新号码登录" in page.text
    await asyncio.sleep(1)
    assert (await browser.get("/today")).status_code == 200, "the phone in hand stays signed in"
    assert (await at(village.mei).get("/today")).headers["location"].startswith("/sign-in"), "the others do not"


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http://[",
        "",
        "evil",
        "/a\r\nb",
    ],
)
async def test_nobody_is_sent_to_another_site(at: SignedIn, village_of_all: Village, wanted: str) -> None:
    assert safe_next(wanted) == "/today"
    answer = await at(village_of_all.mei).get("/sign-in", params={"next": wanted})
    assert answer.headers["location"] == "/today"


@pytest.mark.parametrize("wanted", ["/", "/me", "/checkins/new?for=x&day=2020-02-05", "/today#x"])
async def test_a_way_inside_this_site_is_kept(wanted: str) -> None:
    assert safe_next(wanted) == wanted
