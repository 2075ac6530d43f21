"""The monthly partitions of check-ins, made ahead so that no report ever finds its month missing."""

from datetime import date, timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

MONTHS_AHEAD = 3
ONE_AT_A_TIME = 7_204_633_813


def month_of(day: date, later: int = 0) -> date:
    """The first day of the month `later` months after the month of a day."""
    months = day.year * 12 + day.month - 1 + later
    return date(months // 12, months % 12 + 1, 1)


async def make_ahead(db: AsyncSession, today: date) -> list[str]:
    """Make the partitions from the month of two days ago (make-ups) to three months ahead. Returns their names."""
    # IF NOT EXISTS alone lets two processes make the same partition, and fails the second.
    await db.exec(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))  # type: ignore[call-overload]
    names = []
    start = today - timedelta(days=3)
    for later in range(MONTHS_AHEAD + 2):
        first, end = month_of(start, later), month_of(start, later + 1)
        name = f"checkin_{first:%Y%m}"
        await db.exec(  # type: ignore[call-overload]
            text(f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF checkin FOR VALUES FROM ('{first}') TO ('{end}')"),
            execution_options={"scope": "upkeep"},
        )
        names.append(name)
    return names
