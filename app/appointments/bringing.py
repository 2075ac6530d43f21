"""Bringing a sheet: by upload, by paste, by the operator's file; read, judged and planned in one go."""

import asyncio
import base64
import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.appointments.applying import NotPlanned, reached
from app.appointments.mapping import Mapping
from app.appointments.planning import again, plan
from app.appointments.reasons import unreadable
from app.appointments.staging import Brought, Told, nobody, stage
from app.kit.errors import N_, Fault, Invalid, NotFound, Refusal
from app.kit.sheets import ANY_SIZE, Limits, Sheet, SheetRefused, read_paste, read_path
from app.kit.viewer import Held, Viewer
from models.appointments import LONGEST_PASTE, AppointmentSheet, Column, SheetColumns, SheetRow, SheetSource, State
from models.regions import last_of
from models.staff import Right

MOST_IN_THE_WEB = 20_000  # rows; so that each statement of a request stays short
MOST_UPLOAD = 5 * 2**20  # bytes
_WEB = Limits(rows=MOST_IN_THE_WEB, bytes=MOST_UPLOAD)
_PASTE = Limits(rows=MOST_IN_THE_WEB, bytes=LONGEST_PASTE)


class SourceGone(Refusal):
    """What was brought is kept for a day, and until it is applied."""

    detail = N_("The columns of this sheet can no longer be changed. Please bring it again.")


@dataclass(frozen=True)
class File:
    """A file on its way in. `region_code` chooses among several posts; `told` hears how far it has come."""

    path: Path
    name: str
    region_code: int | None = None
    told: Told = nobody


def _post(me: Viewer, code: int | None) -> Held:
    """The administrator's post by which a sheet is brought: the widest, or the one over a region. Raises NotFound."""
    mine = [post for post in me.with_right(Right.APPOINT) if code is None or post.region_code == code]
    if not mine:
        raise NotFound
    return max(mine, key=lambda post: post.last_code - post.region_code)


async def bring(db: AsyncSession, me: Viewer, file: File) -> AppointmentSheet:
    """Take in an uploaded file and plan it. Raises SheetUnreadable; then the caller's transaction is not committed."""
    raw = file.path.read_bytes() if file.path.stat().st_size <= MOST_UPLOAD else b""
    brought = Brought(_post(me, file.region_code), file.name, hashlib.sha256(raw).digest(), told=file.told)
    sheet = await _planned(db, me, brought, lambda: read_path(file.path, _WEB))
    await _keep(db, sheet, raw)
    return sheet


async def bring_paste(db: AsyncSession, me: Viewer, pasted: str, region_code: int | None = None) -> AppointmentSheet:
    """Take in pasted rows and plan them. Raises SheetUnreadable."""
    raw = pasted.encode("utf-8", "replace")
    brought = Brought(_post(me, region_code), "", hashlib.sha256(raw).digest())
    sheet = await _planned(db, me, brought, lambda: read_paste(pasted, _PASTE))
    await _keep(db, sheet, raw)
    return sheet


async def bring_file(db: AsyncSession, me: Viewer, file: File) -> AppointmentSheet:
    """Take in an operator's file of any size and plan it. Raises SheetUnreadable."""
    digest, lines = hashlib.sha256(), 0
    with file.path.open("rb") as opened:
        while piece := opened.read(1 << 20):
            digest.update(piece)
            lines += piece.count(b"\n")
    brought = Brought(_post(me, file.region_code), file.name, digest.digest(), rows=max(lines - 1, 0), told=file.told)
    return await _planned(db, me, brought, lambda: read_path(file.path, ANY_SIZE))


async def _planned(db: AsyncSession, me: Viewer, brought: Brought, read: Callable[[], Sheet]) -> AppointmentSheet:
    try:
        # A workbook is opened in a process of its own, and waited for beside the other requests.
        sheet = await asyncio.to_thread(read)
        return await plan(db, me, await stage(db, me, brought, sheet))
    except SheetRefused as refused:
        raise unreadable(refused) from None


async def _keep(db: AsyncSession, sheet: AppointmentSheet, raw: bytes) -> None:
    """What was brought, sealed: it is full of phone numbers."""
    text = base64.b64encode(raw).decode()
    sealed = vault.of(db).seal(text, "sheet_source|sealed", sheet.id, sheet.region_code)
    db.add(SheetSource(sheet_id=sheet.id, sealed=sealed))
    await db.flush()


async def plan_again(db: AsyncSession, me: Viewer, sheet_id: UUID) -> AppointmentSheet:
    """Compare a sheet with the posts as they are now. Raises NotFound, NotPlanned."""
    sheet, _ = await reached(db, me, sheet_id, lock=True)
    if sheet.state != State.PLANNED:
        raise NotPlanned
    return await again(db, me, sheet)


async def rename(db: AsyncSession, me: Viewer, sheet_id: UUID, form: SheetColumns) -> AppointmentSheet:
    """Read a sheet anew with its columns as a person names them; it becomes another sheet, the first one goes.

    Raises NotFound, NotPlanned, SourceGone; Invalid for a column that the sheet does not have.
    """
    sheet, post = await reached(db, me, sheet_id, lock=True)
    if sheet.state != State.PLANNED:
        raise NotPlanned
    _within(form.columns, len(sheet.headers))
    source = await db.get(SheetSource, sheet.id)
    if source is None:
        raise SourceGone
    raw = base64.b64decode(vault.of(db).open(source.sealed, "sheet_source|sealed", sheet.id))
    by = next((held for held in me.with_right(Right.APPOINT) if held.region_code == sheet.region_code), None)
    # Who reaches the sheet from above reads it as its region's, not as their own wider one.
    scope = by or replace(post, region_code=sheet.region_code, last_code=last_of(sheet.region_code))
    brought = Brought(scope, sheet.name, sheet.sha256, dict(form.columns))
    fresh = await _reread(db, me, brought, (sheet.kind, raw))
    await _keep(db, fresh, raw)
    for table in (SheetRow, SheetSource):
        await db.exec(delete(table).where(col(table.sheet_id) == sheet.id))
    await db.exec(delete(AppointmentSheet).where(col(AppointmentSheet.id) == sheet.id))
    return fresh


async def _reread(db: AsyncSession, me: Viewer, brought: Brought, source: tuple[str, bytes]) -> AppointmentSheet:
    kind, raw = source
    if kind == "paste":
        return await _planned(db, me, brought, lambda: read_paste(raw.decode(), _PASTE))
    with tempfile.NamedTemporaryFile(prefix="shouwang-") as file:
        file.write(raw)
        file.flush()
        return await _planned(db, me, brought, lambda: read_path(Path(file.name), _WEB))


def _within(columns: Mapping, width: int) -> None:
    wrong = [column for column, at in columns.items() if not 0 <= at < width]
    if wrong:
        words = N_("This sheet has no such column.")
        raise Invalid(faults=tuple(Fault(f"columns/{Column(column).value}", words) for column in wrong))
