"""A stand-down says whom it concerns, and who may confirm it hears of it."""

import pytest

from app import notices, regions, standdown
from app.house import House
from models.regions import county_of
from models.staff import Role
from tests import cast
from tests.app.standing import NAME, ask, official, scene, stood_down
from tests.cast import Village

pytestmark = pytest.mark.anyio

__all__ = ["scene"]

COUNTY = 330822000000000


async def test_everybody_in_the_house_is_counted_by_county_and_the_certificate_says_so(
    scene: tuple[House, Village],
) -> None:
    house, village = scene
    county = county_of(village.code)
    async with house.database.reading() as db:
        before = await standdown.concerned(db)
    assert [(each.code, each.people) for each in before] == [(county, 5)]
    async with house.database.reading() as db:
        assert before[0].name == " ".join((await regions.chain_of(db, county))[1:])
    row = await stood_down(house)
    await cast.settle(house, "后来人", village.grid)  # registered under new keys: not concerned any more
    async with house.database.reading() as db:
        _, certificate = await standdown.certificate_of(db, row.response_id)
    assert certificate is not None
    said = standdown.check(standdown.document_of(certificate))
    assert said.good
    assert said.said["concerned"]["people"] == 5
    assert [each["code"] for each in said.said["concerned"]["counties"]] == [str(county)]


async def test_only_those_who_may_confirm_are_told_and_never_who_asks(scene: tuple[House, Village]) -> None:
    house, village = scene
    first, second, supervisor = await official(house), await official(house), await official(house, Role.SUPERVISOR)
    below, auditor = await official(house, code=COUNTY), await official(house, Role.AUDITOR)
    await ask(house, first)
    li = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        told = {me: [row.words for row in (await notices.unit(db, me)).items] for me in (second, supervisor)}
        for nobody in (first, below, auditor, li):
            assert (await notices.unit(db, nobody)).items == [], nobody
    assert {len(words) for words in told.values()} == {1}


async def test_with_nobody_to_confirm_it_waits_in_the_queue_of_the_region(scene: tuple[House, Village]) -> None:
    house, _ = scene
    await ask(house, await official(house))
    later = await official(house, Role.SUPERVISOR)
    async with house.database.writing() as db:
        (row,) = (await notices.unit(db, later)).items
    assert NAME in str(row)
