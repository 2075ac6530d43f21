"""Doing: accept, start, note, finish, say why not, hand over, cancel, take back. Strangers first."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from app import tasks
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound, Refusal
from app.kit.ids import uuid7
from app.tasks import Closed, NotYourOrder, Only, TakenAlready
from app.tasks.closing import NotYoursToCancel
from models.audit import AuditEvent
from models.messages import Message
from models.staff import Role
from models.tasks import (
    Hindrance,
    Kind,
    Outcome,
    Task,
    TaskAct,
    TaskCancel,
    TaskCreate,
    TaskFinish,
    TaskHandOver,
    TaskHinder,
)  # fmt: skip
from tests import cast
from tests.app.staffing import post_of, town
from tests.app.tasks.work import again, history, opened, tend
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio


async def act(house: House, who: Person, verb: Any, task: Task, form: Any = None) -> Any:
    """Somebody does something to a task."""
    me = await cast.on_duty(house, who)
    async with house.database.writing() as db:
        return await verb(db, me, task.id, form or TaskAct(id=uuid7()))


VERBS = (
    (tasks.accept, TaskAct), (tasks.start, TaskAct), (tasks.note, TaskAct), (tasks.call, TaskAct),
    (tasks.reopen, TaskAct), (tasks.finish, lambda **made: TaskFinish(**made, outcome=Outcome.REACHED)),
    (tasks.hinder, lambda **made: TaskHinder(**made, hindrance=Hindrance.MOVED)), (tasks.hand_over, TaskHandOver),
    (tasks.cancel, lambda **made: TaskCancel(**made, note="误报")),
)  # fmt: skip


@pytest.mark.parametrize(("verb", "form"), VERBS, ids=[verb.__name__ for verb, _ in VERBS])
async def test_a_worker_of_another_grid_cannot_do_anything(house: House, village: Village, verb, form) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    with pytest.raises(NotFound):
        await act(house, village.wu, verb, task, form(id=uuid7()))
    assert await history(house, task) == ["opened", "offered"]


async def test_from_accepting_to_the_outcome(house: House, village: Village) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    await act(house, village.li, tasks.accept, task)
    await act(house, village.li, tasks.start, task)
    await act(house, village.li, tasks.note, task, TaskAct(id=uuid7(), note="家里没人，留了字条"))
    await act(house, village.li, tasks.finish, task, TaskFinish(id=uuid7(), outcome=Outcome.COOPERATIVE))
    after = await again(house, task)
    assert (after.state, after.outcome, after.step_at) == ("done", "cooperative", None)
    assert await history(house, task) == ["opened", "offered", "accepted", "started", "noted", "done"]
    with pytest.raises(Closed):
        await act(house, village.li, tasks.accept, task)


async def test_the_same_act_sent_twice_happens_once(house: House, village: Village) -> None:
    task = await opened(house, village.grid)
    once = TaskAct(id=uuid7())
    await act(house, village.li, tasks.accept, task, once)
    await act(house, village.li, tasks.accept, task, once)
    assert await history(house, task) == ["opened", "offered", "accepted"]
    other = await opened(house, village.grid)
    with pytest.raises(Invalid) as refused:
        await act(house, village.li, tasks.accept, other, once)
    assert [fault.field for fault in refused.value.faults] == ["id"]


async def test_of_two_who_accept_the_second_reads_the_name_of_the_first(house: House, village: Village) -> None:
    second = await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid)
    task = await opened(house, village.grid)
    await act(house, village.li, tasks.accept, task)
    with pytest.raises(TakenAlready) as refused:
        await act(house, second, tasks.start, task)
    assert refused.value.params == {"name": "李桂芳"}


@pytest.mark.parametrize(("hours", "fits"), [(-1, True), (-47, True), (-49, False), (1, False)])
async def test_what_was_written_offline_counts_from_when_it_was_written(
    house: House, village: Village, hours: int, fits: bool
) -> None:
    task = await opened(house, village.grid)
    form = TaskAct(id=uuid7(), note="敲门无人", filled_at=clock.now() + timedelta(hours=hours))
    if fits:
        await act(house, village.li, tasks.note, task, form)
        return
    with pytest.raises(Invalid) as refused:
        await act(house, village.li, tasks.note, task, form)
    assert [fault.field for fault in refused.value.faults] == ["filled_at"]


async def test_what_cannot_be_done_says_why_and_can_be_taken_back_for_ten_minutes(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await opened(house, village.grid)
    await act(house, village.li, tasks.hinder, task, TaskHinder(id=uuid7(), hindrance=Hindrance.MOVED))
    with pytest.raises(Refusal):
        await act(house, village.chen, tasks.reopen, task)  # not by whom it was closed
    await act(house, village.li, tasks.reopen, task)
    now = await again(house, task)
    assert (now.state, now.hindrance, now.closed_at) == ("offered", None, None)
    assert now.step_at is not None
    await act(house, village.li, tasks.hinder, task, TaskHinder(id=uuid7(), hindrance=Hindrance.MOVED))
    me, late = await cast.on_duty(house, village.li), clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: late)
    with pytest.raises(Refusal):
        async with house.database.writing() as db:
            await tasks.reopen(db, me, task.id, TaskAct(id=uuid7()))


async def test_handing_over_is_for_who_has_it_and_who_leads_and_to_who_is_there(house: House, village: Village) -> None:
    second = await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid)
    to = (await post_of(house, second)).id
    task = await opened(house, village.grid)
    with pytest.raises(NotYourOrder):
        await act(house, second, tasks.hand_over, task, TaskHandOver(id=uuid7(), post_id=to))
    with pytest.raises(Invalid):  # Wu looks after the other grid
        wu = (await post_of(house, village.wu)).id
        await act(house, village.li, tasks.hand_over, task, TaskHandOver(id=uuid7(), post_id=wu))
    await act(house, village.chen, tasks.hand_over, task, TaskHandOver(id=uuid7(), post_id=to, note="李桂芳今天满了"))
    assert (await again(house, task)).owner_post_id == to
    await act(house, second, tasks.hand_over, task, TaskHandOver(id=uuid7()))
    assert (await again(house, task)).owner_post_id == (await post_of(house, village.li)).id
    assert await history(house, task) == ["opened", "offered", "handed_over", "handed_over"]


async def test_only_who_leads_or_opened_it_cancels(house: House, village: Village) -> None:
    task = await opened(house, village.grid)
    with pytest.raises(NotYoursToCancel):
        await act(house, village.li, tasks.cancel, task, TaskCancel(id=uuid7(), note="不用了"))
    await act(house, village.chen, tasks.cancel, task, TaskCancel(id=uuid7(), note="已由镇上处理"))
    assert (await again(house, task)).state == "cancelled"


async def refused(house: House, village: Village, verb: Any, task: Task, form: Any) -> str:
    """Which field a refused act names; the task stays as it was."""
    before = (await again(house, task)).state
    with pytest.raises(Invalid) as raised:
        await act(house, village.li, verb, task, form)
    assert (await again(house, task)).state == before
    (fault,) = raised.value.faults
    return fault.field


async def test_an_end_fits_what_ends(house: House, village: Village) -> None:
    alarm = await opened(house, village.grid, village.mei.person_id, kind=Kind.URGENT_REPORT)
    visit = await opened(house, village.grid)
    delivered = TaskFinish(id=uuid7(), outcome=Outcome.DELIVERED)
    assert await refused(house, village, tasks.finish, visit, delivered) == "outcome"
    # Nobody answers: the alarm stays open, and its ladder with it.
    silent = TaskHinder(id=uuid7(), hindrance=Hindrance.NOT_REACHED)
    assert await refused(house, village, tasks.hinder, alarm, silent) == "hindrance"
    assert (await again(house, alarm)).step_at is not None
    unsaid = TaskHinder(id=uuid7(), hindrance=Hindrance.OTHER)
    assert await refused(house, village, tasks.hinder, visit, unsaid) == "note"
    await act(house, village.li, tasks.hinder, visit, unsaid.model_copy(update={"note": "路被水淹了"}))
    assert (await again(house, visit)).state == "not_executable"


async def test_the_id_of_an_act_is_that_of_one_act(house: House, village: Village) -> None:
    task, form = await opened(house, village.grid), TaskAct(id=uuid7())
    await act(house, village.li, tasks.accept, task, form)
    await act(house, village.li, tasks.accept, task, form)
    finish = TaskFinish(id=form.id, outcome=Outcome.REACHED)
    assert await refused(house, village, tasks.finish, task, finish) == "id"
    assert await refused(house, village, tasks.start, task, form) == "id"


async def test_a_task_by_hand_is_one_task_however_often_it_is_sent(house: House, village: Village) -> None:
    me = await cast.on_duty(house, village.chen)
    form = TaskCreate(
        id=uuid7(), kind=Kind.ERRAND, person_id=village.mei.person_id, due_at=clock.now() + timedelta(hours=5),
        words="送两包米",
    )  # fmt: skip
    made = []
    for _ in range(2):
        async with house.database.writing() as db:
            made.append((await tasks.create(db, me, form)).id)
    assert made[0] == made[1]
    async with house.database.writing() as db:
        shown = await tasks.one(db, await cast.on_duty(house, village.li), made[0])
    assert (shown.words, shown.owner, shown.region_code) == ("送两包米", "李桂芳", village.grid)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": Kind.URGENT_REPORT}, "kind"), ({"due_at": clock.now() - timedelta(hours=1)}, "due_at"),
        ({"due_at": clock.now() + timedelta(days=40)}, "due_at"), ({"region_code": None}, "region_code"),
        ({"start_at": clock.now() + timedelta(hours=9)}, "due_at"),
        ({"start_at": clock.now() - timedelta(hours=1)}, "start_at"), ({"words": ""}, "words"),
        ({"words": "  "}, "words"), ({"kind": Kind.MISSING_REPORT}, "kind"),
    ],
)  # fmt: skip
async def test_a_task_that_makes_no_sense_is_refused_by_its_field(
    house: House, village: Village, changes: dict[str, Any], field: str
) -> None:
    words = {"id": uuid7(), "kind": Kind.VISIT, "region_code": village.grid, "due_at": clock.now() + timedelta(hours=5)}
    words["words"] = "看看井水"
    me = await cast.on_duty(house, village.li)
    with pytest.raises(Invalid) as refused:
        async with house.database.writing() as db:
            await tasks.create(db, me, TaskCreate(**(words | changes)))
    assert [fault.field for fault in refused.value.faults] == [field]


# --- looking ----------------------------------------------------------------------------------------------------------


async def test_my_day_is_urgent_first_then_overdue_then_by_building_and_is_logged(
    house: House, village: Village
) -> None:
    plain = await opened(house, village.grid, village.mei.person_id)
    late = await opened(house, village.grid, kind=Kind.CALL)
    urgent = await opened(house, village.grid, village.father.person_id, kind=Kind.URGENT_REPORT)
    async with house.database.writing() as db:
        row = (await db.exec(select(Task).where(Task.id == late.id))).one()
        row.start_at = row.due_at = clock.now() - timedelta(minutes=5)
        db.add(row)
    me = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        day = await tasks.my_day(db, me)
    assert [item.id for item in day.items] == [urgent.id, late.id, plain.id]
    assert (day.counts.open, day.counts.urgent, day.counts.overdue) == (3, 1, 1)
    assert day.items[0].person is not None
    assert day.items[0].person.name == village.father.name
    async with house.database.reading() as db:
        looks = select(AuditEvent).where(AuditEvent.account_id == me.account_id, AuditEvent.act == "saw_list")
        assert (await db.exec(looks)).all()[-1].place_code == village.grid


async def test_the_board_adds_up_and_shows_who_is_idle(house: House, village: Village) -> None:
    chief = await cast.on_duty(house, village.chen)
    for _ in range(3):
        await opened(house, village.grid)
    await tend(house)
    async with house.database.reading() as db:
        board = await tasks.board(db, chief, village.code)
        listed = await tasks.listed(db, chief, village.code, Only.OPEN)
    assert sum(worker.open for worker in board.workers) + board.counts.unowned == board.counts.open == 3
    counts = board.counts
    assert counts.offered + counts.escalated + counts.accepted + counts.in_progress == counts.open
    assert {worker.name for worker in board.workers if not worker.open} >= {"吴秀英", "陈国平"}
    assert all(item.person is None for item in listed.items)


async def test_the_board_of_somewhere_else_does_not_exist(house: House, village: Village) -> None:
    me = await cast.on_duty(house, village.li)
    for verb in (tasks.board, lambda db, me, code: tasks.listed(db, me, code, Only.OPEN)):
        with pytest.raises(NotFound):
            async with house.database.reading() as db:
                await verb(db, me, town(village))


async def test_what_was_not_sent_yet_is_not_sent_once_the_task_is_closed_or_somebody_elses(
    house: House, village: Village
) -> None:
    closed, moved = await opened(house, village.grid), await opened(house, village.grid)
    await act(house, village.li, tasks.finish, closed, TaskFinish(id=uuid7(), outcome=Outcome.REACHED))
    to = (await post_of(house, await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid))).id
    await act(house, village.chen, tasks.hand_over, moved, TaskHandOver(id=uuid7(), post_id=to))
    async with house.database.reading() as db:
        about = col(Message.subject).in_([closed.id, moved.id])
        found = await db.exec(select(Message.template, Message.cancelled_at, Message.due_at).where(about))
        waits = {(template, due is not None) for template, cancelled, due in found if cancelled is None}
    assert waits == {("task_handed_over", True), ("task_taken", True)}
