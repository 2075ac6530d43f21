"""Tending: whoever is not on duty any more is accountable for nothing, and what stands in a queue gets an owner as soon
as somebody is there. The worker does it every second or two; on a quiet day it finds nothing."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import staff
from app.tasks import moving, owning
from app.tasks.moving import Move
from app.tasks.owning import Want
from models.residents import Resident
from models.staff import Post
from models.tasks import OPEN, WAITING, Happening, Task, Why

AT_ONCE = 500
SCOPE = {"scope": "tasks"}


async def tend(db: AsyncSession) -> int:
    """One round: people who moved, owners who are not on duty, queues. Returns how many tasks went to somebody else."""
    return await _moved(db) + await _left_alone(db) + await _queued(db)


def _want(task: Task) -> Want:
    return Want(task.id, task.region_code, task.weight, task.person_id)


async def _pages(db: AsyncSession, *where: ColumnElement[bool]) -> AsyncIterator[Sequence[Task]]:
    """Open tasks, locked, page by page: what still finds nobody does not stand in the way of what comes after it."""
    last: UUID | None = None
    while True:
        more = () if last is None else (col(Task.id) > last,)
        statement = select(Task).where(col(Task.state).in_(OPEN), *where, *more).order_by(col(Task.id)).limit(AT_ONCE)
        page = (await db.exec(statement.with_for_update(of=Task))).all()
        if not page:
            return
        yield page
        last = page[-1].id


async def _moved(db: AsyncSession) -> int:
    """Tasks about people who are somewhere else by now, for good or for days, go with them; both sides are told."""
    now_at = func.coalesce(Resident.current_code, Resident.region_code)
    elsewhere = (
        select(Task, now_at)
        .join(Resident, col(Resident.person_id) == Task.person_id)
        .where(col(Task.state).in_(OPEN), now_at != Task.region_code)
        .order_by(col(Task.id))
        .limit(AT_ONCE)
        .with_for_update(of=Task)
    )
    rows = (await db.exec(elsewhere, execution_options=SCOPE)).all()
    for task, code in rows:
        task.region_code = code
    tasks = [task for task, _ in rows]
    chosen = await owning.choose(db, [_want(task) for task in tasks])
    await moving.move(db, [Move(task, chosen[task.id]) for task in tasks], why=Why.MOVED)
    return len(tasks)


async def _left_alone(db: AsyncSession) -> int:
    """Tasks of posts that ended, are away, or whose shift is over: somebody on duty, or the queue."""
    owners = select(col(Task.owner_post_id)).where(col(Task.state).in_(OPEN), col(Task.owner_post_id).is_not(None))
    held = set((await db.exec(owners.distinct())).all())
    here = set((await db.exec(select(Post.id).where(col(Post.id).in_(held), staff.present()))).all())
    if not held - here:
        return 0
    done = 0
    async for tasks in _pages(db, col(Task.owner_post_id).in_(held - here)):
        chosen = await owning.choose(db, [_want(task) for task in tasks])
        await moving.move(db, [Move(task, chosen[task.id]) for task in tasks], why=Why.OFF_DUTY)
        done += len(tasks)
    return done


async def _queued(db: AsyncSession) -> int:
    """Tasks in a queue: an owner, as soon as there is one. Those that still find nobody stay where they are."""
    # What the hot path has just written is opened, and told as what it is, by the first step of its ladder.
    opened = or_(col(Task.policy) != 0, col(Task.step_at).is_(None))
    waiting = select(col(Task.queue_code)).where(
        col(Task.state).in_(WAITING), col(Task.queue_code).is_not(None), opened
    )
    codes = {code for code in (await db.exec(waiting.distinct())).all() if code is not None}
    hopeful = await owning.with_room(db, codes)
    if not hopeful:
        return 0
    done = 0
    async for tasks in _pages(db, col(Task.queue_code).in_(hopeful), opened):
        chosen = await owning.choose(db, [_want(task) for task in tasks])
        given = [task for task in tasks if chosen[task.id].post_id]
        found = [Move(task, chosen[task.id], Happening.OFFERED, "task_offered") for task in given]
        await moving.move(db, found)
        done += len(found)
    return done
