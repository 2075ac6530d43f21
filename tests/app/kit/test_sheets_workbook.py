"""Honest workbooks read as the person sees them; what we write ourselves is no formula."""

import datetime
import io
import random
import subprocess
import zipfile

import openpyxl
import pytest
from openpyxl.styles import Font

from app.kit.sheets import Limits, read_path, safe_cell, workbook
from tests.app.kit.workbooks import MAIN, parts, refusal, sheet_xml, text


def test_values_read_as_the_person_sees_them(book):
    def fill(page):
        page.append(["值"])
        for value in [
            13857001234, 330102199001011234, 0.1 + 0.2, -5, 1e-7, True, datetime.date(2020, 1, 24),
            datetime.datetime(2020, 1, 24, 8, 30), datetime.time(8, 30), datetime.timedelta(hours=30),
            "  梅林　", "名" * 200, "名" * 501, "1.1E+17",
        ]:  # fmt: skip
            page.append([value])

    rows = list(read_path(book(fill)).rows)
    assert [row.cells[0] for row in rows] == [
        "13857001234", "3.30102E+17", "0.3", "-5", "0.0000001", "TRUE", "2020-01-24", "2020-01-24 08:30:00",
        "08:30:00", "30:00:00", "梅林", "名" * 200, "名" * 80, "1.1E+17",
    ]  # fmt: skip
    named = {row.number: row.problems for row in rows if row.problems}
    assert named == {3: ((0, "scientific"),), 14: ((0, "too_long"),), 15: ((0, "scientific"),)}


def test_merged_cells_and_formulas_are_named_where_the_person_sees_them(book):
    def fill(page):
        page["B3"], page["C3"], page["B4"], page["C4"], page["B6"], page["C7"] = (
            "姓名",
            "单位",
            "梅",
            "甲",
            "雷",
            "=1+1",
        )
        page["C8"] = "@SUM(A1)"
        page.merge_cells("C4:C6")

    sheet = read_path(book(fill))
    assert (sheet.columns, sheet.header.number, sheet.name, sheet.kind) == (("", "姓名", "单位"), 3, "Sheet", "xlsx")
    assert [(row.number, row.cells, row.problems) for row in sheet.rows] == [
        (4, ("", "梅", "甲"), ((2, "merged"),)),
        (6, ("", "雷", ""), ((2, "merged"),)),
        (7, ("", "", ""), ((2, "formula"),)),
        (8, ("", "", "@SUM(A1)"), ((2, "formula"),)),
    ]


def test_a_formula_that_spreads_is_named_in_every_cell_it_fills(packed):
    rows = f'<row r="1">{text("A1", "姓名")}{text("B1", "数")}</row>' + "".join(
        f'<row r="{n}">{text(f"A{n}", "梅")}<c r="B{n}">{f}<v>7</v></c></row>'
        for n, f in [(2, '<f t="array" ref="B2:B3">A2:A3</f>'), (3, ""), (4, "")]
    )
    assert [row.problems for row in read_path(packed(parts(sheet_xml(rows)))).rows] == [
        ((1, "formula"),),
        ((1, "formula"),),
        (),
    ]


def test_the_first_visible_worksheet_is_read_and_named(tmp_path):
    whole = openpyxl.Workbook()
    whole.active.append(["秘密"])
    whole.active.sheet_state = "hidden"
    whole.create_chartsheet("图")
    whole.create_sheet("二月").append(["姓名"])
    whole.create_sheet("三月").append(["其他"])
    whole.active = 2
    whole.save(tmp_path / "many.xlsx")
    sheet = read_path(tmp_path / "many.xlsx")
    assert (sheet.name, sheet.columns) == ("二月", ("姓名",))


def test_formats_down_to_the_last_row_and_column_count_for_nothing(book):
    def fill(page):
        page.append(["姓名"])
        page.append(["梅林"])
        page["A1048576"].font = page["XFD9"].font = Font(bold=True)

    assert [row.cells for row in read_path(book(fill)).rows] == [("梅林",)]


def test_prefixes_and_missing_references_are_understood(packed):
    rows = "<x:row><x:c t='inlineStr'><x:is><x:t>姓名</x:t></x:is></x:c></x:row>"
    sheet = f"<x:worksheet xmlns:x='{MAIN}'><x:sheetData>{rows}</x:sheetData></x:worksheet>"
    assert read_path(packed(parts(sheet))).columns == ("姓名",)


def test_a_callers_narrower_limit_of_rows_holds(book):
    path = book(lambda page: [page.append([n]) for n in ("姓名", "一", "二", "三")])
    assert refusal(path, Limits(rows=2)) == ("too_many_rows", {"limit": 2})


def test_a_sheet_that_nobody_finishes_leaves_no_process(book, monkeypatch):
    started = []
    really = subprocess.Popen
    monkeypatch.setattr(workbook.subprocess, "Popen", lambda *a, **b: started.append(really(*a, **b)) or started[-1])
    sheet = read_path(book(lambda page: [page.append([f"行{n}"]) for n in range(30_000)]))
    next(sheet.rows)
    assert [process.poll() for process in started] == [None]
    del sheet
    assert [process.poll() for process in started] == [-9]


@pytest.mark.proves("T23")
def test_no_text_of_ours_becomes_a_formula():
    dice = random.Random(4)
    letters = "=+-@＝＋－＠\t\r\n '\"\u3000\ufeff1Aa|!(),;梅"
    whole = openpyxl.Workbook(write_only=True)
    page = whole.create_sheet()
    texts = ["".join(dice.choices(letters, k=dice.randrange(9))) for _ in range(20_000)]
    for one in texts:
        page.append([safe_cell(one)])
    out = io.BytesIO()
    whole.save(out)
    with zipfile.ZipFile(out) as file:
        assert b"<f>" not in file.read("xl/worksheets/sheet1.xml")
    for one in texts:
        safe = safe_cell(one)
        assert safe in {one, f"'{one}"}
        assert safe[:1] not in set("=+-@＝＋－＠\t\r\n") - {""}
    assert [safe_cell(plain) for plain in ("梅林", "", "13857001234")] == ["梅林", "", "13857001234"]
