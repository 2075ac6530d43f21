"""Which day and slot a report belongs to: Shanghai's clock decides, for every instant and both programmes."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.checkins import days, make_up_days
from app.kit.errors import Invalid
from models.checkins import Flag, Rule, Slot

EIGHT = timedelta(hours=8)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DUE = {Slot.DAY: 20 * 60, Slot.AM: 10 * 60, Slot.PM: 20 * 60}
ONCE = Rule(1, 0, 0, 10**15, date(2020, 1, 1), 373, 34816, False, 1, DUE)
TWICE = Rule(3, 2, 0, 10**15, date(2020, 1, 1), 373, 524286, True, 2, DUE)

instants = st.datetimes(datetime(2019, 12, 30), datetime(2030, 1, 1), timezones=st.just(UTC))
offsets = st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(lambda gap: timedelta(minutes=gap // MINUTE))


def wall(text: str) -> datetime:
    """An instant, as a clock on a wall in Shanghai shows it."""
    return datetime.fromisoformat(f"{text}+08:00")


def faults(refused: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [fault.field for fault in refused.value.faults]


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "received", "asked", "field"),
    [
        (ONCE, "2020-02-05 12:00", (date(2020, 2, 6), None), "day"),
        (ONCE, "2020-02-05 23:59:59.999", (date(2020, 2, 12), None), "day"),  # a day next week
        (ONCE, "2020-02-05 12:00", (date(9999, 12, 30), None), "day"),
        (ONCE, "2020-02-05 00:00", (date(2020, 2, 2), None), "day"),  # closed exactly 48 hours ago
        (ONCE, "2020-02-05 12:00", (date(2020, 2, 2), None), "day"),
        (ONCE, "2020-02-05 12:00", (date(1, 1, 2), None), "day"),
        (TWICE, "2020-02-05 05:59", (None, Slot.AM), "slot"),
        (TWICE, "2020-02-05 16:59", (None, Slot.PM), "slot"),
        (TWICE, "2020-02-05 12:00", (date(2020, 2, 5), Slot.PM), "day"),
        (TWICE, "2020-02-05 17:00", (date(2020, 2, 3), Slot.AM), "day"),  # closed exactly 48 hours ago
        (TWICE, "2020-02-05 06:00", (date(2020, 2, 2), Slot.PM), "day"),
    ],
)
def test_a_day_to_come_and_a_day_long_gone_are_refused(
    rule: Rule, received: str, asked: tuple[date | None, Slot | None], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        days.place(None, wall(received), rule, asked)
    assert faults(refused) == [field]


@pytest.mark.parametrize(
    ("rule", "received", "asked"),
    [
        (ONCE, "2020-02-04 23:59:59.999", (date(2020, 2, 2), None)),
        (TWICE, "2020-02-05 16:59:59.999", (date(2020, 2, 3), Slot.AM)),
        (TWICE, "2020-02-05 05:59:59.999", (date(2020, 2, 2), Slot.PM)),
    ],
)
def test_the_last_moment_of_the_48_hours_still_counts(
    rule: Rule, received: str, asked: tuple[date, Slot | None]
) -> None:
    placed = days.place(None, wall(received), rule, asked)
    assert (placed.day, Flag(placed.flags)) == (asked[0], Flag.MADE_UP | Flag.LATE)


# --- the open slot ---------------------------------------------------------------------------------------------------


@pytest.mark.proves("R12")
@given(instants)
@example(wall("2020-02-29 00:00").astimezone(UTC))
@example(wall("2020-03-01 00:00").astimezone(UTC) - timedelta(microseconds=1))
@example(datetime(2020, 1, 18, 16, tzinfo=UTC))
def test_a_day_programme_asks_for_the_day_on_the_wall(at: datetime) -> None:
    day = (at.replace(tzinfo=None) + EIGHT).date()
    assert days.open_slot(at, 1) == (day, Slot.DAY)
    assert days.opens(day, Slot.DAY) <= at < days.closes(day, Slot.DAY)


@pytest.mark.proves("R12")
@given(instants)
@example(wall("2020-02-29 05:59:59.999999").astimezone(UTC))
@example(wall("2020-03-01 01:30").astimezone(UTC))
def test_the_evening_slot_reaches_to_six_in_the_morning(at: datetime) -> None:
    on_wall = at.replace(tzinfo=None) + EIGHT
    day = (on_wall - 6 * HOUR).date()
    slot = Slot.AM if time(6) <= on_wall.time() < time(17) else Slot.PM
    assert days.open_slot(at, 2) == (day, slot)
    assert days.opens(day, slot) <= at < days.closes(day, slot)


@pytest.mark.parametrize(
    ("at", "once", "twice"),
    [
        ("2020-02-05 01:30", ("2020-02-05", Slot.DAY), ("2020-02-04", Slot.PM)),
        ("2020-02-05 05:59:59.999", ("2020-02-05", Slot.DAY), ("2020-02-04", Slot.PM)),
        ("2020-02-05 06:00", ("2020-02-05", Slot.DAY), ("2020-02-05", Slot.AM)),
        ("2020-02-05 16:59:59.999", ("2020-02-05", Slot.DAY), ("2020-02-05", Slot.AM)),
        ("2020-02-05 17:00", ("2020-02-05", Slot.DAY), ("2020-02-05", Slot.PM)),
        ("2020-02-29 23:59:59.999", ("2020-02-29", Slot.DAY), ("2020-02-29", Slot.PM)),
        ("2020-03-01 00:00", ("2020-03-01", Slot.DAY), ("2020-02-29", Slot.PM)),
        ("2021-01-01 00:30", ("2021-01-01", Slot.DAY), ("2020-12-31", Slot.PM)),
    ],
)
def test_half_past_one_belongs_to_the_evening_before(at: str, once: tuple[str, Slot], twice: tuple[str, Slot]) -> None:
    for rule, (day, slot) in ((ONCE, once), (TWICE, twice)):
        placed = days.place(None, wall(at), rule, (None, None))
        assert (placed.day.isoformat(), placed.slot) == (day, slot)


@given(instants, st.sampled_from([ONCE, TWICE]), offsets)
def test_the_offset_a_phone_writes_changes_nothing(at: datetime, rule: Rule, offset: timedelta) -> None:
    abroad = at.astimezone(timezone(offset))
    assert days.place(abroad, at, rule, (None, None)) == days.place(at, at, rule, (None, None))


def test_a_named_part_of_the_day_is_the_one_meant() -> None:
    night = wall("2020-02-05 01:30")
    for at, slot, day in ((night, Slot.PM, "2020-02-04"), (wall("2020-02-05 18:00"), Slot.AM, "2020-02-05")):
        placed = days.place(None, at, TWICE, (None, slot))
        assert (placed.day.isoformat(), placed.slot) == (day, slot)
    assert days.place(None, night, TWICE, (None, Slot.DAY)).slot is Slot.PM


# --- the fill time ---------------------------------------------------------------------------------------------------


@given(instants, st.timedeltas(timedelta(hours=-26), timedelta(hours=26)))
def test_a_phone_clock_that_is_wrong_by_up_to_26_hours_never_makes_a_day_to_come(at: datetime, gap: timedelta) -> None:
    for rule in (ONCE, TWICE):
        placed = days.place(at + gap, at, rule, (None, None))
        assert placed.filled_at <= at
        assert placed.day <= (at.replace(tzinfo=None) + EIGHT).date()
        assert bool(placed.flags & Flag.CLOCK_SUSPECT) is (gap > timedelta(minutes=5))


@pytest.mark.parametrize(
    ("gap", "suspect"),
    [
        (timedelta(hours=-48), False), (timedelta(hours=-48, microseconds=-1), True), (timedelta(minutes=5), False),
        (timedelta(minutes=5, microseconds=1), True), (timedelta(0), False), (timedelta(days=-20_000), True),
        (timedelta(days=20_000), True),
    ],
)  # fmt: skip
def test_a_fill_time_is_believed_from_48_hours_before_to_5_minutes_after(gap: timedelta, *, suspect: bool) -> None:
    received = wall("2020-02-29 12:00")
    at, doubted = days.believed(received + gap, received)
    assert doubted is suspect
    assert at == (received if suspect else min(received, received + gap))


def test_a_report_saved_before_midnight_and_sent_after_it_belongs_to_its_own_day() -> None:
    placed = days.place(wall("2020-02-28 23:58"), wall("2020-02-29 00:03"), ONCE, (None, None))
    assert (placed.day, Flag(placed.flags)) == (date(2020, 2, 28), Flag.LATE)  # after 20:00, but no make-up
    placed = days.place(wall("2020-02-28 12:00"), wall("2020-02-29 09:00"), ONCE, (None, None))
    assert (placed.day, Flag(placed.flags)) == (date(2020, 2, 28), Flag.MADE_UP | Flag.LATE)


@given(instants)
def test_late_begins_at_the_due_time_and_not_a_moment_before(at: datetime) -> None:
    on_wall = at.replace(tzinfo=None) + EIGHT
    late = bool(days.place(None, at, ONCE, (None, None)).flags & Flag.LATE)
    assert late is (on_wall.time() >= time(20))


# --- make-ups --------------------------------------------------------------------------------------------------------


@given(instants, st.sets(st.integers(0, 3)), st.integers(0, 9))
def test_every_day_offered_for_make_up_is_accepted_and_no_other_past_day_is(
    now: datetime, reported: set[int], age: int
) -> None:
    today = (now.replace(tzinfo=None) + EIGHT).date()
    assume(today > date(2020, 1, 10))
    done = [today - timedelta(days=back) for back in reported]
    since = today - timedelta(days=age)
    offered = make_up_days(done, now, since)
    for back in range(1, 5):
        day = today - timedelta(days=back)
        try:
            days.place(None, now, ONCE, (day, None))
            accepted = True
        except Invalid:
            accepted = False
        assert accepted is (back <= 2)
        assert (day in offered) is (accepted and day not in done and day >= since)
