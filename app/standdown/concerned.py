"""Whom a stand-down concerns: everybody whose data this house keeps sealed, county by county, response or not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions
from models.regions import SPAN, Level, Region
from models.residents import Resident

SPAN_OF_COUNTY = SPAN[Level.COUNTY]


@dataclass(frozen=True)
class County:
    """A county and how many of its people are registered here."""

    code: int
    name: str  # with the city above it
    people: int


async def concerned(db: AsyncSession, until: datetime | None = None) -> list[County]:
    """The counties with registered people, in the order of their codes; `until` leaves out who came later."""
    somebody = exists().where(_lives_in(col(Region.code)))
    found = await db.exec(
        select(Region.code)
        .where(col(Region.level) == Level.COUNTY, somebody)
        .order_by(col(Region.code))
        .execution_options(scope="standdown")
    )
    counties = []
    # One statement a county: a whole province counted at once would take longer than a statement of a web process may.
    for code in found.all():
        counted = select(func.count()).select_from(Resident).where(_lives_in(code))
        if until is not None:
            counted = counted.where(col(Resident.created_at) <= until)
        people = (await db.exec(counted.execution_options(scope="standdown"))).one()
        if people:
            counties.append(County(code, " ".join((await regions.chain_of(db, code))[1:]), people))
    return counties


def _lives_in(county: Any) -> ColumnElement[bool]:  # noqa: ANN401  (a code, or a column of codes)
    return col(Resident.region_code).between(county, county + SPAN_OF_COUNTY - 1)


def people_in(counties: list[County]) -> int:
    """How many people that is."""
    return sum(county.people for county in counties)
