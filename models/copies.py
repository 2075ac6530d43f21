"""A copy of everything the house holds about a household, for the household itself: nothing masked."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field as Described

from models.appeals import AppealPublic
from models.audit import ReadPublic
from models.base import RegionCode, Schema, word_of
from models.checkins import CheckinPublic
from models.glass import GlassAbout
from models.residents import IdType, PlacePublic, Programme, Relation


class CopyCreate(Schema):
    """The proof that it is the person: the code of a text message to the sign-in phone. Staff step up instead."""

    code: Annotated[str | None, Described(max_length=20, examples=["274918"])] = None


class PersonCopy(Schema):
    """One person, in full."""

    person_id: UUID
    relation: word_of(Relation) | None  # type: ignore[valid-type]
    name: str
    id_type: word_of(IdType)  # type: ignore[valid-type]
    id_number: str | None
    birth_date: date | None
    phone: str | None
    address: str
    region_code: RegionCode
    chain: list[str] = Described(description="Where the person is looked after")
    current: PlacePublic | None = Described(description="Where they are now; null: there")
    registered: list[str] | None = Described(description="Where the household register is, if known")
    programme: word_of(Programme)  # type: ignore[valid-type]
    registered_at: datetime
    checkins: list[CheckinPublic] = Described(description="Every report with its corrections, newest first")


class CopyPublic(Schema):
    """Everything, as of a moment."""

    made_at: datetime
    account_id: UUID
    sign_in_phone: str
    people: list[PersonCopy] = Described(description="Oneself first, then those one reports for")
    appeals: list[AppealPublic]
    looks: list[ReadPublic] = Described(description="Who looked, when and why")
    openings: list[GlassAbout] = Described(description="Break-glass openings of these records")
