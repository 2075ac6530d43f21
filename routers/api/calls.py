"""The call list as JSON: who is to be told by telephone, the number, and how it went."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app import calls
from models.calls import CallFinish, CallFinished, CallNumber, CallsFound
from routers.kit.deps import Db, Staff, TheHouse
from routers.kit.i18n import language_of
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1", tags=["messages"])


@router.get("/calls", responses=refusals(401, 403, 404))
async def listed(request: Request, response: Response, house: TheHouse, me: Staff) -> CallsFound:
    """Whom of my places no other way has reached: urgent and oldest first, at most a hundred.

    Opening a list of people is recorded, and they can read it.
    """
    response.headers["Cache-Control"] = "no-store"
    async with house.database.writing() as db:
        return await calls.listed(db, me, language_of(request))


@router.post("/calls/{delivery_id}/number", status_code=201, responses=refusals(401, 403, 404, 409, 422))
async def number(request: Request, response: Response, db: Db, me: Staff, delivery_id: UUID) -> CallNumber:
    """The number to ring up, theirs or of who reports for them, and what to tell. Recorded, and seen by the person."""
    response.headers["Cache-Control"] = "no-store"
    return await calls.number(db, me, delivery_id, language_of(request))


@router.post("/calls/{delivery_id}/outcome", status_code=201, responses=refusals(401, 403, 404, 409, 413, 415, 422))
async def finish(db: Db, me: Staff, delivery_id: UUID, form: CallFinish) -> CallFinished:
    """How the call went, for everything they were told. Who was not reached stays on the list; the same `id` again
    changes nothing."""
    return await calls.finish(db, me, delivery_id, form)
