"""Handing over open work: what waits for a post goes to its successor, or back to the unit's queue."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Uuid, case, literal, null
from sqlmodel import SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app import messages
from app.kit import clock
from app.kit.db import insert_all
from app.kit.ids import uuid7
from app.messages import About, To
from app.staff.duty import present
from models.appeals import Appeal
from models.glass import Glass
from models.notices import DirectMessage
from models.regions import last_of, level_of
from models.staff import Post, Right, Role, may
from models.tasks import Happening, Kind, Task, TaskState, TaskStep, Why

# Everything that can wait for one post: the table, the column that names the post, and what makes a row open.
# Without a successor a row goes back to the queue of its unit (NULL), except where a row must stay addressed.
WAITING: tuple[tuple[type[SQLModel], Any, ColumnElement[bool]], ...] = (
    (Appeal, col(Appeal.owner_post_id), col(Appeal.closed_at).is_(None)),
    (DirectMessage, col(DirectMessage.to_post_id), col(DirectMessage.read_at).is_(None)),
)
# The same for tasks, which are never nobody's: they go by rules of their own (`tasks`).
HELD: tuple[tuple[Any, ColumnElement[bool]], ...] = (
    *((column, is_open) for _, column, is_open in WAITING),
    (col(Task.owner_post_id), col(Task.closed_at).is_(None)),
)


async def over(db: AsyncSession, post_id: UUID, successor_id: UUID | None) -> int:
    """Move what waits for a post that ends; returns how many pieces."""
    moved = await tasks(db, post_id, successor_id, Why.LEFT)
    for table, column, is_open in WAITING:
        statement = update(table).where(column == post_id, is_open).values({column: successor_id})
        moved += (await db.exec(statement)).rowcount
    await shut(db, [post_id])
    return moved


async def tasks(db: AsyncSession, post_id: UUID, successor_id: UUID | None, why: Why) -> int:
    """Open tasks of somebody who is not there any more: to a successor who is present and may look after people there,
    else into the queue of the place, for whoever is on duty next. Both sides are told; the history keeps it."""
    heir = await _heir(db, successor_id)
    now, mine = clock.now(), (col(Task.owner_post_id) == post_id, col(Task.closed_at).is_(None))
    to: dict[str, Any] = {"owner_post_id": null(), "queue_code": Task.region_code}
    if heir is not None:
        here = col(Task.region_code).between(heir.region_code, last_of(heir.region_code))
        to["owner_post_id"] = case((here, literal(heir.id, Uuid())), else_=null())
        to["queue_code"] = case((here, null()), else_=Task.region_code)
    stays = case((col(Task.state) == TaskState.ESCALATED, Task.state), else_=TaskState.OFFERED.value)
    # A step due at the very moment since when somebody has a task: the next tick finds it, sees from `accepted_at`
    # whether it had been accepted, and gives its new owner the time to accept (`tasks.ladders`).
    looked_at = case((col(Task.policy) != 0, literal(now, DateTime(timezone=True))), else_=Task.step_at)
    moved = await db.exec(
        update(Task)
        .where(*mine)
        .values(**to, held_since=now, step_at=looked_at, state=stays)
        .returning(col(Task.id), col(Task.owner_post_id), col(Task.kind))
        .execution_options(synchronize_session=False)
    )
    heir_id = heir.id if heir else None
    rows = moved.all()
    lines = [
        {
            "id": uuid7(), "task_id": name, "at": now, "from_post_id": post_id, "to_post_id": owner, "why": why,
            "happening": Happening.HANDED_OVER if owner else Happening.QUEUED,
        }
        for name, owner, _ in rows
    ]  # fmt: skip
    await insert_all(db, TaskStep, lines)
    # What was offered to somebody who is away need not be answered by them any more.
    await messages.cancel_about(db, *(name for name, _, _ in rows))
    theirs = [kind for _, owner, kind in rows if owner and owner == heir_id]
    await _tell(db, {"task_bundle_taken": (post_id, [""] * len(rows)), "task_bundle": (heir_id, theirs)})
    return len(rows)


async def _heir(db: AsyncSession, post_id: UUID | None) -> Post | None:
    """A post that can take tasks over now, locked so that it does not end meanwhile."""
    if post_id is None:
        return None
    found = await db.exec(select(Post).where(col(Post.id) == post_id, present()).with_for_update(read=True))
    post = found.one_or_none()
    return post if post and may(Role(post.role), Right.PEOPLE, level_of(post.region_code)) else None


async def _tell(db: AsyncSession, sides: dict[str, tuple[UUID | None, list[str]]]) -> None:
    """Tell each side how many there are; of an alarm among them whoever has it from here on hears at any hour."""
    today = clock.today()
    for template, (post_id, kinds) in sides.items():
        post = await db.get(Post, post_id) if post_id and kinds else None
        if post is not None and post.account_id is not None:
            number = f"{today:%m%d}-{uuid7().hex[-6:].upper()}"
            facts = {"count": len(kinds), "day": today.isoformat(), "number": number}
            about = About(region_code=post.region_code, reason="task-handed-over", urgent=Kind.URGENT_REPORT in kinds)
            await messages.tell(db, To(account=post.account_id, post=post.id), template, facts, about)


async def shut(db: AsyncSession, posts: Any) -> None:  # noqa: ANN401  (ids, or a select of them)
    """Emergency access ends with the post by which it was opened, and its record says so."""
    now = clock.now()
    standing = col(Glass.post_id).in_(posts), col(Glass.ended_at).is_(None), col(Glass.expires_at) > now
    await db.exec(update(Glass).where(*standing).values(ended_at=now))
