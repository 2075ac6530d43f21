"""The counters of what was erased, and what a person may know about the end of their own data."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.kit.errors import N_
from app.retention.rules import RULES
from models.appeals import Appeal
from models.residents import Resident
from models.retention import Erasure

SHOWN_DAYS = 30
APPEALS_DAYS = 180


async def counted(db: AsyncSession, kind: str, rows: int) -> None:
    """Add to the counter of today."""
    if rows <= 0:
        return
    more = insert(Erasure).values(day=clock.today(), kind=kind, rows=rows)
    await db.exec(
        more.on_conflict_do_update(index_elements=["day", "kind"], set_={"rows": Erasure.rows + more.excluded.rows})
    )


async def erased(db: AsyncSession) -> list[tuple[str, int]]:
    """What was erased in the last 30 days: (words of the kind, rows), for everybody to read."""
    since = clock.today() - timedelta(days=SHOWN_DAYS)
    found = await db.exec(
        select(Erasure.kind, func.sum(Erasure.rows)).where(col(Erasure.day) > since).group_by(col(Erasure.kind))
    )
    counts = {kind: int(rows) for kind, rows in found.all()}
    named = {rule.kind: rule.what for rule in reversed(RULES)}
    return [(what, counts[kind]) for kind, what in reversed(named.items()) if kind in counts]


async def by_day(db: AsyncSession) -> list[Erasure]:
    """The counters of the last 30 days, newest first."""
    since = clock.today() - timedelta(days=SHOWN_DAYS)
    found = await db.exec(
        select(Erasure).where(col(Erasure.day) > since).order_by(col(Erasure.day).desc(), col(Erasure.kind))
    )
    return list(found)


async def about_me(db: AsyncSession, person_id: UUID) -> list[tuple[str, date | None]]:
    """What the house holds about a person and until when: (words, last day); None where the words say it.

    Empty for somebody of whom nothing is held.
    """
    own = select(Resident.created_at).where(Resident.person_id == person_id).execution_options(scope="own")
    if (await db.exec(own)).one_or_none() is None:
        return []
    chosen: dict[str, int] = db.info.get("retention_days", {})
    kept: list[tuple[str, date | None]] = [
        (N_("Name, document number, phone and address: until the response ends"), None),
        (N_("Temperature and note of every report: until 28 days after the response ends"), None),
        (N_("Who looked at your record: three years"), None),
    ]
    if "reports" in chosen:
        last_day = clock.today() + timedelta(days=chosen["reports"])
        kept[1] = (N_("Temperature and note of the report of today"), last_day)
    closed = await db.exec(
        select(func.max(Appeal.closed_at)).where(Appeal.person_id == person_id, col(Appeal.closed_at).is_not(None))
    )
    if (last := closed.one()) is not None:
        days = chosen.get("appeals", APPEALS_DAYS)
        kept.append((N_("Your appeals and their answers"), clock.local_day(last) + timedelta(days=days)))
    return kept
