"""The desk of one worker: a connection of its own, whose lock says that the worker lives, and whose statements take
deliveries up, conclude them, and free what a dead worker has left. Every step compares the state before it sets it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from app.kit import clock
from app.kit.db import connect
from app.messages.letters import Ended
from app.messages.points import passing
from models.messages import Channel, State

LOST = frozenset({State.PERMANENT_FAILURE, State.TECHNICAL_FAILURE})
LOCKS = 72_046  # the class of the advisory locks by which workers are alive
MOST_STARTS = 3
PATIENT_MS = 60_000

_WHOSE = """
FROM message m LEFT JOIN account a ON a.id = m.account_id
       LEFT JOIN message_preference p ON p.account_id = m.account_id
"""
_TAKEN = """
       d.id, COALESCE(d.worker, 0) AS worker, d.message_id, d.channel, d.attempts, d.starts, d.provider, d.provider_id,
       d.doubt, d.created_at, d.started_at,
       m.template, m.version, m.account_id, m.phone_sealed, m.robot_id, m.subject, m.facts, m.facts_sealed, m.urgent,
       m.expires_at, NULLIF(m.person_id, a.person_id) AS about, a.phone_sealed AS account_phone,
       COALESCE(m.lang, p.lang, 'zh') AS lang
"""
_CLAIM = f"""
UPDATE delivery d SET state = 'sending', state_at = $3, started_at = $3, attempts = attempts + 1, starts = starts + 1,
       worker = $2, next_at = NULL, queued_at = NULL
{_WHOSE}
WHERE d.id = ANY($1::uuid[]) AND d.state IN ('created', 'temporary_failure') AND d.next_at <= $3
      AND d.queued_at = $4 AND m.id = d.message_id
RETURNING {_TAKEN}
"""  # noqa: S608
# Who has taken it, has not said what became of it: asked at 5, 15 and 60 minutes. Two that ask at once: one gets it.
_UNCONFIRMED = f"""
UPDATE delivery d SET asked_at = $1::timestamptz
{_WHOSE}
WHERE d.id IN (
    SELECT id FROM delivery
    WHERE state = 'pending' AND channel IN ('sms', 'work') AND state_at > $1::timestamptz - interval '2 hours'
      AND state_at + CASE WHEN asked_at IS NULL OR asked_at < state_at + interval '5 minutes' THEN interval '5 minutes'
                          WHEN asked_at < state_at + interval '15 minutes' THEN interval '15 minutes'
                          WHEN asked_at < state_at + interval '1 hour' THEN interval '1 hour'
                          ELSE interval '1 day' END <= $1::timestamptz
    ORDER BY state_at LIMIT $2)
  AND d.state = 'pending' AND m.id = d.message_id
  AND (d.asked_at IS NULL OR d.asked_at < $1::timestamptz - interval '2 minutes')
RETURNING {_TAKEN}
"""  # noqa: S608
# The reason may go while a try is under way, which may not be broken off any more: there is no other after it.
_CANCELLED = """
UPDATE delivery d SET state = 'cancelled', state_at = $2, next_at = NULL, queued_at = NULL
FROM message m WHERE d.id = ANY($1::uuid[]) AND d.state IN ('created', 'temporary_failure')
      AND m.id = d.message_id AND m.cancelled_at IS NOT NULL
"""
# The number of the try is compared as well: one worker may have taken up the same delivery twice.
_CONCLUDE = """
UPDATE delivery d SET state = v.state, state_at = $1, starts = 0, worker = NULL, next_at = v.next_at, code = v.code,
       attempts = d.attempts - CASE WHEN v.counts THEN 0 ELSE 1 END, provider = v.provider, doubt = v.doubt,
       provider_id = COALESCE(v.provider_id, CASE WHEN v.provider = d.provider THEN d.provider_id END)
FROM unnest($2::uuid[], $3::int8[], $4::int2[], $5::text[], $6::timestamptz[], $7::text[], $8::text[], $9::text[],
            $10::bool[], $11::bool[])
     AS v (id, worker, attempts, state, next_at, code, provider, provider_id, doubt, counts)
WHERE d.id = v.id AND d.state = 'sending' AND d.worker = v.worker AND d.attempts = v.attempts
RETURNING d.id, d.message_id, d.channel, d.state
"""
# A receipt was quicker than the answer: the state stays, but by this name further receipts will come.
_OVERTAKEN = """
UPDATE delivery d SET starts = 0, worker = NULL, provider = v.provider,
       provider_id = COALESCE(v.provider_id, d.provider_id)
FROM unnest($1::uuid[], $2::int8[], $3::int2[], $4::text[], $5::text[])
     AS v (id, worker, attempts, provider, provider_id)
WHERE d.id = v.id AND d.worker = v.worker AND d.attempts = v.attempts AND d.state <> 'sending'
"""
# Given up by a worker that lives on: `free` counts it as a death. What hangs or raises must not hang or raise for ever.
_DROPPED = """
UPDATE delivery d SET worker = NULL FROM unnest($1::uuid[], $2::int8[], $3::int2[]) AS v (id, worker, attempts)
WHERE d.id = v.id AND d.state = 'sending' AND d.worker = v.worker AND d.attempts = v.attempts
"""
# Told to stop: no death is counted, but what was under way may have been taken.
_LEFT = """
UPDATE delivery SET state = 'temporary_failure', state_at = $2, next_at = $2, worker = NULL, doubt = true,
       provider = '', starts = GREATEST(starts - 1, 0), code = 'worker-stopped' WHERE state = 'sending' AND worker = $1
"""
_ATTEMPT = """
INSERT INTO delivery_attempt (delivery_id, number, started_at, ended_at, provider, state, code)
SELECT * FROM unnest($1::uuid[], $2::int2[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
ON CONFLICT DO NOTHING
"""
_NEXT_WAY = "UPDATE message SET due_at = $2 WHERE id = ANY($1::uuid[]) AND channels <> '' AND cancelled_at IS NULL"
# A job lies there as long as its delivery has been queued. When even the oldest job is younger, the job is gone; a long
# queue is no reason to queue everything twice. (A minute, for the two times come from two clocks.)
_REARM = """
UPDATE delivery SET queued_at = NULL WHERE next_at IS NOT NULL AND queued_at < LEAST($1, COALESCE(
    (SELECT min(created) FROM pgqueuer WHERE status IN ('queued', 'picked')) - interval '1 minute', $1))
"""
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
           state_at = $1::timestamptz, worker = NULL, doubt = true, provider = '',
           next_at = CASE WHEN NOT dead.set_aside THEN $1::timestamptz END,
           code = 'worker-died', set_aside_at = CASE WHEN dead.set_aside THEN $1::timestamptz END
    FROM dead WHERE d.id = dead.id AND d.state = 'sending' RETURNING d.id, d.message_id, d.channel, d.state
), onward AS (
    UPDATE message m SET due_at = $1::timestamptz FROM freed
    WHERE m.id = freed.message_id AND freed.state = 'technical_failure' AND freed.channel <> 'push'
      AND m.channels <> '' AND m.cancelled_at IS NULL
), told AS (
    INSERT INTO delivery_attempt (delivery_id, number, started_at, ended_at, provider, state, code)
    SELECT dead.id, dead.number, dead.started_at, $1::timestamptz, dead.provider, freed.state, 'worker-died'
    FROM dead JOIN freed USING (id) ON CONFLICT DO NOTHING
) SELECT state, count(*) FROM freed GROUP BY state
"""  # noqa: S608

# The same for jobs that were picked and not begun: without it they would wait until their heartbeats have run out. The
# queue hands out again what has no heartbeat; a manager is known by the first 28 bits of its name.
PICKER_LIVES = f"SELECT pg_advisory_lock({LOCKS + 2}, ('x' || left(md5($1::text), 7))::bit(28)::int4)"
_DROPPED_JOBS = f"""
UPDATE pgqueuer q SET heartbeat = q.heartbeat - interval '1 hour'
WHERE q.status = 'picked' AND q.heartbeat > now() - interval '30 minutes' AND NOT EXISTS (
    SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = {LOCKS + 2} AND l.granted
      AND l.objid = ('x' || left(md5(q.queue_manager_id::text), 7))::bit(28)::int4
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
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
    about: UUID | None  # of whom the message tells, where that is not its reader
    account_phone: bytes | None
    lang: str


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

    async def claim(self, deliveries: Sequence[UUID], queued_at: datetime) -> list[Taken]:
        """Take up those of these that wait since they were queued then. Commits before it returns: a crash is seen."""
        async with self.sitting() as connection:
            now = clock.now()
            await connection.execute(_CANCELLED, deliveries, now)
            rows = await connection.fetch(_CLAIM, deliveries, self.worker, now, queued_at)
            passing("claimed")
        passing("claim-committed")
        return [Taken(**row) for row in rows]

    async def conclude(self, ended: Sequence[tuple[Taken, Ended]]) -> None:
        """Write down how tries ended. What was freed meanwhile, or overtaken by a receipt, keeps its state."""
        if not ended:
            return
        now, tries = clock.now(), _tries([taken for taken, _ in ended])
        ended = [(taken, replace(end, provider_id=spelled(end.provider_id))) for taken, end in ended]
        states, times, codes, providers, names, doubts, counts = map(list, zip(
            *((e.state, e.next_at, e.code, e.provider, e.provider_id, e.doubt, e.counts) for _, e in ended), strict=True
        ))  # fmt: skip
        async with self.sitting() as connection:
            moved = await connection.fetch(
                _CONCLUDE, now, *tries, states, times, codes, providers, names, doubts, counts
            )
            done = {row["id"] for row in moved}
            late = [(t.id, t.worker, t.attempts, e.provider, e.provider_id) for t, e in ended if t.id not in done]
            if late:
                await connection.execute(_OVERTAKEN, *map(list, zip(*late, strict=True)))
            tried = [(t.id, t.attempts, t.started_at, now, e.provider, e.state, e.code) for t, e in ended if e.counts]
            if tried:
                await connection.execute(_ATTEMPT, *map(list, zip(*tried, strict=True)))
            # A push rides along: what becomes of it leads nowhere, the other way has been taken with it.
            failed = [row["message_id"] for row in moved if row["state"] in LOST and row["channel"] != Channel.PUSH]
            if failed:
                await connection.execute(_NEXT_WAY, failed, now)
            passing("concluded")
        passing("conclusion-committed")

    async def drop(self, taken: Sequence[Taken]) -> None:
        """Give up what hangs or raises, as if a worker had died at it."""
        async with self.sitting() as connection:
            await connection.execute(_DROPPED, *_tries(taken))

    async def leave(self) -> None:
        """Let go of everything that is under way here: this worker was told to stop."""
        if not self.worker:
            return
        async with self.sitting() as connection:
            await connection.execute(_LEFT, self.worker, clock.now())

    async def unconfirmed(self, most: int) -> list[Taken]:
        """What a provider has taken and it is time to ask after; it is not given to anybody else for two minutes."""
        async with self.sitting() as connection:
            rows = await connection.fetch(_UNCONFIRMED, clock.now(), most)
        return [Taken(**row) for row in rows]

    async def tidy(self) -> None:
        """Drop what the queue notes about jobs that are done, after a day."""
        async with self.sitting() as connection:
            for table in ("pgqueuer_log", "pgqueuer_statistics"):
                await connection.execute(f"DELETE FROM {table} WHERE created < now() - interval '1 day'")  # noqa: S608

    async def free(self) -> dict[str, int]:
        """Free what dead workers have left: to be tried again, or after three deaths set aside. Counts by state."""
        async with self.sitting() as connection:
            rows = await connection.fetch(_FREED, clock.now())
            await connection.execute(_DROPPED_JOBS)
        return {row["state"]: row["count"] for row in rows}

    async def rearm(self, older: timedelta) -> int:
        """What has lain in the queue for so long has lost its job: it is queued once more. Returns how many."""
        async with self.sitting() as connection:
            done = await connection.execute(_REARM, clock.now() - older)
        return int(done.split()[-1])

    async def close(self) -> None:
        """Give the place up; whatever is still under way is freed by others."""
        if self._connection is not None and not self._connection.is_closed():
            await self._connection.close(timeout=2)


def _tries(taken: Sequence[Taken]) -> tuple[list[UUID], list[int], list[int]]:
    return [one.id for one in taken], [one.worker for one in taken], [one.attempts for one in taken]


def spelled(name: str | None) -> str | None:
    """A provider's name for a letter as it is kept: whatever they make of it, it can be written down."""
    return "".join(sign for sign in name if sign.isprintable())[:80] if name else None
