"""Standing up: a sheet of people becomes posts, row by row with a reason, and can be taken back."""

from app.appointments.activation import SignInFirst, TicketGone, WrongPhone, activate, origin_of, print_slips, ticket_of
from app.appointments.applying import NotApplied, NothingToApply, NotPlanned, PlanOutdated, apply
from app.appointments.bringing import (
    MOST_IN_THE_WEB,
    MOST_UPLOAD,
    File,
    SourceGone,
    bring,
    bring_file,
    bring_paste,
    plan_again,
    rename,
)  # fmt: skip
from app.appointments.looking import rows_of, sheets_of, shown
from app.appointments.purging import purge
from app.appointments.reasons import COLUMN, ROW, SheetUnreadable
from app.appointments.undoing import undo

__all__ = [
    "COLUMN",
    "MOST_IN_THE_WEB",
    "MOST_UPLOAD",
    "ROW",
    "File",
    "NotApplied",
    "NotPlanned",
    "NothingToApply",
    "PlanOutdated",
    "SheetUnreadable",
    "SignInFirst",
    "SourceGone",
    "TicketGone",
    "WrongPhone",
    "activate",
    "apply",
    "bring",
    "bring_file",
    "bring_paste",
    "origin_of",
    "plan_again",
    "print_slips",
    "purge",
    "rename",
    "rows_of",
    "sheets_of",
    "shown",
    "ticket_of",
    "undo",
]  # fmt: skip
