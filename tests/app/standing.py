"""A serving house with keys, a response and a village of its own, that a test may stand down."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app import staff, standdown, upkeep
from app.house import House
from app.kit import postgres
from app.kit.settings import Settings
from app.kit.viewer import Viewer
from models.retention import StandDown, StandDownCreate
from models.staff import Role
from tests import cast
from tests.cast import Village

NAME, PROVINCE = "常山县疫情应急响应", 330000000000000


async def opened(dsn: str, folder: Path) -> House:
    """A house over a database and a folder with its own keys."""
    house = House(Settings(DATABASE_URL=dsn, data_dir=folder, key_file=folder / "keys.json"))
    await house.start()
    return house


@pytest.fixture
async def scene(data_dir: Path, tmp_path: Path) -> AsyncIterator[tuple[House, Village]]:
    """A serving house of its own, with keys of its own, a response under way and a village."""
    dsn = postgres.start(data_dir, database=f"scratch_{secrets.token_hex(4)}").dsn
    house = await opened(dsn, tmp_path)
    await upkeep.migrate(house)
    await upkeep.load_regions(house)
    async with house.database.writing() as db:
        await staff.start(db, NAME, PROVINCE)
    await house.serve()
    yield house, await cast.village(house)
    await house.stop()


async def official(house: House, role: Role = Role.ADMINISTRATOR, code: int = PROVINCE) -> Viewer:
    return await cast.on_duty(house, await cast.appoint(house, f"{role}"[:10], role, code))


async def ask(house: House, me: Viewer, name: str = NAME) -> StandDown:
    async with house.database.writing() as db:
        return await standdown.ask(db, me, StandDownCreate(name=name))


async def approve(house: House, me: Viewer, row: StandDown) -> StandDown:
    async with house.database.writing() as db:
        return await standdown.approve(db, me, row.id)


async def stood_down(house: House) -> StandDown:
    row = await ask(house, await official(house))
    done = await approve(house, await official(house), row)
    await house.watch.look()
    return done
