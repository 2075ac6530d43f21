"""What the sheet of a task shows beside its facts: who could take it, and what comes next when nobody acts."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, update

from app import staff, tasks
from app.house import House
from app.kit import clock
from app.kit.errors import NotFound
from app.kit.ids import uuid7
from app.tasks import ahead
from models.staff import AbsenceCreate, Role, Shift
from models.tasks import Kind, Task, TaskAct, TaskAhead
from tests import cast
from tests.app.staffing import post_of, town
from tests.app.tasks.work import again, opened
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio


async def takers(house: House, who: Person, code: int) -> list[tasks.Taker]:
    me = await cast.on_duty(house, who)
    async with house.database.reading() as db:
        return (await tasks.takers(db, me, [code]))[code]


async def names(house: House, who: Person, code: int) -> list[str]:
    return [taker.name for taker in await takers(house, who, code)]


@pytest.fixture
async def above(house: House, village: Village) -> AsyncIterator[dict[UUID, str]]:
    """Supervisors of township and county, by post, on shift whatever plans other tests have left there; and a
    township's administrator."""
    places = {"镇督导": town(village), "县督导": village.code // 10**9 * 10**9}
    made = {(await post_of(house, await cast.appoint(house, name, Role.SUPERVISOR, code))).id: name
            for name, code in places.items()}  # fmt: skip
    admin = await post_of(house, await cast.appoint(house, "镇管理员", Role.ADMINISTRATOR, town(village)))
    now = clock.now()
    async with house.database.writing() as db:
        for post, name in made.items():
            db.add(Shift(
                id=uuid7(), post_id=post, region_code=places[name], starts_at=now - timedelta(hours=1),
                ends_at=now + timedelta(hours=1), by_account=UUID(int=0), created_at=now,
            ))  # fmt: skip
    yield made | {admin.id: "镇管理员"}
    async with house.database.writing() as db:
        await db.exec(update(Shift).where(col(Shift.post_id).in_(made)).values(cancelled_at=clock.now()))


async def test_the_nearest_come_first_and_of_them_who_has_least(
    house: House, village: Village, above: dict[UUID, str]
) -> None:
    second = await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid)
    await opened(house, village.grid, owner=village.post)
    near, far = await takers(house, village.li, village.grid), await takers(house, village.chen, village.code)
    ours = above | {(await post_of(house, who)).id: who.name
                    for who in (village.li, village.wu, village.chen, second)}  # fmt: skip
    # Wu looks after the other grid, the county is three levels up, an administrator looks after nobody.
    assert [t.name for t in near if t.post_id in ours] == ["孙红梅", "李桂芳", "陈国平", "镇督导"]
    assert [t.name for t in far if t.post_id in ours] == ["陈国平", "镇督导", "县督导"]
    # Township and county are other tests' as well: their people stand there, after the village's.
    for found, levels in ((near, {town(village)}), (far, {town(village), village.code // 10**9 * 10**9})):
        assert {t.region_code for t in found if t.post_id not in ours} <= levels
        places = [t.region_code for t in found]
        assert places == sorted(places, reverse=True)


async def test_who_is_away_takes_nothing_and_elsewhere_nobody_is_named(house: House, village: Village) -> None:
    me = await cast.on_duty(house, village.li)
    now = clock.now()
    form = AbsenceCreate(
        post_id=(await post_of(house, village.li)).id, from_at=now, until_at=now + timedelta(hours=5), reason="事假"
    )
    async with house.database.writing() as db:
        await staff.leave(db, me, form)
    assert "李桂芳" not in await names(house, village.chen, village.grid)
    with pytest.raises(NotFound):
        await names(house, village.wu, village.grid)


async def next_of(house: House, task: Task) -> TaskAhead | None:
    async with house.database.reading() as db:
        return await ahead.of(db, await again(house, task))


async def test_an_urgent_task_climbs_until_it_is_accepted_and_is_then_only_told_about(
    house: House, village: Village
) -> None:
    task = await opened(house, village.grid, kind=Kind.URGENT_REPORT, rung=1)
    step = await next_of(house, task)
    assert step is not None
    assert (step.act, step.unless, step.level) == ("climb", "accepted", "village")
    assert step.at == task.counts_from + timedelta(minutes=15)
    me = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        await tasks.accept(db, me, task.id, TaskAct(id=uuid7()))
    step = await next_of(house, task)
    assert step is not None
    assert (step.act, step.unless, step.level, step.at) == ("tell", "closed", None, task.due_at)


async def test_a_closed_task_and_one_without_a_ladder_have_nothing_ahead(house: House, village: Village) -> None:
    task = await again(house, await opened(house, village.grid))
    assert await next_of(house, task) is not None
    async with house.database.reading() as db:
        for change in ({"state": "done"}, {"policy": 0}, {"rung": 99}):
            assert await ahead.of(db, Task(**task.model_dump() | change)) is None


async def test_what_was_offered_to_a_colleague_is_not_taken_by_setting_about_it(house: House, village: Village) -> None:
    second = await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid)
    task = await opened(house, village.grid, owner=village.post)
    for who, refused in ((second, True), (village.chen, False)):  # who leads there may
        me = await cast.on_duty(house, who)
        try:
            async with house.database.writing() as db:
                await tasks.start(db, me, task.id, TaskAct(id=uuid7()))
        except tasks.NotYourOrder:
            assert refused
    assert (await again(house, task)).owner_post_id == (await post_of(house, village.chen)).id
