"""What time it is, and which local day that is: the server alone decides the day."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

# China has kept one offset since 1991. Arithmetic on a fixed offset is ten times cheaper than a zone look-up,
# and the hot lane asks for the day of every report; `test_clock` proves both agree from 1992 to 2100.
_CST = timezone(timedelta(hours=8))


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def local(instant: datetime) -> datetime:
    """An instant as a clock on a wall in Shanghai shows it."""
    return instant.astimezone(_CST)


def local_day(instant: datetime) -> date:
    """The calendar day of an instant in Asia/Shanghai (never the UTC date: see domain facts on T16:00:00Z)."""
    return instant.astimezone(_CST).date()


def today() -> date:
    """The present local day in Shanghai."""
    return local_day(now())


def midnight(day: date) -> datetime:
    """The instant at which a local day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=_CST).astimezone(UTC)
