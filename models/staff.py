"""Posts: who serves which region in which role. The post, not the person, gives the right."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from models.base import LOCAL, RegionCode, Schema, Table, placed


class Role(StrEnum):
    """Duties on the tree that exist so far; the six-level organisation adds to them."""

    GRID_WORKER = "grid_worker"
    VILLAGE_CADRE = "village_cadre"


class Post(Table, table=True):
    """One duty of one account in one region, from a day to a day."""

    __tablename__ = "post"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint("role IN ('grid_worker', 'village_cadre')", name="role_is_known"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_are_forward"),
        Index("ix_post_account_id", "account_id"),
        Index("ix_post_region_code", "region_code"),
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id")
    name: str = Field(max_length=50)
    role: str = Field(max_length=20)
    region_code: int = Field(sa_type=BigInteger, foreign_key="region.code")
    valid_from: date
    valid_to: date | None = None
    created_at: datetime


class PostPublic(Schema):
    """A post as its holder sees it."""

    role: Role
    region_code: RegionCode
    chain: list[str] = Described(examples=[["浙江省", "衢州市", "常山县", "天马街道", "天马社区", "第一网格"]])
