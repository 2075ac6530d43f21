"""Handing over open work: what waits for a post goes to its successor, or back to the unit's queue."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import SQLModel, col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from models.appeals import Appeal
from models.glass import Glass
from models.notices import DirectMessage

# Everything that can wait for one post: the table, the column that names the post, and what makes a row open.
# Without a successor a row goes back to the queue of its unit (NULL), except where a row must stay addressed.
WAITING: tuple[tuple[type[SQLModel], Any, ColumnElement[bool]], ...] = (
    (Appeal, col(Appeal.owner_post_id), col(Appeal.closed_at).is_(None)),
    (DirectMessage, col(DirectMessage.to_post_id), col(DirectMessage.read_at).is_(None)),
)


async def over(db: AsyncSession, post_id: UUID, successor_id: UUID | None) -> int:
    """Move what waits for a post; returns how many pieces."""
    moved = 0
    for table, column, is_open in WAITING:
        statement = update(table).where(column == post_id, is_open).values({column: successor_id})
        moved += (await db.exec(statement)).rowcount
    await shut(db, [post_id])
    return moved


async def shut(db: AsyncSession, posts: Any) -> None:  # noqa: ANN401  (ids, or a select of them)
    """Emergency access ends with the post by which it was opened, and its record says so."""
    now = clock.now()
    standing = col(Glass.post_id).in_(posts), col(Glass.ended_at).is_(None), col(Glass.expires_at) > now
    await db.exec(update(Glass).where(*standing).values(ended_at=now))
