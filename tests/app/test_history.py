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
        mei, qian = village.mei.person_id, village.qian.person_id
        both = await checkins.briefs_by(db, [mei, qian], today - DAY, today)
        whole = await checkins.reports_of(db, mei, today - DAY, today)
        assert [brief.receipt() for brief in both[mei]] == whole
        told = [(brief.day, brief.slot, brief.late, brief.highest_verdict, brief.received_at) for brief in both[mei]]
        assert told == [(one.day, one.slot, one.late, one.highest_verdict, one.received_at) for one in whole]
        assert both[qian] == []
        assert await checkins.briefs_by(db, [], today, today) == {}


async def test_a_strip_says_one_word_a_day(house: House, village: Village) -> None:
    today, me = clock.today(), village.mei.viewer
    await checkins.submit(house.writer, me, report(day=today - 2 * DAY, symptoms=["cough"]))
    await checkins.submit(house.writer, me, report(day=today - DAY))
    span = [today - back * DAY for back in range(5, -1, -1)]
    cells = strip(await reports(house, village, span[0], today), span, since=today - 4 * DAY)
    words = ["none", "missed", "missed", "attention", "late", "today"]
    assert cells == [DayCell(day, word) for day, word in zip(span, words, strict=True)]
    for temperature in (36.6, 38.6, 36.8):
        await checkins.submit(house.writer, me, report(temperature=temperature))
    shown = await reports(house, village, today, today)
    assert strip(shown, [today], since=today) == [DayCell(today, "urgent")]


async def test_one_of_two_reports_is_a_part_of_a_day_and_the_other_completes_it(house: House, village: Village) -> None:
    yesterday, zhou = clock.today() - DAY, village.zhou
    for slot, word in (("am", "part"), ("pm", "late")):
        await checkins.submit(house.writer, zhou.viewer, report(day=yesterday, slot=slot))
        async with house.database.reading() as db:
            shown = await checkins.reports_of(db, zhou.person_id, yesterday, yesterday)
        span = [yesterday, clock.today()]
        assert strip(shown, span, since=yesterday - DAY, slots=2)[0] == DayCell(yesterday, word)


@pytest.mark.proves("R12")
def test_a_report_may_be_corrected_for_48_hours_after_its_day() -> None:
    day = date(2020, 2, 29)
    closes = clock.midnight(date(2020, 3, 3))
    assert may_correct(day, closes - timedelta(microseconds=1))
    assert not may_correct(day, closes)
