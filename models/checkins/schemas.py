"""What crosses the doors about check-ins: a report, its receipt, a roll call."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Strict
from pydantic import Field as Described

from models.base import RegionCode, Schema, word_of
from models.checkins.words import NEEDS, SYMPTOMS, Answer, Place, Slot, State, Verdict, Via
from models.regions import RegionPublic
from models.residents import PlacePublic

# The limits are judged by the room, which can tell a slip (366, 98.6) from an impossible reading and ask back.
Temperature = Annotated[
    float | None,
    Strict(),
    Described(
        description="Degrees Celsius, one decimal; null where none was taken",
        examples=[36.6],
        json_schema_extra={"minimum": 34.0, "maximum": 43.0, "multipleOf": 0.1},
    ),
]


def _day(value: object) -> object:
    if isinstance(value, str) and not (len(value) == 10 and value[4] == value[7] == "-"):
        raise ValueError("day")
    return _written(value, "day")


def _written(value: object, kind: str = "time") -> object:
    """Days and instants are text (or already are what they mean), never numbers that could be read as either."""
    if isinstance(value, str | date | None):
        return value
    raise ValueError(kind)


Day = Annotated[date | None, BeforeValidator(_day)]
Instant = Annotated[AwareDatetime | None, BeforeValidator(_written)]


class CheckinCreate(Schema):
    """A report. `id` is made by the phone: the same id again returns the first report."""

    id: UUID
    person_id: UUID | None = Described(
        default=None, description="A household member, or for staff a resident; oneself when left out"
    )
    slot: word_of(Slot) | None = None  # type: ignore[valid-type]
    temperature: Temperature = None
    symptoms: Annotated[
        list[str],
        Described(
            min_length=1,
            max_length=24,
            examples=[["none"]],
            json_schema_extra={"items": {"type": "string", "enum": list(SYMPTOMS)}},
        ),
    ]
    exposed: word_of(Answer)  # type: ignore[valid-type]
    place: word_of(Place) | None = None  # type: ignore[valid-type]
    needs: Annotated[
        list[str], Described(max_length=8, json_schema_extra={"items": {"type": "string", "enum": list(NEEDS)}})
    ] = Described(default=[])
    note: Annotated[str | None, Described(max_length=500)] = None
    day: Day = Described(
        default=None, description="A past day to make up, at most 48 hours gone; the day of `filled_at` when left out"
    )
    filled_at: Instant = Described(
        default=None, description="When the form was filled, with offset; the moment of receipt when left out"
    )
    temperature_confirmed: bool = Described(
        default=False, strict=True, description="True when a reading outside 35.0-42.0 was confirmed"
    )


class CorrectionPublic(Schema):
    """One later version of a report. The last one is what counts now."""

    id: UUID
    number: str = Described(examples=["1122-9K2M-X1TB"])
    via: word_of(Via)  # type: ignore[valid-type]
    filled_at: datetime
    received_at: datetime
    temperature: float | None
    symptoms: list[str]
    exposed: word_of(Answer)  # type: ignore[valid-type]
    place: word_of(Place) | None  # type: ignore[valid-type]
    needs: list[str]
    note: str | None
    verdict: word_of(Verdict)  # type: ignore[valid-type]


class CheckinPublic(Schema):
    """A stored report: the receipt."""

    id: UUID
    number: str = Described(examples=["1122-7K4Q-9PDM"])
    person_id: UUID
    day: date
    slot: word_of(Slot)  # type: ignore[valid-type]
    temperature: float | None
    symptoms: list[str]
    exposed: word_of(Answer)  # type: ignore[valid-type]
    place: word_of(Place) | None  # type: ignore[valid-type]
    needs: list[str]
    note: str | None
    verdict: word_of(Verdict)  # type: ignore[valid-type]
    highest_verdict: word_of(Verdict)  # type: ignore[valid-type]
    rule_version: int
    via: word_of(Via)  # type: ignore[valid-type]
    late: bool
    made_up: bool
    clock_suspect: bool
    filled_at: datetime
    received_at: datetime
    corrects: UUID | None = None
    corrections: list[CorrectionPublic] = Described(default=[])


class CheckinsFound(Schema):
    """Reports of one person, newest first."""

    items: list[CheckinPublic]


class RollCallCounts(Schema):
    """due = urgent + attention + missing + done, always."""

    due: int
    urgent: int
    attention: int
    missing: int
    done: int


class AlertPublic(Schema):
    """The version of today's report that raised an alert, where a later version says otherwise."""

    temperature: float | None
    symptoms: list[str]
    reported_at: datetime


class RollCallPerson(Schema):
    """One person of a grid, for the worker who looks after the grid. The phone is masked; a call reveals it, logged."""

    person_id: UUID
    name: str
    state: State
    address: str | None
    phone: str | None
    temperature: float | None
    symptoms: list[str]
    reported_at: datetime | None
    needs: list[str]
    alert: AlertPublic | None = Described(description="What a correction has softened; it stays until looked after")
    missing_slot: word_of(Slot) | None = Described(  # type: ignore[valid-type]
        description="For two reports a day: the one that is missing, when the other has come"
    )
    by_proxy: bool
    missed_days: int = Described(description="Days in a row without a report before this day, at most 3")
    current: PlacePublic | None = Described(default=None, description="Where they said they are now, when not here")


class VisitorPublic(Schema):
    """Somebody looked after elsewhere who said that they are in this grid now; not counted here."""

    person_id: UUID
    name: str
    phone: str | None
    chain: list[str] = Described(description="Where they are looked after")
    until: date | None


class RollCallGrid(Schema):
    """One grid of a village."""

    code: RegionCode
    name: str
    counts: RollCallCounts


class RollCallPublic(Schema):
    """The roll call of a grid (`people`) or of a village (`grids`)."""

    region: RegionPublic
    day: date
    as_of: datetime
    counts: RollCallCounts
    people: list[RollCallPerson] | None
    grids: list[RollCallGrid] | None
    visitors: list[VisitorPublic] = Described(default=[], description="Of a grid: who is here, looked after elsewhere")
