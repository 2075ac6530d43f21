"""The directory, as JSON. What is looked for comes in a body, so that no name stands in an address or a log."""

from uuid import UUID

from fastapi import APIRouter, Response

from app import directory
from models.directory import Colleague, Dialling, DiallingsSeen, DirectoryFound, DirectorySearch
from routers.kit.deps import Db, Staff
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1/directory", tags=["directory"])


@router.post("/searches", responses=refusals(401, 403, 404, 413, 415, 422))
async def find(db: Db, me: Staff, form: DirectorySearch, response: Response) -> DirectoryFound:
    """Colleagues of the whole response by name, pinyin, initials, duty, department, group and place.

    Exact names first, then the nearest to one's own unit. Duty data only; phones are masked. Nothing is stored.
    """
    response.headers["Cache-Control"] = "no-store"
    return await directory.find(db, me, form)


@router.get("/looks", responses=refusals(401, 403))
async def looks(db: Db, me: Staff, response: Response) -> DiallingsSeen:
    """Who looked up my own duty phone in the last 92 days."""
    response.headers["Cache-Control"] = "no-store"
    return await directory.looked_up(db, me)


@router.get("/{post_id}", responses=refusals(401, 403, 404, 422))
async def show(db: Db, me: Staff, post_id: UUID, response: Response) -> Colleague:
    """One colleague in force today."""
    response.headers["Cache-Control"] = "no-store"
    return await directory.colleague(db, me, post_id)


@router.post("/{post_id}/dialling", status_code=201, responses=refusals(401, 403, 404, 409, 422, 429))
async def dial(db: Db, me: Staff, post_id: UUID, response: Response) -> Dialling:
    """The duty phone in full, where the level of the post allows it: recorded, and seen by the colleague."""
    response.headers["Cache-Control"] = "no-store"
    return await directory.dial(db, me, post_id)
