"""What crosses the doors about colleagues, and the table of who may dial whom. Duty data only, never a home."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field as Described

from models.base import RegionCode, Schema
from models.regions import Level
from models.staff import Role
from models.staff.schemas import Chain


class Standing(StrEnum):
    """How the unit of whoever looks stands to the unit of whom they look up."""

    SAME_UNIT = "same_unit"
    BELOW = "below"  # a unit directly below the colleague's
    ABOVE = "above"  # any unit that contains the colleague's
    ANYBODY = "anybody"  # every other post in force


EVERYBODY = frozenset(Standing)
NEAR = frozenset({Standing.SAME_UNIT, Standing.BELOW, Standing.ABOVE})
# The level of a colleague's post -> who may see the duty phone in full. Whoever is on shift is dialled by everybody:
# that is what a duty phone is for. Others see the mask, and write.
DIALLED_BY: dict[Level, frozenset[Standing]] = {
    Level.PROVINCE: NEAR,
    Level.CITY: NEAR,
    Level.COUNTY: NEAR,
    Level.TOWNSHIP: EVERYBODY,
    Level.VILLAGE: EVERYBODY,
    Level.GRID: EVERYBODY,
}


class DirectorySearch(Schema):
    """Whom to find. Words stand in any order: names, pinyin, initials, duties, departments, groups, places."""

    q: str = Described(default="", max_length=60, examples=["常山 网格员"])
    region: RegionCode | None = Described(default=None, description="Only posts inside this region.")
    role: Role | None = None
    after: str | None = Described(default=None, max_length=80, description="`next` of the page before.")


class Colleague(Schema):
    """A colleague as everybody in force may see them."""

    post_id: UUID
    name: str = Described(examples=["李桂芳"])
    role: Role
    lead: bool
    region_code: RegionCode
    chain: Chain
    group: str | None = Described(default=None, examples=["疫情防控组"])
    department: str = Described(default="", examples=["县卫生健康局"])
    activated: bool = Described(description="false: invited, the post has not been taken up yet")
    on_duty: bool = Described(description="on shift now, or answering for the unit by office while no plan says else")
    substitute: str | None = Described(default=None, description="who stands in while away", examples=["吴秀英"])
    away_until: datetime | None = None
    phone: str = Described(description="always masked here", examples=["138****1234"])
    may_dial: bool = Described(description="whether `dialling` shows you the number in full")


class DirectoryFound(Schema):
    """Twenty colleagues at most: exact names first, then the nearest; `next` leads to more."""

    items: list[Colleague]
    next: str | None = None


class Dialling(Schema):
    """A duty phone in full. This look is recorded, and the colleague can see it."""

    post_id: UUID
    name: str = Described(examples=["李桂芳"])
    phone: str = Described(examples=["13857001234"])


class DiallingSeen(Schema):
    """One look at one's own duty phone."""

    at: datetime
    who: str = Described(examples=["陈国平"])
    role: Role
    chain: Chain
    post_id: UUID = Described(description="which of one's own posts it was")


class DiallingsSeen(Schema):
    """Who looked up one's own duty phone in the last 92 days, newest first."""

    items: list[DiallingSeen]
