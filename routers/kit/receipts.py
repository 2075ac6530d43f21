"""A receipt as the pages show it: words for codes, and the address of its own page."""

from dataclasses import dataclass
from datetime import date, datetime

from models.checkins import CheckinPublic, Via
from routers.kit.labels import NEED, SYMPTOM


@dataclass(frozen=True)
class Change:
    """A later version, in short."""

    at: datetime
    temperature: float | None
    verdict: str


@dataclass(frozen=True)
class Receipt:
    """What templates read. `id` is the tail of the receipt's address."""

    id: str
    number: str
    person_id: str
    day: date
    slot: str
    subject_name: str
    received_at: datetime
    filled_at: datetime
    verdict: str
    verdict_worst: str
    temperature: float | None
    symptoms: list[str]
    exposed: str
    needs: list[str]
    note: str | None
    rule_version: str
    late: bool
    made_up: bool
    clock_suspect: bool
    by_proxy: bool
    corrections: list[Change]
    is_correction: bool = False


def shown(report: CheckinPublic, name: str) -> Receipt:
    """The receipt of a stored report."""
    slot = report.slot.name.lower()
    return Receipt(
        id=f"{report.person_id}/{report.day}/{slot}", number=report.number, person_id=str(report.person_id),
        day=report.day, slot=slot, subject_name=name, received_at=report.received_at, filled_at=report.filled_at,
        verdict=report.verdict.name.lower(), verdict_worst=report.highest_verdict.name.lower(),
        temperature=report.temperature, symptoms=[SYMPTOM[code] for code in report.symptoms if code != "none"],
        exposed=report.exposed.name.lower(), needs=[NEED[code] for code in report.needs], note=report.note,
        rule_version=str(report.rule_version), late=report.late, made_up=report.made_up,
        clock_suspect=report.clock_suspect, by_proxy=report.via is not Via.SELF,
        corrections=[
            Change(later.received_at, later.temperature, later.verdict.name.lower()) for later in report.corrections
        ],
    )  # fmt: skip
