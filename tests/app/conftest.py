"""What several tests of the rooms begin with."""

import pytest

from app.house import House
from tests.app.sheets import Office, office
from tests.cast import Village


@pytest.fixture
async def desk(house: House, village: Village) -> Office:
    """The administrator of a village, with a sheet to bring."""
    return await office(house, village)
