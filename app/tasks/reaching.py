"""Who may see a task, and who may act on it: whoever looks after people there, by a post, read with every request."""

from uuid import UUID

from sqlalchemy import ColumnElement, false, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit.errors import NotFound
from app.kit.viewer import Held, Viewer
from models.staff import Right
from models.tasks import Task

# What a task is about decides which right it asks for; so far every kind is about people.
ASKS = Right.PEOPLE


def seen(me: Viewer) -> ColumnElement[bool]:
    """Tasks of the places over which the viewer holds the right. None without a post that gives it."""
    posts = me.with_right(ASKS)
    return or_(false(), *(col(Task.region_code).between(post.region_code, post.last_code) for post in posts))


async def reached(db: AsyncSession, me: Viewer, task_id: UUID, *, lock: bool = False) -> tuple[Task, Held]:
    """A task of a place over which the viewer holds the right, and by which post. Raises NotFound."""
    statement = select(Task).where(Task.id == task_id)
    task = (await db.exec(statement.with_for_update() if lock else statement)).one_or_none()
    by = None if task is None else _by(me, task)
    if task is None or by is None:
        raise NotFound
    return task, by


def _by(me: Viewer, task: Task) -> Held | None:
    """The post by which the viewer acts: the accountable one where it is theirs, else the narrowest that covers it."""
    mine = (post for post in me.with_right(ASKS) if post.id == task.owner_post_id and post.covers(task.region_code))
    return next(mine, None) or me.post_over(task.region_code, ASKS)


def leads(me: Viewer, task: Task) -> bool:
    """May the viewer order the work of others there: hand over what is not theirs, cancel?"""
    return me.post_over(task.region_code, Right.PLAN_DUTY) is not None
