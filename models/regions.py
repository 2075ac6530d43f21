"""The administrative tree: six levels in one 15-digit code (GB/T 2260 + statistical code + our grid)."""

from datetime import date
from enum import StrEnum
from functools import lru_cache

from pydantic import Field as Described
from sqlalchemy import BigInteger, CheckConstraint, Column, Index
from sqlmodel import Field

from models.base import REFERENCE, RegionCode, Schema, Table, placed


class Level(StrEnum):
    """The six levels, from province to grid."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    GRID = "grid"


# How many codes a region of this level spans: province 2 digits, city 2, county 2, township 3, village 3, grid 3.
SPAN = {
    Level.PROVINCE: 10**13,
    Level.CITY: 10**11,
    Level.COUNTY: 10**9,
    Level.TOWNSHIP: 10**6,
    Level.VILLAGE: 10**3,
    Level.GRID: 1,
}


def level_of(code: int) -> Level:
    """The level a code stands for: the largest span that divides it."""
    return next(level for level, span in SPAN.items() if code % span == 0)


def last_of(code: int) -> int:
    """The last code inside a region; `code` itself is the first."""
    return code + SPAN[level_of(code)] - 1


def county_of(code: int) -> int:
    """The county that contains a code (the code itself for a city or province)."""
    return code - code % SPAN[Level.COUNTY]


@lru_cache(maxsize=65_536)
def ancestors_of(code: int) -> tuple[int, ...]:
    """The codes above a code, province first, itself excluded. Arithmetic, no look-up."""
    spans = [span for level, span in SPAN.items() if span > SPAN[level_of(code)]]
    return tuple(code - code % span for span in spans)


class Region(Table, table=True):
    """A province, city, county, township, village or grid. Retired codes stay, with `valid_to`."""

    __tablename__ = "region"
    __table_args__ = placed(
        REFERENCE,
        CheckConstraint("code BETWEEN 110000000000000 AND 999999999999999", name="code_has_15_digits"),
        CheckConstraint("last_code >= code", name="range_is_forward"),
        Index("ix_region_parent_code", "parent_code"),
        Index("ix_region_name", "name", postgresql_ops={"name": "text_pattern_ops"}),
        Index("ix_region_pinyin", "pinyin", postgresql_ops={"pinyin": "text_pattern_ops"}),
        Index("ix_region_initials", "initials", postgresql_ops={"initials": "text_pattern_ops"}),
    )

    code: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    last_code: int = Field(sa_type=BigInteger)
    parent_code: int | None = Field(default=None, sa_type=BigInteger)
    level: str = Field(max_length=8)
    name: str = Field(max_length=60)
    pinyin: str = Field(max_length=200)
    initials: str = Field(max_length=60)
    valid_from: date
    valid_to: date | None = None


class RegionPublic(Schema):
    """A region with the names above it, province first: 21 places are called 双溪村."""

    code: RegionCode
    name: str = Described(examples=["第三网格"])
    level: Level
    chain: list[str] = Described(examples=[["浙江省", "衢州市", "常山县", "天马街道", "天马社区"]])


class RegionWithChildren(RegionPublic):
    """One region and what lies directly under it."""

    children: list[RegionPublic]


class RegionsFound(Schema):
    """The answer of a search: best first."""

    items: list[RegionPublic]
