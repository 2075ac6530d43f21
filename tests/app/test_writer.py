"""The group commit: acknowledged is durable, one bad row fails alone, and a database that is away loses nothing."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from app import checkins
from app.checkins import CheckinWriter, writer
from app.checkins.writer import Row
from app.house import House
from app.kit import clock
from app.kit.db import DatabaseAway, connect
from app.kit.errors import Overloaded
from app.kit.ids import uuid7
from models.checkins import Checkin
from tests.cast import Village, report

pytestmark = pytest.mark.anyio


def row(**changes: object) -> Row:
    """An ordinary report of somebody of whom nothing else is known."""
    now = clock.now()
    return Row(
        uuid7(), clock.local_day(now), 0, uuid7(), 330822001201001, now, now, uuid7(), 1, 1, 0, 0, None, 0, 0, 0, 366,
        None,
    )._replace(**changes)  # fmt: skip


@pytest.fixture
async def own(house: House) -> AsyncIterator[CheckinWriter]:
    """A writer of this test's own: what it breaks is its own connection."""
    made = CheckinWriter(house.database, house.vault, house.rules)
    yield made
    await made.stop()


async def kept(house: House, rows: list[Row]) -> set[UUID]:
    """The ids of these reports that lie in the table."""
    async with house.database.reading() as db:
        found = select(Checkin.id).where(col(Checkin.person_id).in_([each.person_id for each in rows]))
        return set(await db.exec(found.execution_options(scope="test")))


async def put_all(to: CheckinWriter, rows: list[Row]) -> list[bool | BaseException]:
    return await asyncio.gather(*(to.put(each) for each in rows), return_exceptions=True)


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.proves("R18")
@pytest.mark.parametrize("culprit", [0, 77, 199])
async def test_one_poisoned_row_in_a_batch_of_two_hundred_fails_alone(
    house: House, own: CheckinWriter, culprit: int
) -> None:
    rows = [row() for _ in range(200)]
    rows[culprit] = rows[culprit]._replace(slot=9)
    answers = await put_all(own, rows)
    assert isinstance(answers[culprit], asyncpg.CheckViolationError)
    assert [answer for place, answer in enumerate(answers) if place != culprit] == [True] * 199
    assert await kept(house, rows) == {each.id for each in rows if each.slot == 0}


@pytest.mark.proves("R18")
async def test_several_kinds_of_poison_fail_one_by_one(house: House, own: CheckinWriter) -> None:
    poison = [
        {"slot": 9}, {"temperature": 331}, {"temperature": 431}, {"symptoms": 0}, {"symptoms": 3}, {"verdict": 7},
        {"day": clock.today().replace(year=1999)}, {"slot": 40_000}, {"symptoms": "cough"},
    ]  # fmt: skip
    rows = [row(**changes) for changes in poison] + [row() for _ in range(40)]
    answers = await put_all(own, rows)
    assert all(isinstance(answer, Exception) for answer in answers[: len(poison)])
    assert answers[len(poison) :] == [True] * 40
    assert await kept(house, rows) == {each.id for each in rows[len(poison) :]}


async def test_a_full_queue_is_refused_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING", 3)
    full = CheckinWriter(house.database, house.vault, house.rules)
    waiting = [full.put(row()) for _ in range(3)]
    assert full.depth == 3
    with pytest.raises(Overloaded) as refused:
        full.put(row())
    assert refused.value.retry_after == 30
    assert await asyncio.gather(*waiting) == [True] * 3
    await full.stop()


@pytest.mark.proves("R02")
async def test_a_killed_connection_is_said_and_the_same_report_is_stored_on_the_next_try(
    house: House, own: CheckinWriter, village: Village
) -> None:
    me, form = village.mei.viewer, report()
    assert await own.put(row())
    lane = own._lane._connection.get_server_pid()
    blocker = await connect(house.database.dsn)
    async with blocker.transaction():
        await blocker.execute("LOCK TABLE checkin IN EXCLUSIVE MODE")
        waiting = asyncio.create_task(checkins.submit(own, me, form))
        await asyncio.sleep(0.2)
        await blocker.execute("SELECT pg_terminate_backend($1::int)", lane)
        with pytest.raises(DatabaseAway) as refused:
            await waiting
    await blocker.close()
    assert refused.value.retry_after
    assert (await checkins.submit(own, me, form)).new


@pytest.mark.proves("R01")
@pytest.mark.proves("R04")
async def test_a_database_that_falls_silent_is_said_to_be_away_in_time(house: House, own: CheckinWriter) -> None:
    await own.put(row())
    backend = own._lane._connection.get_server_pid()
    late = row()
    os.kill(backend, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(DatabaseAway):
            await own.put(late)
        assert time.monotonic() - began < writer.SILENCE_S + 1
        assert await own.put(late._replace(received_at=clock.now()))
    finally:
        os.kill(backend, signal.SIGCONT)
    assert await kept(house, [late]) == {late.id}


async def test_a_commit_whose_answer_was_lost_is_found_again(
    house: House, own: CheckinWriter, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = own._lane.insert

    async def cut_off(rows: list[Row]) -> list[bool]:
        await real(rows)
        raise asyncpg.ConnectionDoesNotExistError

    form = report()
    with monkeypatch.context() as patch:
        patch.setattr(own._lane, "insert", cut_off)
        with pytest.raises(DatabaseAway):
            await checkins.submit(own, village.mei.viewer, form)
    again = await checkins.submit(own, village.mei.viewer, form)
    assert (again.new, again.receipt.id) == (False, form.id)


@pytest.mark.proves("R13")
async def test_a_locked_table_answers_everybody_in_time_instead_of_one_after_the_other(
    house: House, own: CheckinWriter
) -> None:
    rows = [row() for _ in range(64)]
    blocker = await connect(house.database.dsn)
    began = time.monotonic()
    async with blocker.transaction():
        await blocker.execute("LOCK TABLE checkin IN ACCESS EXCLUSIVE MODE")
        answers = await put_all(own, rows)
    took = time.monotonic() - began
    await blocker.close()
    assert all(isinstance(answer, DatabaseAway) for answer in answers)
    assert took < 2
    assert await put_all(own, rows) == [True] * 64


async def test_a_bug_answers_every_waiter(own: CheckinWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_rows: list[Row]) -> list[bool]:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(own._lane, "insert", broken)
        answers = await put_all(own, [row() for _ in range(5)])
    assert all(isinstance(answer, ZeroDivisionError) for answer in answers)
    assert await own.put(row())


# --- stored ----------------------------------------------------------------------------------------------------------


async def test_waiting_reports_share_one_commit(house: House, own: CheckinWriter) -> None:
    rows = [row() for _ in range(300)]
    assert await put_all(own, rows) == [True] * 300
    batches, stored = own.counted()
    assert stored == 300
    assert batches <= 3
    assert own.counted() == (0, 0)
    assert len(await kept(house, rows)) == 300


async def test_repeats_inside_one_batch_are_one_row_and_the_others_know(house: House, own: CheckinWriter) -> None:
    first = row()
    rows = [first] * 10 + [row() for _ in range(10)] + [first._replace(id=uuid7()) for _ in range(5)]
    answers = await put_all(own, rows)
    assert answers[:10].count(True) + answers[20:].count(True) == 1
    assert answers[10:20] == [True] * 10
    assert await own.put(first._replace(received_at=clock.now())) is False
    assert len(await kept(house, [first])) == 1


async def test_an_answer_means_that_another_connection_can_read_it(house: House, own: CheckinWriter) -> None:
    for _ in range(20):
        sent = row()
        assert await own.put(sent)
        assert await kept(house, [sent]) == {sent.id}


@pytest.mark.proves("R05")
async def test_a_caller_that_gave_up_harms_nobody_and_finds_the_report_later(house: House, own: CheckinWriter) -> None:
    rows = [row() for _ in range(30)]
    tasks = [asyncio.ensure_future(own.put(each)) for each in rows]
    for task in tasks[:15]:
        task.cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[15:] == [True] * 15
    for each in rows[:15]:
        await own.put(each)
    assert len(await kept(house, rows)) == 30


async def test_stopping_stores_what_waits(house: House) -> None:
    going = CheckinWriter(house.database, house.vault, house.rules)
    rows = [row() for _ in range(50)]
    waiting = [going.put(each) for each in rows]
    await going.stop()
    assert [future.result() for future in waiting] == [True] * 50
    assert len(await kept(house, rows)) == 50


@pytest.mark.proves("R18")
async def test_two_processes_that_report_for_the_same_people_do_not_deadlock(house: House) -> None:
    writers = [CheckinWriter(house.database, house.vault, house.rules) for _ in range(3)]
    people = [uuid7() for _ in range(150)]
    day = clock.today() - timedelta(days=1)

    async def flood(to: CheckinWriter, order: list[UUID]) -> list[bool | BaseException]:
        return await put_all(to, [row(person_id=person, day=day) for person in order])

    orders = [people, people[::-1], people[75:] + people[:75]]
    answers = await asyncio.gather(*(flood(to, order) for to, order in zip(writers, orders, strict=True)))
    assert sum(one.count(True) for one in answers) == 150
    assert not any(isinstance(answer, BaseException) for one in answers for answer in one)
    for to in writers:
        await to.stop()


async def test_a_closed_connection_between_two_reports_is_not_even_noticed(house: House, own: CheckinWriter) -> None:
    assert await own.put(row())
    pid = own._lane._connection.get_server_pid()
    async with house.database.reading() as db:
        await db.exec(text(f"SELECT pg_terminate_backend({pid})"))
    await asyncio.sleep(0.1)
    assert await own.put(row())
