"""Exports: rows about people as a file. Asked for with a purpose, released by a second person, traced back."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, LargeBinary, Text, text
from sqlmodel import Field

from models.base import LOCAL, RegionCode, Schema, Table, placed, written

FREE_UP_TO = 200  # people; more need a second person (the lists that leaked in 2020 were longer)
FREE_DAYS = 7  # in which the requests of an account count together: two small files are one large one
TAKES = 3
GOOD_HOURS = 24


class ExportKind(StrEnum):
    """What can be asked for at all."""

    PEOPLE_OF_REGION = "people_of_region"


class Column(StrEnum):
    """What a row may hold. Only what was asked for is in the file."""

    NAME = "name"
    NAME_MASKED = "name_masked"
    GRID = "grid"
    STATE = "state"  # of the report of the day asked for
    PHONE = "phone"
    ADDRESS = "address"
    DOCUMENT = "document"


# With one of these a file needs a second person, however short it is; how somebody reported is about their health.
GRAVE = frozenset({Column.STATE, Column.PHONE, Column.ADDRESS, Column.DOCUMENT})


class ExportPurpose(StrEnum):
    """Why rows leave the house: a closed list."""

    ILLNESS = "illness"  # following up an illness in this place
    SUPPLIES = "supplies"  # bringing food and medicine
    TRANSFER = "transfer"  # moving people to a hospital or shelter
    HOME_VISITS = "home_visits"  # going from door to door where there is no network
    HIGHER_OFFICE = "higher_office"  # a written order of the office above


class ExportState(StrEnum):
    """Where an export stands."""

    REQUESTED = "requested"
    READY = "ready"
    REFUSED = "refused"
    TAKEN = "taken"
    EXPIRED = "expired"


class Export(Table, table=True):
    """One request for a file. No file is kept: each taking renders the rows anew, through the scope of that moment."""

    __tablename__ = "export"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint("rows >= 0", name="rows_are_a_count"),
        Index("uq_export_tag", "tag", unique=True),
        Index("ix_export_account_id_requested_at", "account_id", "requested_at"),
        Index("ix_export_region_code_requested_at", "region_code", "requested_at"),
    )

    id: UUID = Field(primary_key=True)
    tag: int = Field(sa_type=BigInteger)  # what every row of the file carries unseen
    account_id: UUID = Field(foreign_key="account.id")
    post_id: UUID = Field(foreign_key="post.id")
    name: str = Field(max_length=50)  # of who asked, as the file shows it
    kind: str = Field(max_length=20)
    region_code: int = Field(sa_type=BigInteger, foreign_key="region.code")
    day: date
    columns: list[str] = Field(sa_type=ARRAY(Text))
    purpose: str = Field(max_length=20)
    words_sealed: bytes = Field(sa_type=LargeBinary)
    rows: int
    second: bool  # a second person is needed
    requested_at: datetime
    good_until: datetime  # to be released, and once released to be taken


class Step(StrEnum):
    """What happened to an export."""

    APPROVED = "approved"
    REFUSED = "refused"
    TAKEN = "taken"


class ExportStep(Table, table=True):
    """One state of an export: who, when, what."""

    __tablename__ = "export_step"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint("rows >= 0", name="rows_are_a_count"),
        Index("ix_export_step_export_id", "export_id"),
        # One verdict on a request, whoever is quicker.
        Index("uq_export_step_verdict", "export_id", unique=True, postgresql_where=text("kind <> 'taken'")),
    )

    id: UUID = Field(primary_key=True)
    export_id: UUID = Field(foreign_key="export.id")
    kind: str = Field(max_length=8)
    account_id: UUID = Field(foreign_key="account.id")
    name: str = Field(max_length=50)
    at: datetime
    rows: int = 0  # in the file, when it was taken
    format: str = Field(default="", max_length=4)


class ExportCreate(Schema):
    """Ask for rows about the people of a region. The same id again is the same request."""

    id: UUID
    kind: ExportKind = ExportKind.PEOPLE_OF_REGION
    region_code: RegionCode
    day: date | None = Described(default=None, description="Whose report counts for `state`; today when left out")
    columns: Annotated[list[Column], Described(min_length=1, max_length=7, examples=[["name", "grid", "state"]])]
    purpose: ExportPurpose
    words: Annotated[str, Described(min_length=10, max_length=300, examples=["三网格断网，入户送药两天"]), written(10)]


class ExportTake(Schema):
    """As what the file is wanted."""

    format: Literal["csv", "xlsx"] = "csv"


class ExportPublic(Schema):
    """An export as its requester, and whoever may release it, sees it."""

    id: UUID
    state: ExportState
    kind: ExportKind
    region_code: RegionCode
    chain: list[str]
    day: date
    columns: list[Column]
    purpose: ExportPurpose
    words: str
    rows: int = Described(description="People, counted when it was asked for.")
    second: bool = Described(description="Whether a second person has to release it.")
    requested_by: str = Described(examples=["李桂芳"])
    requested_at: datetime
    decided_by: str | None = None
    good_until: datetime
    taken: int = Described(description="How often it was taken; three times at most.")
    mine: bool


class ExportsFound(Schema):
    """Exports, newest first: one's own, and those that wait for one's release."""

    items: list[ExportPublic]
