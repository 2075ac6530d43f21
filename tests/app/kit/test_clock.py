"""The local day is Shanghai's, and the fixed offset that computes it is right for every instant we may meet."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.kit import clock

instants = st.datetimes(datetime(1992, 1, 1), datetime(2100, 12, 31, 23), timezones=st.just(UTC))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.proves("R12")
@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2020-01-18T15:59:59.999Z", "2020-01-18"),  # 23:59:59.999 on a wall in Shanghai
        ("2020-01-18T16:00:00.000Z", "2020-01-19"),  # midnight: public case data writes days like this
        ("2020-02-28T16:00:00Z", "2020-02-29"),
        ("2020-02-29T15:59:59.999Z", "2020-02-29"),
        ("2020-02-29T16:00:00Z", "2020-03-01"),
        ("2020-12-31T16:00:00Z", "2021-01-01"),
        ("2020-01-18T00:00:00+08:00", "2020-01-18"),
        ("2020-01-18T23:59:59.999-12:00", "2020-01-19"),
    ],
)
def test_the_local_day_is_never_the_utc_date(at: str, day: str) -> None:
    assert clock.local_day(instant(at)) == date.fromisoformat(day)


@given(instants)
@example(datetime(1992, 1, 1, tzinfo=UTC))
@example(datetime(2100, 12, 31, 15, 59, 59, 999_999, tzinfo=UTC))
def test_the_fixed_offset_agrees_with_the_zone_from_1992_to_2100(at: datetime) -> None:
    wall = at.astimezone(clock.SHANGHAI)
    assert clock.local(at).replace(tzinfo=None) == wall.replace(tzinfo=None)
    assert clock.local_day(at) == wall.date()


@given(st.dates(date(1992, 1, 2), date(2100, 12, 30)))
def test_midnight_is_the_first_instant_of_its_day_and_no_earlier(day: date) -> None:
    begins = clock.midnight(day)
    assert begins.utcoffset() == timedelta(0)
    assert clock.local_day(begins) == day
    assert clock.local_day(begins - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_now_is_an_aware_instant_in_utc_and_today_is_its_local_day() -> None:
    before = clock.now()
    today = clock.today()
    assert before.tzinfo is UTC
    assert clock.local_day(before) <= today <= clock.local_day(clock.now())
