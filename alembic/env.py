"""How migrations reach the database: through asyncpg, one process at a time, never waiting long for a lock."""

import asyncio
import importlib
import pkgutil
from functools import partial

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

import models
from app.kit.db import connect

for module in pkgutil.walk_packages(models.__path__, "models."):
    importlib.import_module(module.name)

# The same lock for every process: whoever comes second waits, then finds nothing left to do.
ADVISORY_LOCK = 7_204_633_810


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Monthly partitions are made by the worker, not by migrations; the queue's tables are no shapes of ours."""
    return not (kind == "table" and name is not None and name.startswith(("checkin_2", "pgqueuer")))


def configure(**how: object) -> None:
    context.configure(
        target_metadata=SQLModel.metadata,
        include_name=is_ours,
        compare_type=True,
        transaction_per_migration=True,
        **how,
    )


def run(connection: Connection) -> None:
    connection.execute(text(f"SELECT pg_advisory_lock({ADVISORY_LOCK})"))
    connection.commit()
    try:
        configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text(f"SELECT pg_advisory_unlock({ADVISORY_LOCK})"))
        connection.commit()


async def online(dsn: str) -> None:
    creator = partial(connect, dsn, statement_ms=600_000, lock_ms=5_000)
    engine = create_async_engine("postgresql+asyncpg://", async_creator=creator)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


if context.is_offline_mode():
    configure(url="postgresql+asyncpg://", literal_binds=True, dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()
else:
    dsn = context.config.attributes.get("dsn") or context.get_x_argument(as_dictionary=True)["dsn"]
    asyncio.run(online(dsn))
