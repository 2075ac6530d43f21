"""Due work, by one worker at a time: partitions, what has run out, the ledger. Beside it messages leave the house."""

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, appeals, appointments, audit, checkins, messages, residents, retention, staff, ticks
from app.house import House
from app.kit import clock
from app.kit.db import away
from app.messages.connecting import carriers_of
from app.messages.office import Office

log = logging.getLogger("shouwang.worker")

MOMENT_S = 1.0
EVERY_S = 60
ERASE_EVERY_S = 3600
ONE_AT_A_TIME = 7_204_633_811


async def _partitions(db: AsyncSession) -> None:
    await checkins.make_ahead(db, clock.today())


async def _run_out(db: AsyncSession, kind: str) -> None:
    if dropped := await DROPS[kind](db):
        await retention.counted(db, kind, dropped)
        log.info("dropped %s rows that had run out: %s", dropped, kind)


async def _posts(db: AsyncSession) -> None:
    if ended := await staff.run_out(db, clock.today()):
        log.info("%s posts ended with their last day", ended)


async def _appeals(db: AsyncSession) -> None:
    climbed, closed = await appeals.tend(db)
    if climbed or closed:
        log.info("%s appeals went one level up, %s were closed", climbed, closed)


async def _places(db: AsyncSession) -> None:
    if back := await residents.come_home(db):
        log.info("%s people are back where they are looked after", back)


# Kind, as the rules of retention name it -> what drops its rows that have run out and returns how many.
DROPS: dict[str, Callable[[AsyncSession], Awaitable[int]]] = {
    "codes": accounts.purge,
    "messages": messages.purge,
    "sheets": appointments.purge,
}
DUE: dict[str, Callable[[AsyncSession], Awaitable[None]]] = {
    "partitions": _partitions,
    "posts": _posts,
    "appeals": _appeals,
    "places": _places,
    **{kind: partial(_run_out, kind=kind) for kind in DROPS},
}


async def once(house: House) -> None:
    """Do everything that is due, each in a transaction of its own, unless another worker is at it."""
    for name, work in DUE.items():
        async with house.database.writing() as db:
            got = await db.exec(text(f"SELECT pg_try_advisory_xact_lock({ONE_AT_A_TIME})"))  # type: ignore[call-overload]
            if got.scalar_one():
                await work(db)
            else:
                log.info("%s: another worker is at it", name)


async def _erase(house: House, stop: asyncio.Event) -> None:
    """Erase what has run out, every hour, and at once after a stand-down."""
    due = 0.0
    while not stop.is_set():
        try:
            if time.monotonic() >= due or house.watch.finished:
                house.watch.finished = False
                await retention.run(house.database, house.settings.retention_days)
                due = time.monotonic() + ERASE_EVERY_S
        except Exception as error:
            if not away(error):
                log.exception("what has run out could not be erased")
                due = time.monotonic() + ERASE_EVERY_S
        await _pause(5, stop)


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def run(house: House) -> None:
    """Work until told to stop; a database that is away is waited for."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await house.start()
    log.info("worker started")
    sealer = audit.Sealer(house.database.dsn, house.signing, audit.heads_file(house.settings.data_dir))
    sealing = asyncio.create_task(sealer.run(stop))
    house.watch.start()
    office = Office(house.database, house.vault, carriers_of(house.settings, house.database, house.vault))
    working = [sealing, asyncio.create_task(office.run(stop))]
    # Whoever waited behind a message that has killed this worker is served before anything that can wait a moment.
    await _pause(MOMENT_S, stop)
    working += map(asyncio.create_task, (_erase(house, stop), ticks.run(house.database, stop)))
    while not stop.is_set():
        try:
            await once(house)
        except Exception as error:
            if not away(error):
                log.exception("due work failed")
            else:
                log.warning("database away: %s", type(error).__name__)
        await _pause(EVERY_S, stop)
    await asyncio.gather(*working)
    await house.stop()
