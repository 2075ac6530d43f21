"""The roll call on pages: filters, paging, the table of a village."""

import re

import httpx
import pytest

from app import checkins
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from models.checkins import CheckinCreate
from models.staff import Role
from tests import cast
from tests.cast import Village
from tests.routers.crowd import residents_of
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import Page, look

pytestmark = pytest.mark.anyio


def names(page: Page) -> list[str]:
    """The people listed, in order, by the address of their page."""
    return re.findall(r'href="/residents/([0-9a-f-]{36})"', page.html)


async def report(house: House, village: Village) -> None:
    """Mei is urgent, her father needs care, Zhou has not reported, the child is well."""
    submit, mei = checkins.submit, village.mei.viewer
    await submit(house.writer, mei, cast.report(symptoms=["short_breath"]))
    await submit(house.writer, mei, cast.report(person_id=village.father.person_id, symptoms=["cough"]))
    await submit(house.writer, mei, cast.report(person_id=village.child.person_id))


async def test_no_post_no_roll_call(at: SignedIn, village_of_all: Village) -> None:
    page = await look(at(village_of_all.mei), "/roll-call")
    assert page.status == 403
    assert "这是工作人员的页面" in page.text
    assert (await at(village_of_all.li).get(f"/roll-call/{village_of_all.other_grid}")).status_code == 404


async def test_the_only_post_is_opened_at_once(at: SignedIn, village_of_all: Village) -> None:
    answer = await at(village_of_all.li).get("/roll-call")
    assert answer.headers["location"] == f"/roll-call/{village_of_all.grid}"


async def test_people_stand_by_need_and_every_filter_shows_its_own(
    at: SignedIn, house: House, village: Village
) -> None:
    await report(house, village)
    mei, father, child = (str(person.person_id) for person in village.mei.household)
    zhou, path = str(village.zhou.person_id), f"/roll-call/{village.grid}"
    browser = at(village.li)
    assert names(await look(browser, path)) == [mei, father, zhou]
    assert names(await look(browser, f"{path}?show=all")) == [mei, father, zhou, child]
    for show, expected in {
        "urgent": [mei],
        "attention": [father],
        "missing": [zhou],
        "done": [child],
        "x": [mei, father, zhou],
    }.items():
        assert names(await look(browser, f"{path}?show={show}")) == expected
    page = await look(browser, path)
    assert village.mei.phone not in page.html
    assert next(form.action for form in page.forms if form.action.endswith("/call")) == f"/residents/{mei}/call"


async def test_yesterday_is_one_press_away_and_tomorrow_is_not(at: SignedIn, village_of_all: Village) -> None:
    browser, path = at(village_of_all.li), f"/roll-call/{village_of_all.grid}"
    page = await look(browser, path)
    days = [link for link in page.links if re.fullmatch(r"\?day=[0-9-]+", link)]
    assert len(days) == 1
    yesterday = await look(browser, path + days[0])
    assert len([link for link in yesterday.links if re.fullmatch(r"\?day=[0-9-]+", link)]) == 2


async def test_two_hundred_and_fifty_people_come_in_three_pages(at: SignedIn, house: House, village: Village) -> None:
    tokens = await residents_of(house, village.other_grid, 249)
    browser, path = at(village.wu), f"/roll-call/{village.other_grid}"
    seen: list[str] = []
    for number, size in ((1, 100), (2, 100), (3, 50)):
        page = await look(browser, f"{path}?show=all&page={number}")
        assert len(names(page)) == size
        turns = {re.sub(".*page=", "", link) for link in page.links if "page=" in link}
        assert turns == {1: {"2"}, 2: {"1", "3"}, 3: {"2"}}[number]
        seen += names(page)
    assert set(seen) == {str(token.person) for token in tokens} | {str(village.qian.person_id)}
    assert len(seen) == 250
    for odd in ("0", "-1", "99", "x", "1e9", "９"):
        assert len(names(await look(browser, f"{path}?show=all&page={odd}"))) in {100, 50}


async def test_above_the_village_one_chooses_down_to_it(at: SignedIn, house: House, village: Village) -> None:
    county, township = village.code - village.code % 10**9, village.code - village.code % 10**6
    supervisor = await cast.appoint(house, "督导", Role.SUPERVISOR, county)
    browser = at(supervisor)
    assert (await browser.get(f"/roll-call/{330881 * 10**9}")).status_code == 404
    assert (await browser.get("/roll-call")).headers["location"] == f"/roll-call/{county}"
    page = await look(browser, f"/roll-call/{county}")
    assert page.status == 200
    assert f"/roll-call/{township}" in page.links
    page = await look(browser, f"/roll-call/{township}")
    assert "请逐级选择" in page.text
    assert {f"/roll-call/{village.code}", f"/roll-call/{county}"} <= set(page.links)
    assert "王小梅" not in page.text
    assert (await look(browser, f"/roll-call/{village.code}")).status == 200


async def test_a_village_is_the_table_of_its_grids(at: SignedIn, house: House, village: Village) -> None:
    await report(house, village)
    page = await look(at(village.chen), f"/roll-call/{village.code}")
    rows = re.findall(r"<tr role=\"row\">(.*?)</tr>", page.html, re.S)[1:]
    cells = [[int(cell) for cell in re.findall(r">(\d+)</td>", row)] for row in rows]
    assert cells == [[4, 1, 1, 1, 1], [1, 0, 0, 1, 0], [5, 1, 1, 2, 1]]
    assert f"/roll-call/{village.grid}?day={clock.today()}" in page.links
    assert (await at(village.chen).get(f"/roll-call/{village.grid}")).status_code == 200


async def test_a_report_by_somebody_else_is_marked(at: SignedIn, house: House, village: Village) -> None:
    body = CheckinCreate(id=uuid7(), person_id=village.father.person_id, symptoms=["cough"], exposed="no")
    await checkins.submit(house.writer, village.mei.viewer, body)
    page = await look(at(village.li), f"/roll-call/{village.grid}")
    assert "代报" in page.text


async def test_the_language_of_the_page_is_the_workers(
    browser: httpx.AsyncClient, at: SignedIn, village_of_all: Village
) -> None:
    page = await look(at(village_of_all.li), f"/roll-call/{village_of_all.grid}")
    assert "Roll call" not in page.text
    browser.cookies.set("lang", "en", domain="127.0.0.1", path="/")
    assert "Not reported" in (await look(browser, f"/roll-call/{village_of_all.grid}")).text
