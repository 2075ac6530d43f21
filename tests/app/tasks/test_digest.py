"""Digests for group chats: once an hour by day, only when there is something new to say, counts and never people."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select, update

from app import messages, tasks, ticks
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from app.tasks.digest import COUNTS
from models.messages import Message, Robot
from models.tasks import Task
from tests.app.staffing import town
from tests.app.tasks.work import opened
from tests.cast import Village
from tests.statements import heard

pytestmark = pytest.mark.anyio


class Hour:
    """A clock that stands at an hour of today."""

    def __init__(self) -> None:
        self.hours = 10.5

    def now(self) -> datetime:
        return clock.midnight(clock.local(self._really()).date()) + timedelta(hours=self.hours)

    _really = staticmethod(clock.now)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Hour:
    hour = Hour()
    monkeypatch.setattr(clock, "now", hour.now)
    return hour


async def robot(house: House, code: int, **changes: object) -> UUID:
    """A robot of a unit."""
    row = Robot(id=uuid7(), region_code=code, name="群", keys_sealed=b"x", by_account=uuid7(), created_at=clock.now())
    for name, value in changes.items():
        setattr(row, name, value)
    async with house.database.writing() as db:
        db.add(row)
    return row.id


async def tick(house: House) -> int:
    async with house.database.writing() as db:
        return await tasks.digest(db)


async def said(house: House, name: UUID) -> list[tuple[int, ...]]:
    """What a robot was given to say, in order."""
    async with house.database.reading() as db:
        rows = await db.exec(select(Message).where(Message.robot_id == name).order_by(col(Message.created_at)))
        return [tuple(int(messages.facts_of(db, row)[count]) for count in COUNTS) for row in rows]


async def test_a_group_hears_what_waits_in_its_unit_and_below_and_nothing_else(
    house: House, village: Village, at: Hour
) -> None:
    await opened(house, village.grid, village.mei.person_id)
    loose = await opened(house, village.other_grid, words="给王建国老人带药")
    async with house.database.writing() as db:
        row = (await db.exec(select(Task).where(Task.id == loose.id))).one()
        row.owner_post_id, row.queue_code = None, village.other_grid
        row.start_at = row.due_at = clock.now() - timedelta(hours=1)
        db.add(row)
    whole, part, other = [await robot(house, code) for code in (village.code, village.grid, village.other_grid)]
    await tick(house)
    assert [await said(house, name) for name in (whole, part, other)] == [[(1, 1, 1)], [(1, 0, 0)], [(0, 1, 1)]]
    async with house.database.reading() as db:
        (message,) = (await db.exec(select(Message).where(Message.robot_id == whole))).all()
    assert (message.channels, message.person_id, message.facts_sealed) == ("robot", None, b"")
    assert "王" not in str(message.facts)


async def test_once_an_hour_and_only_what_has_changed(house: House, village: Village, at: Hour) -> None:
    name = await robot(house, village.grid)
    await tick(house)
    assert await said(house, name) == []  # nothing waits: nothing is said
    await opened(house, village.grid)
    await tick(house)
    assert await said(house, name) == []  # this hour has been looked at
    at.hours = 11
    for _ in range(2):
        await tick(house)
    assert await said(house, name) == [(1, 0, 0)]
    at.hours = 12
    await tick(house)
    assert await said(house, name) == [(1, 0, 0)]  # as it was
    await opened(house, village.grid)
    at.hours = 13.9
    await tick(house)
    assert await said(house, name) == [(1, 0, 0), (2, 0, 0)]


async def test_the_same_hour_a_second_time_is_the_same_message(house: House, village: Village, at: Hour) -> None:
    name = await robot(house, village.grid)
    await opened(house, village.grid)
    for _ in range(2):
        await tick(house)
        async with house.database.writing() as db:
            await db.exec(update(Robot).where(col(Robot.id) == name).values(counted_at=None, counted=None))
    assert await said(house, name) == [(1, 0, 0)]


@pytest.mark.parametrize(("hours", "told"), [(6.99, 0), (7, 1), (21.99, 1), (22, 0), (0, 0)])
async def test_groups_are_quiet_at_night(house: House, village: Village, at: Hour, hours: float, told: int) -> None:
    at.hours = hours
    name = await robot(house, village.grid)
    await opened(house, village.grid)
    await tick(house)
    assert len(await said(house, name)) == told


async def test_a_robot_that_has_ended_says_nothing(house: House, village: Village, at: Hour) -> None:
    name = await robot(house, village.grid, ended_at=clock.now())
    await opened(house, village.grid)
    await tick(house)
    assert await said(house, name) == []


async def test_many_robots_cost_as_many_statements_as_one_and_a_quiet_second_one(
    house: House, village: Village, at: Hour
) -> None:
    await opened(house, village.grid)

    async def cost(hours: float) -> int:
        at.hours = hours
        with heard(house.database) as sent:
            await tick(house)
        return sum(1 for statement, _ in sent if not statement.startswith(("BEGIN", "COMMIT")))

    await robot(house, village.grid)
    one = await cost(8)
    for code in (village.grid, village.other_grid, village.code, town(village)) * 5:
        await robot(house, code)
    await opened(house, village.grid)
    assert await cost(9) <= one + 1  # names of places are read once more
    assert await cost(9.5) == 1
    assert await cost(23) == 0


async def test_the_worker_tells_groups_with_everything_else_that_time_does(house: House) -> None:
    due = ticks.in_order(house.database)
    assert due["digest"] is tasks.digest
    assert list(due)[-1] == "digest"  # after owners were found and ladders climbed
