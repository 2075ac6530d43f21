"""Sheets without a header row: the first row is somebody, and nobody stands in clear beside the sealed rows."""

import io
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import text

from app import appointments
from app.appointments import File
from app.house import House
from app.kit.sheets import read_path
from models.appointments import AppointmentSheet, Column, Outcome, SheetColumns
from tests.app.sheets import Office
from tests.cast import fresh_phone

pytestmark = pytest.mark.anyio


async def brought(desk: Office, path: Path, body: bytes) -> AppointmentSheet:
    path.write_bytes(body)  # noqa: ASYNC240
    async with desk.house.database.writing() as db:
        return await appointments.bring(db, desk.me, File(path, path.name))


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


async def test_a_file_without_a_header_loses_nobody_and_shows_nobody(
    house: House, desk: Office, tmp_path: Path
) -> None:
    place, phones = desk.village.code, [fresh_phone() for _ in range(4)]
    csv = "\n".join(f"{name},{phone},村干部,{place}" for name, phone in zip(("甲某", "乙某"), phones, strict=False))
    xlsx = workbook(("丙某", phones[2], "村干部", str(place)), ("丁某", phones[3], "村干部", str(place), "县水利局"))
    for name, body, people in (("a.csv", csv.encode("gb18030"), ["甲某", "乙某"]), ("b.xlsx", xlsx, ["丙某", "丁某"])):
        sheet = await brought(desk, tmp_path / name, body)
        assert (sheet.rows_in, sheet.new, sheet.refused) == (2, 2, 0)
        assert sheet.mapping == {"name": 0, "phone": 1, "role": 2, "place": 3}
        assert [row.name for row in await desk.rows(sheet, Outcome.NEW)] == people
        async with house.database.reading() as db:
            kept = await db.exec(text("SELECT s::text FROM sheet s WHERE id = :sheet"), params={"sheet": sheet.id})
        whole = kept.scalar_one()
        assert not any(word in whole for word in (*people, *phones))


async def test_a_first_row_of_words_that_names_no_column_is_somebody_without_a_phone(desk: Office) -> None:
    rows = ["甲某\t\t负责人\t天马街道西峰村", f"乙某\t{fresh_phone()}\t村干部\t{desk.village.code}"]
    sheet = await desk.paste(*rows, header="")
    assert (sheet.rows_in, sheet.new, sheet.refused) == (2, 1, 1)
    assert sheet.headers == [""] * 4


async def test_a_header_with_a_number_in_it_is_a_header_and_a_phone_in_it_is_masked(desk: Office) -> None:
    phone = fresh_phone()
    header = f"姓名\t手机号\t职务\t单位\t2020\t请问{phone}"
    sheet = await desk.paste(f"甲某\t{fresh_phone()}\t村干部\t{desk.village.code}\t\t", header=header)
    assert (sheet.rows_in, sheet.new) == (1, 1)
    assert sheet.headers[:5] == ["姓名", "手机号", "职务", "单位", "2020"]
    assert phone not in sheet.headers[5]


def test_the_widest_of_the_first_rows_says_how_many_columns_there_are(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("甲某,13857000001\n乙某,13857000002,县水利局,\n丙某,13857000003\n", encoding="utf-8")
    sheet = read_path(path)
    assert (sheet.header, sheet.columns) == (None, ("",) * 3)
    rows = list(sheet.rows)
    assert [row.number for row in rows] == [1, 2, 3]
    assert all(row.problems == () and len(row.cells) == 3 for row in rows)


async def test_a_title_above_the_names_of_the_columns_is_no_row(desk: Office, tmp_path: Path) -> None:
    rows = [
        ("姓名", "手机号", "职务", "单位"),
        *((name, fresh_phone(), "村干部", desk.village.code) for name in ("甲某", "乙某")),
    ]
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (("常山县名单",), ("截至2月5日",), *rows):
        book.active.append(row)
    book.active.merge_cells("A1:D1")
    book.save(file)
    lines = ["\t".join(map(str, row)) for row in rows]
    for sheet in (
        await brought(desk, tmp_path / "a.xlsx", file.getvalue()),
        await brought(desk, tmp_path / "a.csv", "\n".join(["常山县名单,,,", *lines]).replace("\t", ",").encode()),
        await brought(desk, tmp_path / "b.csv", "\n".join(["常山县名单", "", *lines]).replace("\t", ",").encode()),
        await desk.paste(*lines, header="常山县名单"),
    ):
        assert (sheet.rows_in, sheet.new, sheet.headers) == (2, 2, ["姓名", "手机号", "职务", "单位"]), sheet.kind


async def test_somebody_without_anything_but_a_name_is_no_title(desk: Office) -> None:
    rows = ["丙某\t\t\t", "甲某\t\t负责人\t天马街道西峰村", f"乙某\t{fresh_phone()}\t村干部\t{desk.village.code}"]
    sheet = await desk.paste(*rows, header="")
    assert (sheet.rows_in, sheet.new, sheet.refused) == (3, 1, 2)


async def test_rows_in_a_second_worksheet_are_told_as_long_as_the_sheet_is_kept(desk: Office, tmp_path: Path) -> None:
    book, file = openpyxl.Workbook(), io.BytesIO()
    pages = [book.active, book.create_sheet("乙组"), book.create_sheet("空"), book.create_sheet("旧")]
    for page, name in ((pages[0], "甲某"), (pages[1], "乙某"), (pages[3], "丙某")):
        page.append(("姓名", "手机号", "职务", "单位"))
        page.append((name, fresh_phone(), "村干部", desk.village.code))
    pages[3].sheet_state = "hidden"
    book.save(file)
    sheet = await brought(desk, tmp_path / "a.xlsx", file.getvalue())
    assert (sheet.rows_in, sheet.new, sheet.more_worksheets) == (1, 1, 1)
    async with desk.house.database.writing() as db:
        columns = SheetColumns(columns={Column.NAME: 0, Column.PHONE: 1, Column.ROLE: 2, Column.PLACE: 3})
        sheet = await appointments.rename(db, desk.me, sheet.id, columns)
    await desk.apply(sheet)
    await desk.undo(sheet)
    async with desk.house.database.reading() as db:
        assert (await appointments.shown(db, desk.me, sheet.id)).more_worksheets == 1
    alone = await brought(desk, tmp_path / "b.xlsx", workbook(("甲某", fresh_phone(), "村干部", desk.village.code)))
    assert alone.more_worksheets == 0
