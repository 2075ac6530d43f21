"""Due work: partitions made ahead, what has run out dropped. One worker does it at a time; several may run."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, checkins, messages
from app.house import House
from app.kit import clock
from app.kit.db import away

log = logging.getLogger("shouwang.worker")

EVERY_S = 60
ONE_AT_A_TIME = 7_204_633_811


async def _partitions(db: AsyncSession) -> None:
    await checkins.make_ahead(db, clock.today())


async def _run_out(db: AsyncSession) -> None:
    if dropped := await accounts.purge(db) + await messages.purge(db):
        log.info("dropped %s rows that had run out", dropped)


DUE: dict[str, Callable[[AsyncSession], Awaitable[None]]] = {"partitions": _partitions, "purge": _run_out}


async def once(house: House) -> None:
    """Do everything that is due, each in a transaction of its own, unless another worker is at it."""
    for name, work in DUE.items():
        async with house.database.writing() as db:
            got = await db.exec(text(f"SELECT pg_try_advisory_xact_lock({ONE_AT_A_TIME})"))  # type: ignore[call-overload]
            if got.scalar_one():
                await work(db)
            else:
                log.info("%s: another worker is at it", name)


async def run(house: House) -> None:
    """Work until told to stop; a database that is away is waited for."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await house.start()
    log.info("worker started")
    while not stop.is_set():
        try:
            await once(house)
        except Exception as error:
            if not away(error):
                log.exception("due work failed")
            else:
                log.warning("database away: %s", type(error).__name__)
        try:
            await asyncio.wait_for(stop.wait(), EVERY_S)
        except TimeoutError:
            continue
    await house.stop()
