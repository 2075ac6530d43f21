"""Tasks as pages: a worker's day and the sheet, words kept, strangers, both languages, the board, a task by hand."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from app import tasks
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from models.staff import Role
from models.tasks import Kind, Task, TaskAct
from routers.kit.task_words import building_of, due_words, late_words
from tests import cast
from tests.app.staffing import post_of, town
from tests.app.tasks.work import again, history, opened
from tests.cast import Village
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import look, press, read, submit

pytestmark = pytest.mark.anyio


async def late(house: House, task: Task, minutes: int) -> None:
    async with house.database.writing() as db:
        row = (await db.exec(select(Task).where(Task.id == task.id))).one()
        row.start_at = row.due_at = clock.now() - timedelta(minutes=minutes)
        db.add(row)


# --- my day ----------------------------------------------------------------------------------------------------------


async def test_a_day_stands_in_its_order_with_words_and_claims_apart(
    at: SignedIn, house: House, village: Village
) -> None:
    await opened(house, village.grid, village.mei.person_id)
    over = await opened(house, village.grid, village.zhou.person_id, kind=Kind.CALL)
    await late(house, over, 35)
    await opened(house, village.grid, village.father.person_id, kind=Kind.URGENT_REPORT)
    loose = await opened(house, village.grid, village.child.person_id, kind=Kind.ERRAND)
    async with house.database.writing() as db:
        row = (await db.exec(select(Task).where(Task.id == loose.id))).one()
        row.owner_post_id, row.queue_code = None, village.grid
        db.add(row)
    answer = await at(village.li).get("/staff/day")
    assert answer.headers["cache-control"] == "no-store"
    page = read(answer)
    for words in ("我负责 3 项", "紧急 1 项", "超时 1 项", "待认领 1 项", "超时 35 分钟", "桃园路 18 号 2 幢"):
        assert words in page.text, words
    order = [page.text.index(who) for who in (village.father.name, village.zhou.name, "王小梅", village.child.name)]
    assert order == sorted(order)
    claim = page.form(f"/staff/tasks/{loose.id}/acceptance")
    assert "我的一天" in (await submit(at(village.li), claim)).text
    assert (await again(house, loose)).owner_post_id == village.post


async def test_an_empty_day_says_what_it_means(at: SignedIn, village: Village) -> None:
    page = await look(at(village.wu), "/staff/day")
    assert "现在没有要办的事" in page.text
    assert "有新任务时会给您发消息" in page.text


async def test_all_at_once_takes_what_was_offered_to_me_and_nothing_urgent(
    at: SignedIn, house: House, village: Village
) -> None:
    mine = [await opened(house, village.grid) for _ in range(2)]
    urgent = await opened(house, village.grid, village.mei.person_id, kind=Kind.URGENT_REPORT)
    theirs = await opened(house, village.other_grid)
    page = await look(at(village.li), "/staff/day")
    form = page.form("/staff/day/acceptance")
    everything = [str(task.id) for task in (*mine, urgent, theirs)] + ["x"]
    for told, words in (("some", "还在等您的已接单"), ("none", "没有接单")):
        answer = await press(at(village.li), form, task_id=everything)
        assert answer.headers["location"] == f"/staff/day?told={told}"
        assert words in (await look(at(village.li), answer.headers["location"])).text
    states = [(await again(house, task)).state for task in (*mine, urgent, theirs)]
    assert states == ["accepted", "accepted", "offered", "offered"]
    assert await history(house, mine[0]) == ["opened", "offered", "accepted"]


# --- the sheet -------------------------------------------------------------------------------------------------------


async def test_a_sheet_offers_exactly_what_may_be_done(at: SignedIn, house: House, village: Village) -> None:
    task = await opened(house, village.grid, village.mei.person_id, words="送体温计")
    path = f"/staff/tasks/{task.id}"
    page = await look(at(village.li), path)
    acts = {form.action.rpartition("/")[2] for form in page.forms if form.action.startswith(path)}
    assert acts == {"acceptance", "start", "notes", "calls", "outcome", "hindrance", "hand-over"}
    assert "送体温计" in page.text
    assert re.search(r"到 \d\d:\d\d 还没人接单，会再发提醒", page.text)
    assert "cancellation" in (await look(at(village.chen), path)).html
    page = await submit(at(village.li), page.form(f"{path}/acceptance"))
    assert "已接单，由您负责" in page.text
    page = await submit(at(village.li), page.form(f"{path}/outcome"), outcome="cooperative", note="按约定在家")
    assert "已办结" in page.text
    acts = {form.action.rpartition("/")[2] for form in page.forms if form.action.startswith(path)}
    assert acts == {"notes", "reopening"}
    page = await submit(at(village.li), page.form(f"{path}/reopening"))
    assert "李桂芳撤回，重新打开" in page.text
    assert await history(house, task) == ["opened", "offered", "accepted", "done", "reopened"]


async def test_the_same_form_sent_twice_happens_once(at: SignedIn, house: House, village: Village) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    page = await look(at(village.li), f"/staff/tasks/{task.id}")
    form = page.form(f"/staff/tasks/{task.id}/notes")
    for _ in range(2):
        answer = await press(at(village.li), form, note="敲门无人")
        assert answer.status_code == 303
    assert await history(house, task) == ["opened", "offered", "noted"]


@pytest.mark.parametrize(
    ("form", "words", "leads_to"),
    [
        ("outcome", {"note": "打了三次"}, "outcome"), ("hindrance", {"note": "打了三次"}, "hindrance"),
        ("notes", {"note": "字" * 501}, "notes-note"), ("cancellation", {"note": " "}, "cancellation-note"),
        ("hand-over", {"note": "请帮忙", "post_id": str(uuid7())}, "post_id"),
    ],
)  # fmt: skip
async def test_a_refused_form_keeps_its_words_and_leads_to_the_field(
    at: SignedIn, house: House, village: Village, form: str, words: dict[str, str], leads_to: str
) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    path = f"/staff/tasks/{task.id}"
    page = await look(at(village.chen), path)
    again = await submit(at(village.chen), page.form(f"{path}/{form}"), **words)
    assert again.status == 422
    assert again.title.startswith("错误")
    assert again.errors == [leads_to]
    assert leads_to in again.ids
    assert again.form(f"{path}/{form}").fields["note"].strip() == words["note"].strip()
    assert await history(house, task) == ["opened", "offered"]


async def test_who_comes_second_reads_who_was_quicker(at: SignedIn, house: House, village: Village) -> None:
    second = await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid)
    task = await opened(house, village.grid)
    form = (await look(at(second), f"/staff/tasks/{task.id}")).forms
    assert not any(each.action.endswith("/acceptance") for each in form)
    body = {"id": str(uuid7())}
    await at(village.li).post(f"/staff/tasks/{task.id}/acceptance", data=body)
    late = await at(second).post(f"/staff/tasks/{task.id}/acceptance", data={"id": str(uuid7())})
    assert late.status_code == 422
    assert "李桂芳" in read(late).text
    assert read(late).errors == ["act"]


async def test_calling_shows_the_number_and_leads_back_to_the_task(
    at: SignedIn, house: House, village: Village
) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    sheet = await look(at(village.li), f"/staff/tasks/{task.id}")
    assert village.mei.phone not in sheet.html
    page = await submit(at(village.li), sheet.form(f"/staff/tasks/{task.id}/calls"))
    assert f"tel:{village.mei.phone}" in page.links
    assert f"/staff/tasks/{task.id}" in page.links
    nobody = await opened(house, village.grid)
    refused = await at(village.li).post(f"/staff/tasks/{nobody.id}/calls", data={"id": str(uuid7())})
    assert refused.status_code == 404


@pytest.mark.proves("T03")
async def test_a_stranger_finds_nothing(at: SignedIn, house: House, village: Village) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    acts = ("acceptance", "start", "notes", "calls", "outcome", "hindrance", "hand-over", "cancellation", "reopening")
    body = {"id": str(uuid7()), "note": "x", "outcome": "reached", "hindrance": "moved"}
    for path in (f"/staff/tasks/{task.id}", f"/staff/tasks/{uuid7()}"):
        assert (await at(village.wu).get(path)).status_code == 404
        for act in acts:
            assert (await at(village.wu).post(f"{path}/{act}", data=body)).status_code == 404, act
    assert await history(house, task) == ["opened", "offered"]
    for path in (f"/staff/tasks?region={village.grid}", f"/staff/tasks/new?person={village.mei.person_id}"):
        assert (await at(village.wu).get(path)).status_code == 404
    assert (await at(village.mei).get("/staff/day")).status_code == 403


async def test_the_sheet_in_english_speaks_english(at: SignedIn, house: House, village: Village) -> None:
    task = await opened(house, village.grid, village.mei.person_id, kind=Kind.URGENT_REPORT, day=clock.today(), slot=0)
    me = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        await tasks.note(db, me, task.id, TaskAct(id=uuid7(), note="x", filled_at=clock.now()))
    for path in (f"/staff/tasks/{task.id}", "/staff/day", "/staff/tasks", "/staff/tasks/new"):
        answer = await at(village.li).get(path, headers={"Accept-Language": "en"})
        main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
        names = ("王小梅", "李桂芳", "陈国平", "桃园路 18 号 2 幢 301", "桃园路 18 号 2 幢", *await _places(house, me))
        for name in sorted(names, key=len, reverse=True):
            main = main.replace(name, "")
        assert re.findall(r"[\u4e00-\u9fff]+", re.sub(r"<[^>]*>", " ", main)) == [], path


async def _places(house: House, me: Viewer) -> list[str]:
    from app import regions

    async with house.database.reading() as db:
        return await regions.chain_of(db, me.posts[0].region_code)


# --- the board and a task by hand ------------------------------------------------------------------------------------


async def test_the_board_adds_up_and_hands_over_in_two_taps(at: SignedIn, house: House, village: Village) -> None:
    second = await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid)
    task = await opened(house, village.grid, village.mei.person_id)
    page = await look(at(village.chen), "/staff/tasks")
    assert "未办结 1 项 = 待接单 1 + 已转上级待接单 0 + 已接单 0 + 正在办 0；其中无人负责 0 项" in page.text
    assert "手上空闲" in page.text
    assert village.mei.name not in page.text
    to = str((await post_of(house, second)).id)
    form = page.form(f"/staff/tasks/{task.id}/hand-over")
    assert ("post_id", to) in form.buttons
    assert "已转交" in (await submit(at(village.chen), form, post_id=to)).text
    assert str((await again(house, task)).owner_post_id) == to
    only = await look(at(village.chen), f"/staff/tasks?region={village.code}&only=urgent")
    assert "这个列表里没有任务" in only.text
    # Who does not lead there looks, and hands nothing over from the list.
    assert not any(each.action.endswith("/hand-over") for each in (await look(at(village.li), "/staff/tasks")).forms)


async def test_the_board_of_elsewhere_does_not_exist(at: SignedIn, village: Village) -> None:
    for region in (town(village), village.code):
        assert (await at(village.li).get(f"/staff/tasks?region={region}")).status_code == 404


async def test_a_task_about_somebody_starts_on_their_page(at: SignedIn, house: House, village: Village) -> None:
    person = await look(at(village.chen), f"/residents/{village.mei.person_id}")
    link = f"/staff/tasks/new?person={village.mei.person_id}"
    assert link in person.links
    page = await look(at(village.chen), link)
    assert "王小梅" in page.text
    form = page.form("/staff/tasks")
    assert form.fields["person_id"] == str(village.mei.person_id)
    wrong = await submit(at(village.chen), form, kind="errand", words="送两包米", due_at="2020-01-01T08:00")
    assert (wrong.status, wrong.errors) == (422, ["due_at"])
    again = wrong.form("/staff/tasks")
    assert (again.fields["words"], again.fields["kind"]) == ("送两包米", ["errand"])
    nobody = await submit(at(village.chen), again, due_at=_soon(), owner_post_id=str(uuid7()))
    assert (nobody.status, nobody.errors) == (422, ["owner_post_id"])
    assert "owner_post_id" in nobody.ids
    done = await submit(at(village.chen), again, due_at=_soon())
    assert "任务已建好" in done.text
    assert "李桂芳" in done.text


def _soon() -> str:
    """In five hours, as a date-and-time input sends it."""
    return (clock.local(clock.now()) + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")


async def test_choosing_another_place_keeps_every_word(at: SignedIn, village: Village) -> None:
    page = await look(at(village.chen), "/staff/tasks/new")
    form = page.form("/staff/tasks")
    assert ("browse", str(village.grid)) in form.buttons
    moved = await submit(at(village.chen), form, browse=str(village.grid), kind="visit", words="看一看")
    assert moved.status == 200
    fields = moved.form("/staff/tasks").fields
    assert (fields["region_code"], fields["words"], fields["kind"]) == (str(village.grid), "看一看", ["visit"])
    lost = await at(village.chen).post("/staff/tasks", data={"id": str(uuid7()), "kind": "visit"})
    assert read(lost).errors == ["due_at"]


# --- words -----------------------------------------------------------------------------------------------------------


def test_by_when_and_how_late_in_words() -> None:
    now = clock.midnight(clock.today()) + timedelta(hours=9)
    for hours, zh, en in ((11, "今天 20:00 前", "today by 20:00"), (27, "明天 12:00 前", "tomorrow by 12:00")):
        assert due_words("zh-Hans", now + timedelta(hours=hours), now) == zh
        assert due_words("en", now + timedelta(hours=hours), now) == en
    assert re.fullmatch(r"\d+月\d+日 周. 09:00 前", due_words("zh-Hans", now + timedelta(days=3), now))
    for minutes, words in ((0, "超时 1 分钟"), (59, "超时 59 分钟"), (61, "超时 1 小时"), (3000, "超时 2 天")):
        assert late_words("zh-Hans", now - timedelta(minutes=minutes), now) == words


@pytest.mark.parametrize(
    ("address", "stairs"),
    [
        ("桃园路 18 号 2 幢 301", ("桃园路 18 号 2 幢", "301")), ("西峰路 1 号 101", ("西峰路 1 号", "101")),
        ("丽景小区3号楼2单元501", ("丽景小区3号楼2单元", "501")), ("村委会旁", ("村委会旁", "")), ("", ("", "")),
    ],
)  # fmt: skip
def test_one_building_is_one_heading(address: str, stairs: tuple[str, str]) -> None:
    assert building_of(address) == stairs
