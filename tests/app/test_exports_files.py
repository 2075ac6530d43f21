"""The file of an export: no formula in it, and every row tells who took it."""

import csv
import io
import random
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import exports
from app.exports import marks
from app.exports.files import csv_of, xlsx_of
from app.exports.rows import Line
from app.exports.taking import Taken
from app.exports.tracing import text_of
from app.house import House
from app.kit import clock
from app.kit.errors import NotFound
from app.kit.ids import uuid7
from models.exports import Column, Export
from models.regions import SPAN, Level
from models.staff import Role
from tests import cast
from tests.app.test_exports import asked, clerk_of, request, take
from tests.cast import Village
from tests.routers.crowd import residents_of

pytestmark = pytest.mark.anyio


# --- the file --------------------------------------------------------------------------------------------------------


def a_file(cells: list[str], export_id: UUID | None = None) -> Taken:
    name = export_id or uuid7()
    export = Export(
        id=name, tag=exports.tag_of(name), account_id=uuid7(), post_id=uuid7(), name="方晓", kind="people_of_region",
        region_code=330822001202001, day=clock.today(), columns=["name"], purpose="supplies", words_sealed=b"",
        rows=len(cells), second=False, requested_at=clock.now(), good_until=clock.now(),
    )  # fmt: skip
    lines = [Line(uuid7(), (cell,)) for cell in cells]
    return Taken(export, "浙江省 衢州市", "2020-02-05 08:12", (Column.NAME,), lines)


@pytest.mark.proves("T08")
async def test_twenty_rows_cut_out_saved_again_and_pasted_tell_who_took_them(
    house: House, village: Village, tmp_path: Path
) -> None:
    clerk = await clerk_of(house, village)
    await residents_of(house, village.grid, 60)
    mine, decoy = await request(house, clerk, asked(village.grid)), await request(house, clerk, asked(village.grid))
    taken = await take(house, clerk, mine.id)
    await take(house, clerk, decoy.id)
    lines = csv_of(taken, str).decode("utf-8-sig").splitlines()
    excerpt = random.Random(7).sample(lines[2:], 20)
    (tmp_path / "again.csv").write_text("\n".join(excerpt), encoding="utf-16")
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of(taken, str)))
    book.active.delete_rows(1, 30)
    book.save(tmp_path / "again.xlsx")  # as a program on somebody's desk would
    pasted = "\n".join(row.split(",")[0].strip('"') for row in excerpt)
    for found in (text_of(tmp_path / "again.csv"), text_of(tmp_path / "again.xlsx"), pasted):
        async with house.database.writing() as db:
            (traced,) = await exports.trace(db, None, found)
        assert (traced.export_id, traced.name) == (mine.id, "方晓")
        assert traced.cells >= 20


async def test_an_auditor_traces_in_their_own_region_only(house: House, village: Village) -> None:
    clerk = await clerk_of(house, village)
    export = await request(house, clerk, asked(village.grid))
    words = csv_of(await take(house, clerk, export.id), str).decode()
    county = village.code - village.code % SPAN[Level.COUNTY]
    own = await cast.on_duty(house, await cast.appoint(house, "审计", Role.AUDITOR, county))
    other = 330102000000000 if county != 330102000000000 else 330822000000000
    far = await cast.on_duty(house, await cast.appoint(house, "外审", Role.AUDITOR, other))
    async with house.database.writing() as db:
        assert [each.export_id for each in await exports.trace(db, own, words)] == [export.id]
        assert await exports.trace(db, far, words) == []
        with pytest.raises(NotFound):
            await exports.trace(db, clerk, words)


@given(st.uuids())
@settings(max_examples=300, deadline=None)
def test_a_mark_is_unseen_and_reads_back(name: UUID) -> None:
    tag = exports.tag_of(name)
    mark = marks.unseen(tag)
    assert len(mark) == 32
    assert not mark.isspace()
    assert mark.strip() == mark
    assert exports.read_marks(f"王＊{mark}，x{mark}") == {tag: 2}


@pytest.mark.proves("T23")
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), min_size=400, max_size=400))
@settings(max_examples=250, deadline=None)
def test_no_cell_of_a_file_is_a_formula(cells: list[str]) -> None:
    rows = list(csv.reader(io.StringIO(csv_of(a_file(cells), str).decode("utf-8-sig"), newline="")))
    assert len(rows) == len(cells) + 2
    for row in rows:
        assert not row[0].lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"))


@pytest.mark.proves("T23")
def test_a_workbook_holds_text_and_nothing_else() -> None:
    cells = ["=1+1", "+8613857001234", "-2", "@SUM(A1)", "110105194912310021", "0012", "＝1", "=cmd|' /C calc'!A0"]
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of(a_file(cells), str)))
    found = [cell for row in book.active.iter_rows() for cell in row]
    assert {cell.data_type for cell in found} == {"s"}
    assert not any(str(cell.value).startswith(("=", "+", "-", "@", "＝")) for cell in found)
    assert str(found[6].value).startswith("110105194912310021")
