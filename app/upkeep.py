"""Bringing a database up: migrations, partitions, data keys, the region table. Every step may be repeated."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlmodel import col, select

from app import checkins, regions, vault
from app.house import House
from app.kit import clock
from app.kit.settings import ROOT
from models.regions import Level, Region


def _alembic(dsn: str, *, quiet: bool = False) -> Config:
    config = Config(toml_file=str(Path(ROOT / "pyproject.toml")))
    config.attributes["dsn"] = dsn
    config.attributes["quiet"] = quiet
    return config


async def migrate(house: House) -> None:
    """Bring the schema to the newest version; make this month's partitions and the first data key."""
    config = _alembic(house.database.dsn)
    await asyncio.to_thread(command.upgrade, config, "head")
    async with house.database.writing() as db:
        await checkins.make_ahead(db, clock.today())
        await vault.mint(db, [])


async def load_regions(house: House) -> tuple[int, int]:
    """Load the shipped region table and make a data key for every county. Returns (rows, new rows)."""
    async with house.database.writing() as db:
        counts = await regions.load(db)
        counties = await db.exec(select(Region.code).where(col(Region.level) == Level.COUNTY))
        await vault.mint(db, counties.all())
    return counts
