"""Asking for an export, and the second person's yes or no."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions, vault
from app.audit import Deed
from app.exports import rows
from app.exports.marks import tag_of
from app.kit import clock, limits
from app.kit.db import constraint_of
from app.kit.errors import N_, Fault, Invalid, KeyReused, NotFound, QuotaSpent, Refusal
from app.kit.ids import uuid7
from app.kit.viewer import Held, Viewer
from models.audit import Act, Purpose
from models.exports import (
    FREE_DAYS,
    FREE_UP_TO,
    GOOD_HOURS,
    GRAVE,
    TAKES,
    Column,
    Export,
    ExportCreate,
    ExportKind,
    ExportPublic,
    ExportPurpose,
    ExportsFound,
    ExportState,
    ExportStep,
    Step,
)  # fmt: skip
from models.regions import last_of
from models.staff import Right

A_DAY = 20  # requests of one account
SHOWN = 100
GOOD = timedelta(hours=GOOD_HOURS)
FREE = timedelta(days=FREE_DAYS)
WORDS = "export|words"


class OwnRequest(Refusal):
    """Two persons are two."""

    detail = N_("You asked for this yourself. Another colleague has to release it.")


class NotReleased(Refusal):
    """Waiting, refused, run out, or taken three times."""

    detail = N_("This cannot be done now: the request waits, was refused, has run out or was taken three times.")


class AskedBefore(KeyReused):
    """The same id with other content."""

    title = N_("This request was sent before")
    detail = N_("It asked for another place, day, columns or purpose then. Please open the form once more.")


class TooManyRequests(QuotaSpent):
    """A day of one account."""

    keep = True
    detail = N_("You have asked for %(most)s files today. More are possible tomorrow.")


async def request(db: AsyncSession, me: Viewer, form: ExportCreate) -> Export:
    """Ask for rows about the people of a region; the same id again is the same request.

    Up to 200 people, everybody asked for in the last seven days together, and without phone, address, document or the
    report of the day it is ready at once; else it waits for a second person.
    Raises NotFound outside one's region, Invalid for too many people or none, AskedBefore, TooManyRequests.
    """
    post = regions.covered(me, form.region_code, Right.EXPORT)
    day = _day_of(form)
    known = await db.get(Export, form.id)
    if known is not None:
        if known.account_id != me.account_id or not _same(db, known, form):
            raise AskedBefore
        return known
    await regions.named(db, form.region_code)
    subject = vault.ring_of(db).digest("exports", str(me.account_id))
    # The row of the counter stays locked until the commit: who asks twice at once is counted one after the other.
    if await limits.count(db, subject, 86_400) > A_DAY:
        raise TooManyRequests(retry_after=3600, most=A_DAY)
    count = await rows.count(db, me, (form.region_code, last_of(form.region_code)))
    _judge(db, count)
    now = clock.now()
    together = count + await _lately(db, me)
    wanted = Export(
        id=form.id, tag=tag_of(form.id), account_id=me.account_id, post_id=post.id, name=post.name, kind=form.kind,
        region_code=form.region_code, day=day, columns=_columns(form), purpose=form.purpose,
        words_sealed=vault.of(db).seal(form.words, WORDS, form.id, form.region_code), rows=count,
        second=together > FREE_UP_TO or not GRAVE.isdisjoint(form.columns), requested_at=now, good_until=now + GOOD,
    )  # fmt: skip
    db.add(wanted)
    await db.flush()
    facts: dict[str, str | int] = {"rows": count, "why": form.purpose.value, "columns": len(wanted.columns)}
    await _wrote(db, me, (Act.EXPORT_REQUESTED, wanted, post), facts)
    return wanted


async def _lately(db: AsyncSession, me: Viewer) -> int:
    """How many people the requests of an account in the last days were about, whatever became of them."""
    mine = col(Export.account_id) == me.account_id, col(Export.requested_at) > clock.now() - FREE
    return int((await db.exec(select(func.coalesce(func.sum(Export.rows), 0)).where(*mine))).one())


def _day_of(form: ExportCreate) -> date:
    today = clock.today()
    day = form.day or today
    if not today - timedelta(days=rows.FURTHEST_BACK) <= day <= today:
        words = N_("Please choose today or one of the last %(days)s days.")
        raise Invalid(faults=(Fault("day", words, {"days": rows.FURTHEST_BACK}),))
    if {Column.NAME, Column.NAME_MASKED} <= set(form.columns):
        raise Invalid(faults=(Fault("columns", N_("Please choose the name in full or masked, not both.")),))
    return day


def _columns(form: ExportCreate) -> list[str]:
    """Each once, in the order of the file."""
    return [column.value for column in Column if column in form.columns]


def _judge(db: AsyncSession, count: int) -> None:
    most = rows.most(db)
    if count > most:
        words = N_("This place has more than %(most)s people. Please choose a smaller one.")
        raise Invalid(faults=(Fault("region_code", words, {"most": most}),))
    if not count:
        raise Invalid(faults=(Fault("region_code", N_("Nobody is registered in this place.")),))


def _same(db: AsyncSession, known: Export, form: ExportCreate) -> bool:
    words = vault.of(db).open(known.words_sealed, WORDS, known.id)
    day = form.day or clock.local_day(known.requested_at)
    asked = (form.region_code, day, _columns(form), form.purpose, form.words)
    return (known.region_code, known.day, known.columns, known.purpose, words) == asked


async def approve(db: AsyncSession, me: Viewer, export_id: UUID) -> Export:
    """Release somebody else's request: from now on it may be taken for 24 hours.

    Raises NotFound outside one's region, OwnRequest, NotReleased when it was decided or has run out.
    """
    wanted, post = await _to_decide(db, me, export_id)
    await _decide(db, me, (wanted, Step.APPROVED, post))
    wanted.good_until = clock.now() + GOOD
    db.add(wanted)
    await _wrote(db, me, (Act.EXPORT_APPROVED, wanted, post), {"verdict": "approved", "rows": wanted.rows})
    return wanted


async def refuse(db: AsyncSession, me: Viewer, export_id: UUID) -> Export:
    """Say no to somebody else's request. Raises as `approve` does."""
    wanted, post = await _to_decide(db, me, export_id)
    await _decide(db, me, (wanted, Step.REFUSED, post))
    await _wrote(db, me, (Act.EXPORT_APPROVED, wanted, post), {"verdict": "refused", "rows": wanted.rows})
    return wanted


async def _to_decide(db: AsyncSession, me: Viewer, export_id: UUID) -> tuple[Export, Held]:
    wanted = await db.get(Export, export_id, with_for_update=True)
    if wanted is None:
        raise NotFound
    post = regions.covered(me, wanted.region_code, Right.APPROVE)
    if wanted.account_id == me.account_id:
        raise OwnRequest
    if state_of(wanted, await steps_of(db, [export_id])) is not ExportState.REQUESTED:
        raise NotReleased
    return wanted, post


async def _decide(db: AsyncSession, me: Viewer, what: tuple[Export, Step, Held]) -> None:
    wanted, kind, post = what
    step = ExportStep(
        id=uuid7(), export_id=wanted.id, kind=kind, account_id=me.account_id, name=post.name, at=clock.now()
    )
    try:
        async with db.begin_nested():
            db.add(step)
    except Exception as error:
        if constraint_of(error) == "uq_export_step_verdict":
            raise NotReleased from None
        raise


async def _wrote(db: AsyncSession, me: Viewer, what: tuple[Act, Export, Held], facts: dict[str, str | int]) -> None:
    act, wanted, post = what
    deed = Deed(act, Purpose.EXPORT, subject=wanted.id, place_code=wanted.region_code, facts=facts)
    await audit.record(db, me, deed, post)


# --- where an export stands ------------------------------------------------------------------------------------------


async def steps_of(db: AsyncSession, export_ids: list[UUID]) -> list[ExportStep]:
    """What happened to some exports, in order."""
    return list(await db.exec(
        select(ExportStep).where(col(ExportStep.export_id).in_(export_ids)).order_by(col(ExportStep.at))
    ))  # fmt: skip


def state_of(wanted: Export, steps: list[ExportStep]) -> ExportState:
    """Where an export stands now."""
    kinds = [step.kind for step in steps if step.export_id == wanted.id]
    if Step.REFUSED in kinds:
        return ExportState.REFUSED
    if kinds.count(Step.TAKEN) >= TAKES:
        return ExportState.TAKEN
    if wanted.good_until <= clock.now():
        return ExportState.EXPIRED
    return ExportState.READY if Step.APPROVED in kinds or not wanted.second else ExportState.REQUESTED


def takeable(export: ExportPublic) -> bool:
    """May the requester take it now?"""
    return export.mine and export.state is ExportState.READY


async def found(db: AsyncSession, me: Viewer) -> ExportsFound:
    """One's own requests, and those one may release or has released, newest first."""
    mine: ColumnElement[bool] = col(Export.account_id) == me.account_id
    places = [
        and_(col(Export.region_code) >= post.region_code, col(Export.region_code) <= post.last_code)
        for post in me.with_right(Right.APPROVE)
    ]
    recent = col(Export.requested_at) > clock.now() - timedelta(days=30)
    listed = await db.exec(
        select(Export).where(or_(mine, *places), recent).order_by(col(Export.requested_at).desc()).limit(SHOWN)
    )
    return ExportsFound(items=await public(db, me, list(listed)))


async def one(db: AsyncSession, me: Viewer, export_id: UUID) -> ExportPublic:
    """An export: one's own, or one in a region where one may release. Raises NotFound."""
    wanted = await db.get(Export, export_id)
    if wanted is None or not (wanted.account_id == me.account_id or me.post_over(wanted.region_code, Right.APPROVE)):
        raise NotFound
    return (await public(db, me, [wanted]))[0]


async def public(db: AsyncSession, me: Viewer, exports: list[Export]) -> list[ExportPublic]:
    """Exports as those concerned see them."""
    steps = await steps_of(db, [each.id for each in exports])
    shown = []
    for each in exports:
        own = [step for step in steps if step.export_id == each.id]
        shown.append(ExportPublic(
            id=each.id, state=state_of(each, own), kind=ExportKind(each.kind), region_code=each.region_code,
            chain=await regions.chain_of(db, each.region_code), day=each.day,
            columns=[Column(column) for column in each.columns], purpose=ExportPurpose(each.purpose),
            words=_words(db, each), rows=each.rows, second=each.second, requested_by=each.name,
            requested_at=each.requested_at, decided_by=next((s.name for s in own if s.kind != Step.TAKEN), None),
            good_until=each.good_until, taken=sum(s.kind == Step.TAKEN for s in own),
            mine=each.account_id == me.account_id,
        ))  # fmt: skip
    return shown


def _words(db: AsyncSession, wanted: Export) -> str:
    try:
        return vault.of(db).open(wanted.words_sealed, WORDS, wanted.id)
    except vault.Erased:  # of a response that is over: the request stays in the list, its words are gone
        return ""
