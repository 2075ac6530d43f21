"""CSV files and pasted rows: read as the office wrote them, numbered as people see them, nothing lost."""

import csv
import io
import resource
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.sheets import ANY_SIZE, Limits, SheetRefused, looks_like_header, read_paste, read_path

HEADER = "姓名,手机,网格"
PASTE = Limits(rows=20_000, bytes=2_000_000)
MEI = "梅林,13857001234,东村1网格"


@pytest.fixture
def file(tmp_path):
    def write(content, encoding="utf-8"):
        path = tmp_path / "名单.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def refusal(act, *arguments):
    with pytest.raises(SheetRefused) as refused:
        list(act(*arguments).rows)
    return refused.value.code, refused.value.params


def only(sheet):
    (row,) = sheet.rows
    return row


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_every_way_an_office_saves_a_list_reads_the_same(file, encoding, separator, ending):
    text = ending.join([HEADER, MEI, "李雷·买买提,13857001235,西村2网格", ""]).replace(",", separator)
    sheet = read_path(file(text, encoding))
    assert sheet.columns == ("姓名", "手机", "网格")
    assert [(row.number, row.cells[0], row.problems) for row in sheet.rows] == [(2, "梅林", ()), (3, "李雷·买买提", ())]
    assert (sheet.encoding, sheet.kind) == ({"gbk": "gb18030"}.get(encoding, encoding), "csv")


def test_a_line_break_inside_a_cell_does_not_shift_the_numbers(file):
    rows = list(read_path(file('\n姓名,备注\n\n"梅","一\n二"\n,\n雷,"说""好"""\n')).rows)
    assert [(row.number, row.cells) for row in rows] == [(4, ("梅", "一\n二")), (6, ("雷", '说"好"'))]


def test_short_rows_are_filled_and_long_ones_named(file):
    rows = list(read_path(file(f"{HEADER},\n梅\n雷,1,2,,,\n张,1,2,3,4\n王{',' * 70}5\n")).rows)
    assert rows[0].cells == ("梅", "", "")
    assert rows[1].problems == ()
    assert (rows[2].cells, rows[2].problems) == (("张", "1", "2", "3", "4"), ((3, "extra_cells"), (4, "extra_cells")))
    assert rows[3].problems == ((3, "extra_cells"),)


def test_double_and_empty_names_of_columns_stay_as_they_are(file):
    assert read_path(file("姓名,,姓名,网格\n")).columns == ("姓名", "", "姓名", "网格")


@pytest.mark.parametrize(
    ("typed", "cell", "problems"),
    [
        (" 　梅林\u00a0\u200b", "梅林", ()),
        ("\ufeff\u202a13857001234\u202c", "13857001234", ()),
        ("梅\x00林", "梅\ufffd林", ("control_characters",)),
        ("梅\u202e林", "梅\ufffd林", ("control_characters",)),
        ("名" * 200, "名" * 200, ()),
        ("名" * 501, "名" * 80, ("too_long",)),
        *[(lead + "SUM(A1)", lead + "SUM(A1)", ("formula",)) for lead in "=+-@＝＋－＠"],
        ('="13857001234"', '="13857001234"', ("formula",)),
        ("-2+3+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", ("formula",)),
        *[
            (plain, plain, ())
            for plain in ["-5", "+8613857001234", "+86 138-5700-1234", "-", "－", "-0.5%", "+(86)138"]
        ],
        *[(lost, lost, ("scientific",)) for lost in ["3.30102E+17", "1.1E+17", "3e+17", "1.38570E10"]],
        *[(kept, kept, ()) for kept in ["3E12", "2E-101", "E+1", "110101199001011234", "a=b", "2020-01-24"]],
    ],
)
def test_a_cell_is_kept_as_typed_and_its_oddities_are_named(file, typed, cell, problems):
    whole = io.StringIO()
    csv.writer(whole).writerows([["姓名", "甲"], ["王", typed]])
    row = only(read_path(file(whole.getvalue())))
    assert (row.cells, row.problems) == (("王", cell), tuple((1, code) for code in problems))


def test_an_open_quotation_mark_loses_no_row_in_silence(file):
    rows = list(read_path(file(f'{HEADER}\n"梅"林,1,2\n雷,1,2\n"王,1,2\n张,1,2\n')).rows)
    assert [(row.number, row.problems) for row in rows] == [
        (2, ((0, "unreadable"),)),
        (3, ()),
        (4, ((0, "unreadable"),)),
        (5, ((0, "unreadable"),)),
    ]
    endless = read_path(file(f'{HEADER}\n"' + "梅,1,2\n" * 60_000))
    assert sum(1 for _ in endless.rows) == 60_000


@pytest.mark.parametrize(
    ("content", "code", "params"),
    [
        (b"", "empty", {}),
        (b"\xef\xbb\xbf", "empty", {}),
        (b" , ,\r\n\t\r\n", "empty", {}),
        (f"{HEADER}\n{MEI}\n".encode() + b"\xff\xfe\xff,1,2\n", "encoding", {"line": 3}),
        (f"{HEADER}\n梅林西村东村\n".encode() + b"\xb0\xa1,1,2\n", "encoding", {"line": 3}),
        (f"{HEADER}\n{MEI}".encode("utf-16-le"), "encoding", {"line": 1}),
        ("name,phone\nMei,1".encode("utf-16-le"), "encoding", {"line": 1}),
        (f"{HEADER}\n".encode("utf-16") + b"\x00\xd8a\x00", "encoding", {"line": 2}),
        (HEADER.encode() + b"\n" + b"x" * (1 << 20) + b"\n", "broken", {"line": 2}),
        (b",".join([b"x"] * 65), "too_many_columns", {"limit": 64}),
        (b"a" + b"," * 70 + b"b", "too_many_columns", {"limit": 64}),
        (b"%PDF-1.4", "wrong_kind", {"kind": "other"}),
        (b"\x89PNG\r\n\x1a\n", "wrong_kind", {"kind": "other"}),
        ("\ufeff <html><table>".encode(), "wrong_kind", {"kind": "markup"}),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600, "wrong_kind", {"kind": "xls"}),
        (bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le"), "encrypted", {}),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(file, content, code, params):
    assert refusal(read_path, file(content)) == (code, params)


@pytest.mark.proves("T22")
def test_a_hundred_megabytes_are_refused_before_they_are_read(tmp_path):
    path = tmp_path / "big.csv"
    with path.open("wb") as big:
        big.write(f"{HEADER}\n".encode())
        big.truncate(100_000_001)
    began = time.perf_counter()
    assert refusal(read_path, path) == ("too_large", {"limit": 100_000_000})
    assert time.perf_counter() - began < 0.1


def test_rows_over_the_limit_are_refused_and_blank_ones_do_not_count(file):
    path = file(f"{HEADER}\n" + f"{MEI}\n,,\n" * 3)
    assert len(list(read_path(path, Limits(rows=3)).rows)) == 3
    assert refusal(read_path, path, Limits(rows=2)) == ("too_many_rows", {"limit": 2})


@pytest.mark.proves("T22")
def test_a_file_of_nothing_but_lines_ends(file):
    assert refusal(read_path, file(f"{HEADER}\n" + "\n" * 1_100_000)) == ("too_many_rows", {"limit": 500_000})


def test_a_long_list_streams_through_little_memory(file):
    path = file(f"{HEADER},部门,职务\n" + f"{MEI},县卫生健康局,网格员\n" * 300_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    assert sum(1 for _ in read_path(path, ANY_SIZE).rows) == 300_000
    assert time.perf_counter() - began < 12
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # KiB


# --- pasted ----------------------------------------------------------------------------------------------------------


def test_what_excel_copies_reads_cell_by_cell():
    sheet = read_paste('姓名\t备注\t手机\r\n梅林\t"一\r\n""二"""\t13857001234\r\n\r\n雷\t5"\t"老"街\r\n')
    assert sheet.columns == ("姓名", "备注", "手机")
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (2, ("梅林", '一\r\n"二"', "13857001234")),
        (5, ("雷", '5"', '"老"街')),
    ]


def test_an_open_quotation_mark_in_a_paste_stays_a_character():
    assert [row.cells for row in read_paste('"梅\t1\n雷\t2').rows] == [('"梅', "1"), ("雷", "2")]


@pytest.mark.parametrize("separator", [",", ";", "，", "\t"])
def test_rows_typed_by_hand_need_no_header(separator):
    sheet = read_paste(f"梅林{separator}13857001234\n雷{separator}13857001235{separator}东村")
    assert (sheet.columns, sheet.header) == (("", "", ""), None)
    assert [row.cells for row in sheet.rows] == [("梅林", "13857001234", ""), ("雷", "13857001235", "东村")]


def test_a_paste_of_nothing_or_of_too_much_is_refused():
    assert refusal(read_paste, " \n\t\n") == ("empty", {})
    assert refusal(read_paste, "x" * 2_000_001, PASTE) == ("too_large", {"limit": 2_000_000})
    assert refusal(read_paste, "\n" * 60_001, PASTE) == ("too_many_rows", {"limit": 20_000})
    assert refusal(read_paste, "\t".join(["1"] * 65)) == ("too_many_columns", {"limit": 64})
    assert refusal(read_paste, "\t".join(["名"] * 65)) == ("too_many_columns", {"limit": 64})


@given(st.text(st.characters(codec=None)) | st.text('"\t\r\n,;，=a1\x00 ', max_size=60))
def test_no_paste_raises_and_its_rows_keep_their_order(text):
    try:
        sheet = read_paste(text)
    except SheetRefused:
        return
    rows = [sheet.header] if sheet.header else []
    rows += list(sheet.rows)
    numbers = [row.number for row in rows]
    assert numbers == sorted(set(numbers))
    assert 1 <= numbers[0] <= numbers[-1] <= len(text.splitlines()) + 1
    for row in rows:
        assert len(row.cells) >= len(sheet.columns)
        assert not any("\x00" in cell for cell in row.cells)
        "".join(row.cells).encode()


def test_a_hostile_paste_takes_no_time():
    for hostile in ['"' * 2_000_000, '\t"""x' * 300_000, '"\t' * 900_000, '\t""' * 600_000, '\n"""' * 60_000]:
        began = time.perf_counter()
        with suppress(SheetRefused):
            list(read_paste(hostile, PASTE).rows)
        assert time.perf_counter() - began < 2


CELL = st.text(st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S"]), min_size=1, max_size=9)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from([",", "\t", ";"]))
def test_what_a_program_writes_comes_back(tmp_path_factory, rows, separator):
    whole = io.StringIO()
    csv.writer(whole, delimiter=separator).writerows([["甲", "乙", "丙"], *rows])
    path = tmp_path_factory.getbasetemp() / "round.csv"
    path.write_text(whole.getvalue(), encoding="utf-8", newline="")
    assert [list(row.cells) for row in read_path(path).rows] == rows


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_a_refusal(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content if content[:2] != b"PK" else b"x" + content)
    with suppress(SheetRefused):
        list(read_path(path).rows)


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        (("姓名", "手机"), True),
        (("姓名", ""), True),
        (("", ""), False),
        (("梅林", "13857001234"), False),
        (("梅林", "+86 138-5700-1234"), False),
        (("梅林", "１３８５７００１２３４"), False),
        (("梅林", "11010119900307123x"), False),
        (("1", "姓名"), False),
    ],
)
def test_a_header_has_words_and_no_numbers(cells, verdict):
    assert looks_like_header(cells) is verdict
