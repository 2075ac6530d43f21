"""Bringing a database up: every step may be repeated, and any number of processes may do it at once."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest
from sqlmodel import select

from app import upkeep
from app.house import House
from app.kit.settings import ROOT
from models.vault import DataKeyRow
from tests.app.test_partitions import names

pytestmark = pytest.mark.anyio


async def test_three_processes_may_migrate_one_empty_database_at_once(empty_house: House, data_dir: Path) -> None:
    environment = os.environ | {"DATABASE_URL": empty_house.database.dsn, "SHOUWANG_DATA_DIR": str(data_dir)}
    starts = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app", "migrate", cwd=ROOT, env=environment, stdout=PIPE, stderr=STDOUT
        )
        for _ in range(3)
    ]
    told = [(await start.communicate())[0] for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0], told
    assert len(await names(empty_house)) == 5
    async with empty_house.database.reading() as db:
        assert len((await db.exec(select(DataKeyRow))).all()) == 1


async def test_every_step_may_be_repeated(empty_house: House) -> None:
    for _ in range(2):
        await upkeep.migrate(empty_house)
        await upkeep.load_regions(empty_house)
    await empty_house.serve()
    assert empty_house.endings.trusted
