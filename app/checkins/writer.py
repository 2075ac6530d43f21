"""The group commit: waiting reports of this process become one statement, and are answered after it committed."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from app.checkins.rules import Rules
from app.kit.db import Database, DatabaseAway, away, connect
from app.kit.errors import Overloaded
from app.tasks import raw
from app.vault import Vault
from models.checkins import Verdict

log = logging.getLogger("shouwang.checkins")

MOST_WAITING = 5_000
MOST_AT_ONCE = 500
# A database that has gone silent is away: it gives up its own statements after 2.5 s.
SILENCE_S = 3.0
# Only what a single row can be guilty of: a lock or a full disk would fail every half again, each after its timeout.
_CULPRIT = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)

COLUMNS = {
    "person_id": "uuid", "day": "date", "slot": "int2", "id": "uuid", "region_code": "int8",
    "filled_at": "timestamptz", "received_at": "timestamptz", "reporter_id": "uuid", "symptoms": "int4",
    "rule_version": "int4", "via": "int2", "exposed": "int2", "place": "int2", "needs": "int2", "verdict": "int2",
    "flags": "int2", "temperature": "int2", "note_sealed": "bytea",
}  # fmt: skip
_NAMES = ", ".join(COLUMNS)
_ARRAYS = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(COLUMNS.values(), 1))
_VALUES = _NAMES.replace("temperature", "temperature * 0.1")
INSERT = (
    f"INSERT INTO checkin ({_NAMES}) SELECT {_VALUES} FROM unnest({_ARRAYS}) AS waiting ({_NAMES}) "  # noqa: S608
    "ON CONFLICT (person_id, day, slot) DO NOTHING"
)
_KEPT = (
    "SELECT c.person_id, c.day, c.slot, c.id, c.received_at FROM unnest($1::uuid[], $2::date[], $3::int2[]) "
    "AS k (person_id, day, slot) JOIN checkin c USING (person_id, day, slot)"
)


class Row(NamedTuple):
    """One report as the statement takes it; temperature in tenths of a degree."""

    person_id: UUID
    day: Any
    slot: int
    id: UUID
    region_code: int
    filled_at: Any
    received_at: Any
    reporter_id: UUID
    symptoms: int
    rule_version: int
    via: int
    exposed: int
    place: int | None
    needs: int
    verdict: int
    flags: int
    temperature: int | None
    note_sealed: bytes | None


def urgent_of(row: Row) -> raw.Urgent:
    """What the task of an urgent report is made of."""
    return raw.Urgent(row.person_id, row.day, row.slot, row.id, row.region_code, row.received_at)


class _Lane:
    """One dedicated connection with the prepared statement."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: asyncpg.Connection | None = None
        self._insert: Any = None

    async def insert(self, rows: Sequence[Row]) -> list[bool]:
        """Store rows in one statement; which of them are new. Commits before it returns."""
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._dsn)
            self._insert = await self._connection.prepare(INSERT)
        urgent = [row for row in rows if row.verdict == Verdict.URGENT]
        if not urgent:
            return await self._stored(rows)
        # Somebody is to be reached within minutes: the task is there as soon as the report is, or neither is.
        async with self._connection.transaction():
            fresh = await self._stored(rows)
            await self._open_tasks([row for row, new in zip(rows, fresh, strict=True) if new and row in urgent])
        return fresh

    async def _stored(self, rows: Sequence[Row]) -> list[bool]:
        await self._insert.fetch(*zip(*rows, strict=True), timeout=SILENCE_S)
        if self._insert.get_statusmsg() == f"INSERT 0 {len(rows)}":
            return [True] * len(rows)
        return await self._new_among(rows)

    async def _open_tasks(self, rows: Sequence[Row]) -> None:
        if rows:
            assert self._connection is not None
            opened = [raw.row(urgent_of(row)) for row in rows]
            columns = ([task[name] for task in opened] for name in raw.COLUMNS)
            await self._connection.execute(raw.INSERT, *columns, timeout=SILENCE_S)

    async def _new_among(self, rows: Sequence[Row]) -> list[bool]:
        # A row is ours when it stands there with our id and our moment of receipt; else it came before.
        assert self._connection is not None
        keys = ([row[i] for row in rows] for i in range(3))
        found = await self._connection.fetch(_KEPT, *keys, timeout=SILENCE_S)
        kept = {(r["person_id"], r["day"], r["slot"]): (r["id"], r["received_at"]) for r in found}
        fresh = []
        for row in rows:
            mine = kept.get((row.person_id, row.day, row.slot)) == (row.id, row.received_at)
            fresh.append(mine)
            if mine:  # the same report twice in one batch: the second is a repeat
                del kept[(row.person_id, row.day, row.slot)]
        return fresh

    def drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None

    async def close(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            await self._connection.close(timeout=2)


class CheckinWriter:
    """Natural batching: while one batch is on its way, the next gathers. No timer, nothing waits for company."""

    def __init__(self, database: Database, vault: Vault, rules: Rules) -> None:
        self.database, self.vault, self.rules = database, vault, rules
        self._waiting: list[tuple[Row, asyncio.Future[bool]]] = []
        self._lane = _Lane(database.dsn)
        self._run: asyncio.Task[None] | None = None
        self._batches = self._rows = 0

    @property
    def depth(self) -> int:
        """Reports waiting for the next batch."""
        return len(self._waiting)

    def counted(self) -> tuple[int, int]:
        """Batches and rows since the last call."""
        counted, self._batches, self._rows = (self._batches, self._rows), 0, 0
        return counted

    def put(self, row: Row) -> asyncio.Future[bool]:
        """Hand over one report. The future tells, after the commit, whether it was new.

        Raises Overloaded when too many wait already: honest at once instead of late.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded(retry_after=30)
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, future))
        if self._run is None:
            self._run = asyncio.create_task(self._flush())
        return future

    async def _flush(self) -> None:
        try:
            await asyncio.sleep(0)  # what this turn of the loop still reads in joins the batch
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                # One order for all processes, so that two batches with a person in common cannot deadlock.
                batch.sort(key=_by_person)
                await self._store(batch)
                self._batches += 1
                self._rows += len(batch)
        finally:
            self._run = None

    async def _store(self, batch: list[tuple[Row, asyncio.Future[bool]]]) -> None:
        """Store a batch. A row the database refuses fails alone: the batch is halved until the culprit stands alone."""
        try:
            fresh = await self._lane.insert([row for row, _ in batch])
        except _CULPRIT as error:
            if len(batch) == 1:
                log.error("a check-in was refused by the database: %s", type(error).__name__)
                _answer(batch, error)
                return
            middle = len(batch) // 2
            await self._store(batch[:middle])
            await self._store(batch[middle:])
        except Exception as error:
            self._lane.drop()
            if away(error):
                log.warning("check-ins could not be stored: %s", type(error).__name__)
                _answer(batch, DatabaseAway(retry_after=5))
                return
            # Nothing may leave a waiter hanging; a bug answers as a bug.
            log.exception("the group commit failed")
            _answer(batch, error)
        else:
            for (_, future), new in zip(batch, fresh, strict=True):
                if not future.done():
                    future.set_result(new)

    async def stop(self) -> None:
        """Store what waits, then close."""
        while self._run is not None:
            await asyncio.wait([self._run])
        await self._lane.close()


def _by_person(waiting: tuple[Row, asyncio.Future[bool]]) -> bytes:
    return waiting[0].person_id.bytes


def _answer(batch: list[tuple[Row, asyncio.Future[bool]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
