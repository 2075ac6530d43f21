"""Sheets of appointments: what was brought, what each row would do, what it did; and tickets that activate a post."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from models.base import LOCAL, RegionCode, Schema, Table, placed

TICKET_HOURS = 72
TICKET_TRIES = 5
MOST_TICKETS = 500
LONGEST_CELL = 80


class State(StrEnum):
    """How far a sheet has come."""

    STAGED = "staged"
    PLANNED = "planned"
    APPLIED = "applied"
    UNDONE = "undone"


class Outcome(StrEnum):
    """What a row does, or did."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Column(StrEnum):
    """What a column of a sheet can hold. A place stands in one column, or level by level in several."""

    NAME = "name"
    PHONE = "phone"
    ROLE = "role"
    PLACE = "place"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    GRID = "grid"
    LEAD = "lead"
    DEPARTMENT = "department"
    GROUP = "group"
    VALID_FROM = "valid_from"
    VALID_TO = "valid_to"
    SUBSTITUTE = "substitute"


class Reason(StrEnum):
    """Why a row is refused."""

    NO_NAME = "no_name"
    NAME_TOO_LONG = "name_too_long"
    NO_PHONE = "no_phone"
    PHONE_SHAPE = "phone_shape"
    NO_ROLE = "no_role"
    ROLE_UNKNOWN = "role_unknown"
    ROLE_NOT_HERE = "role_not_here"
    ABOVE_YOU = "above_you"
    NO_PLACE = "no_place"
    PLACE_UNKNOWN = "place_unknown"
    PLACE_AMBIGUOUS = "place_ambiguous"
    LEAD_UNCLEAR = "lead_unclear"
    TOO_LONG = "too_long"
    DATE_SHAPE = "date_shape"
    DATES_BACKWARDS = "dates_backwards"
    OVER_ALREADY = "over_already"
    SUBSTITUTE_SHAPE = "substitute_shape"
    SUBSTITUTE_UNKNOWN = "substitute_unknown"
    SWAPPED = "swapped"
    DUPLICATE = "duplicate"
    TWO_NAMES = "two_names"
    SCIENTIFIC = "scientific"
    FORMULA = "formula"
    MERGED = "merged"
    CONTROL_CHARACTERS = "control_characters"
    EXTRA_CELLS = "extra_cells"
    UNREADABLE = "unreadable"
    OWN = "own"
    SEPARATE = "separate"
    ADMINISTRATOR_END = "administrator_end"


class AppointmentSheet(Table, table=True):
    """A sheet that an administrator brought. Its counts always add up."""

    __tablename__ = "sheet"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint("state IN ('staged', 'planned', 'applied', 'undone')", name="state_is_known"),
        CheckConstraint("state = 'staged' OR rows_in = new + changed + unchanged + refused", name="counts_add_up"),
        Index("ix_sheet_region_code_created_at", "region_code", "created_at"),
        Index("ix_sheet_created_at", "created_at"),
    )

    id: UUID = Field(primary_key=True)
    response_id: UUID = Field(foreign_key="response.id")
    by_account: UUID
    by_post_id: UUID  # the nil UUID: the operator
    region_code: int = Field(sa_type=BigInteger, foreign_key="region.code")
    name: str = Field(max_length=80)
    kind: str = Field(max_length=5)
    sha256: bytes = Field(sa_type=LargeBinary)
    headers: list[Any] = Field(sa_type=JSONB)  # the columns as they were named
    mapping: dict[str, Any] = Field(sa_type=JSONB)  # which of them holds what: Column -> place in the row
    state: str = Field(max_length=7)
    more_worksheets: int = Field(default=0, sa_type=SmallInteger)  # they hold something and were not read
    rows_in: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    missing: int = 0  # posts in the units of the sheet that it does not name; they stay
    kept: int = 0  # of an undone sheet: rows whose post was changed since, or may not end
    created_at: datetime
    planned_at: datetime | None = None
    applied_at: datetime | None = None
    undone_at: datetime | None = None


class SheetRow(Table, table=True):
    """One row: as it was read, what became of it, and what it replaced. Phones lie sealed, and wrong ones masked.

    No foreign keys: a million rows are copied at once, and they live and die with their sheet.
    `post_id` is the name of the post that the row would make; under it the phone is sealed.
    """

    __tablename__ = "sheet_row"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint("outcome IN ('new', 'changed', 'unchanged', 'refused')", name="outcome_is_known"),
        CheckConstraint("(outcome = 'refused') = (reason IS NOT NULL)", name="refused_with_reason"),
        CheckConstraint("(matched_id IS NOT NULL) = (outcome IN ('changed', 'unchanged'))", name="matched_when_there"),
        Index("ix_sheet_row_refused", "sheet_id", "number", postgresql_where=text("outcome = 'refused'")),
    )

    sheet_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)  # as the person sees it in their program
    outcome: str = Field(max_length=9)
    reason: str | None = Field(default=None, max_length=20)
    field: str | None = Field(default=None, max_length=12)
    cell: str | None = Field(default=None, max_length=LONGEST_CELL)  # what stands there, phones masked
    hint: str | None = Field(default=None, max_length=200)  # the other row, or the places it may mean
    post_id: UUID | None = None
    phone_index: bytes | None = Field(default=None, sa_type=LargeBinary)
    phone_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    name: str | None = Field(default=None, max_length=50)
    given: str | None = Field(default=None, max_length=50)
    pinyin: str | None = Field(default=None, max_length=200)
    given_pinyin: str | None = Field(default=None, max_length=200)
    initials: str | None = Field(default=None, max_length=50)
    role: str | None = Field(default=None, max_length=20)
    region_code: int | None = Field(default=None, sa_type=BigInteger)
    group_name: str | None = Field(default=None, max_length=40)
    lead: bool | None = None  # None, here and below: the sheet does not say
    department: str | None = Field(default=None, max_length=60)
    valid_from: date | None = None
    valid_to: date | None = None
    substitute_index: bytes | None = Field(default=None, sa_type=LargeBinary)
    matched_id: UUID | None = None  # the post that is there already
    substitute_id: UUID | None = None
    before: dict[str, Any] | None = Field(default=None, sa_type=JSONB)  # of a changed post: what it was


class SheetSource(Table, table=True):
    """What was brought, sealed, so that its columns can be named anew. Gone once applied, or after a day."""

    __tablename__ = "sheet_source"
    __table_args__ = placed(LOCAL)

    sheet_id: UUID = Field(primary_key=True, foreign_key="sheet.id")
    sealed: bytes = Field(sa_type=LargeBinary)


class ActivationTicket(Table, table=True):
    """What a printed QR code is worth: one post, once, to who knows its phone number. Only a digest is kept."""

    __tablename__ = "activation_ticket"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint(f"tries BETWEEN 0 AND {TICKET_TRIES}", name="tries_are_few"),
        Index("ix_activation_ticket_post_id", "post_id"),
        Index("ix_activation_ticket_expires_at", "expires_at"),
    )

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    post_id: UUID = Field(foreign_key="post.id")
    created_by: UUID
    created_at: datetime
    expires_at: datetime
    tries: int = Field(default=0, sa_type=SmallInteger)
    used_at: datetime | None = None
    by_account: UUID | None = None


LONGEST_PASTE = 2_000_000  # characters; twenty thousand rows of a hundred


class SheetPaste(Schema):
    """Rows as a spreadsheet puts them on the clipboard, with or without a header."""

    paste: str = Described(
        min_length=1, max_length=LONGEST_PASTE, examples=["姓名\t手机号\t职务\t单位\n李桂芳\t13857001234\t..."]
    )
    region_code: RegionCode | None = Described(
        default=None, description="Which of your regions; the widest if left out."
    )


class SheetPublic(Schema):
    """A sheet and what it would do or did: rows_in = new + changed + unchanged + refused."""

    id: UUID
    region_code: RegionCode
    name: str = Described(examples=["天马街道花名册.xlsx"])
    kind: str = Described(examples=["xlsx"])
    state: State
    headers: list[str] = Described(examples=[["姓名", "手机号", "职务", "单位"]])
    columns: dict[Column, int] = Described(
        description="Which column holds what, counted from 0.",
        examples=[{"name": 0, "phone": 1, "role": 2, "place": 3}],
    )
    more_worksheets: int = Described(
        description="Other visible worksheets of this workbook that hold something; only the first one was read.",
        examples=[1],
    )
    rows_in: int = Described(examples=[62])
    new: int = Described(examples=[58])
    changed: int = Described(examples=[1])
    unchanged: int = Described(examples=[1])
    refused: int = Described(examples=[2])
    missing: int = Described(description="Posts in these units that the sheet does not name; they stay.", examples=[3])
    kept: int = Described(
        description="Of an undone sheet: rows that were changed since, left as they are.", examples=[0]
    )
    created_at: datetime
    applied_at: datetime | None = None
    undone_at: datetime | None = None


class SheetsFound(Schema):
    """The sheets of one's regions, newest first."""

    items: list[SheetPublic]


class SheetColumns(Schema):
    """Which column holds what, counted from 0; a column that is left out is not read."""

    columns: dict[Column, int] = Described(examples=[{"name": 1, "phone": 0, "role": 2, "place": 3}])


class SheetChange(Schema):
    """One field that a row changes. Whether somebody stands in is all that is said of a substitute: true twice is
    another person."""

    field: Column
    old: str | bool | None = Described(examples=[False])
    new: str | bool | None = Described(examples=[True])


class SheetRowPublic(Schema):
    """One row of a sheet. Of a refused one: why, which cell, and what may help; of a changed one: what changes."""

    number: int = Described(examples=[17])
    outcome: Outcome
    reason: Reason | None = None
    field: str | None = Described(default=None, examples=["place"])
    cell: str | None = Described(default=None, description="What stands there; phones masked.", examples=["双溪村"])
    hint: str | None = Described(default=None, examples=["天马街道双溪村委会"])
    name: str | None = Described(default=None, examples=["李桂芳"])
    role: str | None = Described(default=None, examples=["grid_worker"])
    place: list[str] = Described(default=[], examples=[["常山县", "天马街道", "天马社区", "第一网格"]])
    changes: list[SheetChange] = Described(default=[], examples=[[{"field": "lead", "old": False, "new": True}]])


class SheetRowsFound(Schema):
    """A page of the rows of one outcome, in their order."""

    total: int = Described(examples=[2])
    page: int = Described(examples=[1])
    pages: int = Described(examples=[1])
    items: list[SheetRowPublic]
