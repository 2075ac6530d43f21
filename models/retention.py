"""What was erased and when; the stand-down of a response and the certificate that its keys are gone."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, Text, text
from sqlmodel import Field

from models.base import LOCAL, Schema, Table, placed


class Erasure(Table, table=True):
    """How many rows of a kind were erased on a day. Counts stay; what was counted is gone."""

    __tablename__ = "erasure"
    __table_args__ = placed(LOCAL, CheckConstraint("rows > 0", name="rows_are_a_count"))

    day: date = Field(primary_key=True)
    kind: str = Field(primary_key=True, max_length=24)
    rows: int = Field(sa_type=BigInteger)


class StandDown(Table, table=True):
    """The end of a response: asked for by one official, done by another, or by the operator at the machine.

    `root_through` and `data_key_through` are set when it is done: keys up to these ids are never used again.
    """

    __tablename__ = "stand_down"
    __table_args__ = placed(
        LOCAL,
        Index("ix_stand_down_response_id", "response_id"),
        Index("uq_stand_down_done", "response_id", unique=True, postgresql_where=text("done_at IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    response_id: UUID = Field(foreign_key="response.id")
    by_account: UUID
    by_name: str = Field(max_length=50)
    at: datetime
    second_account: UUID | None = None
    second_name: str | None = Field(default=None, max_length=50)
    done_at: datetime | None = None
    root_through: int | None = Field(default=None, sa_type=SmallInteger)
    data_key_through: int | None = Field(default=None, sa_type=SmallInteger)
    fingerprints: str | None = Field(default=None, sa_type=Text)  # JSON: root id to SHA-256 of the root
    people_erased_at: datetime | None = None  # nothing is left of the people whose keys are gone
    reports_erased_at: datetime | None = None  # nor words and temperatures of their reports
    ended: str | None = Field(default=None, sa_type=Text)  # JSON: how many posts, sessions ... ended with it


class Certificate(Table, table=True):
    """What the house says of a destroyed key, signed: canonical JSON as it was signed, byte for byte."""

    __tablename__ = "certificate"
    __table_args__ = placed(LOCAL)

    response_id: UUID = Field(primary_key=True, foreign_key="response.id")
    said: str = Field(sa_type=Text)
    signature: bytes = Field(sa_type=LargeBinary)
    public_key: bytes = Field(sa_type=LargeBinary)
    at: datetime


class StandDownCreate(Schema):
    """To ask for a stand-down one types the name of the response."""

    name: str = Field(max_length=60)
