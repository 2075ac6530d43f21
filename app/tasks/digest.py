"""Digests for group chats: what waits in a unit, as counts, once an hour by day, when it is not what it was before.

Each robot remembers for which hour its unit was counted and what was found, so that a quiet second is one small look;
a robot that is added in the middle of an hour begins at once.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import messages, regions
from app.kit import clock
from app.messages import About, Telling, To
from app.tasks.looking import Only, which
from app.tasks.telling import place_of
from models.messages import Robot
from models.regions import Region, ancestors_of
from models.tasks import OPEN, WAITING, Task

FROM, UNTIL = 7, 22  # hours of the local day: a group chat keeps quiet when people do
COUNTS = ("offered", "overdue", "unowned")


async def digest(db: AsyncSession) -> int:
    """Tell groups what waits in their units. Returns how many were told; a constant number of statements for all."""
    local = clock.local(clock.now())
    if not FROM <= local.hour < UNTIL:
        return 0
    hour = clock.midnight(local.date()) + timedelta(hours=local.hour)
    due = select(Robot).where(
        col(Robot.ended_at).is_(None), or_(col(Robot.counted_at).is_(None), col(Robot.counted_at) < hour)
    )
    robots = (await db.exec(due.with_for_update())).all()
    if not robots:
        return 0
    counts = await _counts(db, {robot.region_code for robot in robots})
    await regions.names_of(db, {step for code in counts for step in (*ancestors_of(code), code)})  # all at once
    some: list[Telling] = []
    for robot in robots:
        found = counts[robot.region_code]
        spelt = "/".join(str(count) for count in found)
        if any(found) and spelt != robot.counted:
            facts = {"place": await place_of(db, robot.region_code), **dict(zip(COUNTS, found, strict=True))}
            key = f"unit_digest|{robot.id}|{local:%Y-%m-%d|%H}"
            to, about = To(robot=robot.id, lang=robot.lang), About(region_code=robot.region_code, key=key)
            some.append(Telling(to, facts, about))
        robot.counted_at, robot.counted = hour, spelt
        db.add(robot)
    await messages.tell_many(db, "unit_digest", some)
    return len(some)


async def _counts(db: AsyncSession, codes: Collection[int]) -> dict[int, tuple[int, ...]]:
    """What waits under each of these regions: offered to somebody, overdue, nobody's."""
    offered = col(Task.state).in_(WAITING), col(Task.owner_post_id).is_not(None)
    inside = and_(col(Task.region_code).between(Region.code, Region.last_code), col(Task.state).in_(OPEN))
    counted = [
        func.count(col(Task.id)).filter(*conditions)
        for conditions in (offered, which(Only.OVERDUE), which(Only.UNOWNED))
    ]
    waits: Any = select(col(Region.code), *counted).outerjoin(Task, inside)
    rows = await db.exec(waits.where(col(Region.code).in_(codes)).group_by(col(Region.code)))
    return {row[0]: tuple(row[1:]) for row in rows}
