"""Break-glass: access to one named person outside one's region, for hours, with a reason, never silent."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, text
from sqlmodel import Field

from models.base import LOCAL, RegionCode, Schema, Table, placed, word_of, written
from models.residents import IdType
from models.staff import Role

MOST_HOURS = 4


class GlassReason(StrEnum):
    """Why a record outside one's region may be opened: a closed list."""

    MEDICAL_EMERGENCY = "medical_emergency"
    CONTACT_TRACING = "contact_tracing"
    TRANSFER = "transfer"  # brought to a hospital or place of observation elsewhere
    MISSING_PERSON = "missing_person"


class Glass(Table, table=True):
    """One opening. It ends by itself; the words lie sealed."""

    __tablename__ = "glass"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint(f"expires_at > opened_at AND expires_at <= opened_at + interval '{MOST_HOURS} hours'",
                        name="hours_are_few"),
        Index("ix_glass_account_id", "account_id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_glass_person_id", "person_id"),
        Index("ix_glass_region_code_opened_at", "region_code", "opened_at"),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id")
    post_id: UUID = Field(foreign_key="post.id")
    person_id: UUID
    region_code: int = Field(sa_type=BigInteger)  # where the person was looked after
    purpose: str = Field(max_length=20)
    words_sealed: bytes = Field(sa_type=LargeBinary)
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


class GlassCreate(Schema):
    """Open one person's record: by their document, or by an id that a colleague sent."""

    person_id: UUID | None = None
    id_type: word_of(IdType) | None = None  # type: ignore[valid-type]
    id_number: Annotated[str | None, Described(max_length=40, examples=["11010519491231002X"])] = None
    purpose: GlassReason
    words: Annotated[
        str, Described(min_length=10, max_length=500, examples=["患者在急诊，昏迷，需要核实接触史。"]), written(10)
    ]
    hours: Annotated[int, Described(ge=1, le=MOST_HOURS)]


class GlassPublic(Schema):
    """An opening, as whoever opened it sees it, and whoever watches over the region."""

    id: UUID
    person_id: UUID
    person: str | None = Described(description="Masked, for whoever opened it while it stands", examples=["王＊＊"])
    chain: list[str] = Described(description="Where the person is looked after")
    region_code: RegionCode
    who: str = Described(examples=["徐敏"])
    role: Role
    unit: list[str] = Described(description="Of whoever opened it")
    purpose: GlassReason
    words: str
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None


class GlassFound(Schema):
    """Openings, newest first; `next` leads to older ones."""

    items: list[GlassPublic]
    next: UUID | None = None


class GlassAbout(Schema):
    """An opening of my record, as I may know it."""

    id: UUID
    person_id: UUID
    who: str
    role: Role
    unit: list[str]
    purpose: GlassReason
    opened_at: datetime
    ended_at: datetime
