"""The inbox of an account: every message lies here from the moment it is written, whatever became of its other ways."""

from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, tuple_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.kit.errors import NotFound
from app.kit.viewer import Viewer
from app.messages import wording
from app.messages.again import AGAIN
from app.messages.telling import facts_of
from app.vault import Erased
from models.messages import Delivery, Message
from models.messages.schemas import MessageListed, MessagesFound
from models.messages.templates import HERE, TEMPLATES, Template, Words, as_written

A_PAGE = 30


@cache
def _kinds() -> tuple[str, ...]:
    return tuple(name for name, versions in TEMPLATES.items() if versions[-1].inbox)


def _listed(me: Viewer) -> ColumnElement[bool]:
    """What was sent again stands there once: as what was written last."""
    again = exists().where(col(Delivery.message_id) == Message.id, col(Delivery.code) == AGAIN)
    return and_(_own(me), ~again)


def _own(me: Viewer) -> ColumnElement[bool]:
    return and_(col(Message.account_id) == me.account_id, col(Message.template).in_(_kinds()))


async def unread(db: AsyncSession, me: Viewer) -> int:
    """How many messages wait to be read. Those whose reason has gone wait for nobody."""
    waiting = col(Message.read_at).is_(None), col(Message.cancelled_at).is_(None)
    return (await db.exec(select(func.count()).select_from(Message).where(_listed(me), *waiting))).one()


async def inbox(db: AsyncSession, me: Viewer, lang: str, last: UUID | None = None) -> MessagesFound:
    """One's messages, newest first, in a language. `last` ends the page before. Raises NotFound."""
    statement = select(Message).where(_listed(me)).order_by(col(Message.created_at).desc(), col(Message.id).desc())
    if last is not None:
        row = await own(db, me, last)
        statement = statement.where(tuple_(col(Message.created_at), col(Message.id)) < (row.created_at, row.id))
    rows = (await db.exec(statement.limit(A_PAGE + 1))).all()
    items = [shown(db, me, row, lang) for row in rows[:A_PAGE]]
    return MessagesFound(unread=await unread(db, me), items=items, next=items[-1].id if len(rows) > A_PAGE else None)


async def own(db: AsyncSession, me: Viewer, message_id: UUID) -> Message:
    """A message of the viewer's inbox. Raises NotFound."""
    row = (await db.exec(select(Message).where(Message.id == message_id, _own(me)))).one_or_none()
    if row is None:
        raise NotFound
    return row


async def read(db: AsyncSession, me: Viewer, message_id: UUID, lang: str) -> MessageListed:
    """Open a message; the first opening marks it as read. Raises NotFound."""
    row = await own(db, me, message_id)
    if row.read_at is None:
        row.read_at = clock.now()
        db.add(row)
        await db.flush()
    return shown(db, me, row, lang)


async def read_all(db: AsyncSession, me: Viewer) -> int:
    """Mark everything as read. Returns how many were not."""
    everything = update(Message).where(_own(me), col(Message.read_at).is_(None)).values(read_at=clock.now())
    done = await db.exec(everything.execution_options(synchronize_session=False))
    return int(done.rowcount)


def words_of(db: AsyncSession, row: Message, lang: str) -> tuple[Template, Words, bool]:
    """The template of a message, its words in a language, and whether they cannot be read any more.

    Erased with their keys, altered, or with a parameter missing that somebody wrote past `tell`: one broken message
    must not hide the others.
    """
    kind, spoken = as_written(row.template, row.version or 1), wording.language(lang)
    try:
        return kind, wording.written(kind, facts_of(db, row), spoken), False
    except (Erased, KeyError, ValueError):
        return kind, Words(kind.words(spoken).title, ""), True


def shown(db: AsyncSession, me: Viewer, row: Message, lang: str) -> MessageListed:
    """A message as its reader sees it."""
    kind, words, erased = words_of(db, row, lang)
    path = kind.leads_to(row.subject, None if row.person_id == me.person_id else row.person_id)
    return MessageListed(
        id=row.id, template=row.template, title=words.title, text=words.text,
        path=None if path == HERE else path, person_id=row.person_id, urgent=bool(row.urgent), erased=erased,
        sent_at=row.created_at, read_at=row.read_at, cancelled_at=row.cancelled_at,
    )  # fmt: skip
