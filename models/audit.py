"""The ledger of acts and of reads about people: who, whose, what, why, when."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from models.base import LOCAL, Schema, Table, placed


class Act(StrEnum):
    """What was done about a person."""

    SAW_PERSON = "saw_person"
    REVEALED_PHONE = "revealed_phone"
    REPORTED_FOR = "reported_for"


class Purpose(StrEnum):
    """Why staff may look at a person: a closed list."""

    PERSON_PAGE = "person_page"
    CALL = "call"
    REPORT_FOR = "report_for"


class AuditEvent(Table, table=True):
    """One act about one person. Rows are added, never changed."""

    __tablename__ = "audit_event"
    __table_args__ = placed(LOCAL, Index("ix_audit_event_person_id_at", "person_id", "at"))

    id: UUID = Field(primary_key=True)
    at: datetime
    account_id: UUID
    actor_name: str = Field(max_length=50)
    role: str = Field(max_length=20)
    region_code: int = Field(sa_type=BigInteger)
    person_id: UUID
    act: str = Field(max_length=20)
    purpose: str = Field(max_length=40)


class ReadPublic(Schema):
    """One look at my record, as I may know it."""

    at: datetime
    who: str = Described(examples=["李桂芳"])
    role: str = Described(examples=["grid_worker"])
    act: str = Described(examples=["saw_person"])
    purpose: str = Described(examples=["person_page"])


class ReadsFound(Schema):
    """The looks at my record, newest first."""

    items: list[ReadPublic]
