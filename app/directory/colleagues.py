"""A colleague as others may see them: duty data, a masked phone, who stands in; and who may dial."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, and_, bindparam, exists
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions, staff
from app.kit import clock
from app.kit.errors import NotFound
from app.kit.viewer import Held, Viewer
from app.staff import duty
from models.directory import DIALLED_BY, Colleague, Standing
from models.regions import ancestors_of, level_of
from models.staff import Absence, Post, Right, Role, Shift, WorkGroup


def standing(mine: int, theirs: int) -> Standing:
    """How one unit stands to another."""
    if mine == theirs:
        return Standing.SAME_UNIT
    if mine in ancestors_of(theirs):
        return Standing.ABOVE
    above = ancestors_of(mine)
    return Standing.BELOW if above and above[-1] == theirs else Standing.ANYBODY


def dials(me: Viewer, code: int, *, on_shift: bool) -> Held | None:
    """The post by which the viewer may have the duty phone of a post in a region, by the table; None when none does."""
    posts = me.with_right(Right.DIRECTORY)
    if on_shift and posts:
        return posts[0]
    allowed = DIALLED_BY[level_of(code)]
    return next((post for post in posts if standing(post.region_code, code) in allowed), None)


@dataclass(frozen=True, slots=True)
class _Now:
    """What is true of a post at this moment."""

    group: str | None
    on_shift: bool
    planned: bool
    away_until: datetime | None
    substitute: UUID | None


async def _now(db: AsyncSession, posts: Sequence[Post]) -> dict[UUID, _Now]:
    found = await db.exec(_standing(), params={"at": clock.now(), "posts": [post.id for post in posts]})
    return {
        name: _Now(group, on_shift, planned, until, (stands_in or usual) if until else None)
        for name, group, on_shift, planned, until, stands_in, usual in found
    }


@cache
def _standing() -> Any:  # noqa: ANN401  (seven columns)
    """The statement of `_now`, built once: a moment and some posts are all it is told."""
    at = bindparam("at", type_=DateTime(timezone=True))
    shift = exists().where(col(Shift.post_id) == Post.id, duty.on_shift(at))
    return (
        select(  # type: ignore[call-overload]
            col(Post.id), col(WorkGroup.name), shift, duty.planned(col(Post.region_code), at), col(Absence.until_at),
            col(Absence.substitute_id), col(Post.substitute_id),
        )
        .outerjoin(WorkGroup, col(WorkGroup.id) == Post.group_id)
        .outerjoin(Absence, and_(col(Absence.post_id) == Post.id, duty.away(at)))
        .where(col(Post.id).in_(bindparam("posts", expanding=True)))
    )  # fmt: skip


async def _names(db: AsyncSession, posts: set[UUID]) -> dict[UUID, str]:
    if not posts:
        return {}
    found = await db.exec(select(Post.id, Post.name).where(col(Post.id).in_(posts), staff.in_force()))
    return dict(found.all())


def _by_office(post: Post) -> bool:
    """Does this post answer for its unit by its office? See duty.answering."""
    return post.lead or post.role in {Role.GRID_WORKER, Role.VILLAGE_CADRE}


async def shown(db: AsyncSession, me: Viewer, posts: Sequence[Post]) -> list[Colleague]:
    """Posts as the viewer may see them, in the order given: three statements at most, however many they are."""
    if not posts:
        return []
    ways = {post.region_code: (*ancestors_of(post.region_code), post.region_code) for post in posts}
    places = await regions.names_of(db, {code for way in ways.values() for code in way})
    now = await _now(db, posts)
    names = await _names(db, {each.substitute for each in now.values() if each.substitute is not None})
    items = []
    for post in posts:
        state = now[post.id]
        here = post.activated_at is not None and state.away_until is None
        items.append(
            Colleague(
                post_id=post.id, name=post.name, role=Role(post.role), lead=post.lead, region_code=post.region_code,
                chain=[places[code] for code in ways[post.region_code] if code in places],
                group=state.group, department=post.department,
                activated=post.activated_at is not None,
                on_duty=here and (state.on_shift or (not state.planned and _by_office(post))),
                substitute=names.get(state.substitute) if state.substitute else None, away_until=state.away_until,
                phone=staff.phone_mask(db, post),
                may_dial=dials(me, post.region_code, on_shift=here and state.on_shift) is not None,
            )
        )  # fmt: skip
    return items


async def present(db: AsyncSession, post_id: UUID) -> Post:
    """A post in force today, of whatever region. Raises NotFound."""
    post = (await db.exec(select(Post).where(Post.id == post_id, staff.in_force()))).one_or_none()
    if post is None:
        raise NotFound
    return post


async def on_shift(db: AsyncSession, post: Post) -> bool:
    """Is a post on shift now, and there?"""
    state = (await _now(db, [post]))[post.id]
    return post.activated_at is not None and state.away_until is None and state.on_shift
