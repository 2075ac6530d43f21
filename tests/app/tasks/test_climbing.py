"""The ladder: who is told and who becomes accountable when nobody acts; each step once, however long a worker slept."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select, update

from app import tasks
from app.house import House
from app.kit import clock
from models.messages import Message
from models.staff import Post, Role
from models.tasks import Kind, Task, TaskState
from models.tasks.ladders import LADDERS, read, spelled
from tests import cast
from tests.app.staffing import post_of, town
from tests.app.tasks.work import again, climb, history, opened
from tests.cast import Village

pytestmark = pytest.mark.anyio


@pytest.fixture
async def chain(house: House, village: Village) -> AsyncIterator[dict[str, Post]]:
    """Who is above whom: the grid's worker, the village's cadre, the township's supervisor, who leads it meanwhile."""
    lead = await cast.appoint(house, "镇值班员", Role.SUPERVISOR, town(village))
    async with house.database.writing() as db:
        await db.exec(update(Post).where(col(Post.account_id) == lead.token.account).values(lead=True))
    yield {
        "grid": await post_of(house, village.li), "village": await post_of(house, village.chen),
        "town": await post_of(house, lead),
    }  # fmt: skip
    # Other tests have their villages in this township, and nobody leads there.
    async with house.database.writing() as db:
        await db.exec(update(Post).where(col(Post.account_id) == lead.token.account).values(lead=False))


async def later(house: House, task: Task, by: timedelta) -> None:
    """As if the task had been opened so much earlier."""
    async with house.database.writing() as db:
        columns = ("counts_from", "start_at", "due_at", "created_at", "step_at")
        values = {name: getattr(Task, name) - by for name in columns}
        await db.exec(update(Task).where(col(Task.id) == task.id).values(**values))


async def templates(house: House, task: Task) -> list[str]:
    async with house.database.reading() as db:
        told = select(Message.template).where(Message.subject == task.id)
        return sorted(await db.exec(told))


def test_ladders_are_what_the_table_can_hold() -> None:
    for rungs in LADDERS.values():
        assert read(spelled(rungs)) == rungs


@pytest.mark.parametrize("bad", ["", "{}", '[{"after": 1}]', '[{"after": "x"}]'])
def test_what_is_no_ladder_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="not a ladder"):
        read(bad)


async def test_nothing_happens_before_its_time(house: House, village: Village) -> None:
    task = await opened(house, village.grid)
    await climb(house)
    assert await history(house, task) == ["opened", "offered"]


async def test_what_nobody_accepts_is_told_again_and_then_climbs(
    house: House, village: Village, chain: dict[str, Post]
) -> None:
    task = await opened(house, village.grid)
    await later(house, task, timedelta(minutes=31))
    await climb(house)
    assert await templates(house, task) == ["task_offered", "task_unaccepted"]
    await later(house, task, timedelta(minutes=90))
    await climb(house)
    now = await again(house, task)
    assert (now.owner_post_id, now.state) == (chain["village"].id, TaskState.ESCALATED)
    assert await templates(house, task) == ["task_climbed", "task_offered", "task_taken", "task_unaccepted"]
    assert await history(house, task) == ["opened", "offered", "climbed"]


async def test_a_worker_that_slept_through_catches_up_each_step_exactly_once(
    house: House, village: Village, chain: dict[str, Post]
) -> None:
    task = await opened(house, village.grid)
    await later(house, task, timedelta(days=3))
    for _ in range(3):
        await climb(house)
    now = await again(house, task)
    # Unaccepted: told, one level up; overdue: told, up, and up once more, where nobody is above the township.
    async with house.database.reading() as db:
        owner = await db.get(Post, now.owner_post_id)
    assert owner is not None
    assert (owner.region_code, now.step_at) == (chain["town"].region_code, None)
    assert await history(house, task) == ["opened", "offered", "climbed", "climbed", "climbed"]
    assert (await templates(house, task)).count("task_overdue") == 1


async def test_who_accepted_is_left_in_peace_until_it_is_overdue(
    house: House, village: Village, chain: dict[str, Post]
) -> None:
    task = await opened(house, village.grid)
    async with house.database.writing() as db:
        await db.exec(update(Task).where(col(Task.id) == task.id).values(state="accepted", accepted_at=clock.now()))
    await later(house, task, timedelta(hours=3))
    await climb(house)
    assert await templates(house, task) == ["task_offered"]
    await later(house, task, timedelta(hours=2))
    await climb(house)
    assert await templates(house, task) == ["task_offered", "task_overdue"]
    assert (await again(house, task)).owner_post_id == chain["grid"].id


async def test_a_closed_task_never_climbs(house: House, village: Village, chain: dict[str, Post]) -> None:
    task = await opened(house, village.grid)
    async with house.database.writing() as db:
        closed = {"state": "done", "outcome": "reached", "closed_at": clock.now()}
        await db.exec(update(Task).where(col(Task.id) == task.id).values(**closed))
    await later(house, task, timedelta(days=2))
    await climb(house)
    assert await history(house, task) == ["opened", "offered"]


async def test_what_a_ladder_says_to_the_person_is_not_said_to_whoever_looks_after_them(
    house: House, village: Village
) -> None:
    task = await opened(house, village.grid, village.mei.person_id, kind=Kind.MISSING_REPORT)
    await later(house, task, timedelta(hours=3))
    await climb(house)
    assert (await again(house, task)).rung == 2
    assert await templates(house, task) == ["task_offered"]


async def test_above_the_last_it_stays_where_it_is_and_the_history_says_so(house: House, village: Village) -> None:
    task = await opened(house, village.grid)
    await later(house, task, timedelta(days=3))
    await climb(house)
    assert (await history(house, task)).count("climbed") == 3


async def test_the_smallest_region_decides_which_ladder_counts(house: House, village: Village) -> None:
    from models.tasks import Ladder

    async with house.database.writing() as db:
        steps = spelled(LADDERS[Kind.CALL][:1])
        db.add(
            Ladder(
                version=9_000 + village.grid % 997, kind=Kind.CALL, region_code=village.code,
                last_code=village.code + 999, in_force_from=datetime(2020, 1, 1).date(), steps=steps, source="test",
            )
        )  # fmt: skip
    here = await opened(house, village.grid, kind=Kind.CALL)
    async with house.database.reading() as db:
        known = await tasks.ladders_in_force(db)
    assert len(known.at(here.policy)) == 1
    elsewhere = known.of(Kind.CALL, village.grid + 10_000, clock.today())
    assert elsewhere is not None
    assert elsewhere.version != here.policy
