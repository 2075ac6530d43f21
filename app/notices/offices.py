"""Offices: a post is one person's; the office behind it (unit, duty, group) goes on when the person changes."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.staff import Post, PostEnding

Seat = tuple[UUID, int, str, UUID | None]


async def heads(db: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """For every post, past or present, in the offices of these posts: the post in which its papers lie now.

    They go to the successor that was named, if it serves in the same office; else to the first who came into the
    office afterwards; else to the only colleague left there. Nobody else reads them.
    """
    asked = aliased(Post)
    same = and_(
        col(asked.response_id) == Post.response_id, col(asked.region_code) == Post.region_code,
        col(asked.role) == Post.role, col(asked.group_id).is_not_distinct_from(col(Post.group_id)),
    )  # fmt: skip
    rows: Iterable[Row[Any]] = await db.exec(  # type: ignore[assignment]
        select(  # type: ignore[call-overload]
            Post.id, Post.response_id, Post.region_code, Post.role, Post.group_id, Post.created_at,
            Post.ended_at, PostEnding.successor_id,
        )
        .join(asked, same)
        .outerjoin(PostEnding, col(PostEnding.post_id) == Post.id)
        .where(col(asked.id).in_(list(ids)))
        .order_by(col(Post.created_at), col(Post.id))
        .distinct()
    )  # fmt: skip
    seats: dict[Seat, list[Row[Any]]] = {}
    for row in rows:
        seats.setdefault((row.response_id, row.region_code, row.role, row.group_id), []).append(row)
    return {post: head for seat in seats.values() for post, head in _heads_of(seat).items()}


def _heads_of(seat: Sequence[Row[Any]]) -> dict[UUID, UUID]:
    following = {row.id: _next(row, seat) for row in seat}
    found = {}
    for row in seat:
        last, seen = row.id, {row.id}
        while (further := following[last]) is not None and further not in seen:
            seen.add(further)
            last = further
        found[row.id] = last
    return found


def _next(row: Row[Any], seat: Sequence[Row[Any]]) -> UUID | None:
    """Who took over from one post of an office; the office's posts come in the order in which they were made."""
    if row.ended_at is None:
        return None
    others = [other for other in seat if other.id != row.id]
    if any(other.id == row.successor_id for other in others):
        named: UUID = row.successor_id
        return named
    later = [other.id for other in others if other.created_at >= row.ended_at]
    left = [other.id for other in others if other.ended_at is None]
    return later[0] if later else left[0] if len(left) == 1 else None


async def line(db: AsyncSession, ids: Iterable[UUID]) -> set[UUID]:
    """These posts, and those whose papers lie with them."""
    own = set(ids)
    return {post for post, head in (await heads(db, own)).items() if head in own} | own
