"""Development only: the messages that would have been sent. This router is not mounted in production."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from app import accounts, messages
from routers.kit.deps import Anyone, Db
from routers.kit.i18n import language_of
from routers.kit.render import page

router = APIRouter(prefix="/dev", include_in_schema=False)


@router.get("/outbox")
async def outbox(request: Request, db: Db, me: Anyone) -> Response:  # noqa: ARG001
    """Messages to phones, newest first."""
    waiting = await messages.outbox(db, lang=language_of(request))
    return page(request, "dev/outbox.html", store=False, messages=waiting)


@router.get("/outbox.json")
async def outbox_json(db: Db, phone: str | None = None) -> Response:
    """The same as JSON, for one phone or all: `{items: [{at, phone, template, and the facts of the template}]}`."""
    number = accounts.phone_of(phone) if phone else None
    items = [
        {"at": message.at.isoformat(), "phone": message.phone, "template": message.template, **message.facts}
        for message in await messages.outbox(db, number)
    ]
    return JSONResponse({"items": items}, headers={"Cache-Control": "no-store"})
