"""Data keys: one per county, wrapped by the event's key, which is never in the database."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger
from sqlmodel import Field

from models.base import REFERENCE, Table, placed


class DataKeyRow(Table, table=True):
    """A wrapped data key. County 0 is for what belongs to no county (sign-in phones)."""

    __tablename__ = "data_key"
    __table_args__ = placed(REFERENCE, Index("uq_data_key_county_code", "county_code", unique=True))

    id: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    county_code: int = Field(sa_type=BigInteger)
    wrapped: bytes = Field(sa_type=LargeBinary)
    created_at: datetime
