"""Notices to a region and roles, their receipts, and messages from post to post."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import ARRAY, BigInteger, Index, LargeBinary, Text, text
from sqlmodel import Field

from models.base import LOCAL, RegionCode, Schema, Table, placed, written
from models.staff import Role

LONGEST_WORDS = 2000


class Notice(Table, table=True):
    """Words from one post to everybody who holds a post of these roles in a region, now or while it stands. They lie
    sealed: a notice may name an office's phone, and whoever writes one may forget what does not belong into it."""

    __tablename__ = "notice"
    __table_args__ = placed(
        LOCAL,
        Index("ix_notice_region_code_created_at", "region_code", "created_at"),
        Index("ix_notice_from_post_id_created_at", "from_post_id", "created_at"),
    )

    id: UUID = Field(primary_key=True)
    response_id: UUID = Field(foreign_key="response.id")
    from_post_id: UUID = Field(foreign_key="post.id")
    by_account: UUID
    region_code: int = Field(sa_type=BigInteger, foreign_key="region.code")
    roles: list[str] = Field(sa_type=ARRAY(Text))  # empty: everybody
    title_sealed: bytes = Field(sa_type=LargeBinary)
    words_sealed: bytes = Field(sa_type=LargeBinary)
    must_confirm: bool = False
    addressed: int = 0  # people and invitations it was addressed to when it was sent
    created_at: datetime
    told_at: datetime | None = None  # since when it is on its way to phones as well
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = None  # an account


class NoticeReceipt(Table, table=True):
    """Somebody has read a notice, and confirmed it where that was asked."""

    __tablename__ = "notice_receipt"
    __table_args__ = placed(LOCAL, Index("ix_notice_receipt_account_id", "account_id"))

    notice_id: UUID = Field(primary_key=True, foreign_key="notice.id")
    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    read_at: datetime
    confirmed_at: datetime | None = None


class DirectMessage(Table, table=True):
    """A message from post to post: it survives a change of person. The words lie sealed."""

    __tablename__ = "direct_message"
    __table_args__ = placed(
        LOCAL,
        Index("ix_direct_message_to_post_id_created_at", "to_post_id", "created_at"),
        Index("ix_direct_message_from_post_id_created_at", "from_post_id", "created_at"),
        Index("ix_direct_message_sent_to_id", "sent_to_id", postgresql_where=text("to_post_id IS NULL")),
        Index("ix_direct_message_region_code", "region_code", "created_at",
              postgresql_where=text("to_post_id IS NULL")),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    from_post_id: UUID | None = Field(default=None, foreign_key="post.id")  # None: the house itself
    sent_to_id: UUID | None = Field(default=None, foreign_key="post.id")  # as it was addressed; never changed
    to_post_id: UUID | None = Field(default=None, foreign_key="post.id")  # None: waits in the queue of `region_code`
    region_code: int = Field(sa_type=BigInteger)
    words_sealed: bytes = Field(sa_type=LargeBinary)
    created_at: datetime
    read_at: datetime | None = None
    read_by: UUID | None = None  # an account


Chain = Annotated[list[str], Described(examples=[["浙江省", "衢州市", "常山县", "天马街道", "天马社区", "第一网格"]])]
Name = Annotated[str, Described(examples=["李桂芳"])]
Words = Annotated[
    str,
    Described(min_length=1, max_length=LONGEST_WORDS, examples=["今晚 20:00 前清点口罩，缺多少报多少。"]),
    written(),
]


class NoticeCreate(Schema):
    """A notice to a region and roles. Words about residents do not belong there: only counts and links."""

    id: UUID = Described(description="Made by the client; the same id again gets the same answer")
    region_code: RegionCode
    roles: list[Role] = Described(default_factory=list, max_length=len(Role), description="empty = everybody")
    title: Annotated[str, Described(min_length=1, max_length=60, examples=["今晚清点口罩"]), written()]
    words: Words
    must_confirm: bool = False
    numbers_confirmed: bool = Described(default=False, description="The long numbers in it are nobody's")


class Progress(Schema):
    """How far a notice has come. `addressed` counts people and invitations at sending."""

    addressed: int = Described(ge=0, examples=[62])
    read: int = Described(ge=0, examples=[37])
    confirmed: int = Described(ge=0, examples=[30])


class NoticeListed(Schema):
    """A notice as a line of a list. `progress` is for the unit that sent it."""

    id: UUID
    title: str
    region_code: RegionCode
    chain: Chain
    roles: list[Role]
    must_confirm: bool
    sender: Name
    sender_role: Role
    sent_at: datetime
    withdrawn_at: datetime | None = None
    read_at: datetime | None = None
    confirmed_at: datetime | None = None
    progress: Progress | None = None


class NoticePublic(NoticeListed):
    """A notice as its reader sees it: without words once it was withdrawn."""

    words: str
    for_me: bool = Described(description="I hold a post that it is addressed to")
    may_withdraw: bool


class Box(StrEnum):
    """Which notices: those to me, or those my unit sent."""

    IN = "in"
    SENT = "sent"


class NoticesFound(Schema):
    """Notices: what is unread or to be confirmed first, then the newest. `after` of the next page is `next`."""

    unread: int = Described(ge=0, description="unread, or read and still to be confirmed", examples=[2])
    items: list[NoticeListed]
    next: UUID | None = None


class Reading(StrEnum):
    """How far one recipient is."""

    UNREAD = "unread"
    READ = "read"  # read, not confirmed although asked
    DONE = "done"


class Reader(Schema):
    """One recipient of a notice. The phone is the duty phone; it is dialled from the directory."""

    post_id: UUID
    name: Name
    role: Role
    region_code: RegionCode
    chain: Chain
    phone: str = Described(examples=["138****1234"])
    activated: bool = Described(description="false: the invitation has not been taken up")
    read_at: datetime | None = None
    confirmed_at: datetime | None = None


class ReadersFound(Schema):
    """Who has read a notice among those who hold a matching post now: people = unread + read + done."""

    people: int = Described(ge=0, examples=[62])
    unread: int = Described(ge=0, examples=[25])
    read: int = Described(ge=0, examples=[7])
    done: int = Described(ge=0, examples=[30])
    not_activated: int = Described(ge=0, description="of the unread: invitations not taken up", examples=[4])
    addressed: int = Described(ge=0, examples=[62])
    items: list[Reader]
    next: UUID | None = None


class DirectCreate(Schema):
    """A message from one of my posts to a colleague's."""

    id: UUID = Described(description="Made by the client; the same id again gets the same answer")
    from_post_id: UUID | None = Described(default=None, description="needed by who holds several posts")
    words: Words
    numbers_confirmed: bool = Described(default=False, description="A long number in it has to be sent all the same")


class DirectPublic(Schema):
    """A message: who wrote it to whom, by the names of the time. No writer: the house itself."""

    id: UUID
    mine: bool
    from_post_id: UUID | None = None
    writer: str | None = Described(default=None, examples=["李桂芳"])
    to: str | None = Described(default=None, description="null: to the unit", examples=["陈国平"])
    words: str
    # The house's own words are a message id: the door fills these in, in the reader's language.
    facts: dict[str, str] = Described(default_factory=dict, exclude=True)
    sent_at: datetime
    read_at: datetime | None = None


class Party(Schema):
    """The colleague on the other side: whoever holds the post now."""

    post_id: UUID
    name: Name
    role: Role
    region_code: RegionCode
    chain: Chain
    in_force: bool


class ConversationFound(Schema):
    """Messages with one post, newest first; without a party: those of the house, and what waits for my units."""

    party: Party | None
    items: list[DirectPublic]
    next: UUID | None = None


class ThreadPublic(Schema):
    """A conversation in a list, with its last message."""

    party: Party | None
    last: DirectPublic
    unread: int = Described(ge=0, examples=[1])


class ThreadsFound(Schema):
    """My conversations, newest first."""

    unread: int = Described(ge=0, examples=[1])
    items: list[ThreadPublic]
