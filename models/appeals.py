"""Appeals: somebody objects to a decision about them, and somebody named answers by a time."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, text
from sqlmodel import Field

from models.base import LOCAL, RegionCode, Schema, Table, placed, word_of, written
from models.residents import IdType
from models.staff import Role


class AppealKind(StrEnum):
    """What somebody objects to."""

    VERDICT = "verdict"  # what a report was taken to mean; the decision is the report
    RECORD = "record"  # what is written down about them, the document included
    LOOK = "look"  # somebody looked; the decision is the line in the ledger
    GLASS = "glass"  # somebody outside the region opened the record
    REFUSAL = "refusal"
    OTHER = "other"


NAMED = frozenset({AppealKind.VERDICT, AppealKind.LOOK, AppealKind.GLASS})  # kinds whose decision has an id


class AppealStage(StrEnum):
    """What became of an appeal."""

    FILED = "filed"
    OWNED = "owned"
    ANSWERED = "answered"
    SECOND_LOOK = "second_look"
    MOVED = "moved"  # the clock ran out: one level up
    CLOSED = "closed"


class AppealOutcome(StrEnum):
    """What an answer says of the decision."""

    UPHELD = "upheld"
    CORRECTED = "corrected"
    PARTLY = "partly"


KINDS = ", ".join(f"'{kind}'" for kind in AppealKind)
STEPS = ", ".join(f"'{step}'" for step in AppealStage)
OUTCOMES = ", ".join(f"'{outcome}'" for outcome in AppealOutcome)


class Appeal(Table, table=True):
    """One objection. The words lie sealed; the owner is a post, None = waits in the queue of the unit."""

    __tablename__ = "appeal"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint(f"kind IN ({KINDS})", name="kind_is_known"),
        Index("ix_appeal_person_id", "person_id"),
        Index("ix_appeal_unit_code", "unit_code", postgresql_where=text("closed_at IS NULL")),
        Index("ix_appeal_owner_post_id", "owner_post_id"),
        # One open appeal on one decision.
        Index("uq_appeal_open", "person_id", "kind", "decision_id", unique=True,
              postgresql_where=text("closed_at IS NULL"), postgresql_nulls_not_distinct=True),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    person_id: UUID
    filed_by: UUID  # an account
    kind: str = Field(max_length=20)
    decision_id: UUID | None = None
    against: UUID | None = None  # the account whose act it is about: they never answer it
    unit_code: int = Field(sa_type=BigInteger)  # who answers now; climbs
    owner_post_id: UUID | None = Field(default=None, foreign_key="post.id")
    words_sealed: bytes = Field(sa_type=LargeBinary)
    filed_at: datetime
    due_at: datetime
    answered_at: datetime | None = None  # None: it is the unit's turn
    second_look_at: datetime | None = None  # asked for once
    closed_at: datetime | None = None


class AppealStep(Table, table=True):
    """A step of an appeal: who, when, with what outcome and words."""

    __tablename__ = "appeal_step"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint(f"kind IN ({STEPS})", name="kind_is_known"),
        CheckConstraint(f"outcome IN ({OUTCOMES})", name="outcome_is_known"),
        CheckConstraint("(kind = 'answered') = (outcome IS NOT NULL)", name="an_answer_has_an_outcome"),
    )

    appeal_id: UUID = Field(primary_key=True, foreign_key="appeal.id")
    seq: int = Field(primary_key=True, sa_type=SmallInteger)
    kind: str = Field(max_length=12)
    outcome: str | None = Field(default=None, max_length=10)
    words_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    unit_code: int = Field(sa_type=BigInteger)
    by_account: UUID  # the nil UUID: the clock
    by_post_id: UUID | None = Field(default=None, foreign_key="post.id")
    at: datetime


Words = Annotated[
    str, Described(min_length=1, max_length=1000, examples=["我昨天体温 36.6，单子上写的是 38.6。"]), written()
]


class AppealCreate(Schema):
    """Object to a decision about oneself or a household member."""

    id: UUID = Described(description="Made by the client: the same id again is the same appeal")
    kind: AppealKind
    decision_id: UUID | None = Described(default=None, description="Of a verdict, a look, a break-glass opening")
    person_id: UUID | None = Described(default=None, description="Oneself when left out, or a household member")
    words: Words


class AnswerCreate(Schema):
    """What became of it, in words the person understands."""

    outcome: AppealOutcome
    words: Words
    id_type: word_of(IdType) | None = Described(  # type: ignore[valid-type]
        default=None, description="With `id_number`: the document as you have seen it, for an appeal about the record"
    )
    id_number: Annotated[str | None, Described(max_length=40, examples=["11010519491231002X"])] = None


class StepPublic(Schema):
    """A step, as both sides see it."""

    kind: AppealStage
    outcome: AppealOutcome | None
    words: str | None
    unit: list[str]
    who: str | None = Described(description="The name of the official; null for the person and for the clock")
    role: Role | None
    at: datetime


class AppealPublic(Schema):
    """An appeal with everything that became of it."""

    id: UUID
    person_id: UUID
    person: str
    kind: AppealKind
    decision_id: UUID | None
    decision: str | None = Described(description="What it is about, where there is more to say than the kind")
    words: str
    state: AppealStage
    unit_code: RegionCode
    unit: list[str]
    owner: str | None = Described(description="Who answers; null: it waits in the queue of the unit")
    filed_at: datetime
    due_at: datetime
    overdue: bool
    second_look_possible: bool
    closed_at: datetime | None
    steps: list[StepPublic]


class AppealsFound(Schema):
    """The appeals of a household, the newest first."""

    items: list[AppealPublic]


class AppealListed(Schema):
    """An appeal in the list of those who answer: as little of the person as it takes."""

    id: UUID
    person: str = Described(description="Masked; the appeal itself, when opened, is recorded", examples=["王＊"])
    kind: AppealKind
    unit: list[str]
    owner: str | None
    mine: bool
    state: AppealStage
    filed_at: datetime
    due_at: datetime
    overdue: bool


class AppealsWaiting(Schema):
    """Open appeals of one's region: what is due first stands first; answered ones, which may come back, last."""

    waiting: int
    overdue: int
    unowned: int
    items: list[AppealListed]
