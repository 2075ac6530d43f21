"""What the tests of both doors share."""

import pytest

from app.house import House
from tests import cast


@pytest.fixture(scope="module")
async def village_of_all(house: House) -> cast.Village:
    """One village for the many tests of a module that change nothing in it."""
    return await cast.village(house)


@pytest.fixture
async def other_village(house: House) -> cast.Village:
    """A second village, for what must not travel between two."""
    return await cast.village(house)
