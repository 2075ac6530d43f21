"""The database dies while a sheet is taken in, applied or undone: nothing is half done, and again it works."""

import asyncio
import gc
import random
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from sqlalchemy import text
from sqlmodel import select

from app import appointments, regions, staff, upkeep
from app.appointments import File, applying, staging
from app.commands.appointments import _operator
from app.house import House
from app.kit.db import Database
from app.kit.viewer import Viewer
from models.appointments import AppointmentSheet
from models.regions import Region, last_of
from tests.app.sheets import HEADER

pytestmark = [pytest.mark.anyio, pytest.mark.fault]

ROWS = 4_000
Told = Callable[[int, int], None]
Work = Callable[[Database, Told], Awaitable[object]]
KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND state <> 'idle'"
)
STATE = (
    "SELECT (SELECT count(*) FROM post), (SELECT count(*) FROM post WHERE ended_at IS NULL), "
    "(SELECT count(*) FROM post_ending), (SELECT count(*) FROM sheet), (SELECT count(*) FROM sheet_row), "
    "(SELECT count(*) FROM audit_event)"
)


async def kill(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(KILL)
    finally:
        await connection.close()


async def state(house: House) -> tuple[int, ...]:
    async with house.database.reading() as db:
        return tuple((await db.exec(text(STATE))).one())


async def _killed(house: House, work: Work, share: float) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # what the driver's own futures have to say
    database, tasks = Database(house.database.dsn, pool_size=1, info={"vault": house.vault}), []

    def told(done: int, whole: int) -> None:
        if not tasks and done >= share * whole:
            tasks.append(asyncio.create_task(kill(house.database.dsn)))

    with pytest.raises(Exception) as died:  # noqa: PT011  (whichever the driver makes of it)
        await work(database, told)
    assert not isinstance(died.value, AssertionError)
    await asyncio.gather(*tasks)
    await database.close()


async def dies(house: House, work: Work, share: float) -> None:
    """Do the work on a connection of its own, which the database ends when this share of it has been told of."""
    await asyncio.to_thread(lambda: asyncio.run(_killed(house, work, share)))
    gc.collect()  # here, where what is said of a dead connection is not heard; not in the middle of another test


@pytest.mark.proves("R17")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a connection that died is not returned
@pytest.mark.parametrize("seed", [20261122])
async def test_killed_at_random_points_nothing_is_half_applied(
    empty_house: House, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(staging, "AT_ONCE", 300)
    monkeypatch.setattr(applying, "AT_ONCE", 300)
    house, dice = empty_house, random.Random(seed)
    await upkeep.migrate(house)
    await upkeep.load_regions(house)
    async with house.database.writing() as db:
        await house.vault.load(db)
        village = (await db.exec(select(Region.code).where(Region.level == "village").limit(1))).one()
        (grid,) = await regions.mint(db, village, 1)
        await staff.start(db, "演练", 330000000000000)
    path = tmp_path_factory.mktemp("sheet") / "people.csv"
    rows = [f"李大为\t138{number:08d}\t网格员\t{grid.code}" for number in range(ROWS)]
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    me = _operator(village, last_of(village))

    async def bring(database: Database, told: Told) -> AppointmentSheet:
        async with database.writing() as db:
            return await appointments.bring_file(db, me, File(path, "people.csv", None, told))

    nothing = await state(house)
    for _ in range(5):
        await dies(house, bring, dice.random() * 0.9)
        assert await state(house) == nothing
    sheet = await bring(house.database, lambda *_: None)
    assert (sheet.rows_in, sheet.new) == (ROWS, ROWS)
    for verb, counted in ((appointments.apply, ROWS), (appointments.undo, 0)):
        await _survives(house, me, sheet, (verb, dice))
        assert (await state(house))[1] == counted


async def _survives(
    house: House, me: Viewer, sheet: AppointmentSheet, what: tuple[Callable[..., Awaitable[object]], random.Random]
) -> None:
    verb, dice = what

    async def work(database: Database, told: Told) -> None:
        async with database.writing() as db:
            await verb(db, me, sheet.id, told)

    before = await state(house)
    for _ in range(5):
        await dies(house, work, dice.random() * 0.9)
        assert await state(house) == before
    await work(house.database, lambda *_: None)
