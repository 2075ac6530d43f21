"""Messages: the table is the truth of every notification. Deliveries are its ways out of the house, one row each."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, Text, text
from sqlmodel import Field

from models.base import LOCAL, Table, placed
from models.messages.words import OVER, State

OPEN = ", ".join(f"'{state}'" for state in State if state not in OVER)


class Message(Table, table=True):
    """What somebody is told, and why. Written in the transaction of the fact; lies in the inbox of its account from
    then on. `due_at`: when the next way out of `channels` is to be taken; NULL when none is."""

    __tablename__ = "message"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint(
            "num_nonnulls(account_id, phone_index, robot_id) <= 1 AND num_nonnulls(account_id, phone_index, robot_id, "
            "person_id) >= 1", name="is_for_somebody",
        ),
        # Written by the hundred thousand, read by the purge alone.
        Index("ix_message_created_at", "created_at", postgresql_using="brin"),
        Index("ix_message_account_id", "account_id", "created_at", postgresql_where=text("account_id IS NOT NULL")),
        Index("ix_message_person_id", "person_id", "created_at", postgresql_where=text("person_id IS NOT NULL")),
        # Reminders are found by their person.
        Index("ix_message_subject", "subject", postgresql_where=text("subject IS NOT NULL AND day IS NULL")),
        Index("ix_message_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )  # fmt: skip

    # Columns that may be NULL are NULL in rows of the first version, which told phones of codes and nobody of anything.
    id: UUID = Field(primary_key=True)
    created_at: datetime
    template: str = Field(max_length=40)
    version: int = Field(default=1, sa_type=SmallInteger, nullable=True)
    # For whom: an account (its inbox, its phone), a phone without one, a robot; nobody of these = whoever is called
    # about the person.
    account_id: UUID | None = None
    phone_index: bytes = Field(default=b"", sa_type=LargeBinary)  # empty: no such phone
    phone_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    robot_id: UUID | None = None
    post_id: UUID | None = None  # the post by which an account is told
    person_id: UUID | None = None  # about whom; their own page shows it
    region_code: int | None = Field(default=None, sa_type=BigInteger)  # where the person or the matter belongs
    subject: UUID | None = None  # what it is about: a task, a notice, an appeal
    day: date | None = None  # of the report it asks for
    slot: int | None = Field(default=None, sa_type=SmallInteger)
    reason: str = Field(default="", max_length=60, nullable=True)  # rule/version/step
    facts: str | None = Field(default=None, sa_type=Text)  # JSON of parameters that name nobody
    facts_sealed: bytes = Field(default=b"", sa_type=LargeBinary)  # JSON of the others; empty: there are none
    lang: str | None = Field(default=None, max_length=5)  # None: as the account prefers
    urgent: bool = Field(default=False, nullable=True)
    channels: str = Field(default="", max_length=40, nullable=True)  # left to try, in order
    due_at: datetime | None = None
    expires_at: datetime | None = None
    read_at: datetime | None = None
    cancelled_at: datetime | None = None


class Delivery(Table, table=True):
    """One way out of the house for one message. `starts` counts beginnings without an end: workers that died at it."""

    __tablename__ = "delivery"
    __table_args__ = placed(
        LOCAL,
        Index("uq_delivery_message_channel", "message_id", "channel", unique=True),
        Index("ix_delivery_next_at", "next_at", postgresql_where=text("next_at IS NOT NULL")),
        Index("ix_delivery_state_at", "state", "state_at", postgresql_where=text(f"state IN ({OPEN})")),
        Index("ix_delivery_provider_id", "provider", "provider_id", postgresql_where=text("provider_id IS NOT NULL")),
        Index("ix_delivery_set_aside_at", "set_aside_at", postgresql_where=text("set_aside_at IS NOT NULL")),
        Index("ix_delivery_calls", "message_id", postgresql_where=text("channel = 'call' AND state = 'pending'")),
        Index("ix_delivery_created_at", "created_at"),
        Index("ix_delivery_failed", "state_at", postgresql_where=text("state = 'technical_failure'")),
    )

    id: UUID = Field(primary_key=True)
    message_id: UUID = Field(foreign_key="message.id")
    channel: str = Field(max_length=8)
    state: str = Field(default=State.CREATED, max_length=20)
    state_at: datetime
    created_at: datetime
    next_at: datetime | None = None  # when it is to be handed to a worker; NULL while one has it, and afterwards
    queued_at: datetime | None = None  # since when its id lies in the queue
    attempts: int = Field(default=0, sa_type=SmallInteger)
    starts: int = Field(default=0, sa_type=SmallInteger)
    worker: int | None = Field(default=None, sa_type=BigInteger)  # who is at it; alive while it holds its lock
    started_at: datetime | None = None
    asked_at: datetime | None = None  # when its provider was last asked what became of it
    provider: str = Field(default="", max_length=20)  # empty although it is in doubt: nobody knows who was at it
    provider_id: str | None = Field(default=None, max_length=80)
    doubt: bool = False  # it may have been taken without our knowing: ask before it is sent again
    code: str = Field(default="", max_length=60)  # the gateway's last word
    set_aside_at: datetime | None = None


class DeliveryAttempt(Table, table=True):
    """One try, as it ended: kept as long as its delivery, to tell why something did or did not arrive."""

    __tablename__ = "delivery_attempt"
    __table_args__ = placed(LOCAL, Index("ix_delivery_attempt_started_at", "started_at"))

    delivery_id: UUID = Field(primary_key=True, foreign_key="delivery.id")
    number: int = Field(primary_key=True, sa_type=SmallInteger)
    started_at: datetime
    ended_at: datetime
    provider: str = Field(max_length=20)
    state: str = Field(max_length=20)  # into which it moved the delivery
    code: str = Field(default="", max_length=60)
    act_id: UUID | None = None  # of a call: made by a phone, the same act is the same try
    by_account: UUID | None = None  # who telephoned; NULL: a gateway


class Receipt(Table, table=True):
    """What a provider said later. The same receipt again is known by its digest and changes nothing."""

    __tablename__ = "receipt"
    __table_args__ = placed(
        LOCAL,
        Index("ix_receipt_at", "at"),
        Index("ix_receipt_repeated_at", "repeated_at", postgresql_where=text("repeated_at IS NOT NULL")),
    )

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)  # of provider, its id, phone and word
    at: datetime
    provider: str = Field(max_length=20)
    delivery_id: UUID | None = None  # None: of a message that we do not know
    arrived: bool
    code: str = Field(default="", max_length=60)
    moved: bool  # did it change the state?
    repeated_at: datetime | None = None  # when the same was last said again


class Preference(Table, table=True):
    """How an account wants to be told. Without a row: Chinese, quiet from 22:00 to 07:00, by every way there is."""

    __tablename__ = "message_preference"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint("quiet_from BETWEEN 0 AND 1439 AND quiet_until BETWEEN 0 AND 1439", name="minutes_of_a_day"),
    )

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    lang: str = Field(default="zh", max_length=5)
    quiet_from: int = Field(default=22 * 60, sa_type=SmallInteger)  # minutes after local midnight
    quiet_until: int = Field(default=7 * 60, sa_type=SmallInteger)
    push: bool = True
    sms: bool = True
    changed_at: datetime


class Subscription(Table, table=True):
    """A browser that may be pushed to. Address and keys lie sealed: whoever has them can write to that phone."""

    __tablename__ = "push_subscription"
    __table_args__ = placed(
        LOCAL,
        Index("uq_push_subscription_endpoint_index", "endpoint_index", unique=True),
        Index("ix_push_subscription_account_id", "account_id"),
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id")
    endpoint_index: bytes = Field(sa_type=LargeBinary)
    keys_sealed: bytes = Field(sa_type=LargeBinary)  # JSON: endpoint, p256dh, auth
    agent: str | None = Field(default=None, max_length=60)  # Chrome on Android; NULL: nobody noted it then
    created_at: datetime
    seen_at: datetime


class Robot(Table, table=True):
    """A group robot of a unit: address and secret lie sealed."""

    __tablename__ = "robot"
    __table_args__ = placed(LOCAL, Index("ix_robot_region_code", "region_code"))

    id: UUID = Field(primary_key=True)
    region_code: int = Field(sa_type=BigInteger, foreign_key="region.code")
    name: str = Field(max_length=40)
    keys_sealed: bytes = Field(sa_type=LargeBinary)  # JSON: token, secret
    lang: str = Field(default="zh", max_length=5)
    by_account: UUID
    created_at: datetime
    ended_at: datetime | None = None
    blocked_until: datetime | None = None  # the provider shut the group for ten minutes
    code: str = Field(default="", max_length=60)  # its last word, when it was a refusal
    counted_at: datetime | None = None  # the hour for which the work of its unit was last counted
    counted: str | None = Field(default=None, sa_type=Text)  # what was found: 3/1/0


class RobotPosting(Table, table=True):
    """When a robot was used: its budget of a minute, shared by all workers. Dropped after an hour."""

    __tablename__ = "robot_posting"
    __table_args__ = placed(LOCAL, Index("ix_robot_posting_at", "at"))

    robot_id: UUID = Field(primary_key=True, foreign_key="robot.id")
    at: datetime = Field(primary_key=True)


class TemplateCode(Table, table=True):
    """Under which code a provider has approved the text of a template's version."""

    __tablename__ = "template_code"
    __table_args__ = placed(LOCAL)

    provider: str = Field(primary_key=True, max_length=20)
    template: str = Field(primary_key=True, max_length=40)
    version: int = Field(primary_key=True, sa_type=SmallInteger)
    lang: str = Field(primary_key=True, max_length=5)
    code: str = Field(max_length=40)
    by_account: UUID
    at: datetime
