"""Check-ins: one report of one person for one day and slot, its corrections, and the rule that judged it."""

from models.checkins.schemas import (
    CheckinCreate,
    CheckinPublic,
    CheckinsFound,
    CorrectionPublic,
    RollCallCounts,
    RollCallGrid,
    RollCallPerson,
    RollCallPublic,
)
from models.checkins.tables import Checkin, CheckinCorrection, Rule, VerdictRule
from models.checkins.words import (
    BREATHING,
    NEEDS,
    SYMPTOMS,
    Answer,
    Flag,
    Need,
    Place,
    Slot,
    State,
    Symptom,
    Verdict,
    Via,
    words_of,
)

__all__ = [
    "BREATHING", "NEEDS", "SYMPTOMS", "Answer", "Checkin", "CheckinCorrection", "CheckinCreate", "CheckinPublic",
    "CheckinsFound", "CorrectionPublic", "Flag", "Need", "Place", "RollCallCounts", "RollCallGrid",
    "RollCallPerson", "RollCallPublic", "Rule", "Slot", "State", "Symptom", "Verdict", "VerdictRule", "Via", "words_of",
]  # fmt: skip
