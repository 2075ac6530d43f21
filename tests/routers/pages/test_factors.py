"""Staff sign-in on pages: without a script as far as that goes, in both languages, and never to another site."""

import re
from html import unescape

import httpx
import pytest

from app.house import House
from models.staff import Role
from tests import cast
from tests.cast import Person, Village
from tests.guarded import App, forget_step
from tests.routers.pages.conftest import SignedIn
from tests.routers.pages.test_accounts import ask_code
from tests.routers.paper import Page, look, press, read, submit

pytestmark = pytest.mark.anyio


@pytest.fixture
async def boss(house: House, village: Village) -> Person:
    someone = await cast.appoint(house, "方志远", Role.ADMINISTRATOR, village.code)
    await cast.sit(house, someone, second=False)
    return someone


def secret_on(page: Page) -> App:
    found = re.search(r'id="secret"[^>]*>([A-Z2-7 ]+)<', page.html)
    assert found
    return App(found[1].replace(" ", ""))


async def set_up(browser: httpx.AsyncClient) -> App:
    """From the second-factor page, without a script: offer, scan, confirm."""
    page = await look(browser, "/second-factor?next=/me/security")
    page = await submit(browser, page.form("/me/security/authenticator"))
    app = secret_on(page)
    answer = await press(browser, page.form("/me/security/authenticator/confirmation"), totp=app.now())
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/security")
    return app


async def test_a_worker_signs_in_with_two_cookies_and_keeps_working(
    browser: httpx.AsyncClient, village: Village
) -> None:
    page, code = await ask_code(browser, village.li.phone, "/roll-call")
    answer = await press(browser, page.form("/sign-in/code"), code=code)
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) == 2
    (session,) = [cookie for cookie in cookies if cookie.startswith("shouwang-staff=")]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"):
        assert part in session
    assert (await browser.get(f"/roll-call/{village.grid}")).status_code == 200


async def test_a_resident_gets_one_cookie_and_loses_that_of_the_staff_before(at: SignedIn, village: Village) -> None:
    browser = at(village.li)
    page = await look(browser, "/me")
    await press(browser, page.form("/sign-out"))
    page, code = await ask_code(browser, village.mei.phone)
    answer = await press(browser, page.form("/sign-in/code"), code=code)
    assert [cookie.partition("=")[0] for cookie in answer.headers.get_list("set-cookie")] == ["shouwang"]
    assert "shouwang-staff" not in browser.cookies


async def test_a_session_that_ended_leads_to_a_sign_in_and_back(at: SignedIn, house: House, village: Village) -> None:
    browser = at(village.li)
    browser.cookies.delete("shouwang-staff")
    answer = await browser.get(f"/roll-call/{village.grid}")
    assert answer.headers["location"] == f"/sign-in?staff=1&next=/roll-call/{village.grid}"
    page = await look(browser, answer.headers["location"])
    assert page.status == 200, "no redirect in circles although the phone is signed in"
    assert page.form("/sign-in").fields["next"] == f"/roll-call/{village.grid}"
    refused = read(await browser.post(f"/residents/{village.mei.person_id}/call", data={"x": "1"}))
    assert refused.status == 401
    assert any(link.startswith("/sign-in?staff=1&next=") for link in refused.links)


async def test_the_cookie_of_the_session_alone_opens_nothing(browser: httpx.AsyncClient, village: Village) -> None:
    browser.cookies.set("shouwang-staff", str(village.li.secret), domain="127.0.0.1", path="/")
    answer = await browser.get(f"/roll-call/{village.grid}")
    assert answer.headers["location"].startswith("/sign-in?next=")


async def test_a_guarded_post_sets_up_the_authenticator_app_without_a_script(
    at: SignedIn, house: House, boss: Person
) -> None:
    browser = at(boss)
    answer = await browser.get("/me/security")
    assert answer.headers["location"] == "/second-factor?next=/me/security"
    page = await look(browser, answer.headers["location"])
    page = await submit(browser, page.form("/me/security/authenticator"))
    assert "data:image/svg+xml" in page.html
    app = secret_on(page)
    page = await submit(browser, page.form("/me/security/authenticator/confirmation"), totp="12345")
    assert (page.status, page.errors) == (422, ["#totp"] if page.errors[0].startswith("#") else ["totp"])
    assert secret_on(page).secret == app.secret, "the same secret, so that nobody scans twice"
    answer = await press(browser, page.form("/me/security/authenticator/confirmation"), totp=app.now())
    assert answer.headers["location"] == "/me/security"
    page = await look(browser, "/me/security")
    assert "Authenticator" in page.text or "验证器" in page.text


async def test_signing_in_by_code_leads_to_the_second_factor_and_then_on(
    at: SignedIn, house: House, boss: Person
) -> None:
    browser = at(boss)
    app = await set_up(browser)
    browser.cookies.clear()
    page, code = await ask_code(browser, boss.phone, "/me/security")
    answer = await press(browser, page.form("/sign-in/code"), code=code)
    assert answer.headers["location"] == "/second-factor?next=/me/security"
    page = await look(browser, answer.headers["location"])
    page = await submit(browser, page.form("/second-factor"), totp=app.last)
    assert page.status == 422, "the code that set it up is spent"
    await forget_step(house, boss.viewer)
    answer = await press(browser, page.form("/second-factor"), totp=app.now())
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/security")
    assert (await browser.get("/second-factor?next=//evil.example")).headers["location"] == "/roll-call"


async def test_five_wrong_codes_have_to_wait(at: SignedIn, house: House, boss: Person) -> None:
    browser = at(boss)
    app = await set_up(browser)
    await cast.sit(house, boss, second=False)
    browser = at(boss)
    page = await look(browser, "/second-factor")
    wrong = f"{(int(app.now()) + 333_333) % 1_000_000:06d}"
    statuses = [(await submit(browser, page.form("/second-factor"), totp=wrong)).status for _ in range(6)]
    assert statuses == [422] * 5 + [429]


async def test_removing_asks_for_a_proof_first_and_the_last_one_stays(at: SignedIn, house: House, boss: Person) -> None:
    browser = at(boss)
    app = await set_up(browser)
    page = await look(browser, "/me/security")
    answer = await press(browser, page.form("/me/security/authenticator/removal"))
    assert answer.headers["location"] == "/step-up?next=/me/security"
    page = await look(browser, answer.headers["location"])
    assert [form.action for form in page.forms if "step-up" in form.action] == ["/step-up"]
    await forget_step(house, boss.viewer)
    await press(browser, page.form("/step-up"), totp=app.now())
    page = await look(browser, "/me/security")
    page = await submit(browser, page.form("/me/security/authenticator/removal"))
    assert page.status == 409
    assert (await browser.get("/step-up?next=/me")).headers["location"] == "/me", "proved a moment ago"


async def test_village_staff_confirm_with_a_message(at: SignedIn, village: Village) -> None:
    browser = at(village.li)
    page = await look(browser, "/step-up?next=/me/security")
    page = await submit(browser, page.form("/step-up/code"))
    assert village.li.phone not in page.html
    items = (await browser.get("/dev/outbox.json", params={"phone": village.li.phone})).json()["items"]
    wrong = f"{(int(items[0]['code']) + 1) % 1_000_000:06d}"
    page = await submit(browser, page.form("/step-up/code/check"), code=wrong)
    assert page.status == 422
    answer = await press(browser, page.form("/step-up/code/check"), code=items[0]["code"])
    assert answer.headers["location"] == "/me/security"


async def test_devices_are_listed_and_signed_out(at: SignedIn, house: House, village: Village) -> None:
    there = await cast.sit(house, village.li)
    await cast.sit(house, village.li)
    browser = at(village.li)
    page = await look(browser, "/me/security")
    ends = [form for form in page.forms if form.action.endswith("/ending")]
    assert "安卓上的 Chrome" in unescape(page.html)
    page = read(await browser.get((await press(browser, ends[0])).headers["location"]))
    assert "已在那台设备上退出" in page.text
    await press(browser, page.form("/me/security/other-sessions/ending"))
    browser.cookies.set("shouwang-staff", there, domain="127.0.0.1", path="/")
    answer = await browser.get(f"/roll-call/{village.grid}")
    assert answer.headers["location"].startswith("/sign-in?staff=1")


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", '{"id": 1}', "[" * 15_000, "\x00", '{"response": {}}'])
async def test_rubbish_instead_of_a_passkey_is_a_page_with_words(
    at: SignedIn, village: Village, boss: Person, credential: str
) -> None:
    for path, form in (
        ("/sign-in/passkey", village.li),
        ("/second-factor/passkey", boss),
        ("/me/security/passkeys", boss),
    ):
        answer = await at(form).post(path, data={"credential": credential, "next": "/me"})
        assert answer.status_code == 422, path
        assert "通行密钥" in answer.text


async def test_the_pages_speak_english_too(at: SignedIn, village: Village, boss: Person) -> None:
    browser = at(boss)
    for path in ("/second-factor", "/sign-in?staff=1"):
        page = read(await browser.get(path, headers={"Accept-Language": "en"}))
        assert not re.search(r"[\u4e00-\u9fff]", re.sub("中文|守望", "", page.text)), page.text
