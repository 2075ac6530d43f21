"""Exports: many small files are one large one, a number is its own request, and what was re-saved is still found."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, update

from app import exports
from app.exports import marks
from app.exports.files import csv_of
from app.exports.tracing import text_of
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from models.exports import Column, Export, ExportState
from models.staff import Role
from tests.app.test_exports import asked, clerk_of, request, take
from tests.app.test_exports_files import a_file
from tests.cast import Village
from tests.routers.crowd import residents_of

pytestmark = pytest.mark.anyio


@pytest.mark.proves("T08")
async def test_two_hundred_people_in_small_files_need_a_second_person(house: House, village: Village) -> None:
    await residents_of(house, village.other_grid, 150)
    clerk, other = await clerk_of(house, village), await clerk_of(house, village)
    first = await request(house, clerk, asked(village.other_grid))
    assert (first.rows, first.state) == (151, ExportState.READY)
    second = await request(house, clerk, asked(village.other_grid))
    assert (second.second, second.state) == (True, ExportState.REQUESTED)
    assert (await request(house, other, asked(village.other_grid))).state is ExportState.READY
    async with house.database.writing() as db:
        before = clock.now() - timedelta(days=7, seconds=1)
        await db.exec(update(Export).where(col(Export.account_id) == clerk.account_id).values(requested_at=before))
    assert (await request(house, clerk, asked(village.other_grid))).state is ExportState.READY


async def test_the_same_number_for_another_day_is_refused_in_words_of_an_export(house: House, village: Village) -> None:
    clerk, form = await clerk_of(house, village), asked(village.grid)
    await request(house, clerk, form)
    yesterday = form.model_copy(update={"day": clock.today() - timedelta(days=1)})
    with pytest.raises(exports.AskedBefore) as refused:
        await request(house, clerk, yesterday)
    assert refused.value.type == "key-reused"
    assert "report" not in refused.value.detail
    same = await request(house, clerk, form.model_copy(update={"day": clock.today()}))
    assert same.id == form.id


# --- the marks -------------------------------------------------------------------------------------------------------


async def traced(house: House, found: str) -> Sequence[exports.Traced]:
    async with house.database.writing() as db:
        return await exports.trace(db, None, found)


@pytest.mark.proves("T08")
async def test_a_file_saved_as_gb18030_tells_by_its_marks_and_one_saved_as_gbk_by_its_number(
    house: House, village: Village, tmp_path: Path
) -> None:
    clerk, reviewer = await clerk_of(house, village), await clerk_of(house, village, Role.REVIEWER)
    export = await request(house, clerk, asked(village.grid, Column.NAME, Column.PHONE))
    async with house.database.writing() as db:
        await exports.approve(db, reviewer, export.id)
    taken = await take(house, clerk, export.id)
    whole = csv_of(taken, str).decode("utf-8-sig")
    phones = "\n".join(line.split(",")[1] for line in whole.splitlines()[2:])
    (tmp_path / "phones.csv").write_bytes(phones.encode("gb18030"))
    (found,) = await traced(house, text_of(tmp_path / "phones.csv"))
    assert (found.export_id, found.cells) == (export.id, 4)
    (tmp_path / "desk.csv").write_bytes(whole.encode("gbk", "replace"))
    assert not exports.read_marks(text_of(tmp_path / "desk.csv"))
    (found,) = await traced(house, text_of(tmp_path / "desk.csv"))
    assert (found.export_id, found.cells) == (export.id, 0)
    number = exports.number_of(taken)
    assert [each.export_id for each in await traced(house, f"编号{number.lower()}。")] == [export.id]
    wrong_day = f"{int(number[:2]) % 12 + 1:02d}{number[2:]}"
    for nothing in (wrong_day, f"{number}1", number[:-1], "1122-UUUU-9PDM", "13857001234"):
        assert await traced(house, nothing) == [], nothing


def test_every_cell_with_something_in_it_carries_the_mark() -> None:
    taken = a_file(["王＊", ""])
    lines = csv_of(taken, str).decode("utf-8-sig").splitlines()
    mark = marks.unseen(taken.export.tag)
    assert lines[2:] == [f'"王＊{mark}"', f'"{mark}"']


def test_a_cut_in_the_middle_of_a_character_loses_no_mark(tmp_path: Path) -> None:
    tag = exports.tag_of(uuid7())
    (tmp_path / "cut.csv").write_bytes(f"王＊{marks.unseen(tag)}".encode()[1:])
    assert exports.read_marks(text_of(tmp_path / "cut.csv")) == {tag: 1}
