"""Acts by the thousand for tests of the ledger, and a sealer beside them."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from app import audit
from app.audit.anchors import Anchors
from app.audit.chain import COLUMNS
from app.audit.notary import Notary
from app.audit.verifying import Report, examine
from app.house import House
from app.kit.db import connect
from app.kit.ids import uuid7

SINCE = datetime(2020, 2, 5, 0, 0, tzinfo=UTC)
COUNTIES = (330822000000000, 330802000000000, 330881000000000, 330000000000000)


def act(number: int, county: int = COUNTIES[0], **changes: object) -> tuple[Any, ...]:
    """An act as its columns; `number` is its second since SINCE."""
    words: dict[str, object] = {
        "id": uuid7(), "at": SINCE + timedelta(seconds=number), "account_id": uuid7(), "post_id": uuid7(),
        "actor_name": "李桂芳", "role": "grid_worker", "region_code": county + 1_202_001, "person_id": uuid7(),
        "subject": None, "place_code": county + 1_202_001, "act": "saw_person", "purpose": "person_page",
        "facts": '{"people":3}' if number % 3 else None, "origin": "203.0.113.* phone", "request_id": None,
    }  # fmt: skip
    return tuple((words | changes)[name] for name in COLUMNS)


async def write(connection: asyncpg.Connection, acts: list[tuple[Any, ...]]) -> None:
    """Put acts where the rooms put them."""
    await connection.copy_records_to_table("audit_event", records=acts, columns=COLUMNS)


def sealer_of(house: House, path: Path) -> audit.Sealer:
    """A sealer that anchors into a file of the test."""
    return audit.Sealer(house.database.dsn, house.signing, path)


async def sealed(house: House, path: Path, acts: list[tuple[Any, ...]]) -> None:
    """Write, seal and anchor."""
    sealer = sealer_of(house, path)
    connection = await connect(house.database.dsn)
    await write(connection, acts)
    await connection.close()
    while await sealer.seal():
        pass
    await sealer.anchor()
    await sealer.close()


@asynccontextmanager
async def undone(house: House) -> AsyncIterator[asyncpg.Connection]:
    """A connection of a meddler, whose changes are taken back at the end."""
    connection = await connect(house.database.dsn, statement_ms=60_000)
    meddling = connection.transaction()
    await meddling.start()
    try:
        yield connection
    finally:
        await meddling.rollback()
        await connection.close()


def anchors(house: House, *paths: Path) -> Anchors:
    """What the files hold."""
    found = Anchors()
    for path in paths:
        found.take(path, Notary(house.signing))
    return found


async def report(house: House, connection: asyncpg.Connection, *paths: Path) -> Report:
    """What verification says inside the meddler's own transaction."""
    return await examine(connection, Notary(house.signing), anchors(house, *paths))


async def verified(house: House, path: Path, *copies: Path) -> Report:
    """What verification says from outside."""
    return await audit.verify(house.database.dsn, house.signing, (path, list(copies)))


def nowhere() -> str:
    """A fresh name."""
    return secrets.token_hex(4)
