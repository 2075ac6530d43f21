"""Registration: every wrong field named at once, nothing stored half, nothing told about anybody else."""

import asyncio
import itertools
import math
from datetime import date, timedelta

import pytest
from sqlalchemy import func, update
from sqlmodel import col, select

from app import accounts, regions, residents, vault
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from app.kit.viewer import Viewer
from app.residents import AlreadyRegistered
from app.residents.registration import MOST_MEMBERS
from models.regions import Region
from models.residents import IdentityClaim, IdentityKey, IdType, MemberCreate, Relation, Resident, ResidentPublic
from tests import cast
from tests.cast import Person, Village, fresh_id, registration
from tests.statements import heard

pytestmark = pytest.mark.anyio


async def newcomer(house: House, name: str = "新人") -> Person:
    async with house.database.writing() as db:
        return await cast.person(house, db, name)


async def register(house: House, someone: Person, grid: int, **changes: object) -> ResidentPublic:
    """Register, and what the person then sees."""
    async with house.database.writing() as db:
        await residents.register(db, someone.viewer, registration(someone.name, grid, **changes))
        token = await accounts.claims_of(db, someone.token.account, someone.token.device)
        return await residents.me(db, Viewer(token))


async def refused_fields(house: House, grid: int, **changes: object) -> list[str]:
    someone = await newcomer(house)
    with pytest.raises(Invalid) as refused:
        await register(house, someone, grid, **changes)
    async with house.database.reading() as db:
        assert (await accounts.account_of(db, someone.token.account)).person_id is None
    return [fault.field for fault in refused.value.faults]


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id_number": "330822198502141234"}, "id_number"), ({"id_number": "11010519491231002"}, "id_number"),
        ({"id_number": ""}, "id_number"), ({"id_number": "110105194912310026"}, "id_number"),
        ({"id_number": "110105194902310028"}, "id_number"), ({"id_number": "X" * 18}, "id_number"),
        ({"id_type": "passport", "id_number": "?"}, "id_number"), ({"id_type": "none", "id_number": "1"}, "id_type"),
        ({"phone": "12345"}, "phone"), ({"region_code": 330822001201000}, "region_code"),
        ({"region_code": 330822001201999}, "region_code"), ({"region_code": 330800000000000}, "region_code"),
        ({"id_type": "passport", "id_number": "E12345678", "birth_date": "2999-01-01"}, "birth_date"),
        ({"id_type": "passport", "id_number": "E12345678", "birth_date": "1850-01-01"}, "birth_date"),
    ],
)  # fmt: skip
async def test_a_wrong_field_is_named_and_nothing_is_stored(
    house: House, village: Village, changes: dict[str, object], field: str
) -> None:
    assert field in await refused_fields(house, village.grid, **changes)


async def test_a_birth_in_the_future_is_refused_inside_a_number_too(house: House, village: Village) -> None:
    tomorrow = f"{clock.today() + timedelta(days=1):%Y%m%d}"
    assert await refused_fields(house, village.grid, id_number=fresh_id(tomorrow)) == ["id_number"]


async def test_every_wrong_field_is_named_at_once_household_included(house: House, village: Village) -> None:
    wrong = MemberCreate(name="甲", id_type=IdType.RESIDENT_ID, id_number="1", relation=Relation.CHILD)
    nobody = MemberCreate(name="乙", id_type=IdType.NONE, relation=Relation.CHILD)
    good = cast.member("丙", Relation.PARENT)
    fields = await refused_fields(house, village.code, id_number="1", phone="1", household=[wrong, good, nobody])
    assert sorted(fields) == ["household/0/id_number", "household/2/birth_date", "id_number", "phone", "region_code"]


async def test_a_retired_grid_takes_nobody_in(house: House, village: Village) -> None:
    async with house.database.writing() as db:
        (grid,) = await regions.mint(db, village.code, 1)
        retired = update(Region).where(col(Region.code) == grid.code)
        await db.exec(retired.values(valid_to=clock.today() - timedelta(days=1)))
    assert await refused_fields(house, grid.code) == ["region_code"]


async def test_another_document_of_a_registered_person_is_refused(house: House, village: Village) -> None:
    for changes in ({}, {"id_type": "passport", "id_number": "E12345678", "birth_date": "1985-02-14"}):
        with pytest.raises(AlreadyRegistered):
            await register(house, village.mei, village.grid, **changes)


async def test_nobody_adds_members_before_registering_or_without_end(house: House, village: Village) -> None:
    someone = await newcomer(house)
    async with house.database.writing() as db:
        with pytest.raises(NotFound):
            await residents.add_member(db, someone.viewer, cast.member("甲", Relation.PARENT))
    async with house.database.writing() as db:
        for number in range(MOST_MEMBERS - 2):
            await residents.add_member(db, village.mei.viewer, cast.member(f"甲{number}", Relation.OTHER))
        with pytest.raises(Invalid):
            await residents.add_member(db, village.mei.viewer, cast.member("一个太多", Relation.OTHER))


# --- one calm answer -------------------------------------------------------------------------------------------------


@pytest.mark.proves("T20")
async def test_a_number_that_is_held_already_gets_the_same_answer_and_the_same_work(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    await register(house, await newcomer(house), village.grid)
    # The names of places are remembered from here on; they are asked for again each minute, not in the midst of this.
    monkeypatch.setattr(regions._names, "until", math.inf)
    number, answers, work = fresh_id(), [], []
    for _ in range(2):
        someone = await newcomer(house, "同名")
        with heard(house.database) as statements:
            shown = await register(house, someone, village.grid, id_number=number)
        work.append([text for text, _ in statements])
        answers.append(shown.model_dump(exclude={"person_id", "phone"}))
    assert answers[0] == answers[1]
    assert work[0] == work[1] != []
    async with house.database.reading() as db:
        index = vault.ring_of(db).blind_index("identity", f"{int(IdType.RESIDENT_ID)}|{number}")
        assert (await db.exec(select(func.count()).where(IdentityKey.blind_index == index))).one() == 1
        assert (await db.exec(select(func.count()).where(IdentityClaim.blind_index == index))).one() == 1


@pytest.mark.proves("T20")
async def test_of_many_who_claim_one_number_at_once_exactly_one_holds_it(house: House, village: Village) -> None:
    number = fresh_id()
    people = [await newcomer(house) for _ in range(8)]
    await asyncio.gather(*(register(house, someone, village.grid, id_number=number) for someone in people))
    async with house.database.reading() as db:
        index = vault.ring_of(db).blind_index("identity", f"{int(IdType.RESIDENT_ID)}|{number}")
        assert (await db.exec(select(func.count()).where(IdentityKey.blind_index == index))).one() == 1
        assert (await db.exec(select(func.count()).where(IdentityClaim.blind_index == index))).one() == 7


async def test_the_same_number_is_the_same_however_it_is_written(house: House, village: Village) -> None:
    # Not the number of the standard: that one is an example in the documents, and everybody may read those.
    digits = next(number for number in map(fresh_id, itertools.repeat("19491231", 200)) if number.endswith("X"))
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in digits)
    someone = await newcomer(house)
    first = await register(house, someone, village.grid, id_number=digits)
    for written in (digits.lower(), full_width, f" {digits} ", digits[:6] + digits[8:17]):
        again = await register(house, someone, village.grid, id_number=written)
        assert again.person_id == first.person_id


async def test_the_region_part_of_a_number_is_never_judged(house: House, village: Village) -> None:
    for area in ("000000", "999999", "330103"):  # none, none, and a district of Hangzhou that is gone
        body = f"{area}19850214{int(fresh_id()[14:17]):03d}"
        shown = await register(house, await newcomer(house), village.grid, id_number=body + cast.check_character(body))
        assert shown.person_id is not None


# --- once ------------------------------------------------------------------------------------------------------------


async def test_the_same_registration_twice_changes_nothing(house: House, village: Village) -> None:
    someone = await newcomer(house)
    words = {"id_number": fresh_id(), "household": [cast.member("父", Relation.PARENT)]}
    first = await register(house, someone, village.grid, **words)
    again = await register(house, someone, village.grid, **words)
    assert first == again
    assert len(again.household) == 1


async def test_two_taps_at_once_make_one_person(house: House, village: Village) -> None:
    someone = await newcomer(house)
    words = {"id_number": fresh_id(), "household": [cast.member("父", Relation.PARENT)]}
    seen = await asyncio.gather(*(register(house, someone, village.grid, **words) for _ in range(6)))
    assert len({shown.person_id for shown in seen}) == 1
    assert {len(shown.household) for shown in seen} == {1}
    async with house.database.reading() as db:
        mine = select(func.count()).where(Resident.registered_by == someone.token.account)
        assert (await db.exec(mine.execution_options(scope="test"))).one() == 2


async def test_a_passport_and_a_permit_are_taken_by_their_kind(house: House, village: Village) -> None:
    for kind, number in (("passport", "E12345678"), ("hmt_permit", "H12345678"), ("taiwan_permit", "12345678")):
        shown = await register(
            house, await newcomer(house), village.grid, id_type=kind, id_number=number, birth_date="1990-05-01"
        )
        assert shown.id_type.name.lower() == kind
    async with house.database.reading() as db:
        own = select(Resident.birth_date).where(Resident.person_id == shown.person_id)
        assert (await db.exec(own.execution_options(scope="test"))).one() == date(1990, 5, 1)


async def test_another_number_to_call_may_be_given(house: House, village: Village) -> None:
    shown = await register(house, await newcomer(house), village.grid, phone="+86 138 5700 1234")
    assert shown.phone == "138****1234"
