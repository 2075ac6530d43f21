"""Development only: the messages that would have been sent. This router is not mounted in production."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from app import accounts, messages
from app.kit.errors import N_
from routers.kit.deps import Anyone, Db
from routers.kit.i18n import translator
from routers.kit.render import page

router = APIRouter(prefix="/dev", include_in_schema=False)

# The kinds of message -> their words.
WORDS = {
    "sign_in_code": N_("Your code is %(code)s. It is valid for 10 minutes. Do not tell it to anybody."),
    "staff_invitation": N_("You are invited to a post: %(response)s. Sign in with this phone to take it up."),
    "factor_reset": N_(
        "Your second proof was reset and your staff sign-ins ended. If you did not ask for it, call your administrator."
    ),
}


@router.get("/outbox")
async def outbox(request: Request, db: Db, me: Anyone) -> Response:  # noqa: ARG001
    """Messages to phones, newest first."""
    _ = translator(request)
    waiting = [
        {
            "at": message.at,
            "phone": message.phone,
            "template": message.template,
            "text": _(WORDS[message.template], **message.facts),
        }
        for message in await messages.outbox(db)
    ]
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
