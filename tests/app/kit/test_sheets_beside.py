"""One worksheet is read; the others that hold something are counted, within the limits of the first."""

import random
import zipfile
import zlib

import openpyxl
import pytest
from openpyxl.styles import Font

from app.kit.sheets import SheetRefused, read_path
from app.kit.sheets.archive import Archive
from app.kit.sheets.parts import find, holding
from tests.app.kit.workbooks import HONEST, LINKS, MAIN, parts, refusal, sheet_xml, text

SECOND = "xl/worksheets/sheet2.xml"
EMPTY = sheet_xml('<row r="1"><c r="A1" s="1"/></row>')
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "ha">]>'


@pytest.fixture
def listed(book):
    """Writes a workbook with a list of people in its first worksheet; `fill` gets the whole."""

    def write(fill):
        def people(page):
            for row in ("姓名", "梅林"):
                page.append([row])
            fill(page.parent)

        return book(people)

    return write


def beside(*others):
    """A workbook by hand: the honest worksheet, and these after it; None: its part is missing."""
    contents = parts(HONEST)
    for number, other in enumerate(others, 2):
        tab = f'<sheet name="表{number}" sheetId="{number}" r:id="rId{number}"/></sheets>'
        link = f'<Relationship Id="rId{number}" Type="{LINKS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for name, end, more in (
            ("xl/workbook.xml", "</sheets>", tab),
            ("xl/_rels/workbook.xml.rels", "</Relationships>", f"{link}</Relationships>"),
        ):
            contents[name] = contents[name].replace(end, more)
        if other is not None:
            contents[f"xl/worksheets/sheet{number}.xml"] = other
    return contents


def told(path):
    """(names of the people that were read, worksheets that were not)"""
    sheet = read_path(path)
    return [row.cells[0] for row in sheet.rows], sheet.more_worksheets


def test_a_second_worksheet_with_rows_is_told_and_not_read(listed):
    assert told(listed(lambda whole: whole.create_sheet("三月").append(["雷鸣"]))) == (["梅林"], 1)


def test_every_worksheet_with_a_value_counts_once(listed):
    def fill(whole):
        for name, values in (("二", [1]), ("三", ["=1+1"]), ("四", [None, True])):
            whole.create_sheet(name).append(values)
            whole[name].append(values)
        whole.create_sheet("零", 0).append(["表头"])
        whole["零"].sheet_state = "hidden"

    assert told(listed(fill)) == (["梅林"], 3)


def test_empty_hidden_and_drawn_worksheets_do_not_count(listed):
    def fill(whole):
        whole.create_sheet("Sheet2")
        styled = whole.create_sheet("Sheet3")
        styled["C9"].font = Font(bold=True)
        styled.oddHeader.center.text = "名单"
        styled["D1"] = "  "
        for state in ("hidden", "veryHidden"):
            page = whole.create_sheet(state)
            page.append(["雷鸣"])
            page.sheet_state = state
        whole.create_chartsheet("图")

    assert told(listed(fill)) == (["梅林"], 0)


def test_an_only_worksheet_a_list_in_csv_and_an_empty_first_one_have_none_beside_them(listed, tmp_path):
    assert told(listed(lambda _: None)) == (["梅林"], 0)
    (tmp_path / "a.csv").write_text("姓名\n梅林\n", "utf-8")
    assert told(tmp_path / "a.csv") == (["梅林"], 0)
    whole = openpyxl.Workbook()
    whole.create_sheet().append(["姓名"])
    whole.save(tmp_path / "empty.xlsx")
    assert refusal(tmp_path / "empty.xlsx") == ("empty", {})


@pytest.mark.parametrize(
    ("second", "counted"),
    [
        (EMPTY, 0),
        (sheet_xml(""), 0),
        (sheet_xml('<row r="1"><c r="A1"><v></v></c><c t="inlineStr"><is><t> \n</t></is></c></row>'), 0),
        # The formula of a drop-down list stands behind the cells.
        (sheet_xml('<row><c s="1"/></row>', "<extLst><ext><x:f xmlns:x='y'>Sheet1!$A$1</x:f></ext></extLst>"), 0),
        (sheet_xml('<row><c t="inlineStr"><is><r><rPr><b/></rPr><t>梅</t></r></is></c></row>'), 1),
        (f"<x:worksheet xmlns:x='{MAIN}'><x:sheetData><x:c><x:v>1</x:v></x:c></x:sheetData></x:worksheet>", 1),
        (None, 1),
        ("", 1),
        ("not XML", 1),
        (EMPTY[:-30], 1),
        ('<?xml version="1.0" encoding="klingon"?>' + EMPTY, 1),
        ('<?xml version="1.0" encoding="big5"?>' + EMPTY, 1),
        (DOCTYPE + sheet_xml(f"<row>{text('A1', '&a;')}</row>"), 1),
    ],
)
def test_what_counts_is_a_value_in_a_cell_or_damage_that_may_hide_one(packed, second, counted):
    assert told(packed(beside(second))) == (["梅林"], counted)


def test_tabs_of_one_part_count_once_and_never_more_than_an_archive_can_hold(packed):
    contents = beside(sheet_xml(f"<row>{text('A1', '雷')}</row>"))
    tabs = '<sheet name="又" sheetId="9" r:id="rId2"/><sheet name="再" sheetId="10" r:id="rId1"/></sheets>'
    contents["xl/workbook.xml"] = contents["xl/workbook.xml"].replace("</sheets>", tabs)
    assert told(packed(contents)) == (["梅林"], 1)
    assert told(packed(beside(*[None] * 400))) == (["梅林"], 200)


@pytest.mark.proves("T22")
@pytest.mark.parametrize("second", [bytes(63 * 2**20), EMPTY.replace("<c ", " " * 30 * 2**20 + "<c ")])
def test_a_bomb_in_the_second_worksheet_is_refused_like_one_in_the_first(packed, second):
    assert refusal(packed(beside(second))) == ("bomb", {})


@pytest.mark.proves("T22")
@pytest.mark.parametrize("real", [EMPTY, sheet_xml(f"<row>{text('A1', '雷')}</row>")])
def test_a_second_worksheet_that_lies_about_its_size_is_a_bomb(packed, real):
    path = packed(parts(HONEST))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(real.encode() + b" " * (200 * 2**20)) + packer.flush()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in beside(None).items():
            file.writestr(name, content)
        # Stored as it is, then said to be deflated and small.
        file.writestr(SECOND, bomb)
        entry = file.NameToInfo[SECOND]
        entry.compress_type, entry.file_size, entry.CRC = zipfile.ZIP_DEFLATED, len(real), zlib.crc32(real.encode())
    assert refusal(path) == ("bomb", {})


@pytest.fixture
def unpacked(packed, monkeypatch):
    """Opens a workbook whose second worksheet is this one, and notes the pieces of it that are unpacked."""
    pieces = []
    really = Archive.unpack

    def noted(self, name):
        for piece in really(self, name):
            pieces.append(name)
            yield piece

    monkeypatch.setattr(Archive, "unpack", noted)

    def opened(second):
        archive = Archive(packed(beside(second)).read_bytes())
        return archive, find(archive).others, pieces

    return opened


ROWS = "".join(f'<row r="{n}"><c r="A{n}"><v>{n * 7919 % 10**6}</v></c></row>' for n in range(1, 60_001))


@pytest.mark.proves("T22")
def test_looking_stops_at_the_first_value(unpacked):
    archive, others, pieces = unpacked(sheet_xml(ROWS))
    assert holding(archive, others) == 1
    assert pieces.count(SECOND) == 1


@pytest.mark.proves("T22")
def test_the_others_get_no_more_than_is_left_of_what_may_be_unpacked(unpacked):
    archive, others, pieces = unpacked(sheet_xml(ROWS.replace("<v>", "<x>").replace("</v>", "</x>")))
    archive._left = 2**20
    with pytest.raises(SheetRefused, match="bomb"):
        holding(archive, others)
    assert pieces.count(SECOND) == 4


@pytest.mark.proves("T22")
@pytest.mark.parametrize("filler", ["\n", "<c/>"])
def test_sixty_megabytes_of_nothing_beside_the_list_keep_nobody_waiting(packed, filler):
    dice = random.Random(5)
    # Noise between them, or the ratio would refuse it before anybody looks.
    lumps = (f"<row>{filler * (8_000 // len(filler))}</row><!--{dice.randbytes(100).hex()}-->" for _ in range(7_500))
    second = sheet_xml("".join(lumps))
    assert 58 * 2**20 < len(second) < 63 * 2**20
    assert told(packed(beside(second))) == (["梅林"], 0)


def test_a_drop_down_list_from_another_worksheet_is_no_formula_of_a_cell(packed):
    listed = (
        '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"><x14:dataValidations '
        'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
        'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list"><x14:formula1>'
        "<xm:f>表2!$A$1:$A$9</xm:f></x14:formula1><xm:sqref>B2:B99</xm:sqref></x14:dataValidation>"
        "</x14:dataValidations></ext></extLst></worksheet>"
    )
    contents = beside(EMPTY)
    first = "xl/worksheets/sheet1.xml"
    contents[first] = contents[first].replace("</worksheet>", listed)
    assert contents[first].endswith(listed)
    assert [row.problems for row in read_path(packed(contents)).rows] == [()] * len(told(packed(contents))[0])
