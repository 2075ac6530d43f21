"""How long what is kept: the rules as data. Pages show them as they stand here, the worker does nothing else.

Sources: personal information law, articles 19 (shortest time) and 47 (delete when done); the retention table of the
trust plan: words and temperatures 28 days after the event, audit 3 years (six months at least by law).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import SQLModel, col, select

from app.kit import clock
from app.kit.errors import N_
from app.retention.sealed import sealed_through
from models.accounts import Account, FactorChallenge, StaffSession
from models.appeals import Appeal, AppealStep
from models.appointments import ActivationTicket, AppointmentSheet, SheetRow
from models.checkins import Checkin, CheckinCorrection
from models.exports import Export, ExportStep
from models.glass import Glass
from models.notices import DirectMessage, Notice, NoticeReceipt
from models.residents import Dependant, IdentityClaim, IdentityKey, Resident
from models.retention import StandDown
from models.tasks import Task, TaskPhoto, TaskStep

LEDGER_DAYS = 3 * 365
Conditions = tuple[ColumnElement[bool], ...]


class After(StrEnum):
    """From when the days are counted."""

    ROW = "row"  # from the row's own moment
    RESPONSE = "response"  # from the stand-down of the response


@dataclass(frozen=True)
class Rule:
    """One kind of record in one table. Without a table its own room drops it, by the days that stand here."""

    kind: str
    what: str
    days: int
    after: After = After.ROW
    table: type[SQLModel] | None = None
    due: Callable[[Any], Conditions] = lambda _: ()  # of a moment; of a StandDown where the response counts
    blank: Mapping[str, object] | None = None  # these columns are emptied; None = the row goes
    parts: tuple[tuple[type[SQLModel], str, str], ...] = field(default=())  # (table, its column, ours): they go first


def _older(*columns: Any) -> Callable[[datetime], Conditions]:  # noqa: ANN401  (ORM attributes)
    return lambda moment: (or_(*(col(column) < moment for column in columns)),)


def _said(table: Any) -> Callable[[StandDown], Conditions]:  # noqa: ANN401  (one of two tables)
    """Reports up to the end of the response that still have words or a temperature."""
    return lambda over: (
        table.day <= clock.local_day(over.done_at or clock.now()),
        or_(table.note_sealed.is_not(None), table.temperature.is_not(None)),
    )


def _told(table: Any) -> Callable[[datetime], Conditions]:  # noqa: ANN401
    return lambda moment: (
        table.day < clock.local_day(moment), or_(table.note_sealed.is_not(None), table.temperature.is_not(None))
    )  # fmt: skip


def _unreadable(column: Any) -> Callable[[StandDown], Conditions]:  # noqa: ANN401  (an ORM attribute)
    """Sealed under a key that the stand-down has destroyed."""
    return lambda over: (sealed_through(column, over.data_key_through or 0),)


def _left_over(over: StandDown) -> Conditions:
    """People whose numbers nobody can read any more, and those registered without any before the end."""
    through = over.data_key_through or 0
    numbers = (col(Resident.phone_sealed), col(Resident.address_sealed), col(Resident.id_sealed))
    nameless = and_(*(number.is_(None) for number in numbers), col(Resident.created_at) <= over.done_at)
    return (or_(*(sealed_through(number, through) for number in numbers), nameless),)


def _applied_before(moment: datetime) -> Any:  # noqa: ANN401  (a sub-select)
    return select(AppointmentSheet.id).where(col(AppointmentSheet.applied_at) < moment)


EMPTY = {"note_sealed": None, "temperature": None}
PEOPLE = N_("Name, document number, phone and address")
NOTICES = N_("Notices and messages between staff")
REPORTS = N_("Temperature and note of a report; what was judged of it stays as a count")

RULES: tuple[Rule, ...] = (
    Rule("codes", N_("Sign-in codes; good for ten minutes"), 1),
    Rule("messages", N_("Messages of this service; those with a code go after a day"), 28),
    Rule("people", PEOPLE, 0, After.RESPONSE, Resident, _left_over,
         parts=((IdentityKey, "person_id", "person_id"), (IdentityClaim, "person_id", "person_id"),
                (Dependant, "person_id", "person_id"))),
    Rule("phones", N_("Phone numbers that signed in"), 0, After.RESPONSE, Account,
         _unreadable(Account.phone_sealed), {"phone_sealed": b""}),
    Rule("reports", REPORTS, 28, After.RESPONSE, Checkin, _said(Checkin), EMPTY),
    Rule("reports", REPORTS, 28, After.RESPONSE, CheckinCorrection, _said(CheckinCorrection), EMPTY),
    Rule("notices", NOTICES, 0, After.RESPONSE, Notice,
         _unreadable(Notice.words_sealed), parts=((NoticeReceipt, "notice_id", "id"),)),
    Rule("notices", NOTICES, 0, After.RESPONSE, DirectMessage, _unreadable(DirectMessage.words_sealed)),
    Rule("staff_sessions", N_("Staff sessions that have ended"), 30, After.ROW, StaffSession,
         _older(StaffSession.ended_at, StaffSession.expires_at)),
    Rule("challenges", N_("Challenges of a sign-in with a passkey"), 1, After.ROW, FactorChallenge,
         _older(FactorChallenge.expires_at)),
    Rule("sheets", N_("Plans of sheets that nobody applied, with the file or the rows that were brought"), 1),
    Rule("sheet_rows", N_("Rows of a sheet that was applied; until then it can be undone"), 30, After.ROW, SheetRow,
         lambda moment: (col(SheetRow.sheet_id).in_(_applied_before(moment)),)),
    Rule("activation_tickets", N_("Printed codes that activate a post"), 30, After.ROW, ActivationTicket,
         _older(ActivationTicket.expires_at)),
    Rule("glass", N_("Openings of a record from outside the region, with the reason given"), 180, After.ROW, Glass,
         _older(Glass.expires_at)),
    Rule("appeals", N_("Appeals that are closed, with their answers"), 180, After.ROW, Appeal,
         _older(Appeal.closed_at), parts=((AppealStep, "appeal_id", "id"),)),
    Rule("tasks", N_("Tasks that are closed, with what was written and photographed about them"), 180, After.ROW, Task,
         _older(Task.closed_at), parts=((TaskPhoto, "task_id", "id"), (TaskStep, "task_id", "id"),)),
    Rule("exports", N_("Requests for files with people in them"), 90, After.ROW, Export, _older(Export.good_until),
         parts=((ExportStep, "export_id", "id"),)),
    Rule("ledger", N_("Who looked at whom, and why"), LEDGER_DAYS),
)  # fmt: skip

# Where an operator may choose: SHOUWANG_RETENTION_DAYS. `reports` then counts from the report itself, response or not.
CONFIGURABLE = ("reports", "staff_sessions", "activation_tickets", "glass", "appeals", "exports", "ledger")
RUNNING: tuple[Rule, ...] = tuple(
    Rule("reports", REPORTS, 28, After.ROW, table, _told(table), EMPTY) for table in (Checkin, CheckinCorrection)
)


def days_of(rule: Rule, chosen: Mapping[Any, int]) -> int:
    """The days of a rule in this installation."""
    return chosen.get(rule.kind, rule.days) if rule.kind in CONFIGURABLE and rule.after is After.ROW else rule.days
