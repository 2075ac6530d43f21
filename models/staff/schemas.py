"""What crosses the doors about posts, groups and duty."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field as Described

from models.base import PersonName, RegionCode, Schema
from models.regions import Level
from models.staff.rights import Right, Role

Chain = Annotated[list[str], Described(examples=[["浙江省", "衢州市", "常山县", "天马街道", "天马社区", "第一网格"]])]
Name = Annotated[PersonName, Described(examples=["李桂芳"])]
Phone = Annotated[str, Described(max_length=40, examples=["13857001234"])]
Words = Annotated[str, Described(max_length=200, examples=["调往青石镇"])]


class PostPublic(Schema):
    """A post as its holder sees it."""

    id: UUID
    role: Role
    lead: bool
    region_code: RegionCode
    chain: Chain
    group: str | None = Described(default=None, examples=["疫情防控组"])
    department: str = Described(default="", examples=["县卫生健康局"])
    valid_from: date
    valid_to: date | None = None


class PostListed(PostPublic):
    """A post as those who appoint and plan see it."""

    name: str = Described(examples=["李桂芳"])
    phone: str = Described(examples=["138****1234"])
    state: str = Described(description="invited, expired, planned, in_force or away", examples=["in_force"])
    substitute: str | None = Described(default=None, description="stands in now", examples=["吴秀英"])
    substitute_id: UUID | None = Described(default=None, description="the standing substitute")


class PostsFound(Schema):
    """The posts of a unit, or of everything in it. `after` continues the list; null at its end."""

    items: list[PostListed]
    after: str | None = Described(default=None, examples=["330822001202000.0193a1b2c3d47000800000000000"])


class PostCreate(Schema):
    """Invite somebody to a post at or below one's own level."""

    phone: Phone
    name: Name
    role: Role
    region_code: RegionCode
    group: str | None = Described(default=None, max_length=40, examples=["疫情防控组"])
    lead: bool = False
    department: str = Described(default="", max_length=60, examples=["县卫生健康局"])
    valid_from: date | None = Described(default=None, description="today when left out")
    valid_to: date | None = None


class PostChange(Schema):
    """What of a post may change without ending it. Role, region and phone make another post."""

    name: Name | None = None
    lead: bool | None = None
    department: str | None = Described(default=None, max_length=60)
    valid_to: date | None = None
    substitute_id: UUID | None = None


class Dismissal(Schema):
    """End a post. Its open work goes to the successor; without one it stands on the list of gaps."""

    successor_id: UUID | None = None
    reason: Words = ""


class Transfer(Schema):
    """Move somebody to another post of their own: the old one ends in the same moment."""

    role: Role
    region_code: RegionCode
    group: str | None = Described(default=None, max_length=40)
    lead: bool = False
    successor_id: UUID | None = None
    reason: Words = ""


class ShiftCreate(Schema):
    """Put a post on duty for a span, at most 36 hours."""

    post_id: UUID
    starts_at: datetime = Described(examples=["2026-11-22T20:00:00+08:00"])
    ends_at: datetime = Described(examples=["2026-11-23T08:00:00+08:00"])


class ShiftPublic(ShiftCreate):
    """A shift as the plan shows it."""

    id: UUID
    name: str = Described(examples=["李桂芳"])
    role: Role


class ShiftsFound(Schema):
    """The shifts of a region, by time."""

    items: list[ShiftPublic]


class AbsenceCreate(Schema):
    """Be away, or mark a colleague as away. Without a substitute the standing one answers, else the unit is a gap."""

    post_id: UUID
    from_at: datetime = Described(examples=["2026-11-22T20:00:00+08:00"])
    until_at: datetime = Described(examples=["2026-11-24T08:00:00+08:00"])
    substitute_id: UUID | None = None
    reason: str = Described(
        default="", max_length=100, description="for those who plan, and oneself", examples=["事假"]
    )


class AbsencePublic(AbsenceCreate):
    """An absence as the plan shows it."""

    id: UUID
    name: str = Described(examples=["李桂芳"])
    substitute: str | None = Described(default=None, examples=["吴秀英"])
    ended_at: datetime | None = None


class AbsencesFound(Schema):
    """Who is or will be away, by time."""

    items: list[AbsencePublic]


class OnDuty(Schema):
    """Who answers for a region now, and why it is they."""

    post_id: UUID
    name: str = Described(examples=["李桂芳"])
    role: Role
    region_code: RegionCode
    phone: str = Described(examples=["138****1234"])
    why: str = Described(description="shift, post, substitute or above", examples=["shift"])
    until: datetime | None = None
    stands_in_for: str | None = Described(default=None, examples=["陈国平"])


class OnDutyFound(Schema):
    """Who is on duty in a region. `gap` = nobody of the unit itself; then `items` is whoever answers above it."""

    region_code: RegionCode
    chain: Chain
    gap: bool
    items: list[OnDuty]


class Gap(Schema):
    """A unit without an answer of its own: a grid without a worker on duty, another unit without a lead."""

    region_code: RegionCode
    level: Level
    chain: Chain
    kind: str = Described(description="nobody, not_activated or away", examples=["nobody"])


class GapsFound(Schema):
    """The visible list of gaps, and how many there are in all."""

    total: int = Described(examples=[3])
    items: list[Gap]


class UnitStanding(Schema):
    """One row of the board: a region below, and how far it has come."""

    region_code: RegionCode
    name: str = Described(examples=["天马街道"])
    level: Level
    posts: int = Described(examples=[62])
    activated: int = Described(examples=[58])
    units: int = Described(description="townships, villages ... inside, itself included", examples=[13])
    units_without_lead: int = Described(examples=[1])
    grids: int = Described(examples=[40])
    grids_without_worker: int = Described(examples=[2])
    villages_without_grids: int = Described(
        description="nobody can be a grid worker there until the operator makes grids", examples=[0]
    )


class Hour(Schema):
    """Activations of one hour, and the gaps at its end (of the running hour: now), by appointments: absences and
    shifts are left aside."""

    at: datetime
    activated: int = Described(examples=[412])
    total: int = Described(examples=[1904])
    units_without_lead: int = Described(examples=[1])
    grids_without_worker: int = Described(examples=[2])


class Board(Schema):
    """How far the organisation stands: the region itself, its parts, and the last 48 hours."""

    region: UnitStanding
    parts: list[UnitStanding]
    hours: list[Hour]
    as_of: datetime


class RightRow(Schema):
    """One line of the table who can do what."""

    right: Right
    roles: dict[Role, list[Level]]


class RightsTable(Schema):
    """Who can do what: the very table that the house asks."""

    items: list[RightRow]
    mine: list[Right]
