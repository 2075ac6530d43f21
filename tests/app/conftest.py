"""What several tests of the rooms begin with."""

import pytest

from app.house import House
from app.kit import outgoing
from tests.app.sheets import Office, office
from tests.cast import Village


@pytest.fixture
async def desk(house: House, village: Village) -> Office:
    """The administrator of a village, with a sheet to bring."""
    return await office(house, village)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls out of the house lose their patience soon."""
    monkeypatch.setattr(outgoing, "TOTAL_S", 0.4)
