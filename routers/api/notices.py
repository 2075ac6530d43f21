"""Notices and messages between staff, as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from app import notices
from models.notices import (
    Box,
    ConversationFound,
    DirectCreate,
    NoticeCreate,
    NoticePublic,
    NoticesFound,
    ReadersFound,
    Reading,
    ThreadsFound,
)
from routers.kit.deps import Db, Staff, TheHouse
from routers.kit.house_words import spoken
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1", tags=["notices"])

Last = Annotated[UUID | None, Query(description="where the page before ended: its `next`")]
Which = Annotated[Box, Query(description="those to me, or those my unit sent")]
How = Annotated[Reading | None, Query(description="only those who are this far")]


@router.post("/notices", status_code=201, responses=refusals(401, 403, 404, 409, 413, 415, 422))
async def send(db: Db, me: Staff, form: NoticeCreate) -> NoticePublic:
    """Send a notice to whoever holds a matching post in a region, now or while it stands.

    The same `id` again gets the same answer. What looks like a resident's document or phone number is asked about.
    """
    notice = await notices.send(db, me, form)
    return await notices.public(db, me, notice.id)


@router.get("/notices", responses=refusals(401, 403, 404, 422))
async def inbox(db: Db, me: Staff, box: Which = Box.IN, last: Last = None) -> NoticesFound:
    """Notices to my posts: unread or to be confirmed first. With `box=sent` those of my unit, with progress."""
    return await notices.box(db, me, box, last)


@router.get("/notices/{notice_id}", responses=refusals(401, 403, 404))
async def read(house: TheHouse, me: Staff, notice_id: UUID) -> NoticePublic:
    """Open a notice. The first opening by somebody it is addressed to is its receipt."""
    async with house.database.writing() as db:
        return await notices.read(db, me, notice_id)


@router.post("/notices/{notice_id}/confirmation", status_code=201, responses=refusals(401, 403, 404, 409))
async def confirm(db: Db, me: Staff, notice_id: UUID) -> NoticePublic:
    """Confirm a notice that asks for it. Twice is once."""
    return await notices.confirm(db, me, notice_id)


@router.post("/notices/{notice_id}/withdrawal", status_code=201, responses=refusals(401, 403, 404))
async def withdraw(db: Db, me: Staff, notice_id: UUID) -> NoticePublic:
    """Take a notice back: by the post that sent it, or an administrator over its region. Twice is once."""
    await notices.withdraw(db, me, notice_id)
    return await notices.public(db, me, notice_id)


@router.get("/notices/{notice_id}/readers", responses=refusals(401, 403, 404, 422))
async def readers(db: Db, me: Staff, notice_id: UUID, state: How = None, last: Last = None) -> ReadersFound:
    """Who has read it, among those who hold a matching post now; for the unit that sent it."""
    return await notices.readers(db, me, notice_id, (state, last))


@router.get("/messages", responses=refusals(401, 403))
async def threads(request: Request, db: Db, me: Staff) -> ThreadsFound:
    """My conversations, newest first. The one without a party holds the words of the house and of my unit's queue."""
    found = await notices.threads(db, me)
    for thread in found.items:
        spoken(request, [thread.last])
    return found


@router.get("/messages/unit", responses=refusals(401, 403, 404, 422))
async def unit(request: Request, house: TheHouse, me: Staff, last: Last = None) -> ConversationFound:
    """Open what the house told my posts, and what waits for my units and those directly below."""
    async with house.database.writing() as db:
        found = await notices.unit(db, me, last)
    spoken(request, found.items)
    return found


@router.get("/messages/{post_id}", responses=refusals(401, 403, 404, 409, 422))
async def conversation(house: TheHouse, me: Staff, post_id: UUID, last: Last = None) -> ConversationFound:
    """Open the messages between my posts and another; whoever holds it now is the party."""
    async with house.database.writing() as db:
        return await notices.conversation(db, me, post_id, last)


@router.post("/messages/{post_id}", status_code=201, responses=refusals(401, 403, 404, 409, 413, 415, 422))
async def write(db: Db, me: Staff, post_id: UUID, form: DirectCreate) -> ConversationFound:
    """Write to a post: whoever holds it now, or comes after, reads it. The same `id` again gets the same answer."""
    await notices.write(db, me, post_id, form)
    return await notices.conversation(db, me, post_id)
