"""Missing reports: who is told when, and what a report ends, by whatever door it comes."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from app import checkins, ticks
from app.checkins import chasing
from app.house import House
from app.kit import clock
from app.kit.ids import named
from models.checkins import Slot
from models.messages import Message
from models.tasks import Chase, Task, TaskStep
from tests import cast
from tests.app.staffing import post_of
from tests.app.tasks.work import climb, history, tend
from tests.cast import Village

pytestmark = pytest.mark.anyio
DAY = date(2026, 11, 24)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """An instant by the clock on a wall in Shanghai."""
    return clock.midnight(day) + timedelta(hours=hour, minutes=minute)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch, house: House):
    """Sets the clock of the house."""

    def show(moment: datetime) -> datetime:
        monkeypatch.setattr(clock, "now", lambda: moment.astimezone(UTC))
        return moment

    return show


_TABLES = ("task_photo", "task_step", "task", "chase", "delivery_attempt", "delivery", "message")


@pytest.fixture(autouse=True)
async def _fresh(house: House, village: Village) -> AsyncIterator[None]:
    """Each test begins on a day on which nothing was chased yet, with people who were registered at its midnight, and
    leaves nothing behind of a day that has not come."""
    await _clear(house)
    async with house.database.writing() as db:
        born = text("UPDATE resident SET created_at = :at")
        await db.exec(born, params={"at": clock.midnight(DAY)}, execution_options={"scope": "test"})
    yield
    await _clear(house)
    async with house.database.writing() as db:
        born = text("UPDATE resident SET created_at = now() WHERE created_at > now()")
        await db.exec(born, execution_options={"scope": "test"})


async def _clear(house: House) -> None:
    async with house.database.writing() as db:
        for table in _TABLES:
            await db.exec(text(f"DELETE FROM {table}"))


async def chase(house: House) -> int:
    """Look, as the worker does until nothing is left: everybody whom other tests have registered is told as well."""
    patient, done = house.database.patient(ticks.PATIENT_MS), 0
    try:
        while True:
            async with patient.writing() as db:
                some = await checkins.chase(db, patient)
            if not some:
                return done
            done += some
    finally:
        await patient.close()


async def told(house: House, person: object) -> list[tuple[str, object]]:
    """(template, account) of the messages about somebody."""
    async with house.database.reading() as db:
        rows = select(Message.template, Message.account_id).where(Message.person_id == person)
        return sorted((await db.exec(rows)).all(), key=lambda row: row[0])


async def tasks_about(house: House, person: object) -> list[Task]:
    async with house.database.reading() as db:
        return list((await db.exec(select(Task).where(Task.person_id == person))).all())


async def test_before_the_cut_off_nobody_is_told(house: House, village: Village, wall) -> None:
    wall(at(19, 59))
    await chase(house)
    assert await told(house, village.mei.person_id) == []


async def test_the_ladder_of_a_missing_report(house: House, village: Village, wall) -> None:
    mei, account = village.mei.person_id, village.mei.token.account
    child = village.child.person_id
    wall(at(20, 0))
    await chase(house)
    assert await told(house, mei) == [("report_missing", account)]
    # The child has no phone: whoever reports for them is told in their place.
    assert await told(house, child) == [("report_missing_household", account)]
    wall(at(22, 0))
    await chase(house)
    assert await told(house, child) == [("report_missing_household", account)] * 2
    assert await tasks_about(house, mei) == []
    wall(at(24, 0))
    await chase(house)
    (task,) = await tasks_about(house, mei)
    assert task.owner_post_id == (await post_of(house, village.li)).id
    assert (task.day, task.counts_from) == (DAY, at(20).astimezone(UTC))
    assert await told(house, mei) == [("report_missing", account), ("task_offered", village.li.token.account)]
    wall(at(28, 0))
    await climb(house)
    (task,) = await tasks_about(house, mei)
    assert task.owner_post_id == (await post_of(house, village.chen)).id


async def test_a_second_tick_changes_nothing_and_a_sleeping_worker_catches_up_once(
    house: House, village: Village, wall
) -> None:
    wall(at(24, 30))
    await chase(house)
    before = await told(house, village.mei.person_id), await told(house, village.child.person_id)
    assert [template for template, _ in before[0]] == ["report_missing", "task_offered"]
    assert [template for template, _ in before[1]] == ["report_missing_household"] * 2 + ["task_offered"]
    for minute in (31, 32):
        wall(at(24, minute))
        await chase(house)
    assert (await told(house, village.mei.person_id), await told(house, village.child.person_id)) == before
    async with house.database.reading() as db:
        assert {row.step for row in await db.exec(select(Chase).where(Chase.day == DAY))} == {0, 1, 2}


async def test_after_more_than_a_day_a_task_is_opened_but_nobody_is_reminded_any_more(
    house: House, village: Village, wall
) -> None:
    wall(at(20 + 25))
    await chase(house)
    people = (village.mei.person_id, village.child.person_id)
    async with house.database.reading() as db:
        reminders = select(Message.template).where(Message.day == DAY, col(Message.person_id).in_(people))
        # The household's step came two hours after the person's own, and is still worth something.
        assert list(await db.exec(reminders)) == ["report_missing_household"]
    for person in people:
        assert DAY in {task.day for task in await tasks_about(house, person)}


async def test_very_many_tasks_are_opened_a_portion_at_a_time(
    house: House, village: Village, wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall(at(24, 30))
    monkeypatch.setattr(chasing, "OPENED_AT_ONCE", 2)
    taken = select(Chase).where(Chase.step == 2, Chase.day == DAY, Chase.slot == Slot.DAY)
    for _ in range(3):  # everybody whom other tests have registered is missing as well
        async with house.database.writing() as db:
            assert await checkins.chase(db) >= 2
    async with house.database.reading() as db:
        assert len((await db.exec(select(Task.id).where(Task.day == DAY))).all()) == 6
        assert (await db.exec(taken)).all() == []
    monkeypatch.setattr(chasing, "OPENED_AT_ONCE", 5_000)
    await chase(house)
    async with house.database.reading() as db:
        opened = (await db.exec(select(Task.id).where(Task.day == DAY, Task.slot == Slot.DAY))).all()
        assert sum(step.found for step in await db.exec(taken)) == len(opened) > 6
    assert len(await tasks_about(house, village.mei.person_id)) == 1


async def test_who_has_reported_is_left_in_peace(house: House, village: Village, wall) -> None:
    wall(at(9, 0))
    await checkins.submit(house.writer, village.mei.viewer, cast.report())
    wall(at(26, 0))
    await chase(house)
    assert await told(house, village.mei.person_id) == []
    assert await tasks_about(house, village.mei.person_id) == []


async def test_under_observation_each_slot_has_its_own_cut_off(house: House, village: Village, wall) -> None:
    wall(at(10, 0))
    await chase(house)
    zhou = village.zhou.person_id
    assert [template for template, _ in await told(house, zhou)] == ["report_missing"]
    await checkins.submit(house.writer, village.zhou.viewer, cast.report(slot="am"))
    wall(at(20, 0))
    await chase(house)
    async with house.database.reading() as db:
        facts = await db.exec(select(Message.facts).where(Message.person_id == zhou).order_by(col(Message.created_at)))
        assert ['"am"' in (row or "") for row in facts] == [True, False]


async def test_a_late_report_from_a_phone_without_network_ends_the_task_and_says_when_it_was_filled(
    house: House, village: Village, wall
) -> None:
    wall(at(24, 30))
    await chase(house)
    (task,) = await tasks_about(house, village.mei.person_id)
    wall(at(25, 0))
    filled = at(7, 58)
    await checkins.submit(house.writer, village.mei.viewer, cast.report(filled_at=filled))
    patient = house.database.patient(ticks.PATIENT_MS)
    async with patient.writing() as db:
        await checkins.close_reported(db)
    await patient.close()
    (task,) = await tasks_about(house, village.mei.person_id)
    assert (task.state, task.outcome, task.step_at) == ("done", "reported", None)
    async with house.database.reading() as db:
        ended = await db.exec(select(TaskStep).where(TaskStep.task_id == task.id, TaskStep.happening == "done"))
        assert ended.one().filled_at == filled.astimezone(UTC)
        cancelled = select(Message.cancelled_at).where(
            Message.person_id == village.mei.person_id, Message.template == "report_missing"
        )
        assert None not in set(await db.exec(cancelled))
    wall(at(48, 0))
    assert await climb(house) == 0 or (await tasks_about(house, village.mei.person_id))[0].state == "done"


async def test_nobody_is_chased_for_a_day_before_they_were_registered(house: House, village: Village, wall) -> None:
    async with house.database.writing() as db:
        born = text("UPDATE resident SET created_at = :at WHERE person_id = :who")
        await db.exec(born, params={"at": at(20, 1), "who": village.mei.person_id}, execution_options={"scope": "test"})
    wall(at(24, 30))
    await chase(house)
    assert await told(house, village.mei.person_id) == []


async def test_the_key_in_sql_is_the_key_in_python(house: House, village: Village, wall) -> None:
    wall(at(24, 30))
    await chase(house)
    (task,) = await tasks_about(house, village.mei.person_id)
    assert task.id == named(f"missing_report|{village.mei.person_id}|{DAY}|0")
    async with house.database.reading() as db:
        subjects = select(Message.subject).where(Message.person_id == village.mei.person_id)
        assert set(await db.exec(subjects)) == {task.id}
    assert timedelta(hours=48) == chasing.HORIZON


# --- urgent reports ---------------------------------------------------------------------------------------------------


async def test_an_urgent_report_is_a_task_in_the_same_transaction_and_its_owner_is_told_within_a_tick(
    house: House, village: Village
) -> None:
    outcome = await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=38.6))
    (task,) = await tasks_about(house, village.mei.person_id)
    assert (task.queue_code, task.subject, task.kind) == (village.grid, outcome.receipt.id, "urgent_report")
    await tend(house)  # as the worker does: it leaves this one to the first step of its ladder
    await climb(house)
    (task,) = await tasks_about(house, village.mei.person_id)
    li = await post_of(house, village.li)
    assert (task.owner_post_id, task.queue_code, task.policy) == (li.id, None, 2)
    assert await history(house, task) == ["opened", "offered"]
    async with house.database.reading() as db:
        (message,) = (await db.exec(select(Message).where(Message.subject == task.id))).all()
    assert (message.template, message.account_id, message.urgent) == ("task_urgent", village.li.token.account, True)


async def test_however_the_ticks_come_the_owner_of_an_urgent_task_is_told_that_it_is_urgent(
    house: House, village: Village
) -> None:
    await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=38.6))
    patient = house.database.patient(ticks.PATIENT_MS)
    await ticks.once(patient)
    await patient.close()
    (task,) = await tasks_about(house, village.mei.person_id)
    assert await history(house, task) == ["opened", "offered"]
    async with house.database.reading() as db:
        assert list(await db.exec(select(Message.template).where(Message.subject == task.id))) == ["task_urgent"]


async def test_a_correction_to_a_fever_is_a_task_as_well_and_a_second_one_is_the_same(
    house: House, village: Village
) -> None:
    await checkins.submit(house.writer, village.mei.viewer, cast.report())
    assert await tasks_about(house, village.mei.person_id) == []
    await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=38.6))
    await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=39.1))
    assert len(await tasks_about(house, village.mei.person_id)) == 1


async def test_nobody_accepts_for_a_quarter_of_an_hour_and_it_climbs(house: House, village: Village, wall) -> None:
    now = wall(at(9, 0))
    await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=38.6))
    await climb(house)
    wall(now + timedelta(minutes=16))
    await climb(house)
    (task,) = await tasks_about(house, village.mei.person_id)
    assert task.owner_post_id == (await post_of(house, village.chen)).id
