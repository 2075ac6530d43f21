"""A receipt as the pages show it: what counts now, the versions before it, words for codes."""

from dataclasses import dataclass
from datetime import date, datetime

from app import checkins
from models.checkins import CheckinPublic, CorrectionPublic, Via
from routers.kit.labels import NEED, SYMPTOM


@dataclass(frozen=True)
class Version:
    """An earlier version of a report."""

    at: datetime
    temperature: float | None
    verdict: str
    symptoms: list[str]
    needs: list[str]
    note: str | None


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
    corrections: list[Version]
    is_correction: bool = False

    @property
    def level(self) -> str:
        """What to do: an alert softened by a correction still asks for the grid worker, but for no ambulance."""
        return "attention" if self.verdict == "normal" != self.verdict_worst else self.verdict


def symptoms_of(codes: list[str]) -> list[str]:
    """Symptoms in words; none of them is an empty list."""
    return [SYMPTOM[code] for code in codes if code != "none"]


def _version(report: CheckinPublic | CorrectionPublic) -> Version:
    return Version(
        report.received_at, report.temperature, report.verdict.name.lower(), symptoms_of(report.symptoms),
        [NEED[code] for code in report.needs], report.note,
    )  # fmt: skip


def shown(report: CheckinPublic, name: str) -> Receipt:
    """The receipt of a stored report with all its versions."""
    now, slot = checkins.current(report), report.slot.name.lower()
    earlier: list[CheckinPublic | CorrectionPublic] = [report, *report.corrections[:-1]] if report.corrections else []
    return Receipt(
        id=f"{report.person_id}/{report.day}/{slot}", number=report.number, person_id=str(report.person_id),
        day=report.day, slot=slot, subject_name=name, received_at=now.received_at, filled_at=now.filled_at,
        verdict=now.verdict.name.lower(), verdict_worst=report.highest_verdict.name.lower(),
        temperature=now.temperature, symptoms=symptoms_of(now.symptoms),
        exposed=now.exposed.name.lower(), needs=[NEED[code] for code in now.needs], note=now.note,
        rule_version=str(report.rule_version), late=report.late, made_up=report.made_up,
        clock_suspect=report.clock_suspect, by_proxy=now.via is not Via.SELF,
        corrections=[_version(version) for version in earlier],
    )  # fmt: skip
