"""Submitting a report: whose it is, which day it belongs to, what it means, and whether it was sent before."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import residents, tasks
from app.checkins import facts
from app.checkins.days import OLDEST, Placed, place
from app.checkins.facts import Facts
from app.checkins.receipts import NOTE, note_of, receipt
from app.checkins.writer import CheckinWriter, Row, urgent_of
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, KeyReused, NotFound
from app.kit.viewer import Viewer
from app.tasks import raw
from models.audit import Act, Purpose
from models.checkins import Checkin, CheckinCorrection, CheckinCreate, CheckinPublic, Slot, Verdict, Via
from models.residents import Resident
from models.tasks import Kind, Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """The receipt, and whether something new was stored (False: the same report came before)."""

    receipt: CheckinPublic
    new: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a report is about, and who makes it."""

    person_id: UUID
    region_code: int
    programme: int
    via: Via

    @property
    def staff(self) -> bool:
        """Does a post, not the family, give the right to this record?"""
        return self.via is Via.STAFF


async def subject_of(db: AsyncSession, me: Viewer, person_id: UUID | None) -> tuple[Subject, Resident]:
    """Oneself, a household member, or for staff a resident of their grid. Raises NotFound for anybody else."""
    wanted = person_id or me.person_id
    if wanted is None:
        raise NotRegistered
    try:
        found = await residents.reachable(db, me, wanted)
        row, via = found.row, Via.SELF if wanted == me.person_id else Via.HOUSEHOLD
    except NotFound:
        if not me.posts:
            raise NotYours from None
        row, via = await _covered(db, me, wanted), Via.STAFF
    return Subject(row.person_id, row.region_code, row.programme, via), row


async def _covered(db: AsyncSession, me: Viewer, wanted: UUID) -> Resident:
    try:
        return await residents.covered(db, me, wanted)
    except NotFound:
        raise NotYours from None


async def _allowed(db: AsyncSession, me: Viewer, subject: Subject) -> None:
    """Write the report on behalf down, which not every post that sees a person may make. Raises NotYours."""
    try:
        await residents.open_record(db, me, subject.person_id, Act.REPORTED_FOR, Purpose.REPORT_FOR)
    except NotFound:
        raise NotYours from None


class NotYours(NotFound):
    """Not oneself, not of one's household, not of one's grids: the same words as for nobody at all."""

    def __init__(self) -> None:
        words = N_("You cannot report for this person or see them. Leave the field out to report for yourself.")
        super().__init__(faults=(Fault("person_id", words),))


class NotRegistered(Invalid):
    """An account without a person cannot report for itself."""

    detail = N_("Please register first: it takes a minute, then you can check in.")


async def submit(writer: CheckinWriter, me: Viewer, report: CheckinCreate) -> Outcome:
    """Record a report; sending the same report again returns the first one; another one that day is a correction.

    Answers after the commit. Raises Invalid, Confirm, NotFound, KeyReused.
    """
    said = facts.of(report)
    async with writer.database.reading() as db:
        subject, _ = await subject_of(db, me, report.person_id)
        row = _row(writer, me, report, (subject, said))
        # A reply may have been lost before midnight: the same id must not become a second day.
        earlier = await _sent_before(db, row)
    if subject.staff:
        async with writer.database.writing() as db:
            await _allowed(db, me, subject)
    if earlier is not None:
        kept, first, highest = earlier
        return Outcome(receipt(kept, _same(kept, writer, row, report), first=first, highest=highest), new=False)
    if await writer.put(row):
        return Outcome(receipt(_stored(row), report.note or None), new=True)
    return await settle(writer, row, report)


def _row(writer: CheckinWriter, me: Viewer, report: CheckinCreate, what: tuple[Subject, Facts]) -> Row:
    subject, said = what
    received_at = clock.now()
    rule = writer.rules.rule_for(subject.programme, subject.region_code, clock.local_day(received_at))
    asked = (report.day, Slot(report.slot) if report.slot is not None else None)
    placed: Placed = place(report.filled_at, received_at, rule, asked)
    note = report.note or None
    return Row(
        person_id=subject.person_id, day=placed.day, slot=placed.slot, id=report.id, region_code=subject.region_code,
        filled_at=placed.filled_at, received_at=received_at, reporter_id=me.account_id, symptoms=said.symptoms,
        rule_version=rule.version, via=subject.via, exposed=report.exposed, place=report.place, needs=said.needs,
        verdict=rule.verdict(said.tenths, said.symptoms, report.exposed), flags=placed.flags, temperature=said.tenths,
        note_sealed=writer.vault.seal(note, NOTE, report.id, subject.region_code) if note else None,
    )  # fmt: skip


def _values(row: Row) -> dict[str, Any]:
    values = row._asdict()
    values["temperature"] = None if row.temperature is None else Decimal(row.temperature) / 10
    return values


def _stored(row: Row) -> Checkin:
    return Checkin(**_values(row))


async def _sent_before(db: AsyncSession, row: Row) -> tuple[Checkin | CheckinCorrection, Checkin | None, int] | None:
    """A recent report with this id, on whatever day; for a correction also the first report and the highest verdict."""
    since = row.day - OLDEST - timedelta(days=1)
    for table in (Checkin, CheckinCorrection):
        found = await db.exec(
            select(table)
            .where(table.person_id == row.person_id, col(table.day) >= since, table.id == row.id)
            .execution_options(scope="own")
        )
        if (earlier := found.first()) is not None:
            kept = cast(Checkin | CheckinCorrection, earlier)
            key = (kept.person_id, kept.day, kept.slot)
            if table is Checkin:
                return kept, None, 0
            return kept, await db.get(Checkin, key, execution_options={"scope": "own"}), await _highest(db, key)
    return None


async def _highest(db: AsyncSession, key: tuple[UUID, date, int]) -> int:
    """The highest verdict among the corrections of a report."""
    person_id, day, slot = key
    found = await db.exec(
        select(func.max(CheckinCorrection.verdict))
        .where(CheckinCorrection.person_id == person_id, CheckinCorrection.day == day, CheckinCorrection.slot == slot)
        .execution_options(scope="own")
    )
    return found.one() or 0


async def settle(writer: CheckinWriter, row: Row, report: CheckinCreate) -> Outcome:
    """A report for that day and slot stands already: is this the same one again, or a correction of it?"""
    async with writer.database.writing() as db:
        key = (row.person_id, row.day, row.slot)
        first = await db.get(Checkin, key, execution_options={"scope": "own"})
        if first is None:
            raise NotFound
        if first.id == row.id:
            return Outcome(receipt(first, _same(first, writer, row, report)), new=False)
        later = insert(CheckinCorrection).values(**_values(row)).on_conflict_do_nothing()
        stored = await db.exec(later.returning(col(CheckinCorrection.id)).execution_options(scope="own"))
        new = stored.first() is not None
        if new and row.verdict == Verdict.URGENT:
            await _open_task(db, row)
        kept = await db.get(CheckinCorrection, (*key, row.id), execution_options={"scope": "own"})
        assert kept is not None
        if not new:
            _same(kept, writer, row, report)
        highest = await _highest(db, key)
        return Outcome(receipt(kept, report.note or None, first=first, highest=highest), new=new)


async def _open_task(db: AsyncSession, row: Row) -> None:
    """A second, worse report of a slot: somebody is to be reached as for a first one, also when the first alarm was
    seen to already. One task at a time: while it is open, whoever has it hears of the report."""
    alarms = select(Task).where(
        Task.person_id == row.person_id, Task.kind == Kind.URGENT_REPORT, Task.day == row.day, Task.slot == row.slot
    )
    found = (await db.exec(alarms.order_by(col(Task.id)).with_for_update())).all()
    for alarm in found:
        if alarm.closed_at is None:
            await tasks.reported_again(db, alarm, row.id, row.received_at)
            return
    urgent = replace(urgent_of(row), region_code=await _place(db, row.person_id))
    await db.exec(insert(Task).values(**raw.row(urgent, again=row.id if found else None)).on_conflict_do_nothing())


async def _place(db: AsyncSession, person_id: UUID) -> int:
    """The grid where somebody is now: who looks for them goes there."""
    places = select(Resident).where(Resident.person_id == person_id).execution_options(scope="own")
    return (await db.exec(places)).one().place_code


def _same(kept: Checkin | CheckinCorrection, writer: CheckinWriter, row: Row, report: CheckinCreate) -> str | None:
    """The words of the report that came before. Raises KeyReused when the same id came with other content."""
    tenths = None if kept.temperature is None else int(kept.temperature * 10)
    note = note_of(writer.vault, kept)
    before = (tenths, kept.symptoms, kept.exposed, kept.place, kept.needs, note)
    if before != (row.temperature, row.symptoms, row.exposed, row.place, row.needs, report.note or None):
        raise KeyReused(faults=(Fault("id", KeyReused.detail),))
    return note
