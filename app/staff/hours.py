"""The last 48 hours of a stand-up: who took a post up in each, and who was still missing at its end."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import CTE, ColumnElement, DateTime, Interval, Subquery, case, cast, func, literal, null, or_, union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions
from app.kit import clock
from app.staff import duty
from app.staff.posts import in_force
from models.regions import Level, Region, last_of
from models.staff import Hour, Post

SHOWN_HOURS = 48
_HOUR = timedelta(hours=1)
_INSTANT = DateTime(timezone=True)


async def hours(db: AsyncSession, code: int) -> list[Hour]:
    """The last 48 hours of a region, oldest first, also those in which nothing happened.

    Each with its activations, the total so far, and the units and grids that nobody was appointed to answer for at its
    end (of the running hour: now). Absences and shifts are left aside: who answers is who has taken the post up, and
    has not ended. The tree is today's, and so is who leads.
    """
    first = clock.now().replace(minute=0, second=0, microsecond=0) - _HOUR * (SHOWN_HOURS - 1)
    total, counted = await _activations(db, code, first)
    units, grids = await _gaps(db, code, first)
    shown = []
    for step in range(SHOWN_HOURS):
        at = first + _HOUR * step
        total += counted.get(at, 0)
        shown.append(
            Hour(
                at=at, activated=counted.get(at, 0), total=total,
                units_without_lead=units[step], grids_without_worker=grids[step],
            )
        )  # fmt: skip
    return shown


async def _activations(db: AsyncSession, code: int, first: datetime) -> tuple[int, dict[Any, int]]:
    """How many posts in force were taken up before, and how many in each hour that has any."""
    inside = (col(Post.region_code).between(code, last_of(code)), in_force())
    before = await db.exec(select(func.count()).where(col(Post.activated_at) < first, *inside))
    hour = _hour(col(Post.activated_at))
    rows = await db.exec(select(hour, func.count()).where(col(Post.activated_at) >= first, *inside).group_by(hour))
    return before.one(), dict(rows.all())


async def _gaps(db: AsyncSession, code: int, first: datetime) -> tuple[list[int], list[int]]:
    """Units without a lead and grids without a worker, at the end of each hour."""
    change: dict[bool, Counter[int]] = {False: Counter(), True: Counter()}
    for grid, begun, gone, count in await db.exec(_answered(code, first)):
        if gone is None:
            change[grid][0] += count  # every region once: a gap from the outset, until somebody answers
        else:
            change[grid][(gone - first) // _HOUR] += count
        if begun is not None:
            change[grid][(begun - first) // _HOUR] -= count
    units, grids = (list(accumulate(change[grid][step] for step in range(SHOWN_HOURS))) for grid in (False, True))
    return units, grids


def _hour(at: Any) -> ColumnElement[datetime]:  # noqa: ANN401  (a column of any select)
    return func.date_trunc("hour", at, "UTC")


def _midnight(day: Any) -> ColumnElement[datetime]:  # noqa: ANN401  (a column, or a sum with one)
    """The instant at which a local day begins. China has one offset, which is cheaper than its zone by name."""
    return func.timezone(literal(timedelta(hours=8), Interval), cast(day, DateTime), type_=_INSTANT)


# Who is transferred takes the moment of the first activation along; a post made ahead begins on its day.
_BEGINS = func.greatest(col(Post.activated_at), col(Post.created_at), _midnight(col(Post.valid_from)), type_=_INSTANT)
_ENDS = func.least(col(Post.ended_at), _midnight(col(Post.valid_to) + 1), type_=_INSTANT)


def _answered(code: int, first: datetime) -> Any:  # noqa: ANN401  (a union of selects)
    """(is a grid, from hour, until hour, regions): how many regions are answered for since when, null for never; and,
    with an until, the whiles before that in which somebody answered whose post has ended.

    Every post is read once or twice, none is held against every hour; only who left in these hours is put in order.
    """
    inside = (col(Post.region_code).between(code, last_of(code)), duty.answering(), col(Post.activated_at).is_not(None))
    standing = (
        select(col(Post.region_code).label("code"), func.min(_BEGINS, type_=_INSTANT).label("since"))
        .where(*inside, in_force())
        .group_by(col(Post.region_code))
        .cte("standing")
    )
    whiles = _whiles(inside, standing, first)
    tree = (col(Region.code).between(code, last_of(code)), regions.in_force())
    grid = (col(Region.level) == Level.GRID).label("grid")
    outset = literal(first, _INSTANT)
    since = case((standing.c.since < outset, outset), else_=_hour(standing.c.since)).label("begun")
    begun, gone = _hour(whiles.c.begun).label("begun"), _hour(whiles.c.gone).label("gone")
    return union_all(
        select(grid, since, null().label("gone"), func.count())
        .outerjoin(standing, standing.c.code == Region.code)
        .where(*tree)
        .group_by(grid, since),
        select(grid, begun, gone, func.count())
        .join(whiles, whiles.c.code == Region.code)
        .where(*tree, whiles.c.begun < whiles.c.gone)
        .group_by(grid, begun, gone),
    )


def _whiles(inside: tuple[ColumnElement[bool], ...], standing: CTE, first: datetime) -> Subquery:
    """The whiles, none overlapping, in which a region was answered for by posts that ended since, and by no other."""
    ran_out = col(Post.valid_to).between(clock.local_day(first) - timedelta(days=1), clock.today() - timedelta(days=1))
    left = (
        select(
            col(Post.region_code).label("code"),
            func.greatest(_BEGINS, literal(first, _INSTANT), type_=_INSTANT).label("begun"),
            func.least(_ENDS, standing.c.since, type_=_INSTANT).label("gone"),
        )
        .outerjoin(standing, standing.c.code == Post.region_code)
        .where(*inside, or_(col(Post.ended_at) >= first, ran_out))
        .subquery()
    )
    # A while begins where all that began before it have ended; one that they outlast is none, and is left out above.
    before = func.max(left.c.gone).over(partition_by=left.c.code, order_by=left.c.begun, rows=(None, -1))
    begun = func.greatest(left.c.begun, before, type_=_INSTANT).label("begun")
    return select(left.c.code, begun, left.c.gone).subquery()
