"""Missing reports of people who stay somewhere else."""

import pytest

from app import residents
from app.house import House
from models.residents import PlaceChange
from tests.app.tasks.test_chasing import _fresh, at, chase, tasks_about, wall  # noqa: F401  (fixtures)
from tests.cast import Village

pytestmark = pytest.mark.anyio


async def test_who_looks_for_a_missing_report_goes_where_the_person_is_now(
    house: House,
    village: Village,
    wall,  # noqa: F811
) -> None:
    wall(at(19))
    async with house.database.writing() as db:
        await residents.stay(db, village.mei.viewer, PlaceChange(region_code=village.other_grid))
    wall(at(23, 59))
    await chase(house)
    wall(at(24))
    await chase(house)
    (task,) = await tasks_about(house, village.mei.person_id)
    assert task.region_code == village.other_grid
