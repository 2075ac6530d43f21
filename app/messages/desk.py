"""The desk of one worker: a connection of its own, whose lock says that the worker lives, and whose statements take
deliveries up, conclude them, and free what a dead worker has left. Every step compares the state before it sets it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from app.kit import clock
from app.kit.db import connect
from app.messages.points import passing
from models.messages import State

LOCKS = 72_046  # the class of the advisory locks by which workers are alive
MOST_STARTS = 3
PATIENT_MS = 60_000

_CLAIM = """
UPDATE delivery d SET state = 'sending', state_at = $3, started_at = $3, attempts = attempts + 1, starts = starts + 1,
       worker = $2, next_at = NULL, queued_at = NULL
FROM message m LEFT JOIN account a ON a.id = m.account_id
       LEFT JOIN message_preference p ON p.account_id = m.account_id
WHERE d.id = ANY($1::uuid[]) AND d.state IN ('created', 'temporary_failure') AND d.next_at <= $3
      AND m.id = d.message_id
RETURNING d.id, d.worker, d.message_id, d.channel, d.attempts, d.starts, d.provider, d.provider_id, d.doubt,
       d.created_at, d.started_at,
       m.template, m.version, m.account_id, m.phone_sealed, m.robot_id, m.subject, m.facts, m.facts_sealed, m.urgent,
       m.expires_at, a.phone_sealed AS account_phone, COALESCE(m.lang, p.lang, 'zh') AS lang
"""
_CONCLUDE = """
UPDATE delivery d SET state = v.state, state_at = $1, starts = 0, worker = NULL, next_at = v.next_at, code = v.code,
       provider = v.provider, provider_id = COALESCE(v.provider_id, d.provider_id), doubt = v.doubt
FROM unnest($2::uuid[], $3::int8[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::bool[])
     AS v (id, worker, state, next_at, code, provider, provider_id, doubt)
WHERE d.id = v.id AND d.state = 'sending' AND d.worker = v.worker RETURNING d.id, d.message_id, d.state
"""
# A receipt was quicker than the answer: the state stays, but by this name further receipts will come.
_OVERTAKEN = """
UPDATE delivery d SET starts = 0, worker = NULL, provider = v.provider,
       provider_id = COALESCE(v.provider_id, d.provider_id)
FROM unnest($1::uuid[], $2::int8[], $3::text[], $4::text[]) AS v (id, worker, provider, provider_id)
WHERE d.id = v.id AND d.worker = v.worker
"""
_ATTEMPT = """
INSERT INTO delivery_attempt (delivery_id, number, started_at, ended_at, provider, state, code)
SELECT * FROM unnest($1::uuid[], $2::int2[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
ON CONFLICT DO NOTHING
"""
_NEXT_WAY = "UPDATE message SET due_at = $2 WHERE id = ANY($1::uuid[]) AND channels <> '' AND cancelled_at IS NULL"
# Whoever holds no lock is dead: its sessions ended with it, on whichever machine it ran. No clocks are compared.
_FREED = f"""
WITH dead AS (
    SELECT id, number, started_at, provider, set_aside FROM (
        SELECT d.id, d.attempts AS number, d.started_at, d.provider, d.starts >= {MOST_STARTS} AS set_aside
        FROM delivery d WHERE d.state = 'sending' AND NOT EXISTS (
            SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = {LOCKS} AND l.objid = d.worker
              AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        FOR UPDATE) found
), freed AS (
    UPDATE delivery d SET state = CASE WHEN dead.set_aside THEN 'technical_failure' ELSE 'temporary_failure' END,
           state_at = $1::timestamptz, worker = NULL, doubt = true,
           next_at = CASE WHEN NOT dead.set_aside THEN $1::timestamptz END,
           code = 'worker-died', set_aside_at = CASE WHEN dead.set_aside THEN $1::timestamptz END
    FROM dead WHERE d.id = dead.id AND d.state = 'sending' RETURNING d.id, d.state
), told AS (
    INSERT INTO delivery_attempt (delivery_id, number, started_at, ended_at, provider, state, code)
    SELECT dead.id, dead.number, dead.started_at, $1::timestamptz, dead.provider, freed.state, 'worker-died'
    FROM dead JOIN freed USING (id) ON CONFLICT DO NOTHING
) SELECT state, count(*) FROM freed GROUP BY state
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Taken:
    """One delivery that this worker has taken up."""

    id: UUID
    worker: int
    message_id: UUID
    channel: str
    attempts: int
    starts: int
    provider: str
    provider_id: str | None
    doubt: bool
    created_at: datetime
    started_at: datetime
    template: str
    version: int
    account_id: UUID | None
    phone_sealed: bytes | None
    robot_id: UUID | None
    subject: UUID | None
    facts: str | None
    facts_sealed: bytes | None
    urgent: bool
    expires_at: datetime | None
    account_phone: bytes | None
    lang: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How one try ended, and when the next one is due."""

    state: State
    code: str = ""
    provider: str = ""
    provider_id: str | None = None
    next_at: datetime | None = None
    doubt: bool = False


class Desk:
    """One worker's place at the table of deliveries."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: asyncpg.Connection | None = None
        self._lock = asyncio.Lock()  # several batches of this worker are on their way at a time
        self.worker = 0

    @asynccontextmanager
    async def sitting(self) -> AsyncIterator[asyncpg.Connection]:
        """The connection in a transaction; a new one, under a new name, after the last was lost."""
        async with self._lock:
            if self._connection is None or self._connection.is_closed():
                connection = await connect(self._dsn, statement_ms=PATIENT_MS)
                self.worker = secrets.randbits(31)
                await connection.execute("SELECT pg_advisory_lock($1::int4, $2::int4)", LOCKS, self.worker)
                self._connection = connection
            async with self._connection.transaction():
                yield self._connection

    async def claim(self, deliveries: Sequence[UUID]) -> list[Taken]:
        """Take up those of these that wait and are due. Commits before it returns: a crash will be seen."""
        async with self.sitting() as connection:
            rows = await connection.fetch(_CLAIM, deliveries, self.worker, clock.now())
            passing("claimed")
        passing("claim-committed")
        return [Taken(**row) for row in rows]

    async def conclude(self, ended: Sequence[tuple[Taken, Ended]]) -> None:
        """Write down how tries ended. What was freed meanwhile, or overtaken by a receipt, keeps its state."""
        if not ended:
            return
        now = clock.now()
        ids, workers = [taken.id for taken, _ in ended], [taken.worker for taken, _ in ended]
        states, times, codes, providers, names, doubts = zip(
            *((e.state, e.next_at, e.code, e.provider, e.provider_id, e.doubt) for _, e in ended), strict=True
        )
        async with self.sitting() as connection:
            moved = await connection.fetch(_CONCLUDE, now, ids, workers, states, times, codes, providers, names, doubts)
            done = {row["id"] for row in moved}
            late = [(t.id, t.worker, e.provider, e.provider_id) for t, e in ended if t.id not in done]
            if late:
                await connection.execute(_OVERTAKEN, *map(list, zip(*late, strict=True)))
            await connection.execute(
                _ATTEMPT, ids, [taken.attempts for taken, _ in ended], [taken.started_at for taken, _ in ended],
                [now] * len(ids), providers, states, codes,
            )  # fmt: skip
            failed = [row["message_id"] for row in moved if row["state"] in _LOST]
            if failed:
                await connection.execute(_NEXT_WAY, failed, now)
            passing("concluded")
        passing("conclusion-committed")

    async def free(self) -> dict[str, int]:
        """Free what dead workers have left: to be tried again, or after three deaths set aside. Counts by state."""
        async with self.sitting() as connection:
            rows = await connection.fetch(_FREED, clock.now())
        return {row["state"]: row["count"] for row in rows}

    async def rearm(self, older: timedelta) -> int:
        """What has lain in the queue for so long has lost its job: it is queued once more. Returns how many."""
        async with self.sitting() as connection:
            done = await connection.execute(
                "UPDATE delivery SET queued_at = NULL WHERE next_at IS NOT NULL AND queued_at < $1", clock.now() - older
            )
        return int(done.split()[-1])

    async def close(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            await self._connection.close(timeout=2)


_LOST = frozenset({State.PERMANENT_FAILURE, State.TECHNICAL_FAILURE})
