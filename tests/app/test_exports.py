"""Exports: never alone with many people, never more than was asked for, and every row tells who took it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select, update

from app import audit, exports, regions
from app.exports.files import csv_of
from app.exports.taking import Taken
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, KeyReused, NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from models.audit import Act, AuditEvent
from models.exports import Column, Export, ExportCreate, ExportPublic, ExportPurpose, ExportState, ExportTake
from models.regions import SPAN, Level
from models.staff import Role
from tests import cast
from tests.cast import Village
from tests.routers.crowd import residents_of

pytestmark = pytest.mark.anyio


def asked(code: int, *columns: Column, **changes: object) -> ExportCreate:
    words: dict[str, object] = {
        "id": uuid7(), "region_code": code, "columns": columns or (Column.NAME_MASKED, Column.GRID),
        "purpose": ExportPurpose.SUPPLIES, "words": "三网格断网，入户送药两天，需要名单",
    }  # fmt: skip
    return ExportCreate.model_validate(words | changes)


async def clerk_of(house: House, village: Village, role: Role = Role.LIST_CLERK) -> Viewer:
    """Somebody of the township above the village, with a duty there."""
    town = village.code - village.code % SPAN[Level.TOWNSHIP]
    return await cast.on_duty(house, await cast.appoint(house, "方晓", role, town))


async def request(house: House, me: Viewer, form: ExportCreate) -> ExportPublic:
    async with house.database.writing() as db:
        row = await exports.request(db, me, form)
        return (await exports.found(db, me)).items[0] if row.account_id == me.account_id else None  # type: ignore[return-value]


async def approve(house: House, me: Viewer, export_id: UUID) -> None:
    async with house.database.writing() as db:
        await exports.approve(db, me, export_id)


async def take(house: House, me: Viewer, export_id: UUID, form: str = "csv") -> Taken:
    async with house.database.writing() as db:
        return await exports.take(db, me, export_id, ExportTake(format=form))  # type: ignore[arg-type]


async def state(house: House, me: Viewer, export_id: UUID) -> ExportState:
    async with house.database.reading() as db:
        return (await exports.one(db, me, export_id)).state


# --- asking ----------------------------------------------------------------------------------------------------------


@pytest.mark.proves("T08")
async def test_few_masked_people_are_ready_at_once_and_only_the_columns_asked_for_are_there(
    house: House, village: Village
) -> None:
    clerk = await clerk_of(house, village)
    export = await request(house, clerk, asked(village.grid))
    assert (export.state, export.rows, export.second) == (ExportState.READY, 4, False)
    taken = await take(house, clerk, export.id)
    assert {len(line.cells) for line in taken.lines} == {2}
    written = csv_of(taken, str).decode("utf-8-sig")
    assert "王小梅" not in written
    assert village.mei.phone not in written
    assert "桃园路" not in written
    assert "王＊" in written


@pytest.mark.proves("T08")
@pytest.mark.parametrize("column", [Column.PHONE, Column.ADDRESS, Column.DOCUMENT, Column.STATE])
async def test_numbers_and_addresses_need_a_second_person_however_few(
    house: House, village: Village, column: Column
) -> None:
    clerk = await clerk_of(house, village)
    export = await request(house, clerk, asked(village.grid, Column.NAME, column))
    assert export.state is ExportState.REQUESTED
    with pytest.raises(exports.NotReleased):
        await take(house, clerk, export.id)
    reviewer = await clerk_of(house, village, Role.REVIEWER)
    await approve(house, reviewer, export.id)
    row = next(line.cells for line in (await take(house, clerk, export.id)).lines if line.cells[0] == "王小梅")
    assert row[1] in {village.mei.phone, "桃园路 18 号 2 幢 301"} or len(row[1]) == 18 or column is Column.STATE


@pytest.mark.proves("T08")
async def test_more_than_two_hundred_people_need_a_second_person_and_nobody_is_that_to_themselves(
    house: House, village: Village
) -> None:
    await residents_of(house, village.other_grid, 200)
    supervisor = await clerk_of(house, village, Role.SUPERVISOR)
    export = await request(house, supervisor, asked(village.other_grid))
    assert (export.rows, export.state) == (201, ExportState.REQUESTED)
    with pytest.raises(exports.OwnRequest):
        await approve(house, supervisor, export.id)
    with pytest.raises(NotFound):
        await approve(house, await clerk_of(house, village), export.id)  # a clerk releases nothing
    others = [await clerk_of(house, village, Role.SUPERVISOR) for _ in range(3)]
    verdicts = await asyncio.gather(*(approve(house, each, export.id) for each in others), return_exceptions=True)
    assert sorted(str(type(each).__name__) for each in verdicts) == ["NoneType", "NotReleased", "NotReleased"]
    assert await state(house, supervisor, export.id) is ExportState.READY


async def test_what_was_refused_stays_refused(house: House, village: Village) -> None:
    clerk, reviewer = await clerk_of(house, village), await clerk_of(house, village, Role.REVIEWER)
    export = await request(house, clerk, asked(village.grid, Column.PHONE))
    async with house.database.writing() as db:
        await exports.refuse(db, reviewer, export.id)
    for act in (approve(house, reviewer, export.id), take(house, clerk, export.id)):
        with pytest.raises(exports.NotReleased):
            await act
    assert await state(house, clerk, export.id) is ExportState.REFUSED


@pytest.mark.proves("T08")
async def test_who_has_no_right_to_export_there_is_told_that_nothing_is_there(house: House, village: Village) -> None:
    strangers = [
        await cast.on_duty(house, village.li), await cast.on_duty(house, village.chen),
        await clerk_of(house, village, Role.REVIEWER),
        await cast.on_duty(house, await cast.appoint(house, "外地", Role.LIST_CLERK, 330822000000000)),
    ]  # fmt: skip
    for stranger in strangers:
        with pytest.raises(NotFound):
            await request(house, stranger, asked(village.grid))


async def test_too_many_and_nobody_and_wrong_days_are_refused_with_the_field(house: House, village: Village) -> None:
    clerk = await clerk_of(house, village)
    house.database._info["export_rows"] = 3
    try:
        await refused(house, clerk, asked(village.grid), "region_code")
    finally:
        house.database._info["export_rows"] = 5_000
    async with house.database.writing() as db:
        (empty,) = await regions.mint(db, village.code, 1)
    await refused(house, clerk, asked(empty.code), "region_code")
    await refused(house, clerk, asked(village.grid, day=clock.today() + timedelta(days=1)), "day")
    await refused(house, clerk, asked(village.grid, Column.NAME, Column.NAME_MASKED), "columns")


async def refused(house: House, me: Viewer, form: ExportCreate, field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        await request(house, me, form)
    assert [fault.field for fault in wrong.value.faults] == [field]


async def test_the_same_request_twice_is_one_and_another_under_its_number_is_refused(
    house: House, village: Village
) -> None:
    clerk, form = await clerk_of(house, village), asked(village.grid)
    first = await request(house, clerk, form)
    assert (await request(house, clerk, form)).requested_at == first.requested_at
    with pytest.raises(KeyReused):
        await request(house, clerk, form.model_copy(update={"columns": [Column.PHONE]}))
    with pytest.raises(KeyReused):
        await request(house, await clerk_of(house, village), form)


# --- taking ----------------------------------------------------------------------------------------------------------


@pytest.mark.proves("T08")
async def test_three_takings_and_no_fourth_however_many_try_at_once(house: House, village: Village) -> None:
    clerk = await clerk_of(house, village)
    export = await request(house, clerk, asked(village.grid))
    tries = await asyncio.gather(*(take(house, clerk, export.id) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(each, Taken) for each in tries) == 3
    assert sum(isinstance(each, exports.NotReleased) for each in tries) == 5
    assert await state(house, clerk, export.id) is ExportState.TAKEN


async def test_a_day_later_nothing_can_be_taken_or_released(house: House, village: Village) -> None:
    clerk, reviewer = await clerk_of(house, village), await clerk_of(house, village, Role.REVIEWER)
    ready = await request(house, clerk, asked(village.grid))
    waiting = await request(house, clerk, asked(village.grid, Column.PHONE))
    async with house.database.writing() as db:
        these = col(Export.id).in_([ready.id, waiting.id])
        await db.exec(update(Export).where(these).values(good_until=clock.now() - timedelta(seconds=1)))
    with pytest.raises(exports.NotReleased):
        await take(house, clerk, ready.id)
    with pytest.raises(exports.NotReleased):
        await approve(house, reviewer, waiting.id)


@pytest.mark.proves("T04")
async def test_who_lost_the_post_meanwhile_or_is_somebody_else_takes_nothing(house: House, village: Village) -> None:
    clerk, other = await clerk_of(house, village), await clerk_of(house, village)
    export = await request(house, clerk, asked(village.grid))
    for nobody in (other, Viewer(clerk.token), await clerk_of(house, village, Role.REVIEWER)):
        with pytest.raises(NotFound):
            await take(house, nobody, export.id)


@pytest.mark.proves("T31")
async def test_everybody_in_the_file_reads_that_they_were_in_it_and_nobody_else(house: House, village: Village) -> None:
    clerk = await clerk_of(house, village)
    export = await request(house, clerk, asked(village.grid))
    await take(house, clerk, export.id)
    async with house.database.reading() as db:
        about = await audit.about(db, [village.mei.person_id], {village.grid: clock.now() - timedelta(days=1)})  # type: ignore[list-item]
        assert [(look.act, look.who, look.count) for look in about] == [("exported", "方晓", 1)]
        assert (about[0].file_purpose, about[0].person_id) == (export.purpose, village.mei.person_id)
        assert about[0].unit[0] == "浙江省"
        outside = {village.other_grid: clock.now() - timedelta(days=1)}
        assert await audit.about(db, [village.qian.person_id], outside) == []  # type: ignore[list-item]
        traces = select(AuditEvent.act).where(AuditEvent.subject == export.id)
        acts = (await db.exec(traces)).all()
    assert sorted(acts) == sorted([Act.EXPORT_REQUESTED, Act.EXPORT_TAKEN, *[Act.EXPORTED] * 4])


async def test_the_file_shows_the_people_of_the_moment_it_is_taken(house: House, village: Village) -> None:
    clerk = await clerk_of(house, village)
    export = await request(house, clerk, asked(village.grid, Column.NAME))
    await cast.settle(house, "后来人", village.grid)
    assert "后来人" in {line.cells[0] for line in (await take(house, clerk, export.id)).lines}


async def test_the_words_of_a_request_lie_sealed(house: House, village: Village) -> None:
    clerk = await clerk_of(house, village)
    export = await request(house, clerk, asked(village.grid, words="金丝雀在笼子里唱着歌呢"))
    assert export.words == "金丝雀在笼子里唱着歌呢"
    async with house.database.reading() as db:
        row = await db.exec(text("SELECT words_sealed FROM export WHERE id = :id"), params={"id": export.id})
        assert "金丝雀".encode() not in row.scalar_one()
