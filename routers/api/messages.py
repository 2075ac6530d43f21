"""One's own messages as JSON: the inbox, why something was sent or not, how one wants to be told, and push."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app import messages
from models.messages.schemas import (
    BrowserPublic,
    MessageListed,
    MessagesFound,
    PreferenceChange,
    PreferencePublic,
    PushKey,
    SubscriptionCreate,
    WhyPublic,
)
from routers.kit.deps import Db, Me, TheHouse, device
from routers.kit.i18n import language_of
from routers.kit.message_words import spoken
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1", tags=["messages"])

Last = Annotated[UUID | None, Query(description="where the page before ended: its `next`")]


@router.get("/inbox", responses=refusals(401, 404, 422))
async def inbox(request: Request, response: Response, db: Db, me: Me, last: Last = None) -> MessagesFound:
    """My messages, newest first, in the language of `Accept-Language`, with how many are unread."""
    response.headers["Cache-Control"] = "no-store"
    return await messages.inbox(db, me, language_of(request), last)


@router.post("/inbox/reading", status_code=204, responses=refusals(401))
async def read_all(db: Db, me: Me) -> None:
    """Mark all my messages as read."""
    await messages.read_all(db, me)


@router.get("/inbox/{message_id}", responses=refusals(401, 404, 422))
async def read(request: Request, response: Response, house: TheHouse, me: Me, message_id: UUID) -> MessageListed:
    """Open a message; the first opening marks it as read."""
    response.headers["Cache-Control"] = "no-store"
    async with house.database.writing() as db:
        return await messages.read(db, me, message_id, language_of(request))


@router.get("/inbox/{message_id}/why", responses=refusals(401, 404, 422))
async def why(request: Request, response: Response, db: Db, me: Me, message_id: UUID) -> WhyPublic:
    """Why this message was written, what was filled in, by which ways it went or did not, and what comes next."""
    response.headers["Cache-Control"] = "no-store"
    lang = language_of(request)
    found = await messages.why(db, me, message_id, lang)
    spoken(lang, [found])
    return found


@router.get("/me/messages", responses=refusals(401))
async def preferences(db: Db, me: Me) -> PreferencePublic:
    """How I am told: language, quiet hours, ways, and the browsers that are pushed to."""
    return await messages.preferences(db, me)


@router.put("/me/messages", responses=refusals(401, 413, 415, 422))
async def prefer(db: Db, me: Me, form: PreferenceChange) -> PreferencePublic:
    """Say how I want to be told. Urgent messages come at any hour and by every way."""
    return await messages.prefer(db, me, form)


@router.get("/push-key", responses=refusals(401))
async def push_key(house: TheHouse, me: Me) -> PushKey:  # noqa: ARG001
    """The key for `pushManager.subscribe`; none where push is not connected."""
    return messages.push_key(house.settings)


@router.post("/me/push", status_code=201, responses=refusals(401, 413, 415, 422))
async def subscribe(request: Request, db: Db, house: TheHouse, me: Me, form: SubscriptionCreate) -> BrowserPublic:
    """Have this browser pushed to. The same address again is the same row; at most five, the oldest goes."""
    return await messages.subscribe(db, me, form, device(request).agent, house.settings.push_private)


@router.delete("/me/push/{browser_id}", status_code=204, responses=refusals(401, 404, 422))
async def unsubscribe(db: Db, me: Me, browser_id: UUID) -> None:
    """Do not push to this browser any more."""
    await messages.unsubscribe(db, me, browser_id)
