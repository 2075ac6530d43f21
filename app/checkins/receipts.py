"""Receipts: a stored report with its corrections, as its owner and the grid worker may see it."""

from collections.abc import Sequence

from app.kit.ids import receipt_number
from app.vault import Vault
from models.checkins import (
    NEEDS,
    SYMPTOMS,
    Answer,
    Checkin,
    CheckinCorrection,
    CheckinPublic,
    CorrectionPublic,
    Flag,
    Place,
    Slot,
    Verdict,
    Via,
    words_of,
)

NOTE = "checkin|note"


def note_of(keys: Vault, row: Checkin | CheckinCorrection) -> str | None:
    """The words of a report, opened."""
    return keys.open(row.note_sealed, NOTE, row.id) if row.note_sealed else None


def _degrees(row: Checkin | CheckinCorrection) -> float | None:
    return None if row.temperature is None else float(row.temperature)


def correction(row: CheckinCorrection, note: str | None) -> CorrectionPublic:
    """A later version."""
    return CorrectionPublic.model_construct(
        id=row.id, number=receipt_number(row.day, row.id), via=Via(row.via), filled_at=row.filled_at,
        received_at=row.received_at, temperature=_degrees(row), symptoms=words_of(row.symptoms, SYMPTOMS),
        exposed=Answer(row.exposed), place=None if row.place is None else Place(row.place),
        needs=words_of(row.needs, NEEDS), note=note, verdict=Verdict(row.verdict),
    )  # fmt: skip


def receipt(
    row: Checkin | CheckinCorrection,
    note: str | None,
    corrections: Sequence[CorrectionPublic] = (),
    first: Checkin | None = None,
    highest: int = 0,
) -> CheckinPublic:
    """The receipt of a report. The highest verdict of all versions stays: a correction never erases an alert."""
    highest = max(highest, row.verdict, *(later.verdict for later in corrections), first.verdict if first else 0)
    # From the database, judged when it came in: checking it again would cost more than reading it.
    return CheckinPublic.model_construct(
        id=row.id, number=receipt_number(row.day, row.id), person_id=row.person_id, day=row.day, slot=Slot(row.slot),
        temperature=_degrees(row), symptoms=words_of(row.symptoms, SYMPTOMS), exposed=Answer(row.exposed),
        place=None if row.place is None else Place(row.place), needs=words_of(row.needs, NEEDS), note=note,
        verdict=Verdict(row.verdict), highest_verdict=Verdict(highest), rule_version=row.rule_version,
        via=Via(row.via), late=bool(row.flags & Flag.LATE), made_up=bool(row.flags & Flag.MADE_UP),
        clock_suspect=bool(row.flags & Flag.CLOCK_SUSPECT), filled_at=row.filled_at, received_at=row.received_at,
        corrects=first.id if first else None,
        corrections=list(corrections),
    )  # fmt: skip


def current(report: CheckinPublic) -> CheckinPublic:
    """What counts now: the number of the first report with the answers, the time and the reporter of the last one."""
    if not report.corrections:
        return report
    last = report.corrections[-1]
    answers = (
        "via",
        "filled_at",
        "received_at",
        "temperature",
        "symptoms",
        "exposed",
        "place",
        "needs",
        "note",
        "verdict",
    )
    return report.model_copy(update={name: getattr(last, name) for name in answers})
