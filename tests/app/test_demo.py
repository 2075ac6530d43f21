"""The demo village: real places, invented people, loaded once, and lively enough to try everything on it."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from app import accounts, checkins, demo, residents, staff, upkeep
from app.house import House
from app.kit import clock
from app.kit.identifiers import resident_id
from app.kit.ids import new_device
from app.kit.viewer import Viewer
from models.checkins import Checkin, RollCallCounts, RollCallPublic, State
from models.residents import Programme, Resident

pytestmark = pytest.mark.anyio


@pytest.fixture
async def demo_house(empty_house: House) -> House:
    await upkeep.migrate(empty_house)
    await upkeep.load_regions(empty_house)
    assert await demo.load(empty_house)
    return empty_house


async def viewer(house: House, phone: str) -> Viewer:
    async with house.database.writing() as db:
        account = await accounts.account_for(db, phone)
        token = await accounts.claims_of(db, account.id, new_device())
        return Viewer(token, await staff.posts_of(db, account.id))


async def count(house: House, table: type) -> int:
    async with house.database.reading() as db:
        return (await db.exec(select(func.count()).select_from(table).execution_options(scope="test"))).one()


async def roll(house: House, me: Viewer, code: int) -> RollCallPublic:
    async with house.database.reading() as db:
        return await checkins.roll_call(db, me, code, None)


async def test_it_loads_once_and_every_part_of_it_can_be_tried(demo_house: House) -> None:
    before = [await count(demo_house, table) for table in (Resident, Checkin)]
    assert not await demo.load(demo_house)
    assert [await count(demo_house, table) for table in (Resident, Checkin)] == before

    mei = await viewer(demo_house, demo.MEI)
    worker, cadre = await viewer(demo_house, demo.WORKER), await viewer(demo_house, demo.CADRE)
    async with demo_house.database.reading() as db:
        household = await residents.household_of(db, mei)
        assert [person.row.name for person in household] == ["王小梅", "王建国", "李子轩"]
        assert await checkins.reports_of(db, mei.person_id, clock.today(), clock.today()) == []
        fortnight = clock.today() - timedelta(days=13)
        assert len(await checkins.reports_of(db, mei.person_id, fortnight, clock.today())) >= 8

    grid = await roll(demo_house, worker, demo.VILLAGE + 1)
    assert {person.state for person in grid.people} == set(State)
    village = await roll(demo_house, cadre, demo.VILLAGE)
    assert len(village.grids) == demo.GRIDS
    assert village.counts == RollCallCounts(
        **{name: sum(getattr(one.counts, name) for one in village.grids) for name in RollCallCounts.model_fields}
    )

    async with demo_house.database.reading() as db:
        programmes = Counter(await db.exec(select(Resident.programme).execution_options(scope="test")))
        assert programmes[Programme.HOME_QUARANTINE] == 1
        late = select(func.count()).where(col(Checkin.received_at) > clock.now()).execution_options(scope="test")
        assert (await db.exec(late)).one() == 0


def test_no_invented_number_is_malformed_and_none_is_used_twice() -> None:
    numbers = [demo.identity("19850214", sequence) for sequence in range(100, 200)]
    assert len(set(numbers)) == 100
    assert [resident_id(number, today=clock.today()) for number in numbers] == numbers


def test_everybody_one_may_sign_in_as_is_named_with_a_place_to_start() -> None:
    hints = demo.hints("http://127.0.0.1:8000")
    named = {demo.MEI, demo.OBSERVED, demo.WORKER, demo.CADRE, demo.ADMINISTRATOR, demo.LEADER, demo.AUDITOR}
    assert {phone for _, phone, _ in hints} == named
    assert all(start.startswith("http://127.0.0.1:8000/") for _, _, start in hints)
