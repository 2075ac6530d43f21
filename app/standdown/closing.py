"""What ends with a response, in one transaction: posts, sessions, plans of duty, and the data keys."""

from datetime import datetime
from uuid import UUID

from msgspec import json
from sqlalchemy import func, insert, literal
from sqlalchemy import select as plain_select
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.kit import clock
from models.accounts import StaffSession
from models.messages import Delivery, Message, State
from models.retention import StandDown
from models.staff import Absence, Ending, Post, PostEnding, Response, Shift, WorkGroup
from models.tasks import Task, TaskState
from models.vault import DataKeyRow

# A statement of a web process has 2.5 seconds; a province has more than a million posts.
AT_ONCE = 10_000


async def close(db: AsyncSession, response: Response, row: StandDown) -> None:
    """End a response (locked by the caller): no post serves any more, no session goes on, no data key is left.

    Every process forgets its keys and the root is destroyed within seconds of the commit (`watch`).
    """
    now = clock.now()
    by = row.second_account or row.by_account
    ended = {
        "posts": await _posts(db, response, (now, by)),
        "staff_sessions": await _changed(db, update(StaffSession).where(
            col(StaffSession.ended_at).is_(None), col(StaffSession.expires_at) > now).values(ended_at=now)),
        "shifts": await _changed(db, update(Shift).where(
            col(Shift.cancelled_at).is_(None), col(Shift.ends_at) > now).values(cancelled_at=now)),
        "absences": await _changed(db, update(Absence).where(
            col(Absence.ended_at).is_(None), col(Absence.until_at) > now).values(ended_at=now)),
        "tasks": await _changed(db, update(Task).where(
            col(Task.closed_at).is_(None)).values(state=TaskState.CANCELLED, closed_at=now, step_at=None)),
        "messages": await _changed(db, update(Message).where(
            col(Message.due_at).is_not(None)).values(due_at=None, cancelled_at=now)),
        "deliveries": await _changed(db, update(Delivery).where(
            col(Delivery.next_at).is_not(None)).values(state=State.CANCELLED, state_at=now, next_at=None)),
        "work_groups": await _changed(db, update(WorkGroup).where(
            col(WorkGroup.response_id) == response.id, col(WorkGroup.closed_at).is_(None)).values(closed_at=now)),
    }  # fmt: skip
    ring = vault.ring_of(db)
    last_key = (await db.exec(select(func.max(DataKeyRow.id)))).one()
    ended["data_keys"] = await _changed(db, delete(DataKeyRow))
    gone = await vault.destroyed(db)
    response.stood_down_at = row.done_at = now
    row.root_through = ring.current
    row.data_key_through = max(last_key or 0, gone.data_key_through)
    row.fingerprints = json.encode({str(key): mark for key, mark in sorted(ring.fingerprints().items())}).decode()
    row.ended = json.encode(ended).decode()
    db.add_all([response, row])
    await db.flush()


async def _posts(db: AsyncSession, response: Response, when: tuple[datetime, UUID]) -> int:
    """End every post of the response with its ending, ten thousand at a time."""
    now, by = when
    done, last = 0, UUID(int=0)
    while True:
        still = col(Post.response_id) == response.id, col(Post.ended_at).is_(None)
        found = await db.exec(select(Post.id).where(*still, col(Post.id) > last).order_by(col(Post.id)).limit(AT_ONCE))
        ids = found.all()
        if not ids:
            return done
        some = (*still, col(Post.id).between(ids[0], ids[-1]))
        endings = plain_select(
            col(Post.id), literal(Ending.STOOD_DOWN.value), literal(by), literal(now), literal(0), literal("")
        ).where(*some)
        await db.exec(
            insert(PostEnding).from_select(["post_id", "kind", "by_account", "at", "moved", "reason"], endings)
        )
        done += await _changed(db, update(Post).where(*some).values(ended_at=now))
        last = ids[-1]


async def _changed(db: AsyncSession, statement: object) -> int:
    done = await db.exec(statement)  # type: ignore[call-overload]
    return int(done.rowcount)
