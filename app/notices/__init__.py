"""Notices to a region and roles, with receipts; and messages between posts."""

from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit.viewer import Viewer
from app.notices import receiving as _receiving
from app.notices import threads as _threads
from app.notices.addressing import over
from app.notices.direct import (
    MessageSentBefore,
    NumberInMessage,
    OwnPost,
    PostVacant,
    TooManyMessages,
    from_the_house,
    write,
)
from app.notices.receipts import readers
from app.notices.receiving import NothingToConfirm, box, confirm, inbox, public, read, sent
from app.notices.sending import NoticeSentBefore, SomebodysNumber, send, tell, withdraw
from app.notices.threads import conversation, threads, unit

__all__ = [
    "MessageSentBefore",
    "NothingToConfirm",
    "NoticeSentBefore",
    "NumberInMessage",
    "OwnPost",
    "PostVacant",
    "SomebodysNumber",
    "TooManyMessages",
    "box",
    "confirm",
    "conversation",
    "from_the_house",
    "inbox",
    "over",
    "public",
    "read",
    "readers",
    "send",
    "sent",
    "tell",
    "threads",
    "unit",
    "unread",
    "withdraw",
    "write",
]  # fmt: skip


async def unread(db: AsyncSession, me: Viewer) -> int:
    """What waits for the viewer: notices to read or confirm, and messages to read. For the badge of the page."""
    return await _receiving.unread(db, me) + await _threads.unread(db, me)
