"""Who hears what of a task that changes hands: nobody of what they did themselves, nor of what only passed by them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from app import checkins, tasks
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid
from app.kit.ids import uuid7
from app.tasks import owning
from models.messages import Message
from models.staff import Role
from models.tasks import Kind, Task, TaskHandOver, TaskStep
from models.tasks.ladders import LADDERS
from tests import cast
from tests.app.staffing import post_of
from tests.app.tasks.test_climbing import later
from tests.app.tasks.test_doing import act
from tests.app.tasks.work import again, climb, history, opened
from tests.cast import Village

pytestmark = pytest.mark.anyio


async def told(house: House, task: Task) -> set[tuple[str, str]]:
    """(template, whose) of everything that was told about a task."""
    async with house.database.reading() as db:
        rows = await db.exec(select(Message.template, col(Message.post_id)).where(Message.subject == task.id))
        return {(template, str(post)) for template, post in rows.all()}


async def test_who_hands_a_task_over_themselves_is_not_told_that_it_has_gone(house: House, village: Village) -> None:
    task = await opened(house, village.grid, owner=village.post)
    sun = await post_of(house, await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid))
    await act(house, village.li, tasks.hand_over, task, TaskHandOver(id=uuid7(), post_id=sun.id))
    assert await told(house, task) == {("task_offered", str(village.post)), ("task_handed_over", str(sun.id))}
    chen = await post_of(house, village.chen)
    # Chen leads there: what she takes from somebody else, that person hears of.
    await act(house, village.chen, tasks.hand_over, task, TaskHandOver(id=uuid7(), post_id=chen.id))
    assert {("task_taken", str(sun.id)), ("task_handed_over", str(chen.id))} <= await told(house, task)


async def test_an_alarm_of_a_night_without_a_worker_is_told_to_whoever_has_it_in_the_end(
    house: House, village: Village
) -> None:
    await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=38.6))
    async with house.database.reading() as db:
        (task,) = await db.exec(select(Task).where(Task.person_id == village.mei.person_id))
    await later(house, task, timedelta(minutes=20))
    await climb(house)
    chen = await post_of(house, village.chen)
    assert (await again(house, task)).owner_post_id == chen.id
    assert await history(house, task) == ["opened", "offered", "climbed"]
    assert await told(house, task) == {("task_climbed", str(chen.id))}


async def test_who_had_it_before_such_a_night_hears_that_it_has_gone(house: House, village: Village) -> None:
    task = await opened(house, village.grid, owner=village.post)
    await later(house, task, timedelta(hours=3))
    await climb(house)
    chen = await post_of(house, village.chen)
    li, up = str(village.post), str(chen.id)
    # That nobody had accepted it is no news to whoever has only just got it.
    assert await told(house, task) == {("task_offered", li), ("task_taken", li), ("task_climbed", up)}


async def test_what_is_opened_too_late_is_told_to_whoever_has_it_after_the_next_tick(
    house: House, village: Village
) -> None:
    """The first minutes of a worker after a long night: a report is missing since yesterday."""
    words = {"kind": Kind.MISSING_REPORT, "rung": 3, "person": village.mei.person_id}
    climbs = await opened(house, village.grid, counts_from=clock.now() - timedelta(hours=9), **words)
    stays = await opened(house, village.grid, counts_from=clock.now() - timedelta(hours=3), **words)
    assert await told(house, climbs) == set()
    await climb(house)
    assert await told(house, climbs) == {("task_climbed", str((await post_of(house, village.chen)).id))}
    assert await told(house, stays) == {("task_offered", str(village.post))}


async def test_what_is_opened_late_and_stays_is_told_once(house: House, village: Village) -> None:
    task = await opened(house, village.grid, counts_from=clock.now() - timedelta(minutes=40), owner=village.post)
    for _ in range(2):
        await climb(house)
    assert {template for template, _ in await told(house, task)} == {"task_offered", "task_unaccepted"}


async def test_what_was_to_climb_and_finds_nobody_above_is_told_to_whoever_keeps_it(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = clock.now() - timedelta(hours=9)
    words = {"kind": Kind.MISSING_REPORT, "rung": 3, "owner": village.post, "counts_from": long_ago}
    task = await opened(house, village.grid, village.mei.person_id, **words)
    monkeypatch.setattr(owning, "CAP", 0)
    await climb(house)
    assert (await again(house, task)).owner_post_id == village.post
    assert await told(house, task) == {("task_offered", str(village.post))}


@pytest.mark.parametrize("verb", [tasks.accept, tasks.start])
async def test_whoever_leads_there_and_takes_a_task_takes_it_in_plain_sight(
    house: House, village: Village, verb: Any
) -> None:
    task = await opened(house, village.grid, owner=village.post)
    await act(house, village.chen, verb, task)
    assert (await history(house, task))[:3] == ["opened", "offered", "accepted"]
    async with house.database.reading() as db:
        lines = await db.exec(select(TaskStep).where(TaskStep.task_id == task.id, TaskStep.happening == "accepted"))
        assert lines.one().from_post_id == village.post
        rows = (await db.exec(select(Message).where(Message.subject == task.id))).all()
    heard = {row.template: (row.post_id, row.cancelled_at is None) for row in rows}
    assert heard == {"task_offered": (village.post, False), "task_taken": (village.post, True)}


async def test_why_names_the_step_as_the_ladder_counts_it_and_none_where_no_step_was_taken(
    house: House, village: Village
) -> None:
    task = await opened(house, village.grid, owner=village.post)
    await later(house, task, timedelta(minutes=31))
    await climb(house)
    await later(house, task, timedelta(hours=4))
    await climb(house)
    async with house.database.reading() as db:
        rows = (await db.exec(select(Message).where(Message.subject == task.id))).all()
    steps = {row.template: row.reason.split("/")[2] for row in rows}
    rungs = [rung.template for rung in LADDERS[Kind.VISIT]]
    assert steps["task_offered"] == ""
    for template in ("task_unaccepted", "task_overdue"):
        assert steps[template] == str(rungs.index(template))


async def test_what_is_due_sooner_than_it_climbs_is_to_be_accepted_sooner(house: House, village: Village) -> None:
    soon = clock.now() + timedelta(minutes=20)
    task = await opened(house, village.grid, owner=village.post, due_at=soon)
    async with house.database.reading() as db:
        assert (await tasks.ladders_in_force(db)).accept_by(task) == soon


async def test_nobody_is_given_what_they_have(house: House, village: Village) -> None:
    task = await opened(house, village.grid, owner=village.post)
    with pytest.raises(Invalid) as refused:
        await act(house, village.chen, tasks.hand_over, task, TaskHandOver(id=uuid7(), post_id=village.post))
    assert [fault.field for fault in refused.value.faults] == ["post_id"]
