"""Hostile workbooks end in a refusal: in the process that reads them, and nowhere else."""

import random
import textwrap
import time
import zipfile
import zlib
from functools import partial

import pytest

from app.kit.sheets import SheetRefused, read_path, workbook
from tests.app.kit.workbooks import HONEST, KIND, LINKS, MAIN, pack, parts, refusal, sheet_xml, text


@pytest.fixture
def packed(tmp_path):
    return partial(pack, tmp_path / "名单.xlsx")


DOCTYPE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "' + "&a;" * 99 + '"><!ENTITY c "' + "&b;" * 99 + '">]>'


# 67 MiB that pack 30 to 1: neither the ratio nor the file gives it away, only the sum.
MUCH = b"".join(random.Random(n).randbytes(1024) * 32 for n in range(2_100))
A1 = f'<row r="1">{text("A1", "姓名")}</row>'
MERGE = '<mergeCell ref="A1:XFD1048576"/>'
MERGES = f"<mergeCells>{MERGE * 5_000}</mergeCells>"


@pytest.mark.proves("T22")
@pytest.mark.parametrize(
    ("contents", "code", "params"),
    [
        (parts(sheet_xml(f'<row r="1">{text("A1", "&e;")}</row>', head=DOCTYPE)), "broken", {}),
        (parts(sheet_xml(f'<row r="1">{text("A1", "&c;")}</row>', head=LAUGHS)), "broken", {}),
        (parts(HONEST) | {"xl/workbook.xml": DOCTYPE + parts("")["xl/workbook.xml"]}, "broken", {}),
        (parts(HONEST[:-40]), "broken", {}),
        (parts(sheet_xml('<row r="x"><c r="A1"><v>1</v></c></row>')), "broken", {}),
        (parts(sheet_xml('<row r="1"><c r="1A"><v>1</v></c></row>')), "broken", {}),
        (parts(HONEST, **{"XL/Worksheets/Sheet1.xml": HONEST}), "broken", {}),
        (parts(sheet_xml("")), "empty", {}),
        (parts(sheet_xml(A1, MERGES)), "bomb", {}),
        (parts(HONEST, **{"xl/vbaProject.bin": b"x"}), "wrong_kind", {"kind": "macro"}),
        (
            parts(HONEST, **{"[Content_Types].xml": parts("")["[Content_Types].xml"].replace(
                f"{KIND}.sheet.main", "application/vnd.ms-excel.sheet.macroEnabled.main")}),
            "wrong_kind", {"kind": "macro"},
        ),
        ({"word/document.xml": "<x/>", "[Content_Types].xml": "<x/>"}, "wrong_kind", {"kind": "other"}),
        (parts(sheet_xml(f'<row r="100002">{text("A100002", "x")}</row>')), "too_many_rows", {"limit": 100_000}),
        (parts(sheet_xml(f'<row r="1">{text("BM1", "x")}</row>')), "too_many_columns", {"limit": 64}),
        (parts(HONEST, **{f"media/{n}": b"x" for n in range(200)}), "bomb", {}),
        (parts(HONEST, **{"media/1": bytes(63 * 2**20)}), "bomb", {}),
        (parts(HONEST, **{f"media/{n}": bytes(2**20) for n in range(30)}), "bomb", {}),
        (parts(HONEST, **{"media/1": MUCH}), "bomb", {}),
    ],
)  # fmt: skip
def test_a_hostile_workbook_is_refused_with_its_reason(packed, contents, code, params):
    path = packed(contents)
    assert refusal(path) == (code, params)


@pytest.mark.proves("T22")
def test_a_declared_size_that_lies_fools_nobody(packed, tmp_path):
    path = packed(parts(HONEST))
    name = "xl/worksheets/sheet1.xml"
    real = HONEST.encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(real + b" " * (200 * 2**20)) + packer.flush()
    with zipfile.ZipFile(path, "w") as file:
        for other, content in parts("").items():
            if other != name:
                file.writestr(other, content)
        # Stored as it is, then said to be deflated and small.
        file.writestr(name, bomb)
        entry = file.NameToInfo[name]
        entry.compress_type, entry.file_size, entry.CRC = zipfile.ZIP_DEFLATED, len(real), zlib.crc32(real)
    assert refusal(path) == ("bomb", {})


@pytest.mark.proves("T22")
def test_ten_million_cells_end_before_any_spreadsheet_program_sees_them(packed):
    row = '<row r="{0}">' + '<c r="A{0}"><v>1</v></c>' * 25 + "</row>"
    sheet = sheet_xml("".join(row.format(n) for n in range(1, 90_001)))
    path = packed(parts(sheet))
    assert 40 * 2**20 < len(sheet) < 64 * 2**20
    assert refusal(path)[0] in {"too_many_cells", "bomb"}
    assert refusal(packed(parts(sheet_xml("<row>" + "<c><v>1</v></c>" * 10**7 + "</row>"))))[0] == "bomb"


@pytest.mark.proves("T22")
def test_two_million_and_one_cells_are_too_many(packed):
    words = random.Random(2)
    row = '<row r="{}">{}</row>'
    cells = ["<c><v>" + str(words.randrange(10)) + "</v></c>" for _ in range(4000)]
    rows = "".join(row.format(n, "".join(words.choices(cells, k=50))) for n in range(1, 40_002))
    assert refusal(packed(parts(sheet_xml(rows)))) == ("too_many_cells", {"limit": 2_000_000})


def test_every_cut_of_a_workbook_is_refused(packed, tmp_path):
    whole = packed(parts(HONEST)).read_bytes()
    for length in range(4, len(whole), len(whole) // 12):
        path = tmp_path / "cut.xlsx"
        path.write_bytes(whole[:length])
        assert refusal(path)[0] == "broken"


@pytest.mark.proves("T22")
def test_flipped_bytes_end_in_rows_or_in_a_refusal(packed, tmp_path):
    whole, dice = packed(parts(HONEST), zipfile.ZIP_STORED).read_bytes(), random.Random(3)
    for _ in range(25):
        damaged = bytearray(whole)
        for _ in range(dice.randrange(1, 6)):
            damaged[dice.randrange(4, len(whole))] = dice.randrange(256)
        path = tmp_path / "damaged.xlsx"
        path.write_bytes(damaged)
        try:
            list(read_path(path).rows)
        except SheetRefused as refused:
            assert refused.code in {"broken", "bomb", "wrong_kind", "encrypted", "empty", "too_many_columns"}  # noqa: PT017


def test_a_large_workbook_is_refused_by_its_size(tmp_path):
    path = tmp_path / "large.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(5 * 2**20))
    assert refusal(path) == ("too_large", {"limit": 5 * 2**20})


@pytest.fixture
def behaving(monkeypatch, packed):
    """A reader that does something else once it is confined."""

    def read(deed):
        prelude = "import sys; sys.path.insert(0, sys.argv[1]); from app.kit.sheets import reader; reader.confine()\n"
        script = prelude + textwrap.dedent(deed)
        monkeypatch.setattr(workbook, "_START", script)
        return refusal(packed(parts(HONEST)))

    return read


@pytest.mark.proves("T22")
@pytest.mark.parametrize(
    ("deed", "code"),
    [
        ("x = bytearray(600 * 2**20); print('[\"end\"]')", "broken"),
        ("import os; os.abort()", "bomb"),
        ("import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass", "timed_out"),
        ("import socket; socket.socket(); print('[\"end\"]')", "broken"),
        ("open('/etc/hostname'); print('[\"end\"]')", "broken"),
        ("print('[\"row\", 1, [7], []]')", "broken"),
        ("print('x' * 3_000_000)", "broken"),
        ("import os; os.close(1); import time; time.sleep(9)", "timed_out"),
    ],
)
def test_a_reader_that_runs_wild_dies_alone(behaving, deed, code):
    assert behaving(deed) == (code, {})


@pytest.mark.proves("T22")
def test_a_reader_that_falls_silent_is_not_waited_for(behaving, monkeypatch):
    monkeypatch.setattr(workbook, "PATIENCE", 0.5)
    began = time.monotonic()
    assert behaving("import time; time.sleep(60)") == ("timed_out", {})
    assert time.monotonic() - began < 5


@pytest.mark.proves("T22")
def test_the_reader_knows_none_of_our_secrets(behaving, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://x")
    deed = "import os; os.kill(os.getpid(), 9) if [k for k in os.environ if k != 'LC_CTYPE'] else os.abort()"
    assert behaving(deed) == ("bomb", {})


@pytest.mark.proves("T22")
def test_one_long_text_in_a_million_cells_kills_only_its_reader(packed):
    contents = parts(sheet_xml("".join(f'<row r="{n}">{ten(n)}</row>' for n in range(1, 60_001))))
    contents["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}"><si><t>{"名" * 30_000}</t></si></sst>'
    link = f'<Relationship Id="rId2" Type="{LINKS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    contents["xl/_rels/workbook.xml.rels"] = contents["xl/_rels/workbook.xml.rels"].replace("</Relationships>", link)
    assert refusal(packed(contents)) == ("bomb", {})


def ten(row):
    return "".join(f'<c r="{letter}{row}" t="s"><v>0</v></c>' for letter in "ABCDEFGHIJ")
