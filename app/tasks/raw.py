"""Tasks that the hot path writes: a row in the queue of the grid where the person is now, in the transaction of the
fact, and nothing else. The next tick of the ladder, half a second later, finds it due, and gives it an owner."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.kit.ids import named
from models.tasks import WEIGHTS, Kind, TaskState

REACH = timedelta(hours=2)  # until when somebody with an urgent report is spoken to


@dataclass(frozen=True, slots=True)
class Urgent:
    """An urgent report as a task needs it."""

    person_id: UUID
    day: date
    slot: int
    report_id: UUID
    region_code: int
    received_at: datetime


COLUMNS = {
    "id": "uuid", "kind": "text", "state": "text", "region_code": "int8", "person_id": "uuid", "subject": "uuid",
    "day": "date", "slot": "int2", "queue_code": "int8", "held_since": "timestamptz", "weight": "int2",
    "counts_from": "timestamptz", "start_at": "timestamptz", "due_at": "timestamptz", "created_at": "timestamptz",
    "policy": "int4", "rung": "int2", "step_at": "timestamptz",
}  # fmt: skip
_NAMES = ", ".join(COLUMNS)
_ARRAYS = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(COLUMNS.values(), 1))
# Where they are now, at the price of one row by its key: reports are few of which somebody has to hear at once.
_PLACED = dict.fromkeys(("region_code", "queue_code"), "COALESCE(r.current_code, r.region_code, u.region_code)")
_VALUES = ", ".join(_PLACED.get(name, f"u.{name}") for name in COLUMNS)
INSERT = (
    f"INSERT INTO task ({_NAMES}) SELECT {_VALUES} FROM unnest({_ARRAYS}) AS u ({_NAMES}) "  # noqa: S608
    "LEFT JOIN resident r ON r.person_id = u.person_id ON CONFLICT (id) DO NOTHING"
)


def row(urgent: Urgent, again: UUID | None = None) -> dict[str, Any]:
    """The task of an urgent report: one for each person, day and slot, however often they report.

    `again`: the report that came after that task was closed, and opens another one.
    """
    at, key = urgent.received_at, f"{Kind.URGENT_REPORT}|{urgent.person_id}|{urgent.day}|{urgent.slot}"
    return {
        "id": named(f"{key}|{again}" if again else key), "kind": Kind.URGENT_REPORT,
        "state": TaskState.OFFERED, "region_code": urgent.region_code, "person_id": urgent.person_id,
        "subject": urgent.report_id, "day": urgent.day, "slot": urgent.slot, "queue_code": urgent.region_code,
        "held_since": at, "weight": WEIGHTS[Kind.URGENT_REPORT], "counts_from": at, "start_at": at,
        "due_at": at + REACH, "created_at": at, "policy": 0, "rung": 0, "step_at": at,
    }  # fmt: skip
