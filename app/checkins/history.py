"""What was reported: by a person over days, with every version, and the strip of the last days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

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
    if first > last:
        raise Invalid(faults=(Fault("from", N_("The first day comes after the last.")),))
    if (last - first).days >= LONGEST:
        raise Invalid(faults=(Fault("from", N_("Please ask for at most %(days)s days at once."), {"days": LONGEST}),))
    found = await db.exec(
        select(Checkin)
        .where(Checkin.person_id == person_id, col(Checkin.day).between(first, last))
        .order_by(col(Checkin.day).desc(), col(Checkin.slot).desc())
        .execution_options(scope="own")
    )
    later = await db.exec(
        select(CheckinCorrection)
        .where(CheckinCorrection.person_id == person_id, col(CheckinCorrection.day).between(first, last))
        .order_by(col(CheckinCorrection.received_at))
        .execution_options(scope="own")
    )
    keys = vault.of(db)
    corrections: dict[tuple[date, int], list[CorrectionPublic]] = {}
    for row in later:
        corrections.setdefault((row.day, row.slot), []).append(correction(row, note_of(keys, row)))
    return [receipt(row, note_of(keys, row), corrections.get((row.day, row.slot), [])) for row in found]


async def reported_on(db: AsyncSession, people: list[UUID], day: date) -> set[UUID]:
    """Which of these people, whom the caller may see, have reported on a day."""
    found = await db.exec(
        select(Checkin.person_id)
        .where(col(Checkin.person_id).in_(people), Checkin.day == day)
        .execution_options(scope="own")
    )
    return set(found)


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
