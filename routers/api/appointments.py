"""Sheets of appointments, as JSON: brought, looked at row by row, applied, undone; and codes to print."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from app import appointments
from app.appointments import File
from models.activation import ActivationSheet, ActivationSheetCreate
from models.appointments import (
    Outcome,
    SheetColumns,
    SheetPaste,
    SheetPublic,
    SheetRowsFound,
    SheetsFound,
)
from models.base import RegionCode
from routers.kit import uploads
from routers.kit.deps import Db, Grave, Staff, TheHouse
from routers.kit.openapi import refusals
from routers.kit.uploads import MOST_BODY

router = APIRouter(prefix="/api/v1", tags=["appointments"])

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILE = {"requestBody": {"required": True, "content": {"text/csv": _BINARY, _XLSX: _BINARY}}}

Over = Annotated[RegionCode | None, Query(description="Which of your regions; the widest if left out.")]
Name = Annotated[str, Query(max_length=80, description="What the file is called.")]
Which = Annotated[Outcome, Query(alias="class", description="The rows that came to this.")]


@router.post("/sheets", status_code=201, responses=refusals(401, 403, 404, 409, 413, 415, 422), max_body_size=MOST_BODY)
async def paste(db: Db, me: Staff, form: SheetPaste) -> SheetPublic:
    """Bring rows from the clipboard. Nothing is appointed yet: the answer is the plan."""
    sheet = await appointments.bring_paste(db, me, form.paste, form.region_code)
    return await appointments.shown(db, me, sheet.id)


@router.post(
    "/sheets/file", status_code=201, responses=refusals(401, 403, 404, 409, 413, 422), max_body_size=MOST_BODY,
    openapi_extra=_FILE,
)  # fmt: skip
async def bring(request: Request, db: Db, me: Staff, name: Name = "", region_code: Over = None) -> SheetPublic:
    """Bring a CSV or XLSX file of at most 5 MiB and 20,000 rows; its bytes say which. The answer is the plan."""
    async with uploads.body(request, name) as file:
        sheet = await appointments.bring(db, me, File(file.path, file.name, region_code))
    return await appointments.shown(db, me, sheet.id)


@router.get("/sheets", responses=refusals(401, 403, 404))
async def index(db: Db, me: Staff) -> SheetsFound:
    """The newest sheets of one's regions."""
    return SheetsFound(items=await appointments.sheets_of(db, me))


@router.get("/sheets/{sheet_id}", responses=refusals(401, 403, 404))
async def show(db: Db, me: Staff, sheet_id: UUID) -> SheetPublic:
    """One sheet: its counts always add up."""
    return await appointments.shown(db, me, sheet_id)


@router.get("/sheets/{sheet_id}/rows", responses=refusals(401, 403, 404, 422))
async def rows(
    db: Db, me: Staff, sheet_id: UUID, outcome: Which = Outcome.REFUSED,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> SheetRowsFound:  # fmt: skip
    """The rows of one class: of refused ones the reason and the cell."""
    return await appointments.rows_of(db, me, sheet_id, (outcome, page))


@router.put("/sheets/{sheet_id}/columns", responses=refusals(401, 403, 404, 409, 413, 415, 422))
async def rename(db: Db, me: Staff, sheet_id: UUID, form: SheetColumns) -> SheetPublic:
    """Correct which column holds what. The sheet is read anew and gets another id."""
    sheet = await appointments.rename(db, me, sheet_id, form)
    return await appointments.shown(db, me, sheet.id)


@router.post("/sheets/{sheet_id}/plan", status_code=201, responses=refusals(401, 403, 404, 409))
async def plan(db: Db, me: Staff, sheet_id: UUID) -> SheetPublic:
    """Compare the sheet once more with the posts as they are now."""
    sheet = await appointments.plan_again(db, me, sheet_id)
    return await appointments.shown(db, me, sheet.id)


@router.post("/sheets/{sheet_id}/application", status_code=201, responses=refusals(401, 403, 404, 409))
async def apply(db: Db, me: Grave, sheet_id: UUID) -> SheetPublic:
    """Carry the plan out: all of it, or nothing. New people are invited, not yet activated."""
    sheet = await appointments.apply(db, me, sheet_id)
    return await appointments.shown(db, me, sheet.id)


@router.post("/sheets/{sheet_id}/undoing", status_code=201, responses=refusals(401, 403, 404, 409))
async def undo(db: Db, me: Grave, sheet_id: UUID) -> SheetPublic:
    """Take it back: its posts end with the next request, what it changed is as before where nobody changed it since."""
    sheet = await appointments.undo(db, me, sheet_id)
    return await appointments.shown(db, me, sheet.id)


@router.post("/activation-sheets", status_code=201, responses=refusals(401, 403, 404, 413, 415, 422))
async def print_slips(db: Db, house: TheHouse, me: Grave, form: ActivationSheetCreate) -> ActivationSheet:
    """Codes to print for the invitations that wait in a region: each takes up one post, once, within 72 hours.

    Posts that ask for a second factor get none: they are taken up by signing in with a code.
    """
    return await appointments.print_slips(db, me, form.region_code, appointments.origin_of(house.settings))
