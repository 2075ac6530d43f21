"""A sheet becomes posts: planned row by row, applied whole, undone exactly."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app import accounts, appointments, staff
from app.appointments import NotApplied, NothingToApply, NotPlanned, PlanOutdated, SheetUnreadable
from app.house import House
from app.kit import clock
from app.kit.errors import NotFound
from models.appointments import Outcome
from models.staff import Dismissal, PostCreate, Role
from tests import cast
from tests.app.sheets import HEADER, Office, at, counts, office, person
from tests.cast import fresh_phone

pytestmark = pytest.mark.anyio


# --- the way of a sheet ----------------------------------------------------------------------------------------------


async def test_a_plan_changes_nothing(desk: Office) -> None:
    before = await desk.posts()
    sheet = await desk.paste(person(place=at(desk)), person("吴二", place=at(desk, desk.village.grid), role="网格员"))
    assert counts(sheet) == (2, 0, 0, 0)
    assert await desk.posts() == before


async def test_applied_rows_are_invitations_and_the_same_sheet_twice_writes_nothing(desk: Office) -> None:
    rows = [person(place=at(desk)), person("吴二", place=at(desk, desk.village.grid), role="网格员")]
    sheet = await desk.apply(await desk.paste(*rows))
    assert (sheet.state, counts(sheet)) == ("applied", (2, 0, 0, 0))
    standing = await desk.posts()
    assert sum(row[0] in {"李大为", "吴二"} and row[10] is None for row in standing) == 2
    again = await desk.paste(*rows)
    assert counts(again) == (0, 0, 2, 0)
    with pytest.raises(NothingToApply):
        await desk.apply(again)
    assert await desk.posts() == standing


async def test_an_invited_person_takes_the_post_up_by_signing_in(house: House, desk: Office) -> None:
    phone = fresh_phone()
    await desk.apply(await desk.paste(person("李大为", phone, place=at(desk))))
    async with house.database.writing() as db:
        assert await staff.claim(db, await accounts.account_for(db, phone)) == 1


async def test_undo_leaves_the_posts_as_they_were(desk: Office) -> None:
    kept = person("钱三", place=at(desk))
    await desk.apply(await desk.paste(kept))
    before = await desk.posts()
    renamed = kept.replace("钱三", "钱山")
    sheet = await desk.apply(await desk.paste(renamed, person("孙四", place=at(desk))))
    assert counts(sheet) == (1, 1, 0, 0)
    assert any(row[0] == "钱山" and row[2] == "qianshan" for row in await desk.posts())
    undone = await desk.undo(sheet)
    assert (undone.state, undone.kept) == ("undone", 0)
    assert [row for row in await desk.posts() if row[-1]] == before
    assert [row[0] for row in await desk.posts() if not row[-1]] == ["孙四"]
    with pytest.raises(NotApplied):
        await desk.undo(sheet)
    assert counts(await desk.paste(renamed, person("孙四", place=at(desk)))) == (1, 1, 0, 0)


async def test_what_somebody_changed_since_is_not_undone(house: House, desk: Office) -> None:
    row = person("钱三", place=at(desk))
    await desk.apply(await desk.paste(row))
    sheet = await desk.apply(await desk.paste(row.replace("钱三", "钱山")))
    async with house.database.writing() as db:
        await db.exec(text("UPDATE post SET name = '钱珊' WHERE name = '钱山' AND region_code = :code"),
                      params={"code": desk.village.code})  # fmt: skip
    assert (await desk.undo(sheet)).kept == 1
    assert any(row[0] == "钱珊" for row in await desk.posts())


@pytest.mark.proves("T04")
async def test_undo_ends_the_access_of_those_who_have_signed_in(house: House, desk: Office) -> None:
    phone = fresh_phone()
    sheet = await desk.apply(await desk.paste(person("李大为", phone, place=at(desk))))
    async with house.database.writing() as db:
        account = await accounts.account_for(db, phone)
        await staff.claim(db, account)
    newcomer = await cast.on_duty(house, await _signed_in(house, phone))
    assert len(newcomer.posts) == 1
    await desk.undo(sheet)
    async with house.database.reading() as db:
        assert await staff.posts_of(db, account.id) == ()
        open_ones = "SELECT count(*) FROM staff_session WHERE account_id = :account AND ended_at IS NULL"
        assert (await db.exec(text(open_ones), params={"account": account.id})).scalar_one() == 0
        refreshed = "SELECT count(*) FROM revocation WHERE account_id = :account AND soft"
        assert (await db.exec(text(refreshed), params={"account": account.id})).scalar_one() >= 1


async def _signed_in(house: House, phone: str) -> cast.Person:
    async with house.database.writing() as db:
        return await cast.person(house, db, "李大为", phone)


async def test_undo_never_takes_the_administrator_who_replaced_the_one_before(house: House, desk: Office) -> None:
    phone = fresh_phone()
    sheet = await desk.apply(await desk.paste(person("新管理", phone, "管理员", at(desk))))
    async with house.database.writing() as db:
        await staff.claim(db, await accounts.account_for(db, phone))
        own = next(post for post in desk.me.posts if post.role is Role.ADMINISTRATOR)
        await staff.dismiss(db, desk.me, own.id, Dismissal())
    assert (await desk.undo(sheet)).kept == 1
    assert any(row[0] == "新管理" and row[-1] for row in await desk.posts())


async def test_people_missing_from_a_newer_sheet_stay_and_are_counted(desk: Office) -> None:
    first, second = person("甲某", place=at(desk)), person("乙某", place=at(desk))
    await desk.apply(await desk.paste(first, second))
    newer = await desk.paste(first)
    standing = [row for row in await desk.posts() if row[4] == desk.village.code]
    assert (counts(newer), newer.missing) == ((0, 0, 1, 0), len(standing) - 1)


async def test_a_plan_that_somebody_overtook_is_not_applied_by_half(house: House, desk: Office) -> None:
    phone = fresh_phone()
    sheet = await desk.paste(person("甲某", place=at(desk)), person("乙某", phone, place=at(desk)))
    async with house.database.writing() as db:
        form = PostCreate(phone=phone, name="乙某", role=Role.VILLAGE_CADRE, region_code=desk.village.code)
        await staff.invite(db, desk.me, form)
    before = await desk.posts()
    with pytest.raises(PlanOutdated):
        await desk.apply(sheet)
    assert await desk.posts() == before
    async with house.database.writing() as db:
        again = await appointments.plan_again(db, desk.me, sheet.id)
    assert counts(again) == (1, 0, 1, 0)
    await desk.apply(again)
    with pytest.raises(NotPlanned):
        await desk.apply(again)


async def test_lead_department_days_group_and_substitute_travel_along(house: House, desk: Office) -> None:
    header = f"{HEADER}\t负责人\t原单位\t起\t止\t工作组\t替补"
    one, two = fresh_phone(), fresh_phone()
    rows = [
        f"甲某\t{one}\t村干部\t{at(desk)}\t是\t县水利局\t2026/01/05\t2099年12月31日\t疫情防控组\t{two}",
        f"乙某\t{two}\t家庭医生\t{at(desk)}\t否\t\t\t\t\t{one}",
    ]
    await desk.apply(await desk.paste(*rows, header=header))
    found = {row[0]: row for row in await desk.posts()}
    assert (found["甲某"][5], found["甲某"][6]) == (True, "县水利局")
    assert [str(day) for day in found["甲某"][7:9]] == ["2026-01-05", "2099-12-31"]
    assert found["甲某"][9]
    assert found["乙某"][9]
    assert counts(await desk.paste(*rows, header=header)) == (0, 0, 2, 0)
    # What a sheet does not say, it does not change.
    assert counts(await desk.paste(f"乙某\t{two}\t家庭医生\t{at(desk)}")) == (0, 0, 1, 0)


# --- whose sheet it is -----------------------------------------------------------------------------------------------


@pytest.mark.proves("T03")
async def test_a_sheet_is_seen_by_administrators_of_its_region_and_by_nobody_else(house: House, desk: Office) -> None:
    sheet = await desk.paste(person(place=at(desk)))
    colleague = await cast.on_duty(house, await cast.appoint(house, "同事", Role.ADMINISTRATOR, desk.village.code))
    neighbour = (await office(house, await cast.village(house))).me
    cadre = await cast.on_duty(house, desk.village.chen)
    async with house.database.reading() as db:
        assert (await appointments.shown(db, colleague, sheet.id)).rows_in == 1
        for stranger in (neighbour, cadre):
            with pytest.raises(NotFound):
                await appointments.shown(db, stranger, sheet.id)
            with pytest.raises(NotFound):
                await appointments.rows_of(db, stranger, sheet.id, (Outcome.NEW, 1))
    async with house.database.writing() as db:
        for verb in (appointments.apply, appointments.undo, appointments.plan_again):
            with pytest.raises(NotFound):
                await verb(db, neighbour, sheet.id)


# --- counts always add up --------------------------------------------------------------------------------------------

CELL = st.one_of(
    st.sampled_from(["", "李大为", "13857001234", "13900000001", "村干部", "医生", "网格员", "VILLAGE", "GRID"]),
    st.sampled_from(["是", "=1", "1E+5"]),
    st.text(max_size=12),
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELL, min_size=1, max_size=6), min_size=1, max_size=12))
async def test_rows_in_are_new_changed_unchanged_and_refused(desk: Office, rows: list[list[str]]) -> None:
    places = {"VILLAGE": at(desk), "GRID": at(desk, desk.village.grid)}
    pasted = ["\t".join(places.get(cell, cell) for cell in row) for row in rows]
    try:
        sheet = await desk.paste(*pasted)
    except SheetUnreadable:
        return
    assert sum(counts(sheet)) == sheet.rows_in
    assert clock.now() >= sheet.created_at
