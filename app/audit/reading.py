"""What people read about themselves: who looked at them, when, why and how often."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, case, func, or_, union_all
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import LISTS, Act, AuditEvent, AuditLedger, ReadPublic
from models.exports import Export
from models.regions import Region, ancestors_of

SHOWN = 200
_SHOWN_OF_A_LOOK = (
    "id", "at", "account_id", "post_id", "actor_name", "role", "region_code", "act", "purpose", "person_id",
)  # fmt: skip
TABLES: tuple[type[AuditEvent] | type[AuditLedger], ...] = (AuditEvent, AuditLedger)


async def about(
    db: AsyncSession, person_ids: list[UUID], grids: Mapping[int, datetime] | None = None
) -> list[ReadPublic]:
    """Who looked at these people, when and why, newest first; for the people themselves.

    `grids`: the grids they live in, and since when; a look at a list of such a place was a look at them as well. Looks
    of one actor and kind on one local day are one line with their number and the time of the last.
    """
    looks = union_all(*(_looks(table, person_ids, grids or {}) for table in TABLES)).subquery()
    seen = looks.c
    last = func.max(seen.at).label("last")
    kind = (seen.account_id, seen.post_id, seen.actor_name, seen.role, seen.region_code, seen.act, seen.purpose,
            seen.person_id, seen.place_code, seen.file)  # fmt: skip
    # The id that goes with that time; the largest of UUIDs is a thing that PostgreSQL 15 does not know.
    names = func.array_agg(aggregate_order_by(seen.id, seen.at.desc()), type_=ARRAY(Uuid()))
    columns: Any = (last, names[1].label("id"), func.count().label("times"), *kind)
    folded = select(*columns).group_by(*kind, seen.day).order_by(last.desc()).limit(SHOWN)
    rows: Any = (await db.exec(folded)).all()
    units = {row.region_code for row in rows if row.post_id and row.region_code}
    places = await chains_of(db, units | {row.place_code for row in rows if row.place_code})
    files = await _purposes(db, {row.file for row in rows if row.file})
    return [
        ReadPublic(
            id=row.id, at=row.last, who=row.actor_name, role=row.role, act=row.act, purpose=row.purpose,
            count=row.times, place=places.get(row.place_code), person_id=row.person_id,
            unit=places.get(row.region_code, []) if row.post_id else [], file_purpose=files.get(row.file),
        )
        for row in rows
    ]  # fmt: skip


def _looks(table: type[AuditEvent] | type[AuditLedger], person_ids: list[UUID], grids: Mapping[int, datetime]) -> Any:  # noqa: ANN401  (a select of typed columns)
    wanted: list[ColumnElement[bool]] = [col(table.person_id).in_(person_ids)]
    for grid, since in grids.items():
        containing = col(table.place_code).in_((*ancestors_of(grid), grid))
        wanted.append(and_(containing, col(table.act).in_(LISTS), col(table.at) >= since))
    day = func.date(func.timezone("Asia/Shanghai", col(table.at))).label("day")
    # The place of a list, and the file of an export: of other acts neither makes a line of its own.
    place = case((col(table.act).in_(LISTS), col(table.place_code))).label("place_code")
    file = case((col(table.act) == Act.EXPORTED, col(table.subject))).label("file")
    columns: Any = [*(col(getattr(table, name)) for name in _SHOWN_OF_A_LOOK), place, file, day]
    return select(*columns).where(or_(*wanted))


async def _purposes(db: AsyncSession, files: Collection[UUID]) -> dict[UUID, str]:
    """What each of these files was asked for."""
    return dict((await db.exec(select(Export.id, Export.purpose).where(col(Export.id).in_(files)))).all())


async def chains_of(db: AsyncSession, codes: Iterable[int]) -> dict[int, list[str]]:
    """The names from the province down to each of these regions, in one query."""
    ways = {code: (*ancestors_of(code), code) for code in set(codes)}
    wanted = {step for way in ways.values() for step in way}
    rows = await db.exec(select(Region.code, Region.name).where(col(Region.code).in_(wanted)))
    names = dict(rows.all())
    return {code: [names[step] for step in way if step in names] for code, way in ways.items()}
