"""What was reported: at most 92 days, every version, and a strip that says one word a day."""

from datetime import date, timedelta

import pytest

from app import checkins
from app.checkins import DayCell, may_correct, strip
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid
from models.checkins import CheckinPublic
from tests.cast import Village, report

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def reports(house: House, village: Village, first: date, last: date) -> list[CheckinPublic]:
    async with house.database.reading() as db:
        return await checkins.reports_of(db, village.mei.person_id, first, last)


async def test_days_in_the_wrong_order_and_too_many_days_are_refused(house: House, village: Village) -> None:
    today = clock.today()
    for first, last in ((today, today - DAY), (today - 92 * DAY, today), (date(1, 1, 1), date(9999, 12, 31))):
        with pytest.raises(Invalid) as refused:
            await reports(house, village, first, last)
        assert [fault.field for fault in refused.value.faults] == ["from"]
    assert await reports(house, village, today - 91 * DAY, today) == []


async def test_the_newest_day_comes_first_and_only_the_days_asked_for(house: House, village: Village) -> None:
    today = clock.today()
    for day in (today - DAY, today):
        await checkins.submit(house.writer, village.mei.viewer, report(day=day))
    assert [shown.day for shown in await reports(house, village, today - 13 * DAY, today)] == [today, today - DAY]
    assert [shown.day for shown in await reports(house, village, today - DAY, today - DAY)] == [today - DAY]
    async with house.database.reading() as db:
        people = [village.mei.person_id, village.qian.person_id]
        assert await checkins.reported_on(db, people, today) == {village.mei.person_id}
        assert await checkins.reported_on(db, [], today) == set()


async def test_a_strip_says_one_word_a_day(house: House, village: Village) -> None:
    today, me = clock.today(), village.mei.viewer
    await checkins.submit(house.writer, me, report(day=today - 2 * DAY, symptoms=["cough"]))
    await checkins.submit(house.writer, me, report(day=today - DAY))
    cells = strip(await reports(house, village, today - 5 * DAY, today), today, 6, since=today - 4 * DAY)
    words = ["none", "missed", "missed", "attention", "late", "today"]
    assert cells == [DayCell(today - (5 - place) * DAY, word) for place, word in enumerate(words)]
    for temperature in (36.6, 38.6, 36.8):
        await checkins.submit(house.writer, me, report(temperature=temperature))
    shown = await reports(house, village, today, today)
    assert strip(shown, today, 1, since=today) == [DayCell(today, "urgent")]


@pytest.mark.proves("R12")
def test_a_report_may_be_corrected_for_48_hours_after_its_day() -> None:
    day = date(2020, 2, 29)
    closes = clock.midnight(date(2020, 3, 3))
    assert may_correct(day, closes - timedelta(microseconds=1))
    assert not may_correct(day, closes)
