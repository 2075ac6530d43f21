"""The board: who on duty is silent while something of theirs waits, and who is not."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, update

from app import tasks
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from app.tasks.drafts import Draft
from models.staff import Absence, Post, Role
from models.tasks import Task, TaskAct, TaskBoard, TaskWorker
from tests import cast
from tests.app.staffing import post_of
from tests.app.tasks.work import opened
from tests.cast import Village

pytestmark = pytest.mark.anyio

TWO = timedelta(hours=2)


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Noon of today, at which the clock stands."""
    moment = clock.midnight(clock.today()) + timedelta(hours=12)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


async def held(house: House, village: Village, since: datetime, **changes: object) -> Draft:
    """A task that has lain with whoever has it since then."""
    task = await opened(house, village.grid, **changes)
    async with house.database.writing() as db:
        values = {"held_since": since, "start_at": since}
        await db.exec(update(Task).where(col(Task.id) == task.id).values(**values))
    return task


async def board(house: House, village: Village) -> TaskBoard:
    me = await cast.on_duty(house, village.chen)
    async with house.database.reading() as db:
        return await tasks.board(db, me, village.code)


async def li(house: House, village: Village) -> TaskWorker:
    return next(worker for worker in (await board(house, village)).workers if worker.post_id == village.post)


async def test_two_hours_without_a_sign_are_silence_and_a_minute_less_is_none(
    house: House, village: Village, noon: datetime
) -> None:
    await held(house, village, noon - TWO + timedelta(minutes=1))
    assert (await li(house, village)).silent_since is None
    await held(house, village, noon - TWO)
    assert (await li(house, village)).silent_since == noon - TWO


async def test_whatever_was_done_to_any_task_breaks_the_silence(
    house: House, village: Village, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await held(house, village, noon - 2 * TWO)
    other = await opened(house, village.grid)
    me = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        await tasks.note(db, me, other.id, TaskAct(id=uuid7(), note="敲门无人"))
    assert (await li(house, village)).silent_since is None
    monkeypatch.setattr(clock, "now", lambda: noon + TWO)
    assert (await li(house, village)).silent_since == noon


async def test_what_a_colleague_did_is_not_their_doing(house: House, village: Village, noon: datetime) -> None:
    task = await held(house, village, noon - TWO)
    me = await cast.on_duty(house, village.chen)
    async with house.database.writing() as db:
        await tasks.note(db, me, task.id, TaskAct(id=uuid7(), note="请抓紧"))
    assert (await li(house, village)).silent_since == noon - TWO


async def test_the_night_the_morrow_and_absence_are_no_silence(
    house: House, village: Village, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await held(house, village, noon - timedelta(days=1))
    morning = noon - timedelta(hours=5)
    assert (await li(house, village)).silent_since == morning
    for at in (morning + TWO - timedelta(minutes=1), morning - timedelta(hours=2)):
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        assert (await li(house, village)).silent_since is None
    monkeypatch.setattr(clock, "now", lambda: noon)
    await away(house, village.post, noon)
    assert ((await li(house, village)).present, (await li(house, village)).silent_since) == (False, None)
    async with house.database.writing() as db:
        await db.exec(update(Absence).where(col(Absence.post_id) == village.post).values(ended_at=noon))
        later = {"start_at": noon + TWO, "due_at": noon + 2 * TWO}
        await db.exec(update(Task).where(col(Task.id) == task.id).values(**later))
    assert (await li(house, village)).silent_since is None


async def away(house: House, post: UUID, now: datetime) -> None:
    async with house.database.writing() as db:
        db.add(
            Absence(id=uuid7(), post_id=post, from_at=now - TWO, until_at=now + TWO, by_account=uuid7(), created_at=now)
        )


async def test_who_is_silent_stands_before_who_has_more_to_do(house: House, village: Village, noon: datetime) -> None:
    busy = await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid)
    post: Post = await post_of(house, busy)
    for _ in range(3):
        await held(house, village, noon - TWO / 2, owner=post.id)
    await held(house, village, noon - TWO, owner=village.post)
    first, second = (await board(house, village)).workers[:2]
    assert [first.post_id, second.post_id] == [village.post, post.id]
    assert (first.silent_since, second.silent_since) == (noon - TWO, None)
