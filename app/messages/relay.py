"""The relay: finds messages that are due, takes their next way out, and puts the ids of deliveries into the queue."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.queries import Queries

from app.kit import clock
from app.kit.ids import uuid7
from app.messages.desk import Desk
from app.messages.points import passing
from models.messages import Channel, State
from models.messages.templates import newest

JOB = "deliver"
# What somebody has died of, and what was beside it: few at a time, over all workers, and at last each by itself. Nobody
# but the one to blame is then under way a third time when a worker dies.
SUSPECTED, ALONE = "deliver-suspected", "deliver-alone"
FEW = 10
AT_ONCE = 2_000
NEWEST = 500
BATCH = 100  # ids in one job
MOST_QUEUED = 40  # jobs: a longer queue would only have to be looked through again and again
QUIET = (22 * 60, 7 * 60)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# The newest and the oldest in turn: a code that somebody waits for must not stand behind 600,000 reminders.
_DUE = """
SELECT m.id, m.template, m.account_id, m.urgent, m.channels, m.expires_at, p.quiet_from, p.quiet_until,
       COALESCE(p.push, true) AS push, COALESCE(p.sms, true) AS sms,
       EXISTS (SELECT 1 FROM push_subscription s WHERE s.account_id = m.account_id) AS browsers
FROM message m LEFT JOIN message_preference p ON p.account_id = m.account_id
WHERE m.due_at <= $1 ORDER BY m.due_at {order} LIMIT $2 FOR UPDATE OF m SKIP LOCKED
"""
_PASSES = ((_DUE.format(order="DESC"), NEWEST), (_DUE.format(order=""), AT_ONCE - NEWEST))
_WAYS = """
INSERT INTO delivery (id, message_id, channel, state, state_at, created_at, next_at, attempts, starts, provider, doubt,
                      code)
SELECT id, message_id, channel, state, $1, $1, next_at, 0, 0, '', false, code
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::text[])
     AS way (id, message_id, channel, state, next_at, code)
ON CONFLICT (message_id, channel) DO NOTHING
"""
_ROUTED = """
UPDATE message m SET due_at = v.due_at, channels = v.channels
FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS v (id, due_at, channels) WHERE m.id = v.id
"""
_QUEUED = "SELECT count(*) FROM pgqueuer WHERE status = 'queued'"
_WAITING = f"""
UPDATE delivery d SET queued_at = $1 FROM message m WHERE m.id = d.message_id AND d.id IN (
    SELECT id FROM delivery WHERE next_at <= $1 AND queued_at IS NULL ORDER BY next_at LIMIT {AT_ONCE}
    FOR UPDATE SKIP LOCKED)
RETURNING d.id, d.channel, d.starts, m.urgent
"""  # noqa: S608
_URGENT = f"""
UPDATE delivery d SET queued_at = $1 FROM message m WHERE m.id = d.message_id AND m.urgent AND d.id IN (
    SELECT id FROM delivery WHERE next_at <= $1 AND queued_at IS NULL ORDER BY next_at DESC LIMIT {AT_ONCE}
    FOR UPDATE SKIP LOCKED)
RETURNING d.id, d.channel, d.starts, m.urgent
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Way:
    """One way out that a message takes now. `code` says why a way that is shut was not taken."""

    channel: Channel
    state: State = State.CREATED
    code: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """What becomes of a due message: the ways it takes now, what is left, and when it is looked at again."""

    ways: tuple[Way, ...] = ()
    left: tuple[Channel, ...] = ()
    due_at: datetime | None = None


@dataclass(frozen=True)
class Relay:
    """Moves what is due. Any number of workers may do it at a time; `open_ways` are those with a gateway."""

    desk: Desk
    open_ways: frozenset[Channel] = field(default_factory=frozenset)

    async def move(self) -> int:
        """Route, then queue, one portion of each. Returns how many were moved: 0 when there is nothing to do."""
        return await self.route() + await self.queue()

    async def route(self) -> int:
        """Let due messages take their next way. Returns how many were looked at."""
        now, count = clock.now(), 0
        async with self.desk.sitting() as connection:
            for due, most in _PASSES:
                rows = await connection.fetch(due, now, most)
                count += len(rows)
                routes = [(row["id"], route_of(row, self.open_ways, now)) for row in rows]
                ways = [(uuid7(), name, way) for name, route in routes for way in route.ways]
                if ways:
                    await connection.execute(_WAYS, now, *_columns(ways, now))
                if routes:
                    left = [",".join(route.left) for _, route in routes]
                    await connection.execute(_ROUTED, [n for n, _ in routes], [r.due_at for _, r in routes], left)
                if len(rows) < most:
                    break
            passing("routed")
        passing("routes-committed")
        return count

    async def queue(self) -> int:
        """Put the ids of what is due into the queue, in batches of one channel. Returns how many.

        A long queue is not made longer, except by what is urgent.
        """
        now = clock.now()
        async with self.desk.sitting() as connection:
            rows = await connection.fetch(_URGENT, now)
            if await connection.fetchval(_QUEUED) < MOST_QUEUED:
                rows += await connection.fetch(_WAITING, now)
            await enqueue(connection, rows, now)
            passing("queued")
        passing("queue-committed")
        return len(rows)


def _columns(ways: list[tuple[UUID, UUID, Way]], now: datetime) -> tuple[list[Any], ...]:
    due = [now if way.state is State.CREATED else None for _, _, way in ways]
    return (
        [name for name, _, _ in ways], [message for _, message, _ in ways], [way.channel for _, _, way in ways],
        [way.state for _, _, way in ways], due, [way.code for _, _, way in ways],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Batch:
    """What a job carries: ids of deliveries of one channel, how many of them go together, and when they were queued.

    A job of a dead worker is picked again. By then what it carries is queued anew, in other company: an old job must
    not bring together again what was parted because somebody died of it.
    """

    channel: Channel
    queued_at: datetime
    ids: Sequence[UUID]
    together: int = BATCH

    @property
    def portions(self) -> list[Sequence[UUID]]:
        """The ids that go together, one portion after the other."""
        return [self.ids[start : start + self.together] for start in range(0, len(self.ids), self.together)]

    def packed(self) -> bytes:
        """As bytes."""
        at = (self.queued_at - _EPOCH) // timedelta(microseconds=1)
        head = at.to_bytes(8) + bytes([self.together])
        return b"%s:%s%s" % (self.channel.encode(), head, b"".join(name.bytes for name in self.ids))


def unpacked(payload: bytes) -> Batch:
    """What `Batch.packed` packed."""
    channel, _, rest = payload.partition(b":")
    at = _EPOCH + timedelta(microseconds=int.from_bytes(rest[:8]))
    ids = [UUID(bytes=rest[start : start + 16]) for start in range(9, len(rest), 16)]
    return Batch(Channel(channel.decode()), at, ids, rest[8])


_NAMES = {BATCH: JOB, FEW: SUSPECTED, 1: ALONE}


async def enqueue(connection: asyncpg.Connection, rows: Sequence[Any], now: datetime) -> None:
    """Ids into the queue, in the transaction of the connection. The queue carries nothing else."""
    together: dict[tuple[bool, str, int], list[UUID]] = defaultdict(list)
    for row in rows:
        together[row["urgent"], row["channel"], company(row["channel"], row["starts"])].append(row["id"])
    # A job does one portion after the other. Few innocents are to wait behind whoever is to blame: each portion of
    # suspects is a job of its own, and only those who travel alone, one at a time anyhow, share one.
    jobs = [
        (_NAMES[size], Batch(Channel(channel), now, ids[start : start + most], size), urgent)
        for (urgent, channel, size), ids in together.items()
        for most in (FEW if size == FEW else BATCH,)
        for start in range(0, len(ids), most)
    ]
    if jobs:
        payloads: list[bytes | None] = [batch.packed() for _, batch, _ in jobs]
        names, priorities = [name for name, _, _ in jobs], [int(urgent) for _, _, urgent in jobs]
        await Queries(AsyncpgDriver(connection)).enqueue(names, payloads, priorities)


def company(channel: str, starts: int) -> int:
    """With how many others a delivery may travel: where a worker has died, the one to blame must be found.

    A robot's messages are repeated in the company they had: the provider knows the post, and shows it once.
    """
    if starts == 0 or (starts == 1 and channel == Channel.ROBOT):
        return BATCH
    return FEW if starts == 1 else 1


def route_of(row: Any, open_ways: frozenset[Channel], now: datetime) -> Route:  # noqa: ANN401  (a row of _DUE)
    """The next way of a message. Push rides along with whatever else is tried: nobody counts as informed by it."""
    left = [Channel(name) for name in row["channels"].split(",") if name]
    if row["expires_at"] is not None and row["expires_at"] <= now:
        return Route()
    if not row["urgent"] and row["account_id"] and (until := quiet_until(row, now)) is not None:
        return Route(left=tuple(left), due_at=until)
    only, ways = len(left) == 1, list[Way]()
    while left:
        channel = left.pop(0)
        if channel not in open_ways and channel is not Channel.CALL:
            # Passed by without a trace: nothing was tried. But a message that has no other way has failed.
            if only:
                ways.append(Way(channel, State.PERMANENT_FAILURE, "no-gateway"))
            continue
        if _switched_off(channel, row):
            ways.append(Way(channel, State.PERMANENT_FAILURE, "switched-off"))
            continue
        if channel is Channel.PUSH:
            if row["browsers"]:
                ways.append(Way(channel))
            continue
        ways.append(Way(channel, State.PENDING if channel is Channel.CALL else State.CREATED))
        break
    return Route(tuple(ways), tuple(left))


def _switched_off(channel: Channel, row: Any) -> bool:  # noqa: ANN401  (a row of _DUE)
    """Does its person not want this message this way? Urgent ones come by every way."""
    off = (channel is Channel.PUSH and not row["push"]) or (channel is Channel.SMS and not row["sms"])
    return off and not row["urgent"] and not newest(row["template"]).urgent


def quiet_until(row: Any, now: datetime) -> datetime | None:  # noqa: ANN401  (a row with quiet_from, quiet_until)
    """The end of the quiet hours that run now; None outside them. They may reach over midnight, or be none at all."""
    starts, ends = QUIET if row["quiet_from"] is None else (row["quiet_from"], row["quiet_until"])
    local = clock.local(now)
    minute = local.hour * 60 + local.minute
    inside = starts <= minute < ends if starts <= ends else minute >= starts or minute < ends
    if not inside:
        return None
    end = clock.midnight(local.date()) + timedelta(minutes=ends)
    return end if end > now else end + timedelta(days=1)
