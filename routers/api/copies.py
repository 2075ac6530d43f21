"""A copy of one's own data, as JSON."""

from fastapi import APIRouter, Request, Response

from app import copies, messages
from app.accounts import NoChannel
from models.accounts import CodeSent
from models.copies import CopyCreate, CopyPublic
from routers.kit.deps import Db, Me, MeWithPosts, TheHouse, device_address
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1/me/copy", tags=["residents"])


@router.post("/code", status_code=202, responses=refusals(401, 404, 429, 503))
async def send_code(request: Request, db: Db, house: TheHouse, me: Me) -> CodeSent:
    """Send a code to one's own phone, for a copy."""
    if not messages.connected(house.settings):
        raise NoChannel(retry_after=3600)
    await copies.send_code(db, me, device_address(request))
    return CodeSent(expires_in_s=600, resend_after_s=60)


@router.post("", responses=refusals(401, 404, 410, 413, 415, 422))
async def copy(db: Db, me: MeWithPosts, response: Response, form: CopyCreate) -> CopyPublic:
    """Everything the house holds about oneself and those one reports for, nothing masked. Recorded.

    Asks for a code of now; with a staff session, for a step-up instead.
    """
    response.headers["Cache-Control"] = "no-store"
    await copies.prove(db, me, form.code)
    return await copies.copy(db, me)
