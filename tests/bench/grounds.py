"""The ground a measurement runs on: a database of its own, migrated, with regions, and torn down afterwards."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from app import upkeep
from app.house import House
from app.kit import postgres
from app.kit.settings import Settings
from tests.bench.accounting import parent_of


@dataclass(frozen=True)
class Grounds:
    """An open house over a database of this run. `postmaster` is the root of the database's process tree."""

    house: House
    settings: Settings
    dsn: str
    postmaster: int

    @property
    def environment(self) -> dict[str, str]:
        """What a server process needs to run on these grounds."""
        return os.environ | {"DATABASE_URL": self.dsn, "SHOUWANG_DATA_DIR": str(self.settings.data_dir),
                             "SHOUWANG_ENV": "development", "SHOUWANG_HOST": "127.0.0.1"}  # fmt: skip


@contextmanager
def _data_dir() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="shouwang-bench-"))
    path.chmod(0o755)  # as root, PostgreSQL runs as another user and has to get in
    try:
        yield path
    finally:
        with suppress(postgres.PostgresUnavailable):
            postgres.stop(path)
        shutil.rmtree(path, ignore_errors=True)


@asynccontextmanager
async def _database(data_dir: Path) -> AsyncIterator[str]:
    """A database of this run: embedded, or a fresh one on the server of DATABASE_URL, dropped afterwards."""
    given = os.environ.get("DATABASE_URL")
    if not given:
        with postgres.serving(data_dir) as server:
            yield server.dsn
        return
    name = f"shouwang_bench_{os.getpid()}"
    admin = await asyncpg.connect(given)
    await admin.execute(f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


async def _quieten(dsn: str) -> None:
    """No autovacuum on what the phases fill: no phase shall pay for cleaning up after another."""
    connection = await asyncpg.connect(dsn)
    try:
        filled = await connection.fetch(
            "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '^(checkin_2|resident$)'"
        )
        for row in filled:
            await connection.execute(f"ALTER TABLE {row['name']} SET (autovacuum_enabled = off)")
    finally:
        await connection.close()


async def _postmaster(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return parent_of(await connection.fetchval("SELECT pg_backend_pid()"))
    except ProcessLookupError:
        raise SystemExit("the database server must run on this machine, for its processor time to be read") from None
    finally:
        await connection.close()


@asynccontextmanager
async def grounds() -> AsyncIterator[Grounds]:
    """Everything a measurement needs, started; all of it is gone afterwards."""
    with _data_dir() as data_dir:
        async with _database(data_dir) as dsn:
            settings = Settings(DATABASE_URL=dsn, data_dir=data_dir, env="development")  # type: ignore[call-arg]
            house = House(settings)
            await house.start()
            try:
                await upkeep.migrate(house)
                await upkeep.load_regions(house)
                await _quieten(dsn)
                yield Grounds(house, settings, dsn, await _postmaster(dsn))
            finally:
                await house.stop()
