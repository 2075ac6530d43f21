"""The board of a region: how its work stands, and who has how much of it on their hands."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions, staff
from app.kit import clock
from app.kit.viewer import Viewer
from app.tasks.looking import Only, counts_of, which
from app.tasks.owning import CAP
from app.tasks.reaching import ASKS
from models.regions import last_of
from models.staff import Post
from models.tasks import OPEN, Task, TaskBoard, TaskStep, TaskWorker

MOST_WORKERS = 200
SILENT = timedelta(hours=2)
MORNING = timedelta(hours=7)  # nobody is called silent for having slept


async def board(db: AsyncSession, me: Viewer, code: int) -> TaskBoard:
    """How the work of a region stands: who is silent first, then the most burdened, then who has nothing to do.

    Raises NotFound outside one's posts.
    """
    regions.covered(me, code, ASKS)
    inside = col(Task.region_code).between(code, last_of(code))
    load = (
        select(  # type: ignore[call-overload]
            col(Task.owner_post_id).label("post_id"), func.count().label("open"),
            func.sum(col(Task.weight)).label("weight"), func.count().filter(*which(Only.UNACCEPTED)).label("slow"),
            func.count().filter(*which(Only.OVERDUE)).label("late"),
            func.min(func.greatest(col(Task.held_since), col(Task.start_at))).label("waits"),
        )
        .where(inside, col(Task.state).in_(OPEN), col(Task.owner_post_id).is_not(None))
        .group_by(col(Task.owner_post_id))
        .subquery()
    )  # fmt: skip
    present = staff.present()
    silent = _silent_since(load.c.waits, present)
    burdened = (
        select(Post, present, silent, load.c.open, load.c.weight, load.c.slow, load.c.late)  # type: ignore[call-overload]
        .join(load, load.c.post_id == Post.id)
        .order_by(silent.is_(None), load.c.late.desc(), load.c.slow.desc(), load.c.weight.desc(),
                  col(Post.region_code), col(Post.id))
    )  # fmt: skip
    rows = (await db.exec(burdened.limit(MOST_WORKERS))).all()
    total = (await db.exec(select(func.count()).select_from(load))).one()
    workers = [_worker(row[0], row[3:], present=row[1], silent_since=row[2]) for row in rows]
    workers += await _idle(db, code, MOST_WORKERS - len(workers))
    closed = select(func.count()).select_from(Task).where(inside, *which(Only.CLOSED))
    return TaskBoard(
        region_code=code, chain=await regions.chain_of(db, code), as_of=clock.now(), counts=await counts_of(db, inside),
        workers=workers, more_workers=max(0, total - len(rows)), closed=(await db.exec(closed)).one(),
    )  # fmt: skip


def _silent_since(waits: Any, present: ColumnElement[bool]) -> ColumnElement[datetime | None]:  # noqa: ANN401  (a column)
    """Since when somebody on duty has done nothing to any task although one of theirs waits; NULL below two hours."""
    now = clock.now()
    last = select(func.max(TaskStep.at)).where(TaskStep.by_account == Post.account_id).scalar_subquery()
    since = func.greatest(last, waits, clock.midnight(clock.local_day(now)) + MORNING)
    return case((and_(present, since <= now - SILENT), since))


async def _idle(db: AsyncSession, code: int, most: int) -> list[TaskWorker]:
    """Who answers for a place in there, is on duty, and has nothing open."""
    busy = exists().where(col(Task.owner_post_id) == Post.id, col(Task.state).in_(OPEN))
    free = select(Post).where(
        col(Post.region_code).between(code, last_of(code)), staff.answering(), staff.present(), ~busy
    )
    found = await db.exec(free.order_by(col(Post.region_code), col(Post.id)).limit(most))
    return [_worker(post, (0, 0, 0, 0), present=True) for post in found]


def _worker(post: Post, load: Sequence[Any], *, present: bool, silent_since: datetime | None = None) -> TaskWorker:
    count, weight, unaccepted, overdue = (int(value) for value in load)
    return TaskWorker(
        post_id=post.id, name=post.name, role=post.role, region_code=post.region_code, open=count, weight=weight,
        unaccepted=unaccepted, overdue=overdue, present=present, overloaded=count >= CAP,
        silent_since=silent_since,
    )  # fmt: skip
