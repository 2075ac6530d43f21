"""Check-ins: submit and correct a report, see one's history, call the roll."""

from app.checkins.chasing import close_reported
from app.checkins.chasing import tick as chase
from app.checkins.days import open_slot
from app.checkins.facts import NOT_A_TEMPERATURE, ONE_DECIMAL
from app.checkins.history import Brief, DayCell, briefs_by, last_days, may_correct, reports_of, strip
from app.checkins.partitions import make_ahead
from app.checkins.receipts import current
from app.checkins.roll import make_up_days, roll_call, saw_list
from app.checkins.rules import Rules
from app.checkins.submission import NotRegistered, Outcome, Subject, subject_of, submit
from app.checkins.writer import CheckinWriter

__all__ = [
    "NOT_A_TEMPERATURE",
    "ONE_DECIMAL",
    "Brief",
    "CheckinWriter",
    "DayCell",
    "NotRegistered",
    "Outcome",
    "Rules",
    "Subject",
    "briefs_by",
    "chase",
    "close_reported",
    "current",
    "last_days",
    "make_ahead",
    "make_up_days",
    "may_correct",
    "open_slot",
    "reports_of",
    "roll_call",
    "saw_list",
    "strip",
    "subject_of",
    "submit",
]  # fmt: skip
