"""Exports, as JSON: ask, release, take."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app import exports
from models.exports import ExportCreate, ExportPublic, ExportsFound, ExportTake
from routers.kit.deps import Db, Grave, Staff
from routers.kit.files import export_file
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])

FILE = {"description": "The file", "content": {
    "text/csv": {}, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {},
}}  # fmt: skip


@router.post("", status_code=201, responses=refusals(401, 403, 404, 410, 413, 415, 422, 429))
async def request(db: Db, me: Grave, form: ExportCreate, response: Response) -> ExportPublic:
    """Ask for rows about the people of a region. Up to 200 people in all requests of seven days, and without report of
    the day, phone, address or document it is ready at once; else a second person releases it. Needs a fresh proof."""
    response.headers["Cache-Control"] = "no-store"
    wanted = await exports.request(db, me, form)
    return await exports.one(db, me, wanted.id)


@router.get("", responses=refusals(401, 403))
async def found(db: Db, me: Staff, response: Response) -> ExportsFound:
    """One's own requests of the last 30 days, and those one may release."""
    response.headers["Cache-Control"] = "no-store"
    return await exports.found(db, me)


@router.get("/{export_id}", responses=refusals(401, 403, 404, 422))
async def show(db: Db, me: Staff, export_id: UUID, response: Response) -> ExportPublic:
    """Where a request stands."""
    response.headers["Cache-Control"] = "no-store"
    return await exports.one(db, me, export_id)


@router.post("/{export_id}/approval", status_code=201, responses=refusals(401, 403, 404, 409, 422))
async def approve(db: Db, me: Grave, export_id: UUID, response: Response) -> ExportPublic:
    """Release somebody else's request. Needs a fresh proof."""
    response.headers["Cache-Control"] = "no-store"
    await exports.approve(db, me, export_id)
    return await exports.one(db, me, export_id)


@router.post("/{export_id}/refusal", status_code=201, responses=refusals(401, 403, 404, 409, 422))
async def refuse(db: Db, me: Staff, export_id: UUID, response: Response) -> ExportPublic:
    """Say no to somebody else's request."""
    response.headers["Cache-Control"] = "no-store"
    await exports.refuse(db, me, export_id)
    return await exports.one(db, me, export_id)


@router.post(
    "/{export_id}/file",
    response_class=Response,
    responses={**refusals(401, 403, 404, 409, 410, 413, 415, 422), 200: FILE},
)
async def take(request: Request, db: Db, me: Grave, export_id: UUID, form: ExportTake) -> Response:
    """The file, three times at most within 24 hours, for the one who asked. Everybody in it reads of it. Needs a fresh
    proof."""
    return await export_file(request, await exports.take(db, me, export_id, form), form.format)
