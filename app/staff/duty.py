"""Duty: who answers for a unit at a moment. Shifts first, then whoever holds the post, then their substitute."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, DateTime, Select, and_, bindparam, exists, func, literal, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions
from app.kit import clock, masks
from app.kit.errors import N_, Fault, Invalid
from app.staff.posts import HOPS, TODAY, in_force, phone_mask, phone_of
from models.regions import SPAN, Level, ancestors_of, county_of, level_of
from models.staff import Absence, OnDuty, OnDutyFound, Post, Right, Role, Shift, may

PLANNED = timedelta(hours=36)  # between shifts this near before and after, a unit is served by nobody outside its plan
# Who looks after people, who appoints and who audits are three; none stands in for another.
NOT_LENT = (Right.PEOPLE, Right.APPOINT, Right.AUDIT)

Moment = datetime | ColumnElement[datetime]


@dataclass(frozen=True)
class Answer:
    """A post that answers for a region: itself on shift or by its office, or in place of another."""

    post: Post
    why: str  # shift, post, substitute
    until: datetime | None = None
    stands_in_for: Post | None = None


@dataclass(frozen=True)
class Duty:
    """Who is to be called: the phone belongs to the office, so residents of the region may have it."""

    name: str
    phone: str

    @property
    def phone_masked(self) -> str:
        """As a page shows it before it is asked for."""
        return masks.mask_phone(self.phone)


def answering() -> ColumnElement[bool]:
    """The posts that answer for their unit by their office: a grid's worker, a village's cadre, anybody's lead."""
    return col(Post.role).in_([Role.GRID_WORKER, Role.VILLAGE_CADRE]) | col(Post.lead)


def away(at: Moment, absence: type[Absence] = Absence) -> ColumnElement[bool]:
    """Is an absence running at a moment?"""
    return and_(col(absence.from_at) <= at, col(absence.until_at) > at, col(absence.ended_at).is_(None))


def on_shift(at: Moment) -> ColumnElement[bool]:
    """Is a shift running at a moment?"""
    return and_(col(Shift.starts_at) <= at, col(Shift.ends_at) > at, col(Shift.cancelled_at).is_(None))


def present(at: datetime | None = None) -> ColumnElement[bool]:
    """Posts whose holder is on duty: taken up, not away, and on shift where their unit has a plan of shifts."""
    now = at or clock.now()
    gone = exists().where(col(Absence.post_id) == Post.id, away(now))
    working = exists().where(col(Shift.post_id) == Post.id, on_shift(now))
    free = or_(~planned(col(Post.region_code), now), working)
    return and_(in_force(), col(Post.activated_at).is_not(None), ~gone, free)


def planned(region: Any, at: Moment) -> ColumnElement[bool]:  # noqa: ANN401  (a mapped column)
    """Is a plan of shifts running: has one begun lately, and does one end soon? Before its first shift and after its
    last, whoever holds the post answers."""
    # Beside the shift that a statement may join: exists() would take that one for its own.
    before, after = aliased(Shift), aliased(Shift)
    begun = col(before.starts_at) <= at, col(before.ends_at) > at - PLANNED, col(before.cancelled_at).is_(None)
    goes_on = col(after.ends_at) > at, col(after.starts_at) < at + PLANNED, col(after.cancelled_at).is_(None)
    return and_(
        exists().where(col(before.region_code) == region, *begun),
        exists().where(col(after.region_code) == region, *goes_on),
    )


@cache
def _answering() -> Any:  # noqa: ANN401  (a select of rows)
    """The statement of `answers`, built once: every visit of a resident asks it."""
    at: BindParameter[datetime] = bindparam("at", type_=DateTime(timezone=True))
    codes: BindParameter[int] = bindparam("codes", expanding=True)
    return (
        select(Post, Shift, Absence, planned(col(Post.region_code), at))
        .outerjoin(Shift, and_(col(Shift.post_id) == Post.id, on_shift(at)))
        .outerjoin(Absence, and_(col(Absence.post_id) == Post.id, away(at)))
        .where(
            col(Post.region_code).in_(codes), in_force(day=TODAY), col(Post.activated_at).is_not(None),
            or_(answering(), col(Shift.id).is_not(None)),
        )
        .order_by(col(Post.lead).desc(), col(Post.valid_from), col(Post.id))
    )  # fmt: skip


async def answers(db: AsyncSession, codes: Iterable[int]) -> dict[int, list[Answer]]:
    """Who answers now for each of these regions, the lead first. A region without an entry is a gap."""
    at = clock.now()
    rows = await db.exec(_answering(), params={"at": at, "codes": list(codes), "today": clock.today()})
    found: dict[int, list[Answer]] = {}
    for post, shift, absence, has_plan in rows:
        if has_plan and shift is None:
            continue
        if absence is None:
            answer = Answer(post, "shift" if shift else "post", shift and shift.ends_at)
        else:
            other = await _substitute(db, absence.substitute_id or post.substitute_id, at)
            if other is None:
                continue
            answer = Answer(other, "substitute", absence.until_at, post)
        found.setdefault(post.region_code, []).append(answer)
    return found


async def _substitute(db: AsyncSession, wanted: UUID | None, at: datetime) -> Post | None:
    """Whoever stands in: present, or in turn represented."""
    for _ in range(HOPS):
        if wanted is None:
            return None
        row = await db.exec(
            select(Post, Absence)
            .outerjoin(Absence, and_(col(Absence.post_id) == Post.id, away(at)))
            .where(Post.id == wanted, in_force(), col(Post.activated_at).is_not(None))
            .limit(1)
        )
        found = row.one_or_none()
        if found is None:
            return None
        post, absence = found
        if absence is None:
            return post
        wanted = absence.substitute_id or post.substitute_id
    return None


async def on_duty(db: AsyncSession, code: int) -> OnDutyFound:
    """Who answers for a region now; where its own people do not, the nearest unit above that has an answer."""
    chain = (code, *reversed(ancestors_of(code)))
    found = await answers(db, chain)
    place = next((step for step in chain if step in found), None)
    items = [
        OnDuty(
            post_id=answer.post.id, name=answer.post.name, role=Role(answer.post.role),
            region_code=answer.post.region_code, phone=phone_mask(db, answer.post),
            why=answer.why if place == code else "above", until=answer.until,
            stands_in_for=answer.stands_in_for.name if answer.stands_in_for else None,
        )
        for answer in (found[place] if place is not None else [])
    ]  # fmt: skip
    return OnDutyFound(region_code=code, chain=await regions.chain_of(db, code), gap=place != code, items=items)


async def worker_of(db: AsyncSession, region_code: int) -> Duty | None:
    """Whom a resident of a grid calls: who answers for the grid, else for the village above."""
    village = region_code - region_code % SPAN[Level.VILLAGE]
    found = await answers(db, (region_code, village))
    some = found.get(region_code) or found.get(village)
    return Duty(some[0].post.name, phone_of(db, some[0].post)) if some else None


async def heir_of(db: AsyncSession, post: Post) -> UUID | None:
    """Who takes over the open work of a post that ends, when nobody was named: who answers for its unit without it,
    or for the nearest one above."""
    chain = (post.region_code, *reversed(ancestors_of(post.region_code)))
    found = await answers(db, chain)
    others = (answer.post.id for step in chain for answer in found.get(step, []) if answer.post.id != post.id)
    return next(others, None)


async def stand_in(db: AsyncSession, post: Post, other_id: UUID, field: str = "substitute_id") -> None:
    """Raise Invalid, naming the field, unless another post can stand in for this one: in force, of the same county."""
    other = (
        await db.exec(select(Post).where(Post.id == other_id, in_force(), col(Post.activated_at).is_not(None)))
    ).one_or_none()
    fits = (
        other is not None
        and other.id != post.id
        and county_of(other.region_code) == county_of(post.region_code)
        and other.account_id != post.account_id
        and all(_gives(other, right) for right in NOT_LENT if _gives(post, right))
        and not any(_gives(other, right) for right in NOT_LENT if not _gives(post, right))
    )
    if not fits:
        words = N_("Please choose a colleague of the county with the same kind of work, who has taken up the post.")
        raise Invalid(faults=(Fault(field, words),))


def _gives(post: Post, right: Right) -> bool:
    return may(Role(post.role), right, level_of(post.region_code))


def represented(first: int, last: int, at: datetime) -> Select[Any]:
    """In SQL, for lists of gaps: the absent posts of a stretch of the tree for whom somebody is here, in turn if need
    be. The same as `_substitute`, in one statement."""
    other, gone = aliased(Post), aliased(Absence)
    here = in_force(other), col(other.activated_at).is_not(None)
    chain = (
        select(
            col(Post.id).label("post_id"),
            func.coalesce(col(Absence.substitute_id), col(Post.substitute_id)).label("wanted"), literal(1).label("hop"),
        )
        .join(Absence, and_(col(Absence.post_id) == Post.id, away(at)))
        .where(col(Post.region_code).between(first, last))
        .cte("stand_ins", recursive=True)
    )  # fmt: skip
    chain = chain.union_all(
        select(chain.c.post_id, func.coalesce(col(gone.substitute_id), col(other.substitute_id)), chain.c.hop + 1)
        .join(other, col(other.id) == chain.c.wanted)
        .join(gone, and_(col(gone.post_id) == other.id, away(at, gone)))
        .where(chain.c.hop < HOPS, *here)
    )
    present = ~exists().where(col(gone.post_id) == other.id, away(at, gone))
    return select(chain.c.post_id).join(other, col(other.id) == chain.c.wanted).where(*here, present)
