"""Somebody who may come as far as anybody: a resident with every post of their county, every proof given."""

from app import staff
from app.house import House
from models.regions import Level
from models.residents import Relation
from models.staff import SERVES
from tests import cast
from tests.cast import Person, Village
from tests.routers.wire import bearer, cookie

COUNTY = 10**9  # the digits below a county


async def appointed(house: House, village: Village) -> Person:
    """A resident of the village's first grid who holds every duty that exists at county level, over their county."""
    someone = await cast.settle(house, "方敏", village.grid, cast.member("方正", Relation.CHILD, "20150901"))
    county = village.code // COUNTY * COUNTY
    async with house.database.writing() as db:
        for role, levels in SERVES.items():
            if Level.COUNTY in levels:
                await staff.appoint(db, someone.phone, someone.name, role, county)
    async with house.database.writing() as db:
        return await cast.person(house, db, someone.name, someone.phone)


def machine(someone: Person) -> list[tuple[bytes, bytes]]:
    """The headers of their sign-in and staff session, as a machine sends them."""
    assert someone.secret is not None
    return [bearer(someone.text), (b"staff-session", someone.secret.encode())]


def browser(someone: Person) -> list[tuple[bytes, bytes]]:
    """The cookies of their sign-in and staff session, as a browser sends them."""
    name, value = cookie(someone.text)
    return [(name, value + b"; shouwang-staff=" + (someone.secret or "").encode())]
