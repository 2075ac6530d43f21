"""What was reported: by a person over days, with every version, and the strip of the last days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, literal, union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.checkins.days import OLDEST
from app.checkins.receipts import correction, note_of, receipt
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid
from app.vault import Vault
from models.checkins import Checkin, CheckinCorrection, CheckinPublic, Flag, Slot, Verdict

LONGEST = 92


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of a strip: its state in one word."""

    day: date
    state: str


@dataclass(frozen=True, slots=True)
class Brief:
    """A report with its later versions, as rows: enough for a strip; the full receipt is made where it is shown."""

    row: Any
    later: list[Any]
    keys: Vault

    @property
    def day(self) -> date:
        day: date = self.row.day
        return day

    @property
    def slot(self) -> Slot:
        return Slot(self.row.slot)

    @property
    def received_at(self) -> datetime:
        at: datetime = self.row.received_at
        return at

    @property
    def late(self) -> bool:
        return bool(self.row.flags & Flag.LATE)

    @property
    def highest_verdict(self) -> Verdict:
        return Verdict(max(self.row.verdict, *(row.verdict for row in self.later), 0))

    def receipt(self) -> CheckinPublic:
        """The first report with its corrections in the order of their coming."""
        corrections = [correction(row, note_of(self.keys, row)) for row in self.later]
        return receipt(self.row, note_of(self.keys, self.row), corrections)


async def reports_of(db: AsyncSession, person_id: UUID, first: date, last: date) -> list[CheckinPublic]:
    """The reports of a person the caller may see, newest first, each with its corrections. At most 92 days."""
    return [brief.receipt() for brief in (await briefs_by(db, [person_id], first, last))[person_id]]


async def briefs_by(db: AsyncSession, people: list[UUID], first: date, last: date) -> dict[UUID, list[Brief]]:
    """The same for a household, in one statement and in short."""
    if first > last:
        raise Invalid(faults=(Fault("from", N_("The first day comes after the last.")),))
    if (last - first).days >= LONGEST:
        raise Invalid(faults=(Fault("from", N_("Please ask for at most %(days)s days at once."), {"days": LONGEST}),))
    asked = {"people": people, "first": first, "last": last}
    rows = (await db.exec(_versions(), params=asked)).all()
    later: dict[tuple[UUID, date, int], list[Any]] = {}
    for row in sorted((row for row in rows if row.later), key=lambda row: row.received_at):
        later.setdefault((row.person_id, row.day, row.slot), []).append(row)
    found: dict[UUID, list[Brief]] = {person: [] for person in people}
    for row in sorted((row for row in rows if not row.later), key=lambda row: (row.day, row.slot), reverse=True):
        brief = Brief(row, later.get((row.person_id, row.day, row.slot), []), vault.of(db))
        found[row.person_id].append(brief)
    return found


@cache
def _versions() -> Any:  # noqa: ANN401  (a compound of plain columns)
    """First reports and corrections in one statement, built once. A row reads like the object, and costs a tenth."""
    both = []
    for table in (Checkin, CheckinCorrection):
        columns = [getattr(table, name) for name in Checkin.model_fields]
        statement = select(literal(table is CheckinCorrection).label("later"), *columns)
        among = col(table.person_id).in_(bindparam("people", expanding=True))
        both.append(statement.where(among, col(table.day).between(bindparam("first"), bindparam("last"))))
    return union_all(*both).execution_options(scope="own")


def may_correct(day: date, now: datetime) -> bool:
    """A report may be corrected while its day may still be made up."""
    return clock.midnight(day + timedelta(days=1)) > now - OLDEST


def strip(reports: Sequence[CheckinPublic | Brief], days: list[date], since: date, slots: int = 1) -> list[DayCell]:
    """Each day in one word: `none` before registration, `today` while the last day is not complete, `part` when only
    one of two reports came."""
    by_day: dict[date, list[CheckinPublic | Brief]] = {}
    for report in reports:
        by_day.setdefault(report.day, []).append(report)
    return [DayCell(day, _state(by_day.get(day, []), slots, day < since, day == days[-1])) for day in days]


def last_days(last: date, count: int) -> list[date]:
    """The last days, oldest first."""
    return [last - timedelta(days=back) for back in range(count - 1, -1, -1)]


def _state(reports: Sequence[CheckinPublic | Brief], slots: int, early: bool, is_today: bool) -> str:  # noqa: FBT001
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
