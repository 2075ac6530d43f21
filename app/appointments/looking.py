"""Sheets as the doors show them: their counts, and their rows by outcome, a page at a time."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import ceil
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions
from app.appointments.applying import reached
from app.kit.errors import NotFound
from app.kit.viewer import Viewer
from models.appointments import (
    AppointmentSheet,
    Column,
    Outcome,
    Reason,
    SheetChange,
    SheetPublic,
    SheetRow,
    SheetRowPublic,
    SheetRowsFound,
    State,
)  # fmt: skip
from models.staff import Post, Right

A_PAGE = 50
SHOWN = 200  # more than a county brings in the 30 days in which a sheet can be undone


def public(sheet: AppointmentSheet) -> SheetPublic:
    """A sheet as its door shows it."""
    words = sheet.model_dump(include=set(SheetPublic.model_fields) - {"state", "columns"})
    columns = {Column(column): at for column, at in sheet.mapping.items()}
    return SheetPublic(**words, state=State(sheet.state), columns=columns)


async def shown(db: AsyncSession, me: Viewer, sheet_id: UUID) -> SheetPublic:
    """One sheet. Raises NotFound for who may not appoint over its region."""
    sheet, _ = await reached(db, me, sheet_id)
    return public(sheet)


async def sheets_of(db: AsyncSession, me: Viewer) -> list[SheetPublic]:
    """The newest sheets of the viewer's regions. Raises NotFound for who may not appoint."""
    posts = me.with_right(Right.APPOINT)
    if not posts:
        raise NotFound
    mine = or_(*(col(AppointmentSheet.region_code).between(post.region_code, post.last_code) for post in posts))
    rows = select(AppointmentSheet).where(mine).order_by(col(AppointmentSheet.created_at).desc()).limit(SHOWN)
    return [public(sheet) for sheet in await db.exec(rows)]


async def rows_of(db: AsyncSession, me: Viewer, sheet_id: UUID, which: tuple[Outcome, int]) -> SheetRowsFound:
    """(outcome, page): the rows of a sheet that came to this, in their order. Pages count from 1."""
    sheet, _ = await reached(db, me, sheet_id)
    outcome, page = which
    total = getattr(sheet, outcome.value) if sheet.state != State.STAGED else await _counted(db, sheet_id, outcome)
    pages = max(1, ceil(total / A_PAGE))
    at = min(max(page, 1), pages)
    wanted = (
        select(SheetRow).where(col(SheetRow.sheet_id) == sheet_id, col(SheetRow.outcome) == outcome.value)
        .order_by(col(SheetRow.number)).offset((at - 1) * A_PAGE).limit(A_PAGE)
    )  # fmt: skip
    rows = (await db.exec(wanted)).all()
    there = await _there(db, rows) if outcome is Outcome.CHANGED else {}
    items = [await _row(db, row, _changes(row, there.get(row.number))) for row in rows]
    return SheetRowsFound(total=total, page=at, pages=pages, items=items)


async def _counted(db: AsyncSession, sheet_id: UUID, outcome: Outcome) -> int:
    mine = col(SheetRow.sheet_id) == sheet_id, col(SheetRow.outcome) == outcome.value
    return (await db.exec(select(func.count()).select_from(SheetRow).where(*mine))).one()


async def _there(db: AsyncSession, rows: Sequence[SheetRow]) -> dict[int, Mapping[str, object]]:
    """Of changed rows: the post as it is, or as it was before the sheet changed it."""
    waiting = {row.matched_id: row.number for row in rows if row.before is None}
    posts = await db.exec(select(Post).where(col(Post.id).in_(waiting)))
    found: dict[int, Mapping[str, object]] = {waiting[post.id]: post.model_dump() for post in posts}
    return found | {row.number: row.before for row in rows if row.before is not None}


def _changes(row: SheetRow, there: Mapping[str, object] | None) -> list[SheetChange]:
    """What a row says and the post does not: a blank day and a column that is missing say nothing."""
    if there is None:
        return []
    said = {Column.NAME: row.name, Column.LEAD: row.lead, Column.DEPARTMENT: row.department,
            Column.VALID_FROM: row.valid_from, Column.VALID_TO: row.valid_to}  # fmt: skip
    pairs = [(column, _spelled(there[column.value]), _spelled(value)) for column, value in said.items()
             if value is not None]  # fmt: skip
    found = [SheetChange(field=column, old=old, new=new) for column, old, new in pairs if old != new]
    if row.substitute_id is not None and str(row.substitute_id) != str(there["substitute_id"]):
        found.append(SheetChange(field=Column.SUBSTITUTE, old=there["substitute_id"] is not None, new=True))
    return found


def _spelled(value: object) -> str | bool | None:
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | bool) else None


async def _row(db: AsyncSession, row: SheetRow, changes: list[SheetChange]) -> SheetRowPublic:
    # The names of regions are remembered for a minute: this asks the database once for a page.
    place = await regions.chain_of(db, row.region_code) if row.region_code else []
    return SheetRowPublic(
        number=row.number, outcome=Outcome(row.outcome), reason=Reason(row.reason) if row.reason else None,
        field=row.field, cell=row.cell, hint=row.hint, name=row.name, role=row.role, place=place[2:],
        changes=changes,
    )  # fmt: skip
