"""The ledger of acts and of reads about people: who, whose, what, why, when, from where."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import BigInteger, Index, LargeBinary, SmallInteger
from sqlmodel import Field

from models.base import LOCAL, RegionCode, Schema, Table, placed


class Act(StrEnum):
    """What was done. A word has at most 20 letters: that is what its column holds."""

    # looks at people
    SAW_PERSON = "saw_person"
    SAW_LIST = "saw_list"
    REVEALED_PHONE = "revealed_phone"
    SAW_PHOTO = "saw_photo"  # one that was taken for a task
    BROKE_GLASS = "broke_glass"
    GLASS_TRIED = "glass_tried"  # asked for emergency access; nothing was opened
    GLASS_ENDED = "glass_ended"
    # acts about people
    REPORTED_FOR = "reported_for"
    CORRECTED = "corrected"
    APPEALED = "appealed"
    APPEAL_ANSWERED = "appeal_answered"
    COPIED_OWN_DATA = "copied_own_data"
    ERASED = "erased"
    # files with people in them
    EXPORTED = "exported"
    EXPORT_REQUESTED = "export_requested"
    EXPORT_APPROVED = "export_approved"
    EXPORT_TAKEN = "export_taken"
    # the organisation
    INVITED = "invited"
    ACTIVATED = "activated"
    APPOINTED = "appointed"
    CHANGED_POST = "changed_post"
    DISMISSED = "dismissed"
    TRANSFERRED = "transferred"
    IMPORTED = "imported"
    UNDONE_IMPORT = "undone_import"
    RESPONSE_STARTED = "response_started"
    STOOD_DOWN = "stood_down"
    PLANNED_DUTY = "planned_duty"
    ABSENCE = "absence"
    DIALLED_STAFF = "dialled_staff"  # the duty phone of a colleague was shown in full
    NOTICE_SENT = "notice_sent"
    ROBOT_ADDED = "robot_added"
    ROBOT_ENDED = "robot_ended"
    TEMPLATE_CODE = "template_code"  # under which code a provider has approved a text
    LADDER_ADDED = "ladder_added"  # what happens in a place when nobody acts
    MESSAGE_TRIED = "message_tried"  # a test, to oneself or by a robot
    MESSAGE_AGAIN = "message_again"  # what had been set aside was sent once more
    # proofs of who is there
    SIGNED_IN_STAFF = "signed_in_staff"
    SIGNED_OUT_STAFF = "signed_out_staff"
    SECOND_FACTOR_ADDED = "factor_added"
    SECOND_FACTOR_REMOVED = "factor_removed"
    SECOND_FACTOR_RESET = "factor_reset"
    STEPPED_UP = "stepped_up"
    REFUSED_STEP_UP = "refused_step_up"
    # the ledger itself
    SEARCHED_LEDGER = "searched_ledger"


# Acts that show many people at once: they name a place, and everybody who lives in it reads of them. (A file with
# people in it is an act about each of them.)
LISTS = (Act.SAW_LIST,)


class Purpose(StrEnum):
    """Why something was done: a closed list. Every right of a post is a purpose as well."""

    DIRECTORY = "directory"
    MESSAGE = "message"
    PEOPLE = "people"
    CALL = "call"
    REPORT_FOR = "report_for"
    NOTICE = "notice"
    PLAN_DUTY = "plan_duty"
    BOARD = "board"
    APPOINT = "appoint"
    APPEALS = "appeals"
    BREAK_GLASS = "break_glass"
    EXPORT = "export"
    APPROVE = "approve"
    AUDIT = "audit"
    RESPONSE = "response"
    ROBOTS = "robots"
    GATEWAYS = "gateways"
    PERSON_PAGE = "person_page"
    OWN_DATA = "own_data"  # one's own right: to copy, correct, appeal, and to guard one's own account
    OPERATOR = "operator"  # a command on the machine itself
    POLICY = "policy"  # the house's own rules: retention, stand-down


class Event(Table):
    """What is written down of one act. Facts are small words and numbers: never a name, a document number, a phone."""

    id: UUID
    at: datetime
    account_id: UUID
    post_id: UUID | None = None  # None: an act of the account itself
    actor_name: str = Field(max_length=50)
    role: str = Field(max_length=20)
    region_code: int = Field(sa_type=BigInteger)  # where the actor's post is; 0 = nowhere
    person_id: UUID | None = None  # None: not about one resident
    subject: UUID | None = None  # a post, notice, export, response ...
    place_code: int | None = Field(default=None, sa_type=BigInteger)  # the region that the act was about
    act: str = Field(max_length=20)
    purpose: str = Field(max_length=40)
    facts: str | None = Field(default=None, max_length=500)  # a JSON object, keys in order
    origin: str | None = Field(default=None, max_length=80)
    request_id: UUID | None = None


class AuditEvent(Event, table=True):
    """An act as the room wrote it, in the act's own transaction; within seconds it moves into the ledger."""

    __tablename__ = "audit_event"
    __table_args__ = placed(LOCAL, Index("ix_audit_event_person_id_at", "person_id", "at"))

    id: UUID = Field(primary_key=True)


class AuditLedger(Event, table=True):
    """An act in its chain: one chain a county, numbered without gaps, each row bound to the one before."""

    __tablename__ = "audit_ledger"
    __table_args__ = placed(
        LOCAL,
        Index("ix_audit_ledger_person_id_at", "person_id", "at"),
        Index("ix_audit_ledger_account_id_at", "account_id", "at"),
        Index("ix_audit_ledger_place_code_at", "place_code", "at"),
        Index("ix_audit_ledger_at", "at"),
    )

    chain: int = Field(primary_key=True, sa_type=BigInteger)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    previous: bytes = Field(sa_type=LargeBinary)
    hash: bytes = Field(sa_type=LargeBinary)


class AuditCheckpoint(Table, table=True):
    """How far a chain was dropped because its time had run out, signed: nothing else may be missing there."""

    __tablename__ = "audit_checkpoint"
    __table_args__ = placed(LOCAL)

    chain: int = Field(primary_key=True, sa_type=BigInteger)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    hash: bytes = Field(sa_type=LargeBinary)
    at: datetime
    key_id: int = Field(sa_type=SmallInteger)
    signature: bytes = Field(sa_type=LargeBinary)


class ReadPublic(Schema):
    """Looks at my record of one kind on one day, as I may know them."""

    id: UUID = Described(description="The last of them: what an appeal names")
    at: datetime  # the last of them
    who: str = Described(examples=["李桂芳"])
    role: str = Described(examples=["grid_worker"])
    act: str = Described(examples=["saw_person"])
    purpose: str = Described(examples=["person_page"])
    count: int = Described(default=1, ge=1, examples=[3])
    person_id: UUID | None = Described(
        default=None, description="Whose record it was: mine, or of a household member; null for a list."
    )
    unit: list[str] = Described(
        default_factory=list,
        description="Where the reader serves; empty for oneself.",
        examples=[["浙江省", "衢州市", "常山县", "天马街道", "天马社区", "第一网格"]],
    )
    file_purpose: str | None = Described(
        default=None, description="What a file with me in it was for.", examples=["supplies"]
    )
    place: list[str] | None = Described(
        default=None,
        description="The place whose list was looked at, when it was not my record alone.",
        examples=[["浙江省", "衢州市", "常山县", "天马街道", "天马社区", "第一网格"]],
    )


class ReadsFound(Schema):
    """The looks at my record, newest first."""

    items: list[ReadPublic]


class AuditQuery(Schema):
    """What an auditor asks the ledger. Days are local days, both included, at most 92; without them the last week."""

    person_id: UUID | None = None
    account_id: UUID | None = None
    actor_name: str | None = Described(
        default=None, min_length=1, max_length=50, description="The whole name of who acted.", examples=["李桂芳"]
    )
    act: Act | None = None
    since: date | None = None
    until: date | None = None
    page: str | None = Described(default=None, max_length=60, description="`next` of the page before.")


class AuditPublic(Schema):
    """One act, as an auditor sees it."""

    id: UUID
    at: datetime
    account_id: UUID
    post_id: UUID | None
    who: str = Described(examples=["李桂芳"])
    role: str = Described(examples=["grid_worker"])
    region_code: RegionCode | None = Described(description="Where the actor's post is.")
    region: list[str]
    person_id: UUID | None
    subject: UUID | None
    place_code: RegionCode | None = Described(description="The region that the act was about.")
    place: list[str]
    act: str = Described(examples=["revealed_phone"])
    purpose: str = Described(examples=["call"])
    facts: dict[str, str | int]
    origin: str = Described(examples=["203.0.113.* phone"])
    request_id: UUID | None = Described(description="`X-Request-Id` of the answer; null for commands and the worker.")
    seq: int | None = Described(description="Its number in the county's chain; null until it is sealed.")


class AuditFound(Schema):
    """Acts, newest first; `next` leads to older ones."""

    items: list[AuditPublic]
    next: str | None = None
