"""What no sheet may do: one's own post, administrator and auditor in one, the end of an administrator; what it says."""

import pytest
from sqlalchemy import text

from app import appointments, staff
from app.appointments import PlanOutdated, SheetUnreadable
from app.house import House
from app.kit import clock
from models.appointments import AppointmentSheet, Column, Outcome, Reason
from models.staff import PostCreate, Role
from tests import cast
from tests.app.sheets import HEADER, Office, at, person, reasons
from tests.cast import Village, fresh_phone

pytestmark = pytest.mark.anyio


async def facts(house: House, sheet: AppointmentSheet) -> str:
    wanted = (
        "SELECT facts FROM audit_event WHERE act = 'imported' AND subject = :sheet "
        "UNION ALL SELECT facts FROM audit_ledger WHERE act = 'imported' AND subject = :sheet"
    )
    async with house.database.reading() as db:
        return str((await db.exec(text(wanted), params={"sheet": sheet.id})).scalar_one())


# --- one's own -------------------------------------------------------------------------------------------------------


async def test_nobody_appoints_themselves_nor_changes_their_own_post_by_a_sheet(desk: Office) -> None:
    me, place = desk.admin, at(desk)
    before = await desk.posts()
    assert await reasons(desk, person(me.name, me.phone, "村干部", place)) == [(2, Reason.OWN)]
    assert await reasons(desk, person("孙大人", me.phone, "管理员", place)) == [(2, Reason.OWN)]
    header = f"{HEADER}\t负责人"
    assert await reasons(desk, person(me.name, me.phone, "管理员", place) + "\t是", header=header) == [(2, Reason.OWN)]
    assert await desk.posts() == before
    assert await reasons(desk, person(me.name, me.phone, "管理员", place)) == []  # it stands like that already


async def test_a_colleague_s_sheet_does_not_let_me_apply_a_post_of_mine(house: House, desk: Office) -> None:
    colleague = await cast.appoint(house, "同事", Role.ADMINISTRATOR, desk.village.code)
    theirs = Office(house, desk.village, colleague, await cast.on_duty(house, colleague))
    sheet = await theirs.paste(person(desk.admin.name, desk.admin.phone, "村干部", at(desk)), person(place=at(desk)))
    assert (sheet.new, sheet.refused) == (2, 0)
    before = await desk.posts()
    with pytest.raises(PlanOutdated):
        await desk.apply(sheet)
    assert await desk.posts() == before
    async with house.database.writing() as db:
        mine = await appointments.plan_again(db, desk.me, sheet.id)
    assert (mine.new, mine.refused) == (1, 1)
    assert (await desk.rows(mine))[0].reason is Reason.OWN


# --- two duties, two persons -----------------------------------------------------------------------------------------


@pytest.fixture
async def county(house: House, village: Village) -> Office:
    """An office of the county, where auditors serve as well."""
    code = village.code - village.code % 1_000_000_000
    admin = await cast.appoint(house, "周县管", Role.ADMINISTRATOR, code)
    return Office(house, village, admin, await cast.on_duty(house, admin))


async def test_administrator_and_auditor_are_two_persons(house: House, county: Office) -> None:
    place = str(county.village.code - county.village.code % 1_000_000_000)
    admin, auditor, both = fresh_phone(), fresh_phone(), fresh_phone()
    await county.apply(
        await county.paste(person("甲某", admin, "管理员", at(county)), person("乙某", auditor, "审计", place))
    )
    rows = [
        person("甲某", admin, "审计", place), person("乙某", auditor, "管理员", at(county)),
        person("丙某", both, "审计", place), person("丙某", both, "管理员", at(county)),
        person("甲某", admin, "医生", at(county)),
    ]  # fmt: skip
    assert await reasons(county, *rows) == [(number, Reason.SEPARATE) for number in (2, 3, 4, 5)]


async def test_a_plan_is_not_applied_once_its_auditor_has_become_an_administrator(house: House, county: Office) -> None:
    place, phone = str(county.village.code - county.village.code % 1_000_000_000), fresh_phone()
    sheet = await county.paste(person("丙某", phone, "审计", place))
    async with house.database.writing() as db:
        form = PostCreate(phone=phone, name="丙某", role=Role.ADMINISTRATOR, region_code=county.village.code)
        await staff.invite(db, county.me, form)
    with pytest.raises(PlanOutdated):
        await county.apply(sheet)


# --- the end of an administrator -------------------------------------------------------------------------------------


async def test_a_sheet_does_not_cut_an_administrators_service_short(house: House, desk: Office) -> None:
    header, other = f"{HEADER}\t起\t止", await cast.appoint(house, "钱管理", Role.ADMINISTRATOR, desk.village.code)
    row = person(other.name, other.phone, "管理员", at(desk))
    for days in ("\t\t2099-12-31", "\t2099-01-01\t", f"\t\t{clock.today()}"):
        assert await reasons(desk, row + days, header=header) == [(2, Reason.ADMINISTRATOR_END)], days
    cadre = await desk.apply(await desk.paste(person("李干部", place=at(desk)) + "\t\t2099-12-31", header=header))
    assert cadre.new == 1
    fresh = await desk.paste(person("新管理", None, "管理员", at(desk)) + "\t\t2099-12-31", header=header)
    assert (fresh.new, fresh.refused) == (1, 0)


# --- duplicates, and what is left of them ----------------------------------------------------------------------------


async def test_a_row_said_twice_is_a_duplicate_even_beside_a_third_with_another_name(desk: Office) -> None:
    phone, place = fresh_phone(), at(desk)
    rows = [person("甲某", phone, place=place), person("甲某", phone, place=place), person("乙某", phone, place=place)]
    assert await reasons(desk, *rows) == [(2, Reason.TWO_NAMES), (3, Reason.DUPLICATE), (4, Reason.TWO_NAMES)]


async def test_a_header_alone_is_refused_with_words_and_not_kept(house: House, desk: Office) -> None:
    for rows in ((), ("\t\t\t", "")):
        with pytest.raises(SheetUnreadable) as refused:
            await desk.paste(*rows)
        assert "only its header" in refused.value.detail
    async with house.database.reading() as db:
        assert await appointments.sheets_of(db, desk.me) == []


# --- what changes, and what the ledger keeps -------------------------------------------------------------------------


async def test_a_changed_row_says_old_and_new_before_and_after_it_is_applied(house: House, desk: Office) -> None:
    header, one, two = f"{HEADER}\t负责人\t原单位\t止\t替补", fresh_phone(), fresh_phone()
    place = at(desk)
    stand_in = f"乙某\t{two}\t医生\t{place}\t否\t\t\t"
    await desk.apply(await desk.paste(f"甲某\t{one}\t村干部\t{place}\t否\t县水利局\t\t", stand_in, header=header))
    sheet = await desk.paste(f"甲山\t{one}\t村干部\t{place}\t是\t\t2099-12-31\t{two}", stand_in, header=header)
    expected = {
        Column.NAME: ("甲某", "甲山"), Column.LEAD: (False, True), Column.DEPARTMENT: ("县水利局", ""),
        Column.VALID_TO: (None, "2099-12-31"), Column.SUBSTITUTE: (False, True),
    }  # fmt: skip
    for stage in (sheet, await desk.apply(sheet)):
        (row,) = await desk.rows(stage, Outcome.CHANGED)
        assert {each.field: (each.old, each.new) for each in row.changes} == expected
    (unchanged,) = await desk.rows(sheet, Outcome.UNCHANGED)
    assert unchanged.changes == []


async def test_the_ledger_keeps_counts_and_the_digest_of_an_applied_sheet(house: House, desk: Office) -> None:
    sheet = await desk.apply(await desk.paste(person(place=at(desk)), person(place="不存在村")))
    digest = sheet.sha256.hex()
    kept = await facts(house, sheet)
    assert f'"sha256":"{digest[:8]}-{digest[8:16]}"' in kept
    assert '"new":1' in kept
    assert '"refused":1' in kept
