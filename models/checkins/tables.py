"""The tables of check-ins: reports by month, their corrections, and the rules that judge them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Index, Integer, LargeBinary, Numeric, SmallInteger
from sqlmodel import Field

from models.base import PERSON, REFERENCE, Table, placed
from models.checkins.words import Slot, Symptom, Verdict


class VerdictRule(Table, table=True):
    """Thresholds of one programme in one region and below, from a day on. Rows are added, never changed."""

    __tablename__ = "verdict_rule"
    __table_args__ = placed(
        REFERENCE,
        CheckConstraint("fever_at BETWEEN 34.0 AND 43.0", name="fever_is_a_temperature"),
        Index("uq_verdict_rule_programme_region_in_force", "programme", "region_code", "in_force_from", unique=True),
    )

    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    programme: int = Field(sa_type=SmallInteger)
    region_code: int = Field(sa_type=BigInteger)
    last_code: int = Field(sa_type=BigInteger)
    in_force_from: date
    fever_at: Decimal = Field(sa_type=Numeric(3, 1))
    urgent_symptoms: int = Field(sa_type=Integer)
    temperature_asked: bool
    slots_a_day: int = Field(sa_type=SmallInteger)
    due_am: str = Field(max_length=5)
    due_pm: str = Field(max_length=5)
    source: str = Field(max_length=200)

    def frozen(self) -> "Rule":
        """The rule as plain numbers, for the thousands of reports a second that it judges."""
        return Rule(
            version=self.version, programme=self.programme, first=self.region_code, last=self.last_code,
            in_force_from=self.in_force_from, fever=int(self.fever_at * 10), urgent=self.urgent_symptoms,
            asks=self.temperature_asked, slots=self.slots_a_day,
            due={Slot.DAY: _minutes(self.due_pm), Slot.AM: _minutes(self.due_am), Slot.PM: _minutes(self.due_pm)},
        )  # fmt: skip


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in force. `fever` in tenths of a degree, `due` in minutes after local midnight by slot."""

    version: int
    programme: int
    first: int
    last: int
    in_force_from: date
    fever: int
    urgent: int
    asks: bool
    slots: int
    due: dict[int, int]

    def verdict(self, tenths: int | None, symptoms: int, exposed: int) -> Verdict:
        """Judge one report: tenths of a degree or None, a mask of `Symptom`, an `Answer`. Pure.

        The threshold is inclusive (>= 37.3, domain facts section 1). A symptom alone counts without fever.
        Any other symptom, contact or doubt about it, or no thermometer where one is asked, needs attention.
        """
        if (tenths is not None and tenths >= self.fever) or symptoms & self.urgent:
            return Verdict.URGENT
        if symptoms & ~Symptom.NONE or exposed or (tenths is None and self.asks):
            return Verdict.ATTENTION
        return Verdict.NORMAL


class _Facts(Table):
    """The columns that a report and a correction share. Fixed-width columns first: 130 bytes a row with its key."""

    person_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True, sa_type=Date)
    slot: int = Field(primary_key=True, sa_type=SmallInteger)
    id: UUID
    region_code: int = Field(sa_type=BigInteger)
    filled_at: datetime
    received_at: datetime
    reporter_id: UUID
    symptoms: int = Field(sa_type=Integer)
    rule_version: int = Field(sa_type=Integer)
    via: int = Field(sa_type=SmallInteger)
    exposed: int = Field(sa_type=SmallInteger)
    place: int | None = Field(default=None, sa_type=SmallInteger)
    needs: int = Field(sa_type=SmallInteger)
    verdict: int = Field(sa_type=SmallInteger)
    flags: int = Field(sa_type=SmallInteger)
    temperature: Decimal | None = Field(default=None, sa_type=Numeric(3, 1))
    note_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)


def _limits() -> tuple[CheckConstraint, ...]:
    # NaN sorts above every number in PostgreSQL, so the upper limit refuses it.
    known = "slot BETWEEN 0 AND 2 AND exposed BETWEEN 0 AND 2 AND verdict BETWEEN 0 AND 2 AND via BETWEEN 0 AND 2"
    return (
        CheckConstraint("temperature BETWEEN 34.0 AND 43.0", name="temperature_is_human"),
        CheckConstraint(
            f"{known} AND symptoms BETWEEN 1 AND 524287 AND (symptoms & 1 = 0 OR symptoms = 1)", name="codes_are_known"
        ),
    )


class Checkin(_Facts, table=True):
    """The first report of a person for a day and slot. Never changed; what follows is a correction."""

    __tablename__ = "checkin"
    __table_args__ = placed(PERSON, *_limits(), postgresql_partition_by="RANGE (day)")


class CheckinCorrection(_Facts, table=True):
    """A later report for the same day and slot. The first is kept, and so is the alert it raised."""

    __tablename__ = "checkin_correction"
    __table_args__ = placed(PERSON, *_limits())

    id: UUID = Field(primary_key=True)
