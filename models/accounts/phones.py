"""Accounts: a phone that signs in, the codes sent to it, and which sign-ins were ended."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger
from sqlmodel import Field

from models.base import LOCAL, Schema, Table, placed

CODE_MINUTES = 10
CODE_TRIES = 5


class Account(Table, table=True):
    """One phone number that can sign in. The number is sealed and found by its blind index."""

    __tablename__ = "account"
    __table_args__ = placed(
        LOCAL,
        Index("uq_account_phone_index", "phone_index", unique=True),
        Index("ix_account_person_id", "person_id"),
    )

    id: UUID = Field(primary_key=True)
    phone_index: bytes = Field(sa_type=LargeBinary)
    phone_sealed: bytes = Field(sa_type=LargeBinary)
    person_id: UUID | None = None
    created_at: datetime
    phone_proved_at: datetime | None = None  # None: opened by paper or appointed, and no code has come back yet


class SignInCode(Table, table=True):
    """A one-time code: only its keyed digest is kept. The newest one of a phone is the one that counts."""

    __tablename__ = "sign_in_code"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint(f"tries BETWEEN 0 AND {CODE_TRIES}", name="tries_are_few"),
        Index("ix_sign_in_code_phone_index_created_at", "phone_index", "created_at"),
    )

    id: UUID = Field(primary_key=True)
    phone_index: bytes = Field(sa_type=LargeBinary)
    code_digest: bytes = Field(sa_type=LargeBinary)
    tries: int = Field(default=0, sa_type=SmallInteger)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class Revocation(Table, table=True):
    """Sign-ins that ended before their time: all of an account up to `before`, or one device.

    `soft` tokens stay signed in, but their claims (person, grid) are read again from the database.
    """

    __tablename__ = "revocation"
    __table_args__ = placed(
        LOCAL,
        Index("ix_revocation_created_at", "created_at"),
        Index("ix_revocation_expires_at", "expires_at"),
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID
    device: bytes | None = Field(default=None, sa_type=LargeBinary)
    before: datetime
    soft: bool = False
    created_at: datetime
    expires_at: datetime


class RateWindow(Table, table=True):
    """Counts of a fixed window by the keyed digest of a subject. Unlogged: a crash empties it, and that is fine."""

    __tablename__ = "rate_window"
    __table_args__ = placed(LOCAL, prefixes=["UNLOGGED"])

    subject: bytes = Field(primary_key=True, sa_type=LargeBinary)
    starts_at: datetime = Field(primary_key=True)
    count: int = 0


class SecondFactor(StrEnum):
    """Where a staff session stands with its second factor."""

    NOT_NEEDED = "not_needed"
    NEEDED = "needed"
    ENROL = "enrol"
    GIVEN = "given"


class CodeRequest(Schema):
    """Ask for a code."""

    phone: str = Described(max_length=40, examples=["13857001234"])


class CodeSent(Schema):
    """The same words for a known and an unknown phone."""

    expires_in_s: int = Described(examples=[600])
    resend_after_s: int = Described(examples=[60])


class SignIn(CodeRequest):
    """Sign in with the code."""

    code: str = Described(max_length=20, examples=["274918"])


class AccountPublic(Schema):
    """Who is signed in. `person_id` is null until the account has registered."""

    account_id: UUID
    phone: str = Described(examples=["138****1234"])
    person_id: UUID | None


class StaffSessionGiven(Schema):
    """A staff session of the server: send `secret` as the header `Staff-Session` beside the token.

    `second_factor` says what is still missing: `not_needed`, `needed` (give one), `enrol` (set one up), or `given`.
    """

    secret: str = Described(examples=["ENJ7hFqDrM5gN9qgFCVdkJQkFqfFPqvHnRzX0lJm5zs"])
    expires_at: datetime
    second_factor: SecondFactor


class SignedIn(Schema):
    """A token for `Authorization: Bearer ...`, valid 30 days; for who holds a post, a staff session as well."""

    token: str
    expires_at: datetime
    account: AccountPublic
    staff_session: StaffSessionGiven | None = None
