"""The rows of an export: read from live data, through the scope that the requester has at that moment."""

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Select, and_, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions, vault
from app.kit import clock, masks
from app.kit.viewer import Viewer
from models.checkins import Checkin, CheckinCorrection, State, Verdict
from models.exports import Column
from models.regions import Level, ancestors_of, level_of
from models.residents import Programme, Resident
from models.staff import Right

FURTHEST_BACK = 92
MOST = 5_000

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True)
class Wanted:
    """What is asked of the rows: the range of regions, the day of the reports, the columns."""

    first: int
    last: int
    day: date
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Line:
    """One person: who it is for the ledger, and the cells in the order of the columns. A state is a code."""

    person_id: Any
    cells: tuple[str, ...]


def most(db: AsyncSession) -> int:
    """How many people one file may hold in this installation."""
    return int(db.info.get("export_rows", MOST))


def _within(me: Viewer, statement: S, span: tuple[int, int]) -> S:
    """Only whom the place is responsible for: somebody who merely stays there belongs to another list."""
    narrowed = statement.where(col(Resident.region_code).between(*span))
    return regions.within(me, narrowed, Resident.region_code, right=Right.EXPORT)


async def count(db: AsyncSession, me: Viewer, span: tuple[int, int]) -> int:
    """How many people live in a range of regions, as far as the viewer's right to export reaches."""
    return (await db.exec(_within(me, select(func.count()).select_from(Resident), span))).one()


async def people(db: AsyncSession, me: Viewer, wanted: Wanted) -> list[Line]:
    """The people of a range of regions by grid, with what was asked for and nothing else."""
    report = and_(col(Checkin.person_id) == Resident.person_id, col(Checkin.day) == wanted.day)
    later = and_(
        col(CheckinCorrection.person_id) == Resident.person_id, col(CheckinCorrection.day) == wanted.day,
        col(CheckinCorrection.slot) == Checkin.slot,
    )  # fmt: skip
    highest = func.max(func.greatest(col(Checkin.verdict), col(CheckinCorrection.verdict)))
    statement = (
        select(Resident, highest, func.count(col(Checkin.slot).distinct()))
        .outerjoin(Checkin, report)
        .outerjoin(CheckinCorrection, later)
        .group_by(col(Resident.person_id))
        .order_by(col(Resident.region_code), col(Resident.person_id))
        .limit(most(db))
    )
    found = (await db.exec(_within(me, statement, (wanted.first, wanted.last)))).all()
    grids = await _places(db, {row.region_code for row, _, _ in found}) if Column.GRID in wanted.columns else {}
    return [
        Line(row.person_id, tuple(_cell(db, column, (row, _state(row, worst, slots, wanted.day), grids))
                                  for column in wanted.columns))
        for row, worst, slots in found
    ]  # fmt: skip


def _state(row: Resident, worst: int | None, slots: int, day: date) -> str:
    """The state of the day in one code; empty for who was not registered yet."""
    if worst in {Verdict.URGENT, Verdict.ATTENTION}:
        return State.URGENT if worst == Verdict.URGENT else State.ATTENTION
    if slots >= (2 if row.programme == Programme.HOME_QUARANTINE and day < clock.today() else 1):
        return State.DONE
    return State.MISSING if clock.local_day(row.created_at) <= day else ""


async def _places(db: AsyncSession, codes: set[int]) -> dict[int, str]:
    """Township, village and grid in one line."""
    names = await regions.names_of(db, codes | {above for code in codes for above in ancestors_of(code)})
    below = {Level.TOWNSHIP, Level.VILLAGE, Level.GRID}
    return {
        code: " ".join(names[step] for step in (*ancestors_of(code), code) if step in names and level_of(step) in below)
        for code in codes
    }


def _cell(db: AsyncSession, column: Column, about: tuple[Resident, str, dict[int, str]]) -> str:
    row, state, grids = about
    plain = {
        Column.NAME: row.name, Column.NAME_MASKED: masks.mask_name(row.name), Column.STATE: state,
        Column.GRID: grids.get(row.region_code, ""),
    }  # fmt: skip
    if column in plain:
        return plain[column]
    sealed, place = {
        Column.PHONE: (row.phone_sealed, "resident|phone"), Column.ADDRESS: (row.address_sealed, "resident|address"),
        Column.DOCUMENT: (row.id_sealed, "resident|id"),
    }[column]  # fmt: skip
    return vault.of(db).open(sealed, place, row.person_id) if sealed else ""
