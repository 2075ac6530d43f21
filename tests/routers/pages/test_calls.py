"""The call list as pages, without JavaScript: from my day to the number, three outcomes, and who was quicker."""

import pytest
from sqlmodel import select

from app.house import House
from app.kit.ids import named, uuid7
from models.tasks import Kind, Task
from tests.app.calling import as_told, finish, on_list
from tests.app.tasks.work import opened
from tests.cast import Village
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import look, press, read, submit

pytestmark = pytest.mark.anyio


async def test_from_my_day_to_the_number_and_back(at: SignedIn, house: House, village: Village) -> None:
    call = await on_list(house, village.father.person_id)
    day = await look(at(village.li), "/staff/day")
    assert "1 人待打电话" in day.text
    assert "/staff/calls" in day.links
    page = await look(at(village.li), "/staff/calls")
    for words in (village.father.name, "早上的健康打卡还没有收到", "打开这个列表会留下记录"):
        assert words in page.text, words
    assert village.mei.phone not in page.html
    shown = await submit(at(village.li), page.form(f"/staff/calls/{call}/number"))
    assert f"tel:{village.mei.phone}" in shown.links
    assert f"这是代报家人{village.mei.name}的电话" in shown.text
    tried = next(form for form in shown.forms if form.buttons == [("outcome", "not_reached")])
    for _ in range(2):
        answer = await press(at(village.li), tried, outcome="not_reached")
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff/calls?told=not_reached")
    page = await look(at(village.li), "/staff/calls?told=not_reached")
    assert "先留在名单上" in page.text
    assert "打过 1 次" in page.text
    told = next(form for form in page.forms if form.buttons == [("outcome", "told")])
    assert "现在没有要打的电话" in (await submit(at(village.li), told, outcome="told")).text
    assert (await as_told(house, call))[0].state == "delivered"
    assert "人待打电话" not in (await look(at(village.li), "/staff/day")).text


async def test_two_things_to_tell_are_one_line_one_call_and_one_answer(
    at: SignedIn, house: House, village: Village
) -> None:
    calls = [await on_list(house, village.father.person_id, hours=hours) for hours in (2, 1)]
    assert "1 人待打电话" in (await look(at(village.li), "/staff/day")).text
    page = await look(at(village.li), "/staff/calls")
    assert page.text.count("早上的健康打卡还没有收到") == 2
    shown = await submit(at(village.li), page.form(f"/staff/calls/{calls[0]}/number"))
    assert shown.text.count("早上的健康打卡还没有收到") == 2
    told = next(form for form in shown.forms if form.buttons == [("outcome", "told")])
    assert "现在没有要打的电话" in (await submit(at(village.li), told, outcome="told")).text
    assert [(await as_told(house, call))[0].state for call in calls] == ["delivered", "delivered"]


async def test_whom_three_tries_did_not_reach_stands_at_the_end(at: SignedIn, house: House, village: Village) -> None:
    call = await on_list(house, village.father.person_id, hours=5)
    await on_list(house, village.mei.person_id)
    for _ in range(3):
        await finish(house, village.li, call, "not_reached")  # type: ignore[arg-type]
    page = await look(at(village.li), "/staff/calls")
    end = page.text.index("打过三次没接通")
    assert page.text.index(village.mei.name) < end < page.text.index(village.father.name)


async def test_who_comes_second_reads_who_was_quicker_above_the_list(
    at: SignedIn, house: House, village: Village
) -> None:
    call, other = [await on_list(house, who.person_id) for who in (village.father, village.zhou)]
    page = await look(at(village.chen), "/staff/calls")
    form = page.form(f"/staff/calls/{call}/outcome")
    await finish(house, village.li, call)
    late = await press(at(village.chen), form, outcome="told")
    assert late.status_code == 422
    assert "李桂芳已经打过电话" in read(late).text
    assert f"/staff/calls/{other}/number" in late.text
    assert f"/staff/calls/{call}/number" not in late.text
    closed = await at(village.chen).post(f"/staff/calls/{call}/number")
    assert (closed.status_code, "tel:" in closed.text) == (422, False)


@pytest.mark.parametrize("words", [{"x": "1"}, {"outcome": "x"}, {"id": "x", "outcome": "told"}, {"outcome": "told"}])
async def test_a_form_without_an_answer_changes_nothing(
    at: SignedIn, house: House, village: Village, words: dict[str, str]
) -> None:
    call = await on_list(house, village.father.person_id)
    answer = await at(village.li).post(f"/staff/calls/{call}/outcome", data=words)
    assert answer.status_code == 422
    assert village.father.name in answer.text
    assert (await as_told(house, call))[0].attempts == 0
    outside = {"id": str(uuid7()), "outcome": "told"}
    assert (await at(village.wu).post(f"/staff/calls/{call}/outcome", data=outside)).status_code == 404


async def test_the_sheet_of_a_missing_report_leads_to_the_list(at: SignedIn, house: House, village: Village) -> None:
    key = f"{Kind.MISSING_REPORT}|{uuid7()}"
    task = await opened(house, village.grid, village.father.person_id, key=key, kind=Kind.MISSING_REPORT)
    async with house.database.reading() as db:
        assert (await db.exec(select(Task.id).where(Task.id == named(key)))).one() == task.id
    assert "/staff/calls" not in (await look(at(village.li), f"/staff/tasks/{task.id}")).links
    await on_list(house, village.father.person_id, subject=task.id)
    assert "/staff/calls" in (await look(at(village.li), f"/staff/tasks/{task.id}")).links
