"""Bringing a database up: migrations, partitions, data keys, the region table. Every step may be repeated."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import col, select

from app import checkins, regions, staff, vault
from app.house import House
from app.kit import clock
from app.kit.settings import ROOT
from models.regions import Level, Region

if TYPE_CHECKING:
    from alembic.config import Config


# Alembic is imported where it is used: a web process that is told to serve reads this file, and never migrates.
def _alembic(dsn: str) -> "Config":
    from alembic.config import Config

    config = Config(toml_file=str(Path(ROOT / "pyproject.toml")))
    config.attributes["dsn"] = dsn
    return config


def _upgrade(dsn: str) -> None:
    from alembic import command

    command.upgrade(_alembic(dsn), "head")


# Hears (done, whole) while something long goes on.
Told = Callable[[int, int], None]
STEPS = 3  # of a migration: schema, partitions, first data key


def nobody(_done: int, _whole: int) -> None:
    return


async def migrate(house: House, told: Told = nobody) -> None:
    """Bring the schema to the newest version; make this month's partitions and the first data key.

    `told(steps done, all steps)` is called after each.
    """
    told(0, STEPS)
    await asyncio.to_thread(_upgrade, house.database.dsn)
    told(1, STEPS)
    async with house.database.writing() as db:
        await checkins.make_ahead(db, clock.today())
        told(2, STEPS)
    await house.watch.look()  # before a key is made: a stand-down may have left its old root in the key file
    async with house.database.writing() as db:
        await vault.mint(db, [])
        await house.vault.load(db)
        await staff.complete(db)
    told(STEPS, STEPS)


async def load_regions(house: House, told: Told = nobody) -> tuple[int, int]:
    """Load the shipped region table and make a data key for every county. Returns (rows, new rows).

    `told(rows done, all rows)` is called after every few thousand rows.
    """
    async with house.database.writing() as db:
        counts = await regions.load(db, told)
        counties = await db.exec(select(Region.code).where(col(Region.level) == Level.COUNTY))
        await vault.mint(db, counties.all())
    return counts
