"""Looking after messages, as JSON: what is stuck, templates and their codes, tests."""

from uuid import UUID

from fastapi import APIRouter, Request

from app import messages
from models.messages.keeping import (
    AgainCreate,
    AgainPublic,
    CodeChange,
    CodeKept,
    StuckFound,
    TemplatesFound,
    TrialCreate,
    TrialPublic,
)
from routers.kit.deps import Db, Grave, Staff, TheHouse
from routers.kit.i18n import language_of
from routers.kit.message_words import explained
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1/staff", tags=["messages"])


@router.get("/gateways", responses=refusals(401, 403, 404))
async def stuck(request: Request, db: Db, me: Staff) -> StuckFound:
    """Counts by way, provider and state; what was set aside; what can be sent again; since when the oldest waits."""
    found = await messages.stuck(db, me)
    explained(language_of(request), found)
    return found


@router.post("/gateways/deliveries/{delivery_id}/again", status_code=201, responses=refusals(401, 403, 404, 409, 422))
async def send_again(db: Db, me: Staff, delivery_id: UUID) -> TrialPublic:
    """Write what failed on our side anew, by the same way. Refused when its time is over, or it was done already."""
    return TrialPublic(id=await messages.send_again(db, me, delivery_id))


@router.post("/gateways/failures/again", responses=refusals(401, 403, 404, 413, 415, 422))
async def send_failed_again(db: Db, me: Staff, form: AgainCreate) -> AgainPublic:
    """Send again what failed with one word and is still wanted: each once, the newest 2,000 at a time."""
    return await messages.send_failed_again(db, me, form)


@router.post("/gateways/trials", status_code=201, responses=refusals(401, 403, 404, 413, 415, 422, 429))
async def try_out(db: Db, house: TheHouse, me: Staff, form: TrialCreate) -> TrialPublic:
    """Send myself a test by one way, five an hour; `GET /api/v1/inbox/{id}/why` tells what became of it."""
    return TrialPublic(id=await messages.try_out(db, me, form, house.settings))


@router.get("/templates", responses=refusals(401, 403, 404))
async def templates(db: Db, house: TheHouse, me: Staff) -> TemplatesFound:
    """Every template as it is written today, in both languages, with samples, and as providers want it."""
    return await messages.templates(db, me, house.settings)


@router.put("/templates/{name}/code", responses=refusals(401, 403, 404, 413, 415, 422))
async def set_code(db: Db, house: TheHouse, me: Grave, name: str, form: CodeChange) -> CodeKept:
    """Note under which code a provider has approved a text; without a code, that it has not. Needs a fresh proof.

    Texts that had failed only for want of it, and are still wanted, go out again.
    """
    return await messages.set_code(db, me, name, form, house.settings)
