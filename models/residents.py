"""Residents: who a person is, where they are looked after, and who may report for them."""

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, SmallInteger
from sqlmodel import Field

from models.accounts import AccountPublic
from models.base import LOCAL, PERSON, RegionCode, Schema, Table, placed, word_of
from models.staff import PostPublic


class IdType(IntEnum):
    """Identity documents, numbered as a gate interface of 2021 numbers them; 0 = none yet (a new-born)."""

    NONE = 0
    RESIDENT_ID = 10
    HMT_PERMIT = 14
    TAIWAN_PERMIT = 15
    PASSPORT = 20
    FOREIGN_PERMANENT = 34
    OTHER = 99


class Relation(IntEnum):
    """What a household member is to the one who reports for them."""

    SPOUSE = 1
    CHILD = 2
    PARENT = 3
    GRANDPARENT = 4
    OTHER = 9


class Programme(IntEnum):
    """Which daily report is asked of a person. Staff set it; a later programme adds a line here and a rule row."""

    GENERAL = 0
    EMPLOYEE = 1
    HOME_QUARANTINE = 2


class Sex(StrEnum):
    """GB/T 2261.1 in words; read from a resident ID only."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class Resident(Table, table=True):
    """A person looked after in `region_code`, a grid. Number, phone and address are sealed at rest."""

    __tablename__ = "resident"
    __table_args__ = placed(
        PERSON,
        ForeignKeyConstraint(["region_code"], ["region.code"]),
        CheckConstraint("char_length(name) BETWEEN 1 AND 50", name="name_has_letters"),
        CheckConstraint("programme BETWEEN 0 AND 2", name="programme_is_known"),
        CheckConstraint("(id_type = 0) = (id_sealed IS NULL)", name="document_or_none"),
        Index("ix_resident_region_code", "region_code"),
    )

    person_id: UUID = Field(primary_key=True)
    region_code: int = Field(sa_type=BigInteger)
    name: str = Field(max_length=50)
    id_type: int = Field(sa_type=SmallInteger)
    id_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    phone_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    address_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    birth_date: date | None = None
    programme: int = Field(default=0, sa_type=SmallInteger)
    registered_by: UUID
    created_at: datetime


class IdentityKey(Table, table=True):
    """An identity number belongs to one person: keyed digest to person. The first to register holds it."""

    __tablename__ = "identity_key"
    __table_args__ = placed(LOCAL, Index("ix_identity_key_person_id", "person_id"))

    blind_index: bytes = Field(primary_key=True, sa_type=LargeBinary)
    person_id: UUID


class IdentityClaim(Table, table=True):
    """A second registration of a number already held: for the officials above both, told to neither side."""

    __tablename__ = "identity_claim"
    __table_args__ = placed(LOCAL, Index("ix_identity_claim_blind_index", "blind_index"))

    person_id: UUID = Field(primary_key=True)
    blind_index: bytes = Field(sa_type=LargeBinary)
    created_at: datetime


class Dependant(Table, table=True):
    """A family link: this account may report for this person."""

    __tablename__ = "dependant"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint("relation IN (1, 2, 3, 4, 9)", name="relation_is_known"),
        Index("ix_dependant_person_id", "person_id"),
    )

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    person_id: UUID = Field(primary_key=True)
    relation: int = Field(sa_type=SmallInteger)
    identity_index: bytes | None = Field(default=None, sa_type=LargeBinary)
    since: datetime


Name = Annotated[str, Described(min_length=1, max_length=50, examples=["王小梅"])]
Number = Annotated[str, Described(max_length=40, examples=["11010519491231002X"])]
BirthDate = Annotated[date | None, Described(description="Only for documents that do not carry it")]


class MemberCreate(Schema):
    """A household member without a phone of their own."""

    name: Name
    id_type: word_of(IdType)  # type: ignore[valid-type]
    id_number: Number | None = None
    birth_date: BirthDate = None
    relation: word_of(Relation)  # type: ignore[valid-type]


class ResidentCreate(Schema):
    """Register oneself, with household members who have no phone."""

    name: Name
    id_type: word_of(IdType)  # type: ignore[valid-type]
    id_number: Number
    birth_date: BirthDate = None
    phone: Annotated[
        str | None, Described(max_length=40, description="Where to call; your sign-in phone when left out")
    ] = None
    address: Annotated[str, Described(min_length=1, max_length=200, examples=["桃源路 18 号 2 幢 301"])]
    region_code: Annotated[RegionCode, Described(description="A grid, never a village or a town")]
    household: Annotated[list[MemberCreate], Described(max_length=6)] = Described(default=[])


class PersonPublic(Schema):
    """A person as they see themselves: document and phone masked."""

    person_id: UUID
    name: str
    id_type: word_of(IdType)  # type: ignore[valid-type]
    id_number: str | None = Described(default=None, examples=["11**************2X"])
    phone: str | None = Described(default=None, examples=["138****1234"])
    region_code: RegionCode
    chain: list[str]
    programme: word_of(Programme)  # type: ignore[valid-type]
    relation: word_of(Relation) | None = None  # type: ignore[valid-type]


class ResidentPublic(PersonPublic):
    """Oneself with household, and a token that carries the new person."""

    household: list[PersonPublic]
    token: str | None = None
    expires_at: datetime | None = None


class MePublic(Schema):
    """Who is signed in: the account, the person once registered, and the posts held."""

    account: AccountPublic
    resident: ResidentPublic | None
    posts: list[PostPublic]
