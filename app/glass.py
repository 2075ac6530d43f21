"""Break-glass: one named person outside one's region, for hours, with a reason; told to both sides, never for lists."""

import asyncio
import time
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, DateTime, bindparam, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, notices, regions, residents, staff, vault
from app.audit import Deed
from app.kit import clock, limits, masks
from app.kit.errors import N_, Fault, Invalid, NotFound, QuotaSpent, Refusal
from app.kit.ids import uuid7
from app.kit.viewer import Held, Viewer
from app.residents import identity
from models.audit import Act, Purpose
from models.glass import Glass, GlassAbout, GlassCreate, GlassFound, GlassPublic, GlassReason
from models.regions import ancestors_of
from models.residents import IdentityKey, IdType, Resident
from models.staff import Post, Right, Role

A_DAY = 20  # look-ups of one account
CALM_S = 0.25  # every answer takes at least this long, whatever was found
A_PAGE = 50
LATELY = timedelta(days=7)
PLACE = "glass|words"
# Whoever answers for what is done to the people of a region sees who opened their records.
WATCHES = (Right.AUDIT, Right.APPEALS)
# Told to whoever is on duty in the person's village and one level up. No name of a resident: the list has more.
TOLD = {
    GlassReason.MEDICAL_EMERGENCY: N_(
        "%(who)s (%(unit)s) has opened the record of a person you look after, for %(hours)s h: medical emergency. "
        "See break-glass openings for the reason given."
    ),
    GlassReason.CONTACT_TRACING: N_(
        "%(who)s (%(unit)s) has opened the record of a person you look after, for %(hours)s h: contact tracing. "
        "See break-glass openings for the reason given."
    ),
    GlassReason.TRANSFER: N_(
        "%(who)s (%(unit)s) has opened the record of a person you look after, for %(hours)s h: transfer. "
        "See break-glass openings for the reason given."
    ),
    GlassReason.MISSING_PERSON: N_(
        "%(who)s (%(unit)s) has opened the record of a person you look after, for %(hours)s h: missing person. "
        "See break-glass openings for the reason given."
    ),
}


class NobodyThere(NotFound):
    """No such number, no such person, or none that may be opened: one answer. The try stays in the ledger."""

    keep = True
    detail = N_("Nobody by this number is looked after here, or the record cannot be opened. The attempt was recorded.")


class WrongDocument(Invalid):
    """A number that cannot be one; it counts all the same."""

    keep = True


class TooManyLooks(QuotaSpent):
    """The day's look-ups are spent."""

    keep = True
    detail = N_("This account has used up its look-ups for today. Please ask a colleague, or tomorrow.")


class OpenAlready(Refusal):
    """No glass to break: the person is of one's own region."""

    keep = True
    detail = N_("This person is of your own region: their page is open to you already, from the roll call.")


class OpenForAnotherReason(OpenAlready):
    """Open still, and for what was said then: a new reason would stand nowhere."""

    detail = N_("You have this record open already, for another reason. End that access first, then ask anew.")


async def open_glass(db: AsyncSession, me: Viewer, form: GlassCreate) -> GlassPublic:
    """Open the record of one person. Counted before it is looked up; the same answer, in the same time, for whom there
    is nobody. Raises NotFound without the right, TooManyLooks, WrongDocument, NobodyThere, OpenAlready,
    OpenForAnotherReason."""
    by = next(iter(me.with_right(Right.BREAK_GLASS)), None)
    if by is None:
        raise NotFound
    began = time.monotonic()
    try:
        return await _opened(db, me, by, form)
    finally:
        await asyncio.sleep(max(0.0, CALM_S - (time.monotonic() - began)))


async def _opened(db: AsyncSession, me: Viewer, by: Held, form: GlassCreate) -> GlassPublic:
    subject = vault.ring_of(db).digest("break-glass", str(me.account_id))
    if await limits.count(db, subject, 86_400) > A_DAY:
        raise TooManyLooks(retry_after=3600)
    row = await _wanted(db, form)
    facts = {"reason": form.purpose.value, "hours": form.hours}
    if row is None:
        await audit.record(db, me, Deed(Act.GLASS_TRIED, Purpose.BREAK_GLASS, facts={**facts, "found": 0}), by)
        raise NobodyThere
    if me.post_over(row.region_code) or me.post_over(row.place_code):
        seen = {**facts, "found": 1}  # a number was looked up, and answered
        deed = Deed(Act.GLASS_TRIED, Purpose.BREAK_GLASS, row.person_id, None, row.region_code, seen)
        await audit.record(db, me, deed, by)
        raise OpenAlready
    before = select(Glass).where(Glass.account_id == me.account_id, Glass.person_id == row.person_id, *_standing())
    if (same := (await db.exec(before)).first()) is not None:
        if same.purpose != form.purpose or vault.of(db).open(same.words_sealed, PLACE, same.id) != form.words:
            raise OpenForAnotherReason  # the one given first stands in the ledger and on the person's page
        return await _public(db, same, row.name)
    now, name = clock.now(), uuid7()
    glass = Glass(
        id=name, account_id=me.account_id, post_id=by.id, person_id=row.person_id, region_code=row.region_code,
        purpose=form.purpose, words_sealed=vault.of(db).seal(form.words, PLACE, name, row.region_code), opened_at=now,
        expires_at=now + timedelta(hours=form.hours),
    )  # fmt: skip
    db.add(glass)
    deed = Deed(Act.BROKE_GLASS, Purpose.BREAK_GLASS, row.person_id, name, row.region_code, {**facts, "found": 1})
    await audit.record(db, me, deed, by)
    township, village = ancestors_of(row.region_code)[-2:]
    unit = " ".join(await regions.chain_of(db, by.region_code))
    for code in (village, township):
        told = {"who": by.name, "unit": unit, "hours": str(form.hours)}
        await notices.from_the_house(db, code, TOLD[form.purpose], told)
    return await _public(db, glass, row.name)


async def _wanted(db: AsyncSession, form: GlassCreate) -> Resident | None:
    person_id = form.person_id
    if person_id is None:
        document, faults = identity.read(IdType(form.id_type or IdType.NONE), form.id_number, None)
        if document.number is None:
            words = N_("Please give the kind and number of the document.")
            raise WrongDocument(faults=tuple(faults) if form.id_type else (Fault("id_number", words),))
        held = select(IdentityKey.person_id).where(IdentityKey.blind_index == document.blind_index(db))
        person_id = (await db.exec(held)).one_or_none() or UUID(int=0)  # the same work for a number nobody has
    return (await db.exec(residents.own(select(Resident), [person_id]))).one_or_none()


def _standing() -> tuple:  # type: ignore[type-arg]
    return col(Glass.ended_at).is_(None), col(Glass.expires_at) > clock.now()


async def in_force(db: AsyncSession, account_id: UUID) -> frozenset[UUID]:
    """The persons whose records an account may open now; nothing once the post that opened them has ended."""
    found = await db.exec(
        select(Glass.person_id)
        .join(Post, col(Post.id) == Glass.post_id)
        .where(Glass.account_id == account_id, *_standing(), staff.in_force())
    )
    return frozenset(found)


async def end_glass(db: AsyncSession, me: Viewer, glass_id: UUID) -> None:
    """End one's own opening before its time. Raises NotFound; ending it again changes nothing."""
    own = select(Glass).where(Glass.id == glass_id, Glass.account_id == me.account_id).with_for_update()
    glass = (await db.exec(own)).one_or_none()
    if glass is None:
        raise NotFound
    if glass.ended_at is not None or glass.expires_at <= clock.now():
        return
    glass.ended_at = clock.now()
    db.add(glass)
    deed = Deed(Act.GLASS_ENDED, Purpose.BREAK_GLASS, glass.person_id, glass.id, glass.region_code)
    await audit.record(db, me, deed, next((post for post in me.posts if post.id == glass.post_id), None))


async def mine(db: AsyncSession, me: Viewer) -> list[GlassPublic]:
    """One's own openings, newest first, with the name of the person while the access stands."""
    if not me.with_right(Right.BREAK_GLASS):
        raise NotFound
    rows = await db.exec(
        select(Glass).where(Glass.account_id == me.account_id).order_by(col(Glass.id).desc()).limit(A_PAGE)
    )
    found = []
    for glass in rows.all():
        name = None
        if glass.person_id in me.glass:
            person = (await db.exec(residents.own(select(Resident), [glass.person_id]))).one_or_none()
            name = person.name if person else None
        found.append(await _public(db, glass, name))
    return found


async def of_region(db: AsyncSession, me: Viewer, before: UUID | None = None) -> GlassFound:
    """Openings of records of the regions that the viewer answers for or audits, newest first. Raises NotFound."""
    held = [right for right in WATCHES if me.with_right(right)]
    if not held:
        raise NotFound
    statement = select(Glass).where(or_(*(regions.ranges(me, col(Glass.region_code), right=right) for right in held)))
    if before is not None:
        statement = statement.where(col(Glass.id) < before)
    rows = (await db.exec(statement.order_by(col(Glass.id).desc()).limit(A_PAGE + 1))).all()
    items = [await _public(db, row, None) for row in rows[:A_PAGE]]
    return GlassFound(items=items, next=items[-1].id if len(rows) > A_PAGE else None)


@cache
def _lately() -> Any:  # noqa: ANN401  (a select of a number)
    wanted: BindParameter[UUID] = bindparam("people", expanding=True)
    since = bindparam("since", type_=DateTime(timezone=True))
    return select(func.count()).where(col(Glass.person_id).in_(wanted), col(Glass.opened_at) >= since)


async def lately(db: AsyncSession, person_ids: list[UUID]) -> int:
    """How often the records of these people were opened from outside in the last week: told where they look daily."""
    told = {"people": person_ids, "since": clock.now() - LATELY}
    found: int = (await db.exec(_lately(), params=told)).one()
    return found


async def about(db: AsyncSession, person_ids: list[UUID]) -> list[GlassAbout]:
    """Openings of these people's records, newest first; for the people themselves."""
    rows = await db.exec(
        select(Glass, Post)
        .join(Post, col(Post.id) == Glass.post_id)
        .where(col(Glass.person_id).in_(person_ids))
        .order_by(col(Glass.id).desc())
        .limit(A_PAGE)
    )
    return [
        GlassAbout(
            id=glass.id, person_id=glass.person_id, who=post.name, role=Role(post.role),
            unit=await regions.chain_of(db, post.region_code), purpose=GlassReason(glass.purpose),
            opened_at=glass.opened_at, ended_at=glass.ended_at or glass.expires_at,
        )
        for glass, post in rows.all()
    ]  # fmt: skip


async def _public(db: AsyncSession, glass: Glass, name: str | None) -> GlassPublic:
    post = await db.get_one(Post, glass.post_id)
    return GlassPublic(
        id=glass.id, person_id=glass.person_id, person=masks.mask_name(name) if name else None,
        chain=await regions.chain_of(db, glass.region_code), region_code=glass.region_code, who=post.name,
        role=Role(post.role), unit=await regions.chain_of(db, post.region_code), purpose=GlassReason(glass.purpose),
        words=vault.of(db).open(glass.words_sealed, PLACE, glass.id), opened_at=glass.opened_at,
        expires_at=glass.expires_at, ended_at=glass.ended_at,
    )  # fmt: skip
