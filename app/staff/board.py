"""The board of a stand-up: units without a lead, grids without a worker, hour by hour; and the list of gaps."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, case, func, literal, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions
from app.kit import clock
from app.kit.errors import NotFound
from app.kit.viewer import Viewer
from app.staff import duty
from app.staff.hours import hours
from app.staff.posts import in_force
from models.regions import SPAN, Level, Region, last_of, level_of
from models.staff import Absence, Board, Gap, GapsFound, Post, Right, Shift, UnitStanding

SHOWN_GAPS = 200


def _covered(me: Viewer, code: int) -> None:
    over = me.post_over(code, Right.BOARD)
    if over is None or last_of(code) > over.last_code:
        raise NotFound


async def board(db: AsyncSession, me: Viewer, code: int) -> Board:
    """How far a region stands: itself, its parts, its last 48 hours. Counts of the parts add up to the region's."""
    _covered(me, code)
    region = await regions.named(db, code)
    parts = await _parts(db, code)
    sums = {name: sum(getattr(part, name) for part in parts) for name in _COUNTED}
    own = await _own(db, code)
    whole = UnitStanding(
        region_code=code, name=region.name, level=Level(region.level),
        **{name: sums[name] + own[name] for name in _COUNTED},
    )  # fmt: skip
    return Board(region=whole, parts=parts, hours=await hours(db, code), as_of=clock.now())


_COUNTED = ("posts", "activated", "units", "units_without_lead", "grids", "grids_without_worker",
            "villages_without_grids")  # fmt: skip


async def _parts(db: AsyncSession, code: int) -> list[UnitStanding]:
    """The children of a region, each counted with everything in it."""
    below = [level for level in Level if SPAN[level] < SPAN[level_of(code)]]
    if not below:
        return []
    span = SPAN[below[0]]
    inside = (col(Region.code) > code, col(Region.code) <= last_of(code), regions.in_force())
    answered = _standing(code)
    grid, missing = col(Region.level) == Level.GRID, func.coalesce(answered.c.here, literal(False)).is_(False)  # noqa: FBT003
    part = (col(Region.code) // span * span).label("part")
    units = (
        select(  # type: ignore[call-overload]
            part, func.count().filter(~grid), func.count().filter(~grid & missing),
            func.count().filter(grid), func.count().filter(grid & missing),
        )
        .outerjoin(answered, answered.c.code == Region.code)
        .where(*inside)
        .group_by(part)
    )  # fmt: skip
    counted = {row[0]: row[1:] for row in await db.exec(units)}
    owner = (col(Post.region_code) // span * span).label("part")
    posts = (
        select(owner, func.count(), func.count(col(Post.activated_at)))
        .where(col(Post.region_code) > code, col(Post.region_code) <= last_of(code), in_force())
        .group_by(owner)
    )
    people = {row[0]: row[1:] for row in await db.exec(posts)}
    bare = await _without_grids(db, code, span)
    return [
        UnitStanding(
            region_code=child.code, name=child.name, level=child.level,
            **_named(
                people.get(child.code, (0, 0)), (*counted.get(child.code, (0, 0, 0, 0)), bare.get(child.code, 0)),
            ),
        )
        for child in await regions.children_of(db, code)
    ]  # fmt: skip


async def _without_grids(db: AsyncSession, first: int, span: int) -> dict[int, int]:
    """How many villages have no grid, by the part of a region they lie in; from `first` to the end of its range."""
    village = (col(Region.code) // SPAN[Level.VILLAGE] * SPAN[Level.VILLAGE]).label("village")
    bare = (
        select(village)
        .where(col(Region.code).between(first, last_of(first)), regions.in_force())
        .group_by(village)
        .having(func.bool_or(col(Region.level) == Level.VILLAGE), ~func.bool_or(col(Region.level) == Level.GRID))
        .subquery()
    )
    part = (bare.c.village // span * span).label("part")
    return dict((await db.exec(select(part, func.count()).group_by(part))).all())


def _named(people: Sequence[int], units: Sequence[int]) -> dict[str, int]:
    return dict(zip(_COUNTED, (*people, *units), strict=True))


async def _own(db: AsyncSession, code: int) -> dict[str, int]:
    """The unit itself, without what lies below it."""
    found = await db.exec(
        select(func.count(), func.count(col(Post.activated_at))).where(Post.region_code == code, in_force())
    )
    posts, activated = found.one()
    answering = code in await duty.answers(db, [code])
    level = level_of(code)
    grid, bare = level is Level.GRID, level is Level.VILLAGE and code in await _without_grids(db, code, SPAN[level])
    return {
        "posts": posts, "activated": activated, "units": int(not grid), "grids": int(grid),
        "units_without_lead": int(not grid and not answering), "grids_without_worker": int(grid and not answering),
        "villages_without_grids": int(bare),
    }  # fmt: skip


def _standing(code: int) -> Any:  # noqa: ANN401  (a subquery whose columns no static type knows)
    """The units of a region that anybody should answer for: is somebody here, has anybody taken a post up?"""
    at = clock.now()
    gone = and_(col(Absence.post_id) == Post.id, duty.away(at))
    shift_now = select(col(Shift.post_id)).where(
        col(Shift.starts_at) <= at, col(Shift.ends_at) > at, col(Shift.cancelled_at).is_(None)
    )
    on_shift = col(Post.id).in_(shift_now)
    here = and_(
        col(Post.activated_at).is_not(None),
        or_(col(Absence.id).is_(None), col(Post.id).in_(duty.represented(code, last_of(code), at))),
        or_(on_shift, ~duty.planned(col(Post.region_code), at)),
    )
    return (
        select(
            col(Post.region_code).label("code"), func.bool_or(here).label("here"),
            func.bool_or(col(Post.activated_at).is_not(None)).label("taken"),
        )
        .outerjoin(Absence, gone)
        .where(col(Post.region_code).between(code, last_of(code)), in_force(), or_(duty.answering(), on_shift))
        .group_by(col(Post.region_code))
        .subquery()
    )  # fmt: skip


async def gaps(db: AsyncSession, me: Viewer, code: int) -> GapsFound:
    """Units of a region that nobody of their own answers for now: the first 200, from the top down, and the total.

    `nobody`: no post at all; `not_activated`: invited, not taken up; `away`: absent or off shift without a substitute.
    """
    _covered(me, code)
    standing = _standing(code)
    kind = case((standing.c.code.is_(None), "nobody"), (standing.c.taken.is_(False), "not_activated"), else_="away")
    rows = (
        await db.exec(
            select(Region, kind, func.count().over())
            .outerjoin(standing, standing.c.code == Region.code)
            .where(
                col(Region.code).between(code, last_of(code)), regions.in_force(),
                func.coalesce(standing.c.here, literal(False)).is_(False),  # noqa: FBT003
            )
            .order_by((col(Region.last_code) - col(Region.code)).desc(), col(Region.code))
            .limit(SHOWN_GAPS)
        )
    ).all()  # fmt: skip
    chains = {place.code: [*place.chain, place.name] for place in await regions.public(db, [row[0] for row in rows])}
    items = [
        Gap(region_code=region.code, level=Level(region.level), chain=chains[region.code], kind=word)
        for region, word, _ in rows
    ]
    return GapsFound(total=rows[0][2] if rows else 0, items=items)
