"""The desk, the unit and its posts on pages, without JavaScript."""

import re

import pytest

from app.house import House
from models.staff import Role
from tests import cast
from tests.cast import Person, Village
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import look

pytestmark = pytest.mark.anyio


@pytest.fixture
async def chief(house: House, village: Village) -> Person:
    someone = await cast.appoint(house, "方志远", Role.ADMINISTRATOR, village.code)
    await cast.sit(house, someone, step_up=True)
    return someone


async def test_the_desk_shows_the_doors_that_a_post_opens_and_no_others(
    at: SignedIn, village: Village, chief: Person
) -> None:
    mine = await look(at(village.li), "/staff")
    assert mine.status == 200
    assert 'href="/roll-call"' in mine.html
    assert 'href="/appointments"' not in mine.html
    admins = await look(at(chief), "/staff")
    assert 'href="/appointments"' in admins.html
    assert (await look(at(village.mei), "/staff")).status == 403


async def test_the_table_of_rights_says_what_is_mine(at: SignedIn, village: Village) -> None:
    page = await look(at(village.li), "/staff/rights")
    assert "谁能做什么" in page.text
    assert page.html.count("您可以") == 5


async def test_a_unit_shows_who_answers_its_people_and_its_parts(at: SignedIn, village: Village, chief: Person) -> None:
    page = await look(at(chief), f"/staff/units/{village.code}")
    assert page.status == 200
    assert "陈国平" in page.text
    assert f'href="/staff/units/{village.grid}"' in page.html
    assert (await look(at(village.li), f"/staff/units/{village.code}")).status == 404


async def test_inviting_changing_and_ending_on_paper(at: SignedIn, village: Village, chief: Person) -> None:
    browser = at(chief)
    form = {"name": "新人甲", "phone": "12", "role": "grid_worker"}
    wrong = await browser.post(f"/staff/units/{village.grid}/posts/new", data=form)
    assert wrong.status_code == 422
    assert "新人甲" in wrong.text
    form["phone"] = cast.fresh_phone()
    made = await browser.post(f"/staff/units/{village.grid}/posts/new", data=form)
    assert made.status_code == 303
    post = re.search(r"/staff/posts/([0-9a-f-]{36})", made.headers["location"])
    assert post
    page = await look(browser, made.headers["location"])
    assert "对方尚未到岗" in page.text
    changed = await browser.post(f"/staff/posts/{post[1]}/change", data={"name": "新人乙", "department": "县教育局"})
    assert changed.status_code == 303, changed.text
    assert "县教育局" in (await look(browser, f"/staff/posts/{post[1]}")).text
    again = await browser.post(f"/staff/posts/{post[1]}/invitation")
    assert again.status_code == 303
    ended = await browser.post(f"/staff/posts/{post[1]}/dismissal", data={"reason": "", "successor_id": ""})
    assert ended.headers["location"] == f"/staff/units/{village.grid}"
    assert (await look(browser, f"/staff/posts/{post[1]}")).status == 404


async def test_the_last_administrator_reads_why_the_post_cannot_end(
    at: SignedIn, village: Village, chief: Person
) -> None:
    browser = at(chief)
    unit = await look(browser, f"/staff/units/{village.code}")
    posts = re.findall(r'/staff/posts/([0-9a-f-]{36})"><span class="face" aria-hidden="true">方', unit.html)
    assert len(posts) == 1
    answer = await browser.post(f"/staff/posts/{posts[0]}/dismissal", data={"reason": ""})
    assert answer.status_code == 422
    assert "最后一名管理员" in answer.text


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("change", {"name": "", "department": "水利局", "valid_to": "2031-05-06", "lead": "yes"}),
        ("transfer", {"role": "doctor", "region_code": "330822", "lead": "yes", "group": "医疗组", "reason": "支援"}),
        ("dismissal", {"successor_id": "nobody", "reason": "调回原单位"}),
    ],
)
async def test_a_refused_form_of_a_post_keeps_what_was_typed(
    at: SignedIn, village: Village, chief: Person, act: str, typed: dict[str, str]
) -> None:
    browser = at(chief)
    unit = await look(browser, f"/staff/units/{village.code}")
    post = re.search(r'/staff/posts/([0-9a-f-]{36})"><span class="face" aria-hidden="true">陈', unit.html)
    assert post
    answer = await browser.post(f"/staff/posts/{post[1]}/{act}", data=typed)
    assert answer.status_code == 422
    form = answer.text.partition(f'action="/staff/posts/{post[1]}/{act}"')[2].partition("</form>")[0]
    for name, words in typed.items():
        kept = {"lead": " checked", "role": f'value="{words}" selected', "successor_id": ""}.get(
            name, f'value="{words}"'
        )
        assert kept in form, name


async def test_duty_is_planned_in_the_time_of_the_wall(at: SignedIn, village: Village, chief: Person) -> None:
    browser = at(chief)
    page = await look(browser, f"/staff/duty/{village.grid}")
    person = re.search(r'<option value="([0-9a-f-]{36})"', page.html)
    assert person
    form = {"post_id": person[1], "starts_at": "2099-01-01T20:00", "ends_at": "2099-01-02T08:00"}
    far = await browser.post(f"/staff/duty/{village.grid}/shifts", data=form)
    assert far.status_code == 422
    assert "2099-01-01T20:00" in far.text
    nonsense = await browser.post(f"/staff/duty/{village.grid}/shifts", data=form | {"starts_at": "morgen"})
    assert nonsense.status_code == 422
    assert (await look(at(village.mei), f"/staff/duty/{village.grid}")).status == 403
