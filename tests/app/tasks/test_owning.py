"""Who becomes accountable, and what the history says of it."""

from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from app import staff, tasks
from app.house import House
from app.kit import clock
from app.tasks import owning
from models.messages import Message
from models.staff import AbsenceCreate, Dismissal, Role, ShiftCreate
from models.tasks import Kind, Task, TaskState, TaskStep
from tests import cast
from tests.app.staffing import administrator, post_of, town
from tests.app.tasks.work import again, history, opened, tend
from tests.cast import Village

pytestmark = pytest.mark.anyio


async def why(house: House, task: Task) -> str:
    """Why the last one became accountable."""
    async with house.database.reading() as db:
        steps = select(TaskStep.why).where(TaskStep.task_id == task.id).order_by(col(TaskStep.at), col(TaskStep.id))
        return list(await db.exec(steps))[-1]


async def told(house: House, task: Task) -> list[tuple[str, str]]:
    """(template, name of the post) of every message about a task."""
    async with house.database.reading() as db:
        rows = await db.exec(select(Message).where(Message.subject == task.id).order_by(col(Message.created_at)))
        return [(row.template, (await staff.one(db, row.post_id)).name) for row in rows if row.post_id]  # type: ignore[misc]


async def test_the_worker_of_the_grid_is_accountable_and_told_without_a_name(house: House, village: Village) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    assert task.owner_post_id == (await post_of(house, village.li)).id
    assert (task.state, task.queue_code) == (TaskState.OFFERED, None)
    assert await history(house, task) == ["opened", "offered"]
    assert await why(house, task) == "least_load"
    async with house.database.reading() as db:
        (message,) = (await db.exec(select(Message).where(Message.subject == task.id))).all()
    assert (message.template, message.account_id) == ("task_offered", village.li.token.account)
    assert message.facts_sealed == b""
    assert village.mei.name not in (message.facts or "")


async def test_the_same_key_is_the_same_task(house: House, village: Village) -> None:
    first = await opened(house, village.grid, key="once")
    new = tasks.New("once", Kind.VISIT, village.grid, clock.now() + timedelta(hours=1))
    async with house.database.writing() as db:
        assert await tasks.open_all(db, [new]) == []
    assert await history(house, first) == ["opened", "offered"]


async def test_of_two_workers_the_less_loaded_one_gets_it_and_equal_loads_the_first(
    house: House, village: Village
) -> None:
    second = await post_of(house, await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid))
    li = await post_of(house, village.li)
    owners = [(await opened(house, village.grid)).owner_post_id for _ in range(4)]
    assert owners == [li.id, second.id, li.id, second.id]


async def test_who_looked_after_a_person_last_goes_on_though_more_loaded(house: House, village: Village) -> None:
    second = await post_of(house, await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid))
    task = await opened(house, village.grid, village.mei.person_id, owner=second.id)
    async with house.database.writing() as db:
        await db.exec(update(Task).where(col(Task.id) == task.id).values(accepted_at=clock.now(), state="accepted"))
    for _ in range(3):
        await opened(house, village.grid, owner=second.id)
    later = await opened(house, village.grid, village.mei.person_id)
    assert (later.owner_post_id, await why(house, later)) == (second.id, "continuity")


async def test_beyond_the_cap_the_next_unit_above_takes_over(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owning, "CAP", 2)
    owners = [(await opened(house, village.grid)).owner_post_id for _ in range(3)]
    li, chen = await post_of(house, village.li), await post_of(house, village.chen)
    assert owners == [li.id, li.id, chen.id]


async def test_where_everybody_is_full_it_stands_in_the_queue_of_the_place_until_somebody_is_free(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owning, "CAP", 0)
    task = await opened(house, village.grid)
    assert (task.owner_post_id, task.queue_code, await why(house, task)) == (None, village.grid, "full")
    await tend(house)
    assert await history(house, task) == ["opened", "queued"]
    monkeypatch.undo()
    await tend(house)
    now = await again(house, task)
    assert (now.owner_post_id, now.queue_code) == ((await post_of(house, village.li)).id, None)
    assert await history(house, task) == ["opened", "queued", "offered"]


async def test_in_a_province_without_anybody_it_stands_in_the_queue_of_the_place(house: House) -> None:
    task = await opened(house, 350102001001001)
    assert (task.owner_post_id, task.queue_code, await why(house, task)) == (None, 350102001001001, "nobody")


async def test_absence_hands_over_at_once_and_tells_both_sides(house: House, village: Village) -> None:
    li, wu = await post_of(house, village.li), await post_of(house, village.wu)
    task = await opened(house, village.grid)
    me, now = await cast.on_duty(house, village.li), clock.now()
    form = AbsenceCreate(post_id=li.id, from_at=now, until_at=now + timedelta(hours=8), substitute_id=wu.id)
    async with house.database.writing() as db:
        await staff.leave(db, me, form)
    # Wu's own grid is the other one: she stands in for Li, and cannot be made accountable for what lies outside hers.
    after = await again(house, task)
    assert after.owner_post_id is None or after.owner_post_id != li.id
    await tend(house)
    after = await again(house, task)
    assert after.owner_post_id == (await post_of(house, village.chen)).id
    assert await why(house, task) == "least_load"
    async with house.database.reading() as db:
        left = await db.exec(select(Message.template).where(Message.account_id == village.li.token.account))
        assert "task_bundle_taken" in set(left)


async def test_a_dismissed_worker_leaves_nothing_behind(house: House, village: Village) -> None:
    _, chief = await administrator(house, town(village))
    task = await opened(house, village.grid)
    async with house.database.writing() as db:
        ending = await staff.dismiss(db, chief, (await post_of(house, village.li)).id, Dismissal())
    assert ending.moved == 1
    after = await again(house, task)
    assert after.owner_post_id == (await post_of(house, village.chen)).id
    assert await history(house, task) == ["opened", "offered", "handed_over"]


async def test_a_substitute_who_is_off_the_plan_of_their_own_unit_is_not_made_accountable(
    house: House, village: Village
) -> None:
    """The cadre stands in for Li, and her own village has a plan in which somebody else is on shift now."""
    _, chief = await administrator(house, town(village))
    li, chen = await post_of(house, village.li), await post_of(house, village.chen)
    other = await post_of(house, await cast.appoint(house, "汪桂英", Role.VILLAGE_CADRE, village.code))
    now = clock.now()
    async with house.database.writing() as db:
        await staff.plan(db, chief, ShiftCreate(post_id=other.id, starts_at=now, ends_at=now + timedelta(hours=8)))
        away = AbsenceCreate(post_id=li.id, from_at=now, until_at=now + timedelta(hours=8), substitute_id=chen.id)
        await staff.leave(db, chief, away)
    assert (await opened(house, village.grid)).owner_post_id == other.id
