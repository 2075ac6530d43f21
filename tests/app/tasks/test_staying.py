"""Somebody who stays somewhere else for some days: whoever looks for them goes there, and can call them."""

from datetime import UTC, date, timedelta

import pytest
from sqlmodel import col, select

from app import checkins, residents, tasks
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from app.kit.ids import uuid7
from models.messages import Message
from models.residents import PlaceChange
from models.tasks import Kind, Task, TaskAct, TaskCreate
from tests import cast
from tests.app.staffing import post_of
from tests.app.tasks.work import again as now_of
from tests.app.tasks.work import climb, history, opened, orphans, tend
from tests.cast import Village

pytestmark = pytest.mark.anyio


async def stays(house: House, village: Village, code: int | None, until: date | None = None) -> None:
    async with house.database.writing() as db:
        await residents.stay(db, village.mei.viewer, PlaceChange(region_code=code, until=until))


async def alarm_of(house: House, village: Village) -> Task:
    async with house.database.reading() as db:
        found = select(Task).where(Task.person_id == village.mei.person_id, col(Task.closed_at).is_(None))
        return (await db.exec(found)).one()


async def test_an_alarm_is_given_to_whoever_looks_after_people_where_she_is_now(house: House, village: Village) -> None:
    await stays(house, village, village.other_grid)
    await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=38.6))
    task = await alarm_of(house, village)
    assert (task.region_code, task.queue_code) == (village.other_grid, village.other_grid)
    await climb(house)
    assert (await alarm_of(house, village)).owner_post_id == (await post_of(house, village.wu)).id
    wu = await cast.on_duty(house, village.wu)
    async with house.database.writing() as db:
        assert (await tasks.call(db, wu, task.id, TaskAct(id=uuid7()))).name == village.mei.name
        assert (await tasks.one(db, wu, task.id)).person is not None


async def test_so_is_one_of_a_correction(house: House, village: Village) -> None:
    await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=36.6))
    await stays(house, village, village.other_grid)
    await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=38.6))
    assert (await alarm_of(house, village)).region_code == village.other_grid


async def test_open_tasks_go_with_her_and_come_back_when_the_days_are_over(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    li, wu = await post_of(house, village.li), await post_of(house, village.wu)
    await stays(house, village, village.other_grid, clock.today())
    assert f"{task.id} is at {village.grid}, its person at {village.other_grid}" in await orphans(
        house, village.grid, village.grid
    )
    await tend(house)
    there = await now_of(house, task)
    assert (there.region_code, there.owner_post_id) == (village.other_grid, wu.id)
    tomorrow = clock.midnight(clock.today() + timedelta(days=1)).astimezone(UTC) + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    async with house.database.writing() as db:
        await residents.come_home(db)
    await tend(house)
    assert (await now_of(house, task)).owner_post_id == li.id
    assert await history(house, task) == ["opened", "offered", "handed_over", "handed_over"]
    async with house.database.reading() as db:
        told = select(Message.template, Message.post_id).where(Message.subject == task.id)
        sides = {("task_taken", li.id), ("task_handed_over", wu.id), ("task_taken", wu.id), ("task_handed_over", li.id)}
        assert sides <= {(template, post) for template, post in await db.exec(told)}


def by_hand(village: Village, **changes: object) -> TaskCreate:
    words = {"id": uuid7(), "kind": Kind.VISIT, "person_id": village.mei.person_id}
    return TaskCreate(**words | {"due_at": clock.now() + timedelta(hours=5)} | changes)  # type: ignore[arg-type]


async def test_a_task_by_hand_is_where_she_is_and_a_place_where_she_is_not_is_refused(
    house: House, village: Village
) -> None:
    chen = await cast.on_duty(house, village.chen)
    with pytest.raises(Invalid) as refused:
        async with house.database.writing() as db:
            await tasks.create(db, chen, by_hand(village, region_code=village.other_grid))
    assert [fault.field for fault in refused.value.faults] == ["region_code"]
    await stays(house, village, village.other_grid)
    for form in (by_hand(village, region_code=village.other_grid), by_hand(village, region_code=village.grid)):
        async with house.database.writing() as db:
            assert (await tasks.create(db, chen, form)).region_code == village.other_grid
    # Li looks after her at home, and could not see the task she would open.
    with pytest.raises(Invalid) as refused:
        async with house.database.writing() as db:
            await tasks.create(db, await cast.on_duty(house, village.li), by_hand(village))
    assert [fault.field for fault in refused.value.faults] == ["person_id"]


async def test_whoever_reaches_her_by_no_post_learns_nothing(house: House, village: Village) -> None:
    wu = await cast.on_duty(house, village.wu)
    with pytest.raises(NotFound):
        async with house.database.writing() as db:
            await tasks.create(db, wu, by_hand(village))
