"""What an appeal may be about: a report's verdict, a look, an opening; each of that very person, else it is nowhere."""

from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound
from app.kit.ids import receipt_number
from models.appeals import NAMED, Appeal, AppealKind
from models.audit import LISTS, AuditEvent, AuditLedger
from models.checkins import Checkin, CheckinCorrection, Via
from models.glass import Glass
from models.regions import ancestors_of
from models.residents import Resident
from models.staff import Post

OLDEST = timedelta(days=400)
LEDGER: tuple[type[AuditEvent] | type[AuditLedger], ...] = (AuditEvent, AuditLedger)


async def decider(db: AsyncSession, row: Resident, kind: AppealKind, decision_id: UUID | None) -> UUID | None:
    """The account whose act a decision was; None for a rule's. Raises NotFound when it is not about this person."""
    if kind not in NAMED:
        if decision_id is not None:
            raise NotFound
        return None
    if decision_id is None:
        words = N_("Please object with the button beside the decision, so that we know which one you mean.")
        raise Invalid(faults=(Fault("decision_id", words),))
    if kind is AppealKind.VERDICT:
        report = await _report(db, row.person_id, decision_id)
        return report.reporter_id if report.via == Via.STAFF else None
    if kind is AppealKind.GLASS:
        opening = await db.get(Glass, decision_id)
        if opening is None or opening.person_id != row.person_id:
            raise NotFound
        return opening.account_id
    return (await _look(db, row, decision_id)).account_id


async def _report(db: AsyncSession, person_id: UUID, report_id: UUID) -> Checkin | CheckinCorrection:
    since = clock.today() - OLDEST
    for table in (Checkin, CheckinCorrection):
        found = await db.exec(
            select(table)
            .where(table.person_id == person_id, col(table.day) >= since, table.id == report_id)
            .execution_options(scope="own")
        )
        if (report := found.first()) is not None:
            return cast(Checkin | CheckinCorrection, report)
    raise NotFound


async def _look(db: AsyncSession, row: Resident, event_id: UUID) -> AuditEvent | AuditLedger:
    """A line of the ledger about this person, or about a list of a place that contains their grid."""
    ways = (*ancestors_of(row.region_code), row.region_code)
    for table in LEDGER:
        listed = and_(col(table.place_code).in_(ways), col(table.act).in_(LISTS), col(table.at) >= row.created_at)
        found = await db.exec(
            select(table).where(
                table.id == event_id, or_(col(table.person_id) == row.person_id, listed),
                col(table.post_id).is_not(None),
            )
        )  # fmt: skip
        if (event := found.first()) is not None:
            return cast(AuditEvent | AuditLedger, event)
    raise NotFound


async def in_short(db: AsyncSession, appeal: Appeal) -> str | None:
    """What the appeal is about, in as much as a number or a name says it; None where the kind says everything."""
    if appeal.decision_id is None:
        return None
    if appeal.kind == AppealKind.VERDICT:
        try:
            report = await _report(db, appeal.person_id, appeal.decision_id)
        except NotFound:  # erased meanwhile
            return None
        return receipt_number(report.day, report.id)
    if appeal.kind == AppealKind.GLASS:
        names = select(Post.name).join(Glass, col(Glass.post_id) == Post.id).where(Glass.id == appeal.decision_id)
        return (await db.exec(names)).one_or_none()
    for table in LEDGER:
        about = select(table.actor_name).where(table.account_id == appeal.against, table.id == appeal.decision_id)
        if (name := (await db.exec(about)).first()) is not None:
            return name
    return None
