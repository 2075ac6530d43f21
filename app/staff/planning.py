"""Planning duty: shifts, and absences with a substitute."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound, Refusal
from app.kit.ids import uuid7
from app.kit.viewer import Held, Viewer
from app.staff import duty, handing
from app.staff.posts import in_force
from models.audit import Act, Purpose
from models.regions import last_of
from models.staff import (
    Absence,
    AbsenceCreate,
    AbsencePublic,
    AbsencesFound,
    Post,
    Right,
    Role,
    Shift,
    ShiftCreate,
    ShiftPublic,
    ShiftsFound,
)  # fmt: skip
from models.tasks import Why

NO_ZONE = N_("Please give the time with its zone, as 2026-11-22T20:00:00+08:00.")
LONGEST_SHIFT = timedelta(hours=36)
FURTHEST = timedelta(days=92)
SHOWN = 500


async def _own_or_planned(db: AsyncSession, me: Viewer, post_id: UUID) -> tuple[Post, Held]:
    """A post the viewer holds, or whose duty they may plan. Raises NotFound."""
    found = await db.exec(select(Post).where(Post.id == post_id, in_force()).with_for_update())
    post = found.one_or_none()
    if post is None:
        raise NotFound
    own = next((held for held in me.posts if held.id == post_id), None)
    by = own or me.post_over(post.region_code, Right.PLAN_DUTY)
    if by is None:
        raise NotFound
    return post, by


def _span(starts: datetime, ends: datetime, names: tuple[str, str], longest: timedelta) -> None:
    now = clock.now()
    if starts.tzinfo is None or ends.tzinfo is None:
        raise Invalid(faults=(Fault(names[0], NO_ZONE),))
    if ends <= starts:
        raise Invalid(faults=(Fault(names[1], N_("The end comes before the beginning.")),))
    if ends <= now or starts > now + FURTHEST:
        raise Invalid(faults=(Fault(names[1], N_("Duty is planned from now on, at most 92 days ahead.")),))
    if ends - starts > longest:
        words = N_("This span is too long: at most %(hours)s hours.")
        raise Invalid(faults=(Fault(names[1], words, {"hours": int(longest.total_seconds() // 3600)}),))


async def plan(db: AsyncSession, me: Viewer, form: ShiftCreate) -> ShiftPublic:
    """Put a post on duty for a span. Raises NotFound, Invalid, Refusal where it is on duty or away already."""
    post, by = await _own_or_planned(db, me, form.post_id)
    if me.post_over(post.region_code, Right.PLAN_DUTY) is None:
        raise NotFound
    _span(form.starts_at, form.ends_at, ("starts_at", "ends_at"), LONGEST_SHIFT)
    same = select(Shift.id).where(
        Shift.post_id == post.id, col(Shift.cancelled_at).is_(None), col(Shift.starts_at) < form.ends_at,
        col(Shift.ends_at) > form.starts_at,
    )  # fmt: skip
    if (await db.exec(same.limit(1))).first():
        raise Refusal(N_("%(name)s is on duty in this span already."), name=post.name)
    shift = Shift(
        id=uuid7(), post_id=post.id, region_code=post.region_code, starts_at=form.starts_at, ends_at=form.ends_at,
        by_account=me.account_id, created_at=clock.now(),
    )  # fmt: skip
    db.add(shift)
    await _wrote(db, me, (Act.PLANNED_DUTY, post), by)
    return shift_public(shift, post)


async def cancel(db: AsyncSession, me: Viewer, shift_id: UUID) -> Shift:
    """Take a shift off the plan. Raises NotFound."""
    shift = await db.get(Shift, shift_id, with_for_update=True)
    if shift is None or me.post_over(shift.region_code, Right.PLAN_DUTY) is None:
        raise NotFound
    if shift.cancelled_at is None:
        shift.cancelled_at = clock.now()
        db.add(shift)
        post, by = await _own_or_planned(db, me, shift.post_id)
        await _wrote(db, me, (Act.PLANNED_DUTY, post), by)
    return shift


async def shifts_of(db: AsyncSession, me: Viewer, code: int) -> ShiftsFound:
    """The shifts of a region and what lies in it, from now on, by time. Raises NotFound outside one's posts."""
    if not any(post.covers(code) and last_of(code) <= post.last_code for post in me.posts):
        raise NotFound
    await regions.named(db, code)
    found = await db.exec(
        select(Shift, Post)
        .join(Post, col(Post.id) == Shift.post_id)
        .where(
            col(Shift.region_code).between(code, last_of(code)), col(Shift.ends_at) > clock.now(),
            col(Shift.cancelled_at).is_(None), in_force(),
        )
        .order_by(col(Shift.starts_at), col(Shift.id))
        .limit(SHOWN)
    )  # fmt: skip
    return ShiftsFound(items=[shift_public(shift, post) for shift, post in found])


def shift_public(shift: Shift, post: Post) -> ShiftPublic:
    """A shift as the plan shows it."""
    return ShiftPublic(
        id=shift.id, post_id=post.id, starts_at=shift.starts_at, ends_at=shift.ends_at, name=post.name,
        role=Role(post.role),
    )  # fmt: skip


async def leave(db: AsyncSession, me: Viewer, form: AbsenceCreate) -> AbsencePublic:
    """Be away, or mark a colleague as away; the substitute answers meanwhile. Raises NotFound, Invalid, Refusal."""
    post, by = await _own_or_planned(db, me, form.post_id)
    _span(form.from_at, form.until_at, ("from_at", "until_at"), FURTHEST)
    if form.substitute_id is not None:
        await duty.stand_in(db, post, form.substitute_id)
    same = select(Absence.id).where(
        Absence.post_id == post.id, col(Absence.ended_at).is_(None), col(Absence.from_at) < form.until_at,
        col(Absence.until_at) > form.from_at,
    )  # fmt: skip
    if (await db.exec(same.limit(1))).first():
        raise Refusal(N_("%(name)s is marked as away in this span already."), name=post.name)
    absence = Absence(
        id=uuid7(), post_id=post.id, substitute_id=form.substitute_id, from_at=form.from_at, until_at=form.until_at,
        reason=form.reason, by_account=me.account_id, created_at=clock.now(),
    )  # fmt: skip
    db.add(absence)
    await _wrote(db, me, (Act.ABSENCE, post), by)
    if absence.from_at <= clock.now():
        # What begins later is seen to by the worker, in the second it begins.
        await handing.tasks(db, post.id, await duty.heir_of(db, post), Why.ABSENT)
    other = None if form.substitute_id is None else await db.get(Post, form.substitute_id)
    return absence_public(absence, post, other.name if other else None)


async def come_back(db: AsyncSession, me: Viewer, absence_id: UUID) -> Absence:
    """End an absence before its time. Raises NotFound."""
    absence = await db.get(Absence, absence_id, with_for_update=True)
    if absence is None:
        raise NotFound
    post, by = await _own_or_planned(db, me, absence.post_id)
    if absence.ended_at is None:
        absence.ended_at = clock.now()
        db.add(absence)
        await _wrote(db, me, (Act.ABSENCE, post), by)
    return absence


async def absences_of(db: AsyncSession, me: Viewer, code: int) -> AbsencesFound:
    """Who is or will be away in a region. Raises NotFound outside one's posts."""
    if not any(post.covers(code) and last_of(code) <= post.last_code for post in me.posts):
        raise NotFound
    other: Any = aliased(Post)
    found = await db.exec(
        select(Absence, Post, other.name)
        .join(Post, and_(col(Post.id) == Absence.post_id, in_force()))
        .outerjoin(other, other.id == Absence.substitute_id)
        .where(
            col(Post.region_code).between(code, last_of(code)), col(Absence.until_at) > clock.now(),
            col(Absence.ended_at).is_(None),
        )
        .order_by(col(Absence.from_at), col(Absence.id))
        .limit(SHOWN)
    )  # fmt: skip
    plans, items = me.post_over(code, Right.PLAN_DUTY) is not None, []
    for absence, post, name in found:
        item = absence_public(absence, post, name)
        # Why somebody is away is between them and who plans: it may be about their health. Who stands in holds the
        # post meanwhile, and reads no reason.
        if not plans and post.account_id != me.account_id:
            item.reason = ""
        items.append(item)
    return AbsencesFound(items=items)


def absence_public(absence: Absence, post: Post, substitute: str | None) -> AbsencePublic:
    """An absence as the plan shows it."""
    return AbsencePublic(
        id=absence.id, post_id=post.id, from_at=absence.from_at, until_at=absence.until_at, name=post.name,
        substitute_id=absence.substitute_id, substitute=substitute, reason=absence.reason, ended_at=absence.ended_at,
    )  # fmt: skip


async def _wrote(db: AsyncSession, me: Viewer, what: tuple[Act, Post], by: Held) -> None:
    act, post = what
    deed = Deed(act, Purpose.PLAN_DUTY, subject=post.id, place_code=post.region_code, facts={"role": post.role})
    await audit.record(db, me, deed, by)
