"""The post office of one worker process: it routes, queues, delivers, asks after, and frees what others left behind."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode

from app.kit.db import Database, away, connect
from app.messages.asking import Asking
from app.messages.carriers import Carriers
from app.messages.delivering import Deliverer
from app.messages.desk import PATIENT_MS, PICKER_LIVES, Desk
from app.messages.relay import ALONE, JOB, SUSPECTED, Relay, unpacked
from app.vault import Vault

log = logging.getLogger("shouwang.messages")

LOOK_S = 0.25  # a message is looked for so often; the fact's own transaction notifies nobody
FREE_S = 1.0
REARM_S = 60.0
RENEW_S = 30.0
ASK_S = 60.0
TIDY_S = 3600.0
STUCK = timedelta(minutes=5)
PICKED_AT_ONCE = 4
AT_WORK = 8  # batches on their way at a time
LEAVE_S = 8.0  # to finish what is under way once told to stop; the supervisor waits for longer


class Office:
    """Everything that delivers in one process."""

    def __init__(self, database: Database, vault: Vault, carriers: Carriers) -> None:
        self._dsn, self._carriers = database.dsn, carriers
        # The counter routes, queues and asks; nobody who delivers waits for it.
        self._desk, self._counter = Desk(database.dsn), Desk(database.dsn)
        self.relay = Relay(self._counter, carriers.open_ways)
        self.deliverer = Deliverer(self._desk, vault, carriers)
        self.asking = Asking(self._counter, database, (vault, carriers))

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until told to stop, then finish or let go; a database that is away is waited for."""
        await _until_done(self._carriers.renew, stop)  # without approved texts nothing is to be sent
        work: tuple[tuple[Callable[[], Awaitable[object]], float], ...] = (
            (self._move, LOOK_S), (self._free, FREE_S), (self._rearm, REARM_S), (self._carriers.renew, RENEW_S),
            (self.asking.ask, ASK_S), (self._counter.tidy, TIDY_S), (lambda: self._pick(stop), FREE_S),
        )  # fmt: skip
        loops = [asyncio.create_task(_again(each, every, stop)) for each, every in work]
        await stop.wait()
        _, late = await asyncio.wait(loops, timeout=LEAVE_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if late:
            log.warning("told to stop: what is under way is let go of")
            with suppress(Exception):  # then it is freed by others, as if this worker had died
                await self._desk.leave()
        await self.close()

    async def close(self) -> None:
        """Close every connection, to the database and to gateways."""
        await self._desk.close()
        await self._counter.close()
        await self._carriers.aclose()

    async def once(self) -> None:
        """Deliver everything that is due now, and nothing later: for tests and commands."""
        await self._carriers.renew()
        await self._free()
        while await self.relay.move():
            await self._drain()
        await self._drain()

    async def _move(self) -> None:
        while await self.relay.move():
            continue

    async def _free(self) -> None:
        freed = await self._desk.free()
        if freed:
            log.warning("a worker died while it delivered: %s", freed)

    async def _rearm(self) -> None:
        if late := await self._counter.rearm(STUCK):
            log.warning("%s deliveries had lain in the queue for %s; they are queued again", late, STUCK)

    def _manager(self, queries: Queries) -> QueueManager:
        manager = QueueManager(queries)

        async def deliver(job: Job) -> None:
            if job.payload is not None:
                await self.deliverer.deliver(unpacked(job.payload))

        manager.entrypoint(JOB)(deliver)
        manager.entrypoint(SUSPECTED, concurrency_limit=3)(deliver)
        manager.entrypoint(ALONE, concurrency_limit=1)(deliver)
        return manager

    async def _pick(self, stop: asyncio.Event) -> None:
        connection = await connect(self._dsn, statement_ms=PATIENT_MS)
        try:
            manager = self._manager(Queries(AsyncpgDriver(connection)))
            await connection.execute(PICKER_LIVES, str(manager.queue_manager_id))
            ending = asyncio.create_task(_end(manager, stop))
            try:
                await manager.run(
                    dequeue_timeout=timedelta(seconds=5), batch_size=PICKED_AT_ONCE, max_concurrent_tasks=AT_WORK
                )
            finally:
                ending.cancel()
        finally:
            connection.terminate()

    async def _drain(self) -> None:
        connection = await connect(self._dsn, statement_ms=PATIENT_MS)
        try:
            manager = self._manager(Queries(AsyncpgDriver(connection)))
            await connection.execute(PICKER_LIVES, str(manager.queue_manager_id))
            await manager.run(
                batch_size=PICKED_AT_ONCE, max_concurrent_tasks=AT_WORK, mode=QueueExecutionMode.drain,
                log_aggregation_interval=timedelta(0),
            )  # fmt: skip
        finally:
            connection.terminate()


async def _end(manager: QueueManager, stop: asyncio.Event) -> None:
    await stop.wait()
    manager.shutdown.set()


async def _again(work: Callable[[], Awaitable[object]], every: float, stop: asyncio.Event) -> None:
    """Do something again and again until told to stop; what goes wrong is said, and tried again."""
    while not stop.is_set():
        await _tried(work)
        await _pause(every, stop)


async def _until_done(work: Callable[[], Awaitable[object]], stop: asyncio.Event) -> None:
    while not stop.is_set() and not await _tried(work):
        await _pause(FREE_S, stop)


async def _tried(work: Callable[[], Awaitable[object]]) -> bool:
    try:
        await work()
    except Exception as error:
        if away(error):
            log.warning("database away: %s", type(error).__name__)
        else:
            log.exception("delivering failed")
        return False
    return True


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
