"""The ledger: what was done about a person stands in it, or it was not done."""

import pytest

from app import audit, residents
from app.house import House
from app.kit.ids import uuid7
from models.audit import Act, Purpose
from tests import cast
from tests.cast import Village

pytestmark = pytest.mark.anyio


@pytest.mark.proves("T31")
async def test_an_act_that_was_undone_leaves_no_line(house: House, village: Village) -> None:
    li = await cast.on_duty(house, village.li)
    with pytest.raises(ZeroDivisionError):
        async with house.database.writing() as db:
            await residents.open_record(db, li, village.mei.person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)
            raise ZeroDivisionError
    async with house.database.reading() as db:
        assert await audit.about(db, [village.mei.person_id]) == []


@pytest.mark.proves("T31")
async def test_a_look_that_cannot_be_written_down_is_not_allowed(house: House, village: Village) -> None:
    li = await cast.on_duty(house, village.li)
    with pytest.raises(Exception, match="read-only"):
        async with house.database.reading() as db:
            await residents.open_record(db, li, village.mei.person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)


@pytest.mark.proves("T31")
async def test_a_person_sees_every_look_newest_first_and_nobody_elses(house: House, village: Village) -> None:
    li, chen = await cast.on_duty(house, village.li), await cast.on_duty(house, village.chen)
    for viewer, person in ((li, village.mei), (chen, village.mei), (chen, village.qian)):
        async with house.database.writing() as db:
            await residents.open_record(db, viewer, person.person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)
    async with house.database.reading() as db:
        mine = await audit.about(db, [village.mei.person_id])
        assert [(read.who, read.role, read.purpose) for read in mine] == [
            ("陈国平", "village_cadre", "person_page"), ("李桂芳", "grid_worker", "person_page"),
        ]  # fmt: skip
        assert len(await audit.about(db, [village.mei.person_id, village.qian.person_id])) == 3
        assert await audit.about(db, [uuid7()]) == []
        assert await audit.about(db, []) == []
