"""The time to accept: whole for whoever newly has a task, told to them, and never without an end."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select, update

from app import staff, tasks
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from app.messages import words_of
from app.tasks import owning
from models.messages import Message
from models.staff import AbsenceCreate, Post, Role
from models.tasks import Kind, Task, TaskAct, TaskHandOver, TaskState
from tests import cast
from tests.app.staffing import post_of
from tests.app.tasks.test_climbing import later
from tests.app.tasks.test_doing import act
from tests.app.tasks.work import again, climb, history, opened
from tests.cast import Village

pytestmark = pytest.mark.anyio


def ago(at: datetime) -> float:
    """Minutes since a moment, to the nearest; before it, negative."""
    return round((clock.now() - at) / timedelta(minutes=1))


async def second(house: House, village: Village) -> Post:
    return await post_of(house, await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid))


async def aged(house: House, task: Task, minutes: float) -> None:
    """As if everything about the task were so much older, also since when somebody has it."""
    await later(house, task, timedelta(minutes=minutes))
    async with house.database.writing() as db:
        held = update(Task).where(col(Task.id) == task.id)
        await db.exec(held.values(held_since=Task.held_since - timedelta(minutes=minutes)))


async def alarm(house: House, village: Village, *, age: float) -> Task:
    """An alarm that Li got so many minutes ago."""
    words = {"kind": Kind.URGENT_REPORT, "rung": 1, "owner": village.post, "due_at": clock.now() + timedelta(hours=2)}
    task = await opened(house, village.grid, village.mei.person_id, **words)
    await aged(house, task, age)
    return task


async def give(house: House, village: Village, task: Task, to: Post) -> Task:
    await act(house, village.chen, tasks.hand_over, task, TaskHandOver(id=uuid7(), post_id=to.id))
    return await again(house, task)


async def climbs_in(house: House, task: Task) -> float:
    """In how many minutes the next step is taken."""
    step = (await again(house, task)).step_at
    assert step is not None
    return -ago(step)


async def test_whoever_is_handed_an_alarm_has_fifteen_minutes_of_their_own(house: House, village: Village) -> None:
    task, sun = await alarm(house, village, age=14), await second(house, village)
    assert await climbs_in(house, task) == 1
    await give(house, village, task, sun)
    assert await climbs_in(house, task) == 15
    await aged(house, task, 14)
    await climb(house)
    assert (await again(house, task)).owner_post_id == sun.id
    await aged(house, task, 2)
    await climb(house)
    assert (await again(house, task)).owner_post_id == (await post_of(house, village.chen)).id
    # The next level has the whole of its own time as well.
    assert await climbs_in(house, task) == 14


async def test_handed_to_and_fro_an_alarm_climbs_after_twice_its_time(house: House, village: Village) -> None:
    task, sun = await alarm(house, village, age=14), await second(house, village)
    li = await post_of(house, village.li)
    await give(house, village, task, sun)
    for minutes, to, left in ((10, li, 6), (4, sun, 2), (1, li, 1)):
        await aged(house, task, minutes)
        await give(house, village, task, to)
        assert await climbs_in(house, task) == left
    await aged(house, task, 1)
    await climb(house)
    assert (await again(house, task)).state == TaskState.ESCALATED


async def test_who_had_accepted_stopped_the_ladder_and_it_starts_over_for_their_successor(
    house: House, village: Village
) -> None:
    task, sun = await alarm(house, village, age=5), await second(house, village)
    await act(house, village.li, tasks.accept, task, TaskAct(id=uuid7()))
    await aged(house, task, 60)
    await climb(house)  # every step for want of acceptance is passed by
    await give(house, village, task, sun)
    assert await climbs_in(house, task) == 15
    for _ in range(3):
        await aged(house, task, 61)
        await climb(house)
    # Three climbs, and one because it was overdue; that it is so was told once.
    assert (await history(house, task)).count("climbed") == 4
    async with house.database.reading() as db:
        told = select(Message.template).where(Message.subject == task.id, Message.template == "task_overdue")
        assert len((await db.exec(told)).all()) == 1


async def test_handing_over_after_acceptance_never_puts_off_what_is_overdue(house: House, village: Village) -> None:
    task, sun = await alarm(house, village, age=118), await second(house, village)
    await act(house, village.li, tasks.accept, task, TaskAct(id=uuid7()))
    due = await climbs_in(house, task)
    await climb(house)
    await give(house, village, task, sun)
    assert due <= 2
    assert await climbs_in(house, task) == 2  # told as overdue, before the fifteen minutes are over


async def test_absence_gives_the_substitute_the_time_to_accept(house: House, village: Village) -> None:
    accepted, waiting = await alarm(house, village, age=50), await alarm(house, village, age=14)
    sun, li = await second(house, village), await post_of(house, village.li)
    await act(house, village.li, tasks.accept, accepted, TaskAct(id=uuid7()))
    me, now = await cast.on_duty(house, village.li), clock.now()
    form = AbsenceCreate(post_id=li.id, from_at=now, until_at=now + timedelta(hours=8), substitute_id=sun.id)
    async with house.database.writing() as db:
        await staff.leave(db, me, form)
    for _ in range(2):  # looked at once
        await climb(house)
        for task in (accepted, waiting):
            after = await again(house, task)
            assert (after.owner_post_id, after.accepted_at) == (sun.id, None)
            assert await climbs_in(house, task) == 15


async def test_who_only_waits_in_a_queue_puts_nothing_off(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await alarm(house, village, age=14)
    monkeypatch.setattr(owning, "CAP", 0)
    await act(house, village.li, tasks.hand_over, task, TaskHandOver(id=uuid7()))
    assert (await again(house, task)).owner_post_id is None
    assert await climbs_in(house, task) == 1


async def test_a_visit_is_reminded_of_and_climbs_anew_for_whoever_has_it(house: House, village: Village) -> None:
    task, sun = await opened(house, village.grid, owner=village.post), await second(house, village)
    await aged(house, task, 100)
    await climb(house)
    await give(house, village, task, sun)
    assert await climbs_in(house, task) == 30
    await aged(house, task, 31)
    await climb(house)
    assert await climbs_in(house, task) == 89


async def test_a_missing_report_climbs_when_it_would_have(house: House, village: Village) -> None:
    task = await opened(house, village.grid, village.mei.person_id, kind=Kind.MISSING_REPORT, rung=3)
    before = (await again(house, task)).step_at
    after = await give(house, village, task, await second(house, village))
    assert (after.step_at, after.counts_from) == (before, task.counts_from)


async def test_the_new_owner_is_told_by_when_to_accept(house: House, village: Village) -> None:
    task, sun = await alarm(house, village, age=14), await second(house, village)
    by = (await give(house, village, task, sun)).step_at
    assert by is not None
    async with house.database.reading() as db:
        (row,) = await db.exec(select(Message).where(Message.subject == task.id, Message.post_id == sun.id))
        _, words, _ = words_of(db, row, "zh")
    assert f"{clock.local(by):%H:%M}前接单" in words.text
    chen = await cast.on_duty(house, village.chen)
    async with house.database.writing() as db:
        assert (await tasks.one(db, chen, task.id)).accept_by == by
    await aged(house, task, 1)
    await act(house, village.chen, tasks.accept, task, TaskAct(id=uuid7()))
    async with house.database.writing() as db:
        assert (await tasks.one(db, chen, task.id)).accept_by is None
