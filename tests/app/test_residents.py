"""Registering, being reached, and what of a person lies readable anywhere."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, text
from sqlmodel import select

from app import audit, residents, vault
from app.house import House
from app.kit import clock, crypto
from app.kit.errors import NotFound
from app.kit.viewer import Viewer
from models.audit import Act, Purpose
from models.residents import IdentityKey, IdType, MemberCreate, Relation, Resident
from tests import cast
from tests.cast import Village

pytestmark = pytest.mark.anyio


async def row_of(house: House, person_id: UUID) -> Resident:
    async with house.database.reading() as db:
        own = select(Resident).where(Resident.person_id == person_id).execution_options(scope="test")
        return (await db.exec(own)).one()


# --- out of reach ----------------------------------------------------------------------------------------------------


@pytest.mark.proves("T01")
async def test_nobody_reaches_a_stranger(house: House, village: Village) -> None:
    everyone = (village.mei, village.qian, village.nobody, village.li, village.chen)
    async with house.database.reading() as db:
        for me in everyone:
            with pytest.raises(NotFound):
                await residents.reachable(db, me.viewer, village.zhou.person_id)
        for stranger in (village.zhou.person_id, village.qian.person_id, cast.uuid7()):
            with pytest.raises(NotFound):
                await residents.reachable(db, village.mei.viewer, stranger)


@pytest.mark.proves("T03")
async def test_staff_reach_the_people_of_their_grids_and_nobody_else(house: House, village: Village) -> None:
    other = await cast.village(house)
    sees = [
        (village.li, [village.mei, village.zhou]), (village.wu, [village.qian]),
        (village.chen, [village.mei, village.zhou, village.qian]), (other.li, [other.mei, other.zhou]),
        (village.mei, []), (village.nobody, []),
    ]  # fmt: skip
    people = [village.mei, village.zhou, village.qian, other.mei, other.zhou, other.qian]
    for viewer, seen in sees:
        me = await cast.on_duty(house, viewer)
        async with house.database.reading() as db:
            for person in people:
                if person in seen:
                    assert (await residents.covered(db, me, person.person_id)).person_id == person.person_id
                else:
                    with pytest.raises(NotFound):
                        await residents.covered(db, me, person.person_id)


@pytest.mark.proves("T31")
async def test_a_refused_look_leaves_no_line_and_an_allowed_one_does(house: House, village: Village) -> None:
    li, wu = await cast.on_duty(house, village.li), await cast.on_duty(house, village.wu)
    with pytest.raises(NotFound):
        async with house.database.writing() as db:
            await residents.reveal_phone(db, wu, village.mei.person_id)
    async with house.database.writing() as db:
        await residents.open_record(db, li, village.mei.person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)
        _, phone = await residents.reveal_phone(db, li, village.mei.person_id)
    assert phone == village.mei.phone
    async with house.database.reading() as db:
        reads = await audit.about(db, [village.mei.person_id])
    assert [(read.who, read.act, read.purpose) for read in reads] == [
        ("李桂芳", "revealed_phone", "call"),
        ("李桂芳", "saw_person", "person_page"),
    ]


async def test_a_visitor_without_a_record_sees_no_record(house: House, village: Village) -> None:
    async with house.database.reading() as db:
        with pytest.raises(NotFound):
            await residents.me(db, village.nobody.viewer)
        assert await residents.household_of(db, village.nobody.viewer) == []


# --- oneself ---------------------------------------------------------------------------------------------------------


async def test_i_see_myself_and_my_household_masked(house: House, village: Village) -> None:
    async with house.database.reading() as db:
        me = await residents.me(db, village.mei.viewer)
    assert me.name == "王小梅"
    assert me.phone == f"{village.mei.phone[:3]}****{village.mei.phone[-4:]}"
    assert me.id_number is not None
    assert (len(me.id_number), me.id_number.count("*")) == (18, 14)
    assert me.chain[0] == "浙江省"
    assert me.chain[-1] == "第一网格"
    assert [(person.name, person.relation) for person in me.household] == [
        ("王建国", Relation.PARENT), ("李子轩", Relation.CHILD),
    ]  # fmt: skip
    assert all(person.region_code == village.grid for person in me.household)


async def test_a_household_is_reachable_by_the_one_who_reports_for_it(house: House, village: Village) -> None:
    async with house.database.reading() as db:
        for member in village.mei.household:
            found = await residents.reachable(db, village.mei.viewer, member.person_id)
            assert found.row.person_id == member.person_id
        with pytest.raises(NotFound):
            await residents.reachable(db, village.qian.viewer, village.father.person_id)


async def test_a_new_member_joins_with_the_address_and_phone_of_the_household(house: House, village: Village) -> None:
    newborn = MemberCreate(
        name="李小满", id_type=IdType.NONE, birth_date=clock.today() - timedelta(days=3), relation=Relation.CHILD
    )
    for _ in range(2):  # sent twice: added once
        async with house.database.writing() as db:
            await residents.add_member(db, village.mei.viewer, newborn)
    async with house.database.reading() as db:
        household = await residents.household_of(db, village.mei.viewer)
        added = household[-1].row
        assert len(household) == 4
        assert (added.name, added.id_sealed, added.region_code) == ("李小满", None, village.grid)
        assert residents.address_of(db, added) == residents.address_of(db, household[0].row)
        assert residents.phone_mask(db, added) == residents.phone_mask(db, household[0].row)
        assert residents.id_mask(db, added) is None


# --- at rest ---------------------------------------------------------------------------------------------------------


@pytest.mark.proves("T09")
async def test_no_number_phone_or_address_lies_readable_in_any_table(house: House) -> None:
    village = await cast.village(house)
    number, address = cast.fresh_id(), "金丝雀巷 77 号"
    async with house.database.writing() as db:
        someone = await cast.person(house, db, "金丝雀")
        await residents.register(
            db, someone.viewer, cast.registration("金丝雀", village.grid, id_number=number, address=address)
        )
    canaries = [word.encode() for word in (number, number.lower(), address, someone.phone)]
    async with house.database.reading() as db:
        tables = await db.exec(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        for table in [name for (name,) in tables if name not in {"region", "alembic_version"}]:
            scope = {"scope": "test"}
            rows = await db.exec(text(f"SELECT * FROM {table}"), execution_options=scope)
            for row in rows:
                held = b"\x00".join(bytes(v) if isinstance(v, bytes) else str(v).encode() for v in row)
                assert not any(canary in held for canary in canaries), table
    # And the look-up key is no plain hash that a thief could walk through.
    async with house.database.reading() as db:
        index = vault.ring_of(db).blind_index("identity", f"{int(IdType.RESIDENT_ID)}|{number}")
        assert (await db.exec(select(func.count()).where(IdentityKey.blind_index == index))).one() == 1


@pytest.mark.proves("T10")
async def test_a_sealed_value_moved_to_another_person_or_column_does_not_open(house: House, village: Village) -> None:
    mei, zhou = await row_of(house, village.mei.person_id), await row_of(house, village.zhou.person_id)
    swapped = [
        zhou.model_copy(update={"id_sealed": mei.id_sealed}),
        zhou.model_copy(update={"phone_sealed": mei.phone_sealed}),
        zhou.model_copy(update={"address_sealed": mei.address_sealed}),
        mei.model_copy(update={"id_sealed": mei.phone_sealed}),
        mei.model_copy(update={"phone_sealed": mei.address_sealed}),
        mei.model_copy(update={"address_sealed": mei.id_sealed}),
    ]
    async with house.database.reading() as db:
        for row in swapped:
            with pytest.raises(crypto.Tampered):
                (residents.id_mask(db, row), residents.phone_mask(db, row), residents.address_of(db, row))


async def test_a_person_is_sealed_under_the_key_of_their_own_county(house: House, village: Village) -> None:
    row = await row_of(house, village.mei.person_id)
    county = village.grid - village.grid % 10**9
    async with house.database.reading() as db:
        keys = vault.of(db)
        for sealed in (row.id_sealed, row.phone_sealed, row.address_sealed):
            assert crypto.key_id_of(sealed) == keys._by_county[county].key_id
    assert row.birth_date == date(1985, 2, 14)


async def test_without_a_post_even_ones_own_grid_is_out_of_reach(house: House, village: Village) -> None:
    async with house.database.reading() as db:
        with pytest.raises(NotFound):
            await residents.covered(db, Viewer(village.li.token), village.mei.person_id)
