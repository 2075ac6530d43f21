"""What was reported: by a person over days, with every version, and the strip of the last days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import literal, union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.checkins.days import OLDEST
from app.checkins.receipts import correction, note_of, receipt
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid
from models.checkins import Checkin, CheckinCorrection, CheckinPublic, CorrectionPublic, Verdict

LONGEST = 92


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of a strip: its state in one word."""

    day: date
    state: str


async def reports_of(db: AsyncSession, person_id: UUID, first: date, last: date) -> list[CheckinPublic]:
    """The reports of a person the caller may see, newest first, each with its corrections. At most 92 days."""
    return (await reports_by(db, [person_id], first, last))[person_id]


async def reports_by(db: AsyncSession, people: list[UUID], first: date, last: date) -> dict[UUID, list[CheckinPublic]]:
    """The same for a household, in one statement: first reports and corrections together."""
    if first > last:
        raise Invalid(faults=(Fault("from", N_("The first day comes after the last.")),))
    if (last - first).days >= LONGEST:
        raise Invalid(faults=(Fault("from", N_("Please ask for at most %(days)s days at once."), {"days": LONGEST}),))
    both = union_all(*(_versions(table, people, first, last) for table in (Checkin, CheckinCorrection)))
    rows = (await db.exec(both.execution_options(scope="own"))).all()  # type: ignore[call-overload]
    keys = vault.of(db)
    later: dict[tuple[UUID, date, int], list[CorrectionPublic]] = {}
    for row in sorted((row for row in rows if row.later), key=lambda row: row.received_at):
        later.setdefault((row.person_id, row.day, row.slot), []).append(correction(row, note_of(keys, row)))
    found: dict[UUID, list[CheckinPublic]] = {person: [] for person in people}
    for row in sorted((row for row in rows if not row.later), key=lambda row: (row.day, row.slot), reverse=True):
        key = (row.person_id, row.day, row.slot)
        found[row.person_id].append(receipt(row, note_of(keys, row), later.get(key, [])))
    return found


def _versions(table: type[Checkin] | type[CheckinCorrection], people: list[UUID], first: date, last: date) -> Any:  # noqa: ANN401
    """Rows of one table as plain columns in the same order; a row reads like the object, at a tenth of its price."""
    columns = [getattr(table, name) for name in Checkin.model_fields]
    statement = select(literal(table is CheckinCorrection).label("later"), *columns)
    return statement.where(col(table.person_id).in_(people), col(table.day).between(first, last))


def may_correct(day: date, now: datetime) -> bool:
    """A report may be corrected while its day may still be made up."""
    return clock.midnight(day + timedelta(days=1)) > now - OLDEST


def strip(reports: list[CheckinPublic], days: list[date], since: date, slots: int = 1) -> list[DayCell]:
    """Each day in one word: `none` before registration, `today` while the last day is not complete, `part` when only
    one of two reports came."""
    by_day: dict[date, list[CheckinPublic]] = {}
    for report in reports:
        by_day.setdefault(report.day, []).append(report)
    return [DayCell(day, _state(by_day.get(day, []), slots, day < since, day == days[-1])) for day in days]


def last_days(last: date, count: int) -> list[date]:
    """The last days, oldest first."""
    return [last - timedelta(days=back) for back in range(count - 1, -1, -1)]


def _state(reports: list[CheckinPublic], slots: int, early: bool, is_today: bool) -> str:  # noqa: FBT001
    highest = max((report.highest_verdict for report in reports), default=Verdict.NORMAL)
    if highest is not Verdict.NORMAL:
        return Verdict(highest).name.lower()
    if len({report.slot for report in reports}) >= slots:
        return "late" if all(report.late for report in reports) else "done"
    if is_today:
        return "today"
    if reports:
        return "part"
    return "none" if early else "missed"
