"""What the tests of both doors share."""

import pytest

from app.house import House
from tests import cast
from tests.routers.chief import appointed


@pytest.fixture(scope="module")
async def village_of_all(house: House) -> cast.Village:
    """One village for the many tests of a module that change nothing in it."""
    return await cast.village(house)


@pytest.fixture
async def other_village(house: House) -> cast.Village:
    """A second village, for what must not travel between two."""
    return await cast.village(house)


@pytest.fixture(scope="module")
async def chief_of_all(house: House, village_of_all: cast.Village) -> cast.Person:
    """Somebody who may come as far as anybody, for the tests of a module."""
    return await appointed(house, village_of_all)


@pytest.fixture
async def chief(house: House, chief_of_all: cast.Person) -> cast.Person:
    """The same, with a staff session of this minute: second factor and step-up given."""
    await cast.sit(house, chief_of_all, step_up=True)
    return chief_of_all
