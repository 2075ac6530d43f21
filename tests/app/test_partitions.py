"""Monthly partitions: made ahead of every report that can arrive, also when two processes make them at once."""

import asyncio
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app import checkins
from app.checkins.partitions import month_of
from app.house import House
from app.kit import clock
from tests.app.test_writer import row

pytestmark = pytest.mark.anyio


async def names(house: House) -> list[str]:
    async with house.database.reading() as db:
        found = await db.exec(
            text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'checkin'::regclass ORDER BY 1"),
            execution_options={"scope": "test"},
        )
        return [name for (name,) in found]


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(-30, 30))
def test_months_are_counted_over_years(day: date, later: int) -> None:
    first = month_of(day, later)
    assert first.day == 1
    assert (first.year - day.year) * 12 + first.month - day.month == later
    assert month_of(first) == first
    assert month_of(first, 1) - timedelta(days=1) >= first


async def test_every_day_that_may_be_reported_has_its_month_and_three_more(house: House) -> None:
    there = await names(house)
    for ahead in range(-3, 93):
        assert f"checkin_{clock.today() + timedelta(days=ahead):%Y%m}" in there
    for day in (clock.today() - timedelta(days=2), clock.today() + timedelta(days=89)):
        sent = row(day=day)
        assert await house.writer.put(sent)


async def test_making_them_again_changes_nothing_also_when_many_do_it_at_once(house: House) -> None:
    before = await names(house)
    day = date(2031, 12, 30)

    async def make() -> list[str]:
        async with house.database.writing() as db:
            return await checkins.make_ahead(db, day)

    made = await asyncio.gather(*(make() for _ in range(5)))
    assert made == [["checkin_203112", "checkin_203201", "checkin_203202", "checkin_203203", "checkin_203204"]] * 5
    assert sorted(await names(house)) == sorted([*before, *made[0]])


async def test_looking_whether_they_are_there_never_stops_a_check_in(house: House) -> None:
    locks = text(
        "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock' "
        "AND relation = 'checkin'::regclass"
    )
    async with house.database.writing() as db:
        await checkins.make_ahead(db, clock.today())
        assert (await db.exec(locks, execution_options={"scope": "test"})).scalar_one() == 0
        assert await house.writer.put(row())


async def test_make_ups_on_the_first_of_a_month_find_the_month_before(house: House) -> None:
    async with house.database.writing() as db:
        made = await checkins.make_ahead(db, date(2028, 3, 1))
    assert made[0] == "checkin_202802"
    sent = row(day=date(2028, 2, 29))
    assert await house.writer.put(sent)
    assert not await house.writer.put(sent._replace(received_at=clock.now()))
