"""The database: one engine, writing and reading sessions, and the guard that refuses unscoped statements."""

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import Any, cast

import asyncpg
from sqlalchemy import ARRAY, ColumnClause, ColumnElement, Executable, TableClause, TextClause, any_, event, literal
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql import visitors
from sqlalchemy.sql.cache_key import HasCacheKey
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit.errors import N_, Overloaded

# What "the database is away" looks like from here; every door answers 503 with Retry-After to it, never 500.
AWAY = (
    OSError,
    PoolTimeout,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)
# Two transactions met: the caller may send the same thing again.
RETRY = {"40001", "40P01", "55P03", "57014"}
_OUT_OF_ROOM = "53"  # class of SQLSTATE: disk full, out of memory, too many connections

# Tables about people: a statement that names one must say through whose eyes it looks (see regions.within).
SCOPED = frozenset({"resident", "checkin", "checkin_correction"})
# In plain text their monthly partitions count as well, in whatever case they are written.
_SCOPED_WORD = re.compile(rf"\b({'|'.join(sorted(SCOPED))})(?:_\d{{6}})?\b", re.IGNORECASE)


PORTION = 10_000  # rows in one statement: each stays far below the patience of the database
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


class Unscoped(AssertionError):
    """A statement about people without a scope mark: a bug of ours, stopped before it can leak."""


class DatabaseAway(Overloaded):
    """The database cannot be reached now; nothing was stored."""

    detail = N_("The service is restarting. Nothing is lost: please try again in a few seconds.")


async def connect(
    dsn: str, *, statement_ms: int = 2500, lock_ms: int = 1000, work_mem: str | None = None
) -> asyncpg.Connection:
    """A bare connection with the house's timeouts. Settings travel in the start packet, never as SET."""
    limits = {
        "application_name": "shouwang",
        "statement_timeout": str(statement_ms),
        "lock_timeout": str(lock_ms),
        "idle_in_transaction_session_timeout": str(max(5000, statement_ms)),  # who may take long may pause as well
        "timezone": "UTC",
    }
    if work_mem is not None:
        limits["work_mem"] = work_mem
    return await asyncpg.connect(dsn, timeout=5, server_settings=limits, statement_cache_size=256)


class Database:
    """The engine of one process."""

    def __init__(
        self, dsn: str, *, pool_size: int = 5, info: dict[str, Any] | None = None, statement_ms: int = 2500,
        work_mem: str | None = None,
    ) -> None:  # fmt: skip
        self.dsn = dsn
        self._info = info or {}
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=partial(connect, dsn, statement_ms=statement_ms, work_mem=work_mem),
            pool_size=pool_size, max_overflow=0, pool_timeout=2, pool_recycle=1800,
        )  # fmt: skip

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """One transaction, committed when the block ends well. A refusal marked `keep` commits as well."""
        async with AsyncSession(self.engine, expire_on_commit=False, info=self._info) as db:
            try:
                yield db
            except Exception as error:
                if getattr(error, "keep", False):
                    await db.commit()
                raise
            await db.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """One read-only transaction: PostgreSQL itself refuses a write in it."""
        async with AsyncSession(self.engine, expire_on_commit=False, info=self._info) as db:
            await db.connection(execution_options={"postgresql_readonly": True})
            yield db

    def patient(self, statement_ms: int) -> "Database":
        """The same database on connections of its own, for work that may take longer than a request."""
        # Sorting 300,000 rows on disk takes as long as writing them.
        return Database(self.dsn, pool_size=3, info=self._info, statement_ms=statement_ms, work_mem="64MB")

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")

    async def close(self) -> None:
        await self.engine.dispose()


async def insert_all(
    db: AsyncSession, table: type[SQLModel], rows: Sequence[Mapping[str, Any]], *, known: bool = False
) -> None:
    """Many rows of one table in one go, in the session's transaction. All of them have the same columns; the others
    are empty. `known`: rows that are there already are left as they are."""
    if rows:
        await pour(db, table, tuple(rows[0]), [tuple(row.values()) for row in rows], known=known)


async def pour(
    db: AsyncSession, table: type[SQLModel], columns: tuple[str, ...], rows: Sequence[Sequence[Any]], *, known: bool
) -> None:
    """The same for values in the order of `columns`. A hundred thousand rows take seconds: an array for each column,
    where SQLAlchemy's own insert of many spends most of its time on a parameter for each value."""
    await db.flush()
    connection = await db.connection()
    for start in range(0, len(rows), PORTION):
        arrays = tuple(list(values) for values in zip(*rows[start : start + PORTION], strict=True))
        await connection.exec_driver_sql(_pouring(table, columns, known=known), arrays)


@cache
def _pouring(table: type[SQLModel], columns: tuple[str, ...], *, known: bool) -> str:
    kinds = [SQLModel.metadata.tables[str(table.__tablename__)].c[name].type.compile(DIALECT) for name in columns]
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(kinds, 1))
    into = f"{table.__tablename__} ({', '.join(columns)})"
    found = " ON CONFLICT DO NOTHING" if known else ""
    return f"INSERT INTO {into} SELECT * FROM unnest({arrays}){found}"  # noqa: S608  (names of ours)


def among(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:  # noqa: ANN401  (an expression)
    """Is a column one of these values? As one parameter, however many there are: `in_` spells out one for each."""
    found: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(column.type)))
    return found


def away(error: BaseException) -> bool:
    """Is this the database being away or overrun, rather than a bug of ours?"""
    if isinstance(error, LookupError):
        return False  # a template that is not there calls itself an OSError as well
    if isinstance(error, AWAY):
        return True
    if isinstance(error, InterfaceError | OperationalError):
        return True
    if isinstance(error, DBAPIError):
        cause = getattr(error.orig, "__cause__", None)
        return error.connection_invalidated or isinstance(cause, AWAY) or _passing(cause)
    return _passing(error)


def _passing(error: object) -> bool:
    state = getattr(error, "sqlstate", None) or ""
    return state in RETRY or state.startswith(_OUT_OF_ROOM)


def constraint_of(error: BaseException) -> str | None:
    """The name of the violated constraint (Citus appends a shard number, which is removed)."""
    cause = getattr(getattr(error, "orig", error), "__cause__", None) or error
    name = getattr(cause, "constraint_name", None)
    if name is None and (found := re.search(r'constraint "([^"]+)"', str(cause))):
        name = found[1]
    return re.sub(r"_\d+$", "", name) if name else None


MOST_SHAPES = 2_000
_by_shape: dict[object, frozenset[str]] = {}


def scoped_tables(statement: Executable) -> frozenset[str]:
    """The tables about people that a statement names, sub-selects and plain text included."""
    # What SQLAlchemy compiles once, by its shape, is walked once: walking costs as much as running a small statement.
    shape = statement._generate_cache_key() if isinstance(statement, HasCacheKey) else None  # noqa: SLF001
    if shape is None:
        return _walked(statement)
    if (found := _by_shape.get(shape.key)) is None:
        if len(_by_shape) >= MOST_SHAPES:
            _by_shape.clear()
        found = _by_shape[shape.key] = _walked(statement)
    return found


def _walked(statement: Executable) -> frozenset[str]:
    found: set[str] = set()
    for element in visitors.iterate(cast(visitors.ExternallyTraversible, statement)):
        if isinstance(element, TableClause) and element.name in SCOPED:
            found.add(element.name)
        elif isinstance(element, TextClause):
            found.update(_words(element.text))
        elif isinstance(element, ColumnClause) and element.is_literal:
            found.update(_words(element.name))
    return frozenset(found)


def _words(text: str) -> set[str]:
    return {word.lower() for word in _SCOPED_WORD.findall(text)}


@event.listens_for(Session, "do_orm_execute")
def refuse_unscoped(state: ORMExecuteState) -> None:
    """Every statement about people carries `execution_options(scope=...)`, or it does not run at all."""
    if state.is_column_load or state.is_relationship_load:
        return
    if "scope" in state.statement.get_execution_options() or "scope" in state.execution_options:
        return
    if names := scoped_tables(state.statement):
        raise Unscoped(f"a statement names {sorted(names)} without regions.within, own or a stated purpose")
