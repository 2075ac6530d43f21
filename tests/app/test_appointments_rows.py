"""Bad input: refused row by row, with the number, the cell and the reason."""

import pytest
from sqlalchemy import text

from app import appointments
from app.appointments import SheetUnreadable
from app.house import House
from app.kit.errors import Invalid, NotFound
from models.appointments import Column, Reason, SheetColumns
from tests import cast
from tests.app.sheets import HEADER, Office, at, counts, person, reasons
from tests.cast import fresh_phone

pytestmark = pytest.mark.anyio


# --- bad input -------------------------------------------------------------------------------------------------------


async def test_every_wrong_row_is_refused_with_its_number_and_its_reason(house: House, desk: Office) -> None:
    twice, shared = fresh_phone(), fresh_phone()
    place, other = at(desk), str(desk.village.code + 999)
    rows = [
        (person("", place=place), Reason.NO_NAME), (person("很" * 200, place=place), Reason.NAME_TOO_LONG),
        ("甲某\t\t村干部\t" + place, Reason.NO_PHONE), (person(phone="1385700", place=place), Reason.PHONE_SHAPE),
        (person(phone="1.38570E+10", place=place), Reason.SCIENTIFIC),
        (person(role="", place=place), Reason.NO_ROLE), (person(role="厨师", place=place), Reason.ROLE_UNKNOWN),
        (person(role="网格员", place=place), Reason.ROLE_NOT_HERE), (person(place=""), Reason.NO_PLACE),
        (person(place="不存在村"), Reason.PLACE_UNKNOWN), (person(place=other), Reason.PLACE_UNKNOWN),
        (person(place="330822999999000"), Reason.PLACE_UNKNOWN), (person(place="浙江省"), Reason.ABOVE_YOU),
        (f"{fresh_phone()}\t甲某\t村干部\t{place}", Reason.SWAPPED),
        (person('=HYPERLINK("x")', place=place), Reason.FORMULA),
        (person("甲\x07某", place=place), Reason.CONTROL_CHARACTERS),
        (person(place=place) + "\t多", Reason.EXTRA_CELLS),
        (person("甲某", twice, place=place), None), (person("甲某", twice, place=place), Reason.DUPLICATE),
        (person("乙某", shared, place=place), Reason.TWO_NAMES),
        (person("丙某", shared, "医生", place), Reason.TWO_NAMES),
    ]  # fmt: skip
    found = dict(await reasons(desk, *(row for row, _ in rows)))
    assert [found.get(number) for number, _ in enumerate(rows, 2)] == [reason for _, reason in rows]


async def test_what_is_wrong_in_other_columns(desk: Office) -> None:
    header = f"{HEADER}\t负责人\t止\t起\t替补\t部门\t备注"
    rows = {
        "也许\t\t\t\t\t": Reason.LEAD_UNCLEAR, "是\t昨天\t\t\t\t": Reason.DATE_SHAPE,
        "是\t2099-01-01\t2099-02-01\t\t\t": Reason.DATES_BACKWARDS, "是\t2020-01-01\t\t\t\t": Reason.OVER_ALREADY,
        "是\t\t\t110\t\t": Reason.SUBSTITUTE_SHAPE, f"是\t\t\t{fresh_phone()}\t\t": Reason.SUBSTITUTE_UNKNOWN,
        f"是\t\t\t\t{'部' * 61}\t": Reason.TOO_LONG, "是\t\t\t\t\t=1+1": None,
    }  # fmt: skip
    found = dict(await reasons(desk, *(f"{person(place=at(desk))}\t{rest}" for rest in rows), header=header))
    assert [found.get(number) for number, _ in enumerate(rows, 2)] == list(rows.values())


@pytest.mark.proves("T03")
async def test_outside_ones_region_reads_like_a_place_that_does_not_exist(house: House, desk: Office) -> None:
    neighbour = await cast.village(house)
    sheet = await desk.paste(person(place=str(neighbour.code)), person(place="330822777777000"))
    one, other = await desk.rows(sheet)
    assert (
        (one.reason, one.hint, one.place) == (other.reason, other.hint, other.place) == (Reason.PLACE_UNKNOWN, None, [])
    )


async def test_phones_lie_sealed_and_wrong_ones_masked(house: House, desk: Office) -> None:
    right, wrong = fresh_phone(), fresh_phone() + "9"
    sheet = await desk.paste(person("甲某", right, place=at(desk)), person("乙某", wrong, place=at(desk)))
    async with house.database.reading() as db:
        kept = await db.exec(
            text("SELECT r::text FROM sheet_row r WHERE sheet_id = :sheet"), params={"sheet": sheet.id}
        )
        whole = "".join(row for (row,) in kept)
        source = await db.exec(
            text("SELECT sealed FROM sheet_source WHERE sheet_id = :sheet"), params={"sheet": sheet.id}
        )
        sealed = bytes(source.scalar_one())
    assert right not in whole
    assert wrong not in whole
    assert right.encode() not in sealed


async def test_swapped_columns_are_corrected_by_a_person_and_nothing_is_typed_again(house: House, desk: Office) -> None:
    header = "姓名\t手机号\t职务\t单位"
    sheet = await desk.paste(f"{fresh_phone()}\t甲某\t村干部\t{at(desk)}", header=header)
    assert counts(sheet) == (0, 0, 0, 1)
    columns = {Column(name): place for name, place in sheet.mapping.items()} | {Column.NAME: 1, Column.PHONE: 0}
    async with house.database.writing() as db:
        with pytest.raises(Invalid):
            await appointments.rename(db, desk.me, sheet.id, SheetColumns(columns=columns | {Column.LEAD: 9}))
    async with house.database.writing() as db:
        fresh = await appointments.rename(db, desk.me, sheet.id, SheetColumns(columns=columns))
    assert counts(fresh) == (1, 0, 0, 0)
    async with house.database.reading() as db:
        with pytest.raises(NotFound):
            await appointments.shown(db, desk.me, sheet.id)


async def test_rows_without_a_header_are_read_by_what_stands_in_them(desk: Office) -> None:
    sheet = await desk.paste(f"村干部\t{fresh_phone()}\t{at(desk)}\t李大为", header="")
    assert sheet.mapping == {"role": 0, "phone": 1, "place": 2, "name": 3}
    assert counts(sheet) == (1, 0, 0, 0)


async def test_an_empty_paste_is_refused_whole(house: House, desk: Office) -> None:
    with pytest.raises(SheetUnreadable):
        await desk.paste("", header="")
