"""Responses, work groups, posts, shifts and absences. The post, not the person, gives the right."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, text
from sqlmodel import Field

from models.base import LOCAL, Table, placed
from models.staff.rights import Role

INVITED_DAYS = 14
ROLES = ", ".join(f"'{role}'" for role in Role)


class Response(Table, table=True):
    """The emergency: what the temporary organisation stands for. One at a time; ended by its stand-down."""

    __tablename__ = "response"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint("char_length(name) BETWEEN 1 AND 60", name="name_has_letters"),
        Index("uq_response_active", text("(stood_down_at IS NULL)"), unique=True,
              postgresql_where=text("stood_down_at IS NULL")),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    name: str = Field(max_length=60)
    region_code: int = Field(sa_type=BigInteger, foreign_key="region.code")
    started_on: date
    created_at: datetime
    stood_down_at: datetime | None = None


class WorkGroup(Table, table=True):
    """A group of the command (防控指挥部): its people serve beside their home departments."""

    __tablename__ = "work_group"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint("char_length(name) BETWEEN 1 AND 40", name="name_has_letters"),
        Index("uq_work_group_place", "response_id", "region_code", "name", unique=True),
    )

    id: UUID = Field(primary_key=True)
    response_id: UUID = Field(foreign_key="response.id")
    region_code: int = Field(sa_type=BigInteger, foreign_key="region.code")
    name: str = Field(max_length=40)
    created_at: datetime
    closed_at: datetime | None = None


class Post(Table, table=True):
    """One duty of one person in one region, from a day to a day. Without an account it is an invitation.

    `given`, `pinyin`, `given_pinyin` and `initials` exist for the directory: 小梅, wangxiaomei, xiaomei, wxm.
    The phone is an office's: sealed, found by its blind index, which is an account's as well.
    """

    __tablename__ = "post"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint(f"role IN ({ROLES})", name="role_is_known"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_are_forward"),
        Index("ix_post_account_id", "account_id", postgresql_where=text("account_id IS NOT NULL")),
        Index("ix_post_region_code_role", "region_code", "role"),
        Index("ix_post_substitute_id", "substitute_id", postgresql_where=text("substitute_id IS NOT NULL")),
        # The same person has the same duty in the same place once. Equal nulls: no group is one group.
        Index("uq_post_duty", "phone_index", "region_code", "role", "group_id", unique=True,
              postgresql_where=text("ended_at IS NULL"), postgresql_nulls_not_distinct=True),
        *(Index(f"ix_post_{name}", name, postgresql_ops={name: "text_pattern_ops"},
                postgresql_where=text("ended_at IS NULL"))
          for name in ("name", "given", "pinyin", "given_pinyin", "initials")),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    response_id: UUID = Field(foreign_key="response.id")
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    phone_index: bytes = Field(sa_type=LargeBinary)
    phone_sealed: bytes = Field(sa_type=LargeBinary)
    name: str = Field(max_length=50)
    given: str = Field(max_length=50)
    pinyin: str = Field(max_length=200)
    given_pinyin: str = Field(max_length=200)
    initials: str = Field(max_length=50)
    role: str = Field(max_length=20)
    region_code: int = Field(sa_type=BigInteger, foreign_key="region.code")
    group_id: UUID | None = Field(default=None, foreign_key="work_group.id")
    lead: bool = False
    department: str = Field(default="", max_length=60)
    substitute_id: UUID | None = None  # the post that stands in whenever this one is away
    valid_from: date
    valid_to: date | None = None
    sheet_id: UUID | None = None  # the sheet that brought it
    created_by: UUID  # an account; the operator's own is the nil UUID
    created_at: datetime
    invited_at: datetime  # the invitation may be taken up for INVITED_DAYS
    activated_at: datetime | None = None
    ended_at: datetime | None = None


class Ending(StrEnum):
    """Why a post ended."""

    DISMISSED = "dismissed"
    TRANSFERRED = "transferred"
    UNDONE = "undone"
    RUN_OUT = "run_out"
    STOOD_DOWN = "stood_down"


class PostEnding(Table, table=True):
    """The end of a post: who, when, why, and who took over the work."""

    __tablename__ = "post_ending"
    __table_args__ = placed(LOCAL, Index("ix_post_ending_successor_id", "successor_id"))

    post_id: UUID = Field(primary_key=True, foreign_key="post.id")
    kind: str = Field(max_length=12)
    by_account: UUID
    at: datetime
    successor_id: UUID | None = Field(default=None, foreign_key="post.id")
    moved: int = 0  # pieces of open work that went to the successor
    reason: str = Field(default="", max_length=200)


class Shift(Table, table=True):
    """A span in which a post is on duty. A unit with shifts is served by them; without, by whoever holds the post."""

    __tablename__ = "shift"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint("ends_at > starts_at AND ends_at <= starts_at + interval '36 hours'", name="span_is_human"),
        Index("ix_shift_post_id_ends_at", "post_id", "ends_at"),
        Index("ix_shift_region_code_ends_at", "region_code", "ends_at"),
    )

    id: UUID = Field(primary_key=True)
    post_id: UUID = Field(foreign_key="post.id")
    region_code: int = Field(sa_type=BigInteger)
    starts_at: datetime
    ends_at: datetime
    by_account: UUID
    created_at: datetime
    cancelled_at: datetime | None = None


class Absence(Table, table=True):
    """Somebody is away; their substitute answers for them meanwhile."""

    __tablename__ = "absence"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint("until_at > from_at", name="span_is_forward"),
        Index("ix_absence_post_id_until_at", "post_id", "until_at"),
        Index("ix_absence_substitute_id", "substitute_id"),
    )

    id: UUID = Field(primary_key=True)
    post_id: UUID = Field(foreign_key="post.id")
    substitute_id: UUID | None = Field(default=None, foreign_key="post.id")
    from_at: datetime
    until_at: datetime
    reason: str = Field(default="", max_length=100)
    by_account: UUID
    created_at: datetime
    ended_at: datetime | None = None  # back before the time, or never gone
