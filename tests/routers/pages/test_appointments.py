"""Standing up on pages, without JavaScript: paste, plan, correct, apply, undo; codes on paper and what they open."""

import re
from functools import partial

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text

from app import staff
from app.appointments import ROW
from app.appointments.words import role_of
from app.house import House
from models.appointments import Reason
from models.staff import Role
from routers import api, pages
from routers.kit import uploads
from routers.kit.i18n import LANGUAGES, gettext
from routers.kit.labels import ROLE
from tests import cast
from tests.app.sheets import HEADER, person
from tests.cast import Person, Village, fresh_phone
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import look

pytestmark = pytest.mark.anyio


@pytest.fixture
async def chief(house: House, village: Village) -> Person:
    someone = await cast.appoint(house, "方志远", Role.ADMINISTRATOR, village.code)
    await cast.sit(house, someone, step_up=True)
    return someone


async def brought(browser: httpx.AsyncClient, village: Village, *rows: str) -> str:
    form = {"region_code": str(village.code), "paste": "\n".join([HEADER, *rows])}
    answer = await browser.post("/appointments", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_a_pasted_sheet_becomes_a_plan_then_posts_then_nothing(
    at: SignedIn, village: Village, chief: Person
) -> None:
    browser = at(chief)
    assert (await look(browser, "/appointments")).status == 200
    way = await brought(browser, village, person("甲某", place=str(village.code)), person("乙某", place="双鱼村"))
    plan = await look(browser, way)
    assert "您的辖区里没有这个地方" in plan.text
    assert "双鱼村" in plan.text
    assert "执行：新增 1，变更 0" in plan.text
    applied = await browser.post(f"{way}/application")
    assert applied.headers["location"] == f"{way}?told=applied"
    assert "撤销：结束 1，恢复 0" in (await look(browser, way)).text
    assert (await browser.post(f"{way}/application")).status_code == 409
    undone = await browser.post(f"{way}/undoing")
    assert "已撤销" in (await look(browser, undone.headers["location"])).text


async def test_a_file_is_taken_and_an_unreadable_one_is_told_beside_the_box(
    at: SignedIn, village: Village, chief: Person
) -> None:
    browser = at(chief)
    body = "\n".join([HEADER, person(place=str(village.code))]).encode("gb18030")
    files = {"file": ("花名册.csv", body, "text/csv")}
    answer = await browser.post("/appointments", data={"region_code": str(village.code)}, files=files)
    assert answer.status_code == 303
    assert "花名册.csv" in (await look(browser, answer.headers["location"])).text
    for bad in (b"%PDF-1.7 x", b"PK\x03\x04" + b"x" * 100):
        answer = await browser.post("/appointments", files={"file": ("x.xlsx", bad, "application/octet-stream")})
        assert answer.status_code == 422
        assert 'id="paste-error"' in answer.text
    assert (await browser.post("/appointments", data={"paste": " "})).status_code == 422


async def test_thousands_of_rows_come_through_the_page_pasted_or_as_a_file(
    at: SignedIn, village: Village, chief: Person
) -> None:
    browser = at(chief)
    rows = "\n".join([HEADER, *(person(place=str(village.code)) for _ in range(3_000))])
    assert len(rows.encode()) > 2 * 64 * 1024
    as_file = {"files": {"file": ("people.csv", rows.encode(), "text/csv")}}
    for sent in ({"data": {"paste": rows}}, {"files": {"paste": (None, rows)}}, as_file):
        answer = await browser.post("/appointments", **sent)  # type: ignore[arg-type]
        assert answer.status_code == 303, re.findall(r"<main.*", answer.text, re.S)[0][:1500]
        assert "3000" in (await look(browser, answer.headers["location"])).text.replace(",", "")
    assert "maxlength" not in re.findall(r"<textarea[^>]*>", (await look(browser, "/appointments")).html)[0]


def test_where_more_may_come_the_route_takes_more() -> None:
    routes = {
        (method, route.path): route.max_body_size
        for door in (*api.routers(), *pages.routers(development=True))
        for route in door.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    assert {place: routes[place] for place in uploads.LARGER} == uploads.LARGER


def test_the_duties_are_understood_as_the_product_itself_calls_them() -> None:
    named = {gettext(lang, words): role for role, words in ROLE.items() for lang in LANGUAGES}
    assert {words: role_of(words) for words in named} == named
    told = gettext("zh-Hans", ROW[Reason.ROLE_UNKNOWN])
    assert [words for words in map(partial(gettext, "zh-Hans"), ROLE.values()) if words not in told] == []


async def test_swapped_columns_come_with_a_form_that_turns_them_round(
    at: SignedIn, village: Village, chief: Person
) -> None:
    browser = at(chief)
    way = await brought(browser, village, f"{fresh_phone()}\t甲某\t村干部\t{village.code}")
    plan = await look(browser, way)
    chosen = dict(re.findall(r'name="(\w+)">(?:(?!</select>).)*?<option value="(\d+)" selected', plan.html, re.DOTALL))
    assert (chosen["name"], chosen["phone"]) == ("1", "0")
    answer = await browser.post(f"{way}/columns", data=chosen)
    assert "执行：新增 1" in (await look(browser, answer.headers["location"])).text


async def test_who_may_not_appoint_finds_no_door(at: SignedIn, village: Village, chief: Person) -> None:
    way = await brought(at(chief), village, person(place=str(village.code)))
    for someone, status in ((village.mei, 403), (village.li, 404), (village.chen, 404)):
        assert (await look(at(someone), "/appointments")).status == status
        assert (await look(at(someone), way)).status == status


# --- activation ------------------------------------------------------------------------------------------------------


async def codes(browser: httpx.AsyncClient, village: Village, *rows: str) -> list[str]:
    way = await brought(browser, village, *rows)
    assert (await browser.post(f"{way}/application")).status_code == 303
    printed = await browser.post("/appointments/codes", data={"region_code": str(village.code)})
    assert printed.status_code == 200
    return re.findall(r'alt="http://[^/]+(/activate/[^"]+)"', printed.text)


async def test_a_code_on_paper_signs_in_once_who_knows_the_number(
    at: SignedIn, house: House, village: Village, chief: Person
) -> None:
    phone = fresh_phone()
    (way,) = await codes(at(chief), village, person("甲某某", phone, place=str(village.code)))
    browser = at(chief)
    browser.cookies.clear()
    page = await look(browser, way)
    assert page.status == 200
    assert "甲＊" in page.text
    assert phone not in page.html
    assert "甲某某" not in page.html
    wrong = await browser.post(way, data={"phone": fresh_phone()})
    assert wrong.status_code == 422
    assert "还可以试 4 次" in wrong.text
    assert "shouwang" not in browser.cookies
    right = await browser.post(way, data={"phone": phone})
    assert (right.status_code, right.headers["location"]) == (303, "/staff")
    assert (await look(browser, "/staff")).status == 200
    browser.cookies.clear()
    assert (await look(browser, way)).status == 404
    assert (await browser.post(way, data={"phone": phone})).status_code == 404
    async with house.database.reading() as db:
        acts = await db.exec(text("SELECT act, facts FROM audit_event WHERE act = 'activated' UNION ALL "
                                  "SELECT act, facts FROM audit_ledger WHERE act = 'activated'"))  # fmt: skip
        assert ("activated", '{"by":"qr"}') in [tuple(row) for row in acts]


async def test_five_wrong_numbers_end_a_code_and_a_new_page_ends_the_old_one(
    at: SignedIn, village: Village, chief: Person
) -> None:
    phone = fresh_phone()
    (way,) = await codes(at(chief), village, person("甲某某", phone, place=str(village.code)))
    browser = at(chief)
    printed = await browser.post("/appointments/codes", data={"region_code": str(village.code)})
    (fresh,) = re.findall(r'alt="http://[^/]+(/activate/[^"]+)"', printed.text)
    browser.cookies.clear()
    assert (await browser.post(way, data={"phone": phone})).status_code == 404
    statuses = [(await browser.post(fresh, data={"phone": fresh_phone()})).status_code for _ in range(5)]
    assert statuses == [422, 422, 422, 422, 404]
    assert (await browser.post(fresh, data={"phone": phone})).status_code == 404


async def test_paper_opens_no_account_that_is_somebodys_already(
    at: SignedIn, house: House, village: Village, chief: Person
) -> None:
    row = person("王小梅", village.mei.phone, place=str(village.code))
    (way,) = await codes(at(chief), village, row)
    browser = at(chief)
    browser.cookies.clear()
    stranger = await browser.post(way, data={"phone": village.mei.phone})
    assert stranger.status_code == 422
    assert "shouwang" not in browser.cookies
    async with house.database.reading() as db:
        assert await staff.posts_of(db, village.mei.token.account) == ()
    herself = await at(village.mei).post(way, data={"phone": village.mei.phone})
    assert herself.status_code == 303


async def test_a_post_with_a_second_factor_gets_no_code_and_an_older_one_opens_nothing(
    at: SignedIn, house: House, village: Village, chief: Person
) -> None:
    phone, waiting = fresh_phone(), fresh_phone()
    rows = (person("新管理", phone, "管理员", str(village.code)), person("甲某", waiting, place=str(village.code)))
    (way,) = await codes(at(chief), village, *rows)
    printed = await at(chief).post("/appointments/codes", data={"region_code": str(village.code)})
    assert "还有 1 人不在这一页" in printed.text
    (way,) = re.findall(r'alt="http://[^/]+(/activate/[^"]+)"', printed.text)
    # Printed for a post that became a guarded one since.
    async with house.database.writing() as db:
        guarded = (
            "UPDATE activation_ticket SET post_id = (SELECT id FROM post WHERE name = '新管理' AND region_code = :at)"
        )
        await db.exec(text(guarded), params={"at": village.code})
    browser = at(chief)
    browser.cookies.clear()
    assert (await look(browser, way)).status == 404
    assert (await browser.post(way, data={"phone": phone})).status_code == 404


async def test_a_code_takes_up_its_own_post_and_no_other_invitation_of_that_phone(
    at: SignedIn, house: House, village: Village, chief: Person
) -> None:
    phone, place = fresh_phone(), str(village.code)
    rows = [person("甲某", phone, role, place) for role in ("村干部", "管理员", "医生")]
    slips = await codes(at(chief), village, *rows)
    assert len(slips) == 2
    browser = at(chief)
    browser.cookies.clear()
    assert (await browser.post(slips[0], data={"phone": phone})).headers["location"] == "/staff"
    held = (
        "SELECT role, account_id IS NOT NULL, (SELECT count(*) FROM audit_event e WHERE e.subject = p.id "
        "AND e.act = 'activated') + (SELECT count(*) FROM audit_ledger e WHERE e.subject = p.id "
        "AND e.act = 'activated') FROM post p WHERE region_code = :at AND name = '甲某'"
    )
    async with house.database.reading() as db:
        found = {row[0]: tuple(row[1:]) for row in await db.exec(text(held), params={"at": village.code})}
    assert found.pop("administrator") == (False, 0)
    assert sorted(found.values()) == [(False, 0), (True, 1)]


async def test_the_plan_says_what_a_changed_row_changes(at: SignedIn, village: Village, chief: Person) -> None:
    browser, row = at(chief), person("甲某", place=str(village.code))
    way = await brought(browser, village, row)
    await browser.post(f"{way}/application")
    way = await brought(browser, village, row.replace("甲某", "甲山"))
    assert "姓名：甲某 → 甲山" in (await look(browser, f"{way}?show=changed")).text


async def test_a_header_alone_is_told_beside_the_box_and_leaves_no_plan(
    at: SignedIn, village: Village, chief: Person
) -> None:
    browser = at(chief)
    answer = await browser.post("/appointments", data={"region_code": str(village.code), "paste": HEADER})
    assert answer.status_code == 422
    assert "只有表头" in answer.text
    assert "粘贴的名单" not in (await look(browser, "/appointments")).text
