"""Messages to people: the table is the truth of every notification."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from models.base import LOCAL, Table, placed


class Message(Table, table=True):
    """One message to one phone; number and words are sealed."""

    __tablename__ = "message"
    __table_args__ = placed(LOCAL, Index("ix_message_created_at", "created_at"))

    id: UUID = Field(primary_key=True)
    created_at: datetime
    template: str = Field(max_length=40)
    phone_index: bytes = Field(sa_type=LargeBinary)
    phone_sealed: bytes = Field(sa_type=LargeBinary)
    facts_sealed: bytes = Field(sa_type=LargeBinary)
