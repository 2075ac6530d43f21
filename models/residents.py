"""Residents: who a person is, where they are looked after, and who may report for them."""

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field as Described
from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, SmallInteger, text
from sqlmodel import Field

from models.accounts import AccountPublic
from models.base import LOCAL, PERSON, PersonName, RegionCode, Schema, Table, placed, word_of
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
    """A person and their three places. Number, phone and address are sealed at rest.

    `region_code`: the grid that looks after them. `current_code`: the grid they said they are in now, until a day;
    None = there. `registered_code`: the county of their household register, read from a resident ID where we know it.
    """

    __tablename__ = "resident"
    __table_args__ = placed(
        PERSON,
        ForeignKeyConstraint(["region_code"], ["region.code"]),
        ForeignKeyConstraint(["current_code"], ["region.code"]),
        CheckConstraint("char_length(name) BETWEEN 1 AND 50", name="name_has_letters"),
        CheckConstraint("current_until IS NULL OR current_code IS NOT NULL", name="away_until_from_somewhere"),
        CheckConstraint("programme BETWEEN 0 AND 2", name="programme_is_known"),
        CheckConstraint("(id_type = 0) = (id_sealed IS NULL)", name="document_or_none"),
        Index("ix_resident_region_code", "region_code"),
        Index("ix_resident_current_code", "current_code", postgresql_where=text("current_code IS NOT NULL")),
    )

    person_id: UUID = Field(primary_key=True)
    region_code: int = Field(sa_type=BigInteger)
    current_code: int | None = Field(default=None, sa_type=BigInteger)
    current_until: date | None = None
    current_since: datetime | None = None
    moved_at: datetime | None = None  # into the grid that looks after them now; None: since registration
    registered_code: int | None = Field(default=None, sa_type=BigInteger)
    name: str = Field(max_length=50)
    id_type: int = Field(sa_type=SmallInteger)
    id_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    phone_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    address_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    birth_date: date | None = None
    programme: int = Field(default=0, sa_type=SmallInteger)
    registered_by: UUID
    created_at: datetime

    @property
    def place_code(self) -> int:
        """The grid they are in now."""
        return self.current_code or self.region_code


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


Name = Annotated[PersonName, Described(examples=["王小梅"])]
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


class PlaceChange(Schema):
    """Say that one is somewhere else now. Staff there see the person as well; who looks after them stays the same."""

    person_id: UUID | None = Described(default=None, description="Oneself when left out, or a household member")
    region_code: RegionCode | None = Described(description="A grid; null: back where one is looked after")
    until: date | None = Described(default=None, description="The last day there; null: until one says otherwise")


class ResidentChange(Schema):
    """Correct one's record. What is left out stays. The document is not corrected here: that is an appeal."""

    person_id: UUID | None = Described(default=None, description="Oneself when left out, or a household member")
    name: Name | None = None
    address: Annotated[str | None, Described(min_length=1, max_length=200)] = None
    phone: Annotated[str | None, Described(max_length=40, description="Where to call; not the sign-in phone")] = None
    region_code: RegionCode | None = Described(default=None, description="A grid: it looks after them from now on")
    together: bool = Described(default=False, description="The whole household has this phone, address and grid")


class PlacePublic(Schema):
    """Where somebody is for the time being."""

    region_code: RegionCode
    chain: list[str]
    until: date | None


class PersonPublic(Schema):
    """A person as they see themselves: document and phone masked."""

    person_id: UUID
    name: str
    id_type: word_of(IdType)  # type: ignore[valid-type]
    id_number: str | None = Described(default=None, examples=["11**************2X"])
    phone: str | None = Described(default=None, examples=["138****1234"])
    region_code: RegionCode
    chain: list[str]
    current: PlacePublic | None = Described(default=None, description="Null: where one is looked after")
    registered: list[str] | None = Described(default=None, description="Where the household register is, if known")
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
