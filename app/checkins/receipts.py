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


def correction(row: CheckinCorrection) -> CorrectionPublic:
    """A later version, in short."""
    return CorrectionPublic(
        id=row.id,
        received_at=row.received_at,
        temperature=_degrees(row),
        symptoms=words_of(row.symptoms, SYMPTOMS),
        verdict=Verdict(row.verdict),
    )


def receipt(
    row: Checkin | CheckinCorrection,
    note: str | None,
    corrections: Sequence[CheckinCorrection] = (),
    first: Checkin | None = None,
) -> CheckinPublic:
    """The receipt of a report. The highest verdict of all versions stays: a correction never erases an alert."""
    highest = max(version.verdict for version in (row, *corrections, *([first] if first else [])))
    return CheckinPublic(
        id=row.id, number=receipt_number(row.day, row.id), person_id=row.person_id, day=row.day, slot=Slot(row.slot),
        temperature=_degrees(row), symptoms=words_of(row.symptoms, SYMPTOMS), exposed=Answer(row.exposed),
        place=None if row.place is None else Place(row.place), needs=words_of(row.needs, NEEDS), note=note,
        verdict=Verdict(row.verdict), highest_verdict=Verdict(highest), rule_version=row.rule_version,
        via=Via(row.via), late=bool(row.flags & Flag.LATE), made_up=bool(row.flags & Flag.MADE_UP),
        clock_suspect=bool(row.flags & Flag.CLOCK_SUSPECT), filled_at=row.filled_at, received_at=row.received_at,
        corrects=first.id if first else None,
        corrections=[correction(later) for later in corrections],
    )  # fmt: skip
