"""The post office of one worker process: it routes, queues, delivers, and frees what others have left behind."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries

from app.kit.db import away, connect
from app.messages.carriers import Carriers
from app.messages.delivering import Deliverer
from app.messages.desk import PATIENT_MS, Desk
from app.messages.relay import JOB, Relay, unpack
from app.vault import Vault

log = logging.getLogger("shouwang.messages")

LOOK_S = 0.25  # a message is looked for so often; the fact's own transaction notifies nobody
FREE_S = 1.0
REARM_S = 60.0
STUCK = timedelta(minutes=5)
PICKED_AT_ONCE = 4
AT_WORK = 8  # batches on their way at a time


class Office:
    """Everything that delivers in one process. `carriers` may be exchanged while it runs: `renew`."""

    def __init__(self, dsn: str, vault: Vault, carriers: Carriers) -> None:
        self._dsn = dsn
        self._desk, self._counter = Desk(dsn), Desk(dsn)
        self.relay = Relay(self._counter, carriers.open_ways)
        self.deliverer = Deliverer(self._desk, vault, carriers)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until told to stop; a database that is away is waited for."""
        work: tuple[tuple[Callable[[], Awaitable[object]], float], ...] = (
            (self._move, LOOK_S), (self._free, FREE_S), (self._rearm, REARM_S),
        )  # fmt: skip
        loops = [asyncio.create_task(_again(each, every, stop)) for each, every in work]
        loops.append(asyncio.create_task(_again(lambda: self._pick(stop), FREE_S, stop)))
        await asyncio.gather(*loops)
        await self._desk.close()
        await self._counter.close()

    async def once(self) -> None:
        """Deliver everything that is due now, and nothing later: for tests and commands."""
        await self._free()
        while await self.relay.route() or await self.relay.queue():
            await self._drain()
        await self._drain()

    async def _move(self) -> None:
        while await self.relay.route() or await self.relay.queue():
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

        @manager.entrypoint(JOB)
        async def deliver(job: Job) -> None:
            if job.payload is not None:
                channel, ids = unpack(job.payload)
                try:
                    await self.deliverer.deliver(channel, ids)
                except TimeoutError:
                    log.error("a batch of %s messages by %s took too long", len(ids), channel)

        return manager

    async def _pick(self, stop: asyncio.Event) -> None:
        connection = await connect(self._dsn, statement_ms=PATIENT_MS)
        try:
            manager = self._manager(Queries(AsyncpgDriver(connection)))
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
        from pgqueuer.types import QueueExecutionMode

        connection = await connect(self._dsn, statement_ms=PATIENT_MS)
        try:
            manager = self._manager(Queries(AsyncpgDriver(connection)))
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
        try:
            await work()
        except Exception as error:
            if away(error):
                log.warning("database away: %s", type(error).__name__)
            else:
                log.exception("delivering failed")
        try:
            await asyncio.wait_for(stop.wait(), every)
        except TimeoutError:
            continue
