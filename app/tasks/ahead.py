"""What comes next when nobody acts: the next step of a task's ladder that would have an effect."""

from typing import Literal

from sqlmodel.ext.asyncio.session import AsyncSession

from app.tasks import ladders
from models.regions import Level, ancestors_of, level_of
from models.staff import Post
from models.tasks import OPEN, WAITING, Task, TaskAhead
from models.tasks.words import Act


async def of(db: AsyncSession, task: Task) -> TaskAhead | None:
    """The next step; None when it is closed, or stands at the top of its ladder."""
    if task.state not in OPEN:
        return None
    for at, rung in (await ladders.in_force(db)).left(task):
        idle = rung.unless == "accepted" and task.state not in WAITING
        level = await _above(db, task) if rung.act is Act.CLIMB else None
        if idle or rung.act is Act.OPEN or (rung.act is Act.CLIMB and level is None):
            continue
        act: Literal["climb", "tell"] = "climb" if rung.act is Act.CLIMB else "tell"
        return TaskAhead(at=at, act=act, unless=rung.unless, level=level)
    return None


async def _above(db: AsyncSession, task: Task) -> Level | None:
    """The level above whoever has it; None from the province on."""
    post = await db.get(Post, task.owner_post_id) if task.owner_post_id else None
    above = ancestors_of(post.region_code if post else task.queue_code or task.region_code)
    return level_of(above[-1]) if above else None
