"""Staff sign-in: sessions kept by the server, passkeys, the authenticator app, and the challenges of ceremonies."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary
from sqlmodel import Field

from models.base import LOCAL, Schema, Table, placed

PASSKEYS = 10  # of one account


class StaffSession(Table, table=True):
    """A sitting of a member of staff: only the SHA-256 of its secret is kept. Over at its end, idle, or ended."""

    __tablename__ = "staff_session"
    __table_args__ = placed(
        LOCAL,
        Index("uq_staff_session_secret_digest", "secret_digest", unique=True),
        Index("ix_staff_session_account_id", "account_id"),
        Index("ix_staff_session_expires_at", "expires_at"),
    )

    id: UUID = Field(primary_key=True)
    secret_digest: bytes = Field(sa_type=LargeBinary)
    account_id: UUID = Field(foreign_key="account.id")
    created_at: datetime
    seen_at: datetime  # written at most once a minute
    expires_at: datetime
    second_at: datetime | None = None  # when the second factor was given
    step_up_at: datetime | None = None  # when the last fresh proof was given
    ended_at: datetime | None = None
    agent: str = Field(max_length=60)
    address: str = Field(max_length=45)  # the last part hidden


class Passkey(Table, table=True):
    """A WebAuthn credential of an account: the public key, and how often its authenticator says it has signed."""

    __tablename__ = "passkey"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint("char_length(name) BETWEEN 1 AND 40", name="name_has_letters"),
        CheckConstraint("sign_count >= 0", name="count_is_a_count"),
        Index("uq_passkey_credential_id", "credential_id", unique=True),
        Index("ix_passkey_account_id", "account_id"),
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id")
    credential_id: bytes = Field(sa_type=LargeBinary)
    public_key: bytes = Field(sa_type=LargeBinary)
    sign_count: int = Field(default=0, sa_type=BigInteger)
    name: str = Field(max_length=40)
    created_at: datetime
    used_at: datetime | None = None


class Authenticator(Table, table=True):
    """The authenticator app (TOTP, RFC 6238) of an account. Until a code has confirmed the next secret, the old counts.

    `last_step` is the memory that makes every code good once, whichever process is asked.
    """

    __tablename__ = "authenticator"
    __table_args__ = placed(LOCAL)

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    secret_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    confirmed_at: datetime | None = None
    last_step: int = Field(default=0, sa_type=BigInteger)
    next_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    next_at: datetime | None = None


class Ceremony(StrEnum):
    """What a challenge was made for; it is good for nothing else."""

    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    STEP_UP = "step_up"
    ENROL = "enrol"


class FactorChallenge(Table, table=True):
    """A challenge of WebAuthn, in the database so that any worker can finish the ceremony; good once."""

    __tablename__ = "factor_challenge"
    __table_args__ = placed(
        LOCAL,
        Index("uq_factor_challenge_challenge", "challenge", unique=True),
        Index("ix_factor_challenge_expires_at", "expires_at"),
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id")  # null: whoever signs in by passkey alone
    challenge: bytes = Field(sa_type=LargeBinary)
    purpose: str = Field(max_length=13)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class OneTimeCode(Schema):
    """Six digits, from the authenticator app or from the text message."""

    code: str = Described(max_length=20, examples=["274918"])


class CeremonyOptions(Schema):
    """What the browser wants: `navigator.credentials.get` or `create`, with `public_key` as WebAuthn's JSON form."""

    public_key: dict[str, Any]


class PasskeyAnswer(Schema):
    """What the browser answered: the credential in WebAuthn's JSON form (`toJSON()`)."""

    credential: dict[str, Any]


class PasskeyCreate(PasskeyAnswer):
    """A new passkey, and what its owner calls it."""

    name: str = Described(default="", max_length=40, examples=["工作手机"])


class PasskeyPublic(Schema):
    """A passkey in the list of its owner."""

    id: UUID
    name: str = Described(examples=["工作手机"])
    created_at: datetime
    used_at: datetime | None


class AuthenticatorSecret(Schema):
    """What the authenticator app needs, shown once: as an address for a QR code, and to type."""

    secret: str = Described(examples=["JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"])
    uri: str = Described(examples=["otpauth://totp/%E5%AE%88%E6%9C%9B:138****0010?secret=JBSWY3DPEHPK3PXP&issuer=..."])


class FactorsPublic(Schema):
    """The second factors of one's account."""

    passkeys: list[PasskeyPublic]
    authenticator_since: datetime | None


class StaffSessionPublic(Schema):
    """One device on which one is signed in for staff work."""

    id: UUID
    agent: str = Described(examples=["Chrome on Android"])
    address: str = Described(examples=["10.0.0.*"])
    created_at: datetime
    seen_at: datetime
    current: bool


class StaffSessionsFound(Schema):
    """The staff sessions that are open, the newest first."""

    items: list[StaffSessionPublic]
