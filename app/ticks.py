"""What happens by time alone: missing reports are chased, ladders climb, tasks go to whoever is on duty, groups hear
what waits. One worker at a time does it; whoever comes after a pause takes every step that was missed, once."""

import asyncio
import gc
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app import checkins, notices, tasks
from app.kit.db import Database, away

log = logging.getLogger("shouwang.ticks")

EVERY_S = 1.0
ONE_AT_A_TIME = 7_204_633_841
PATIENT_MS = 60_000
SLOW_S = 5.0

Tick = Callable[[AsyncSession], Awaitable[int]]


def in_order(database: Database) -> dict[str, Tick]:
    """What is due each second: what has come ends what waits for it, before anybody is told of it."""
    return {
        "reported": checkins.close_reported,
        "chase": partial(checkins.chase, beside=database),
        "notices": notices.tell,
        "tend": tasks.tend,
        "climb": tasks.tick,
        "digest": tasks.digest,
    }


async def once(database: Database) -> dict[str, int]:
    """Take every step that is due, each kind in transactions of its own. Empty where another worker is at it."""
    done: dict[str, int] = {}
    for name, tick in in_order(database).items():
        some = 1
        while some:
            async with database.writing() as db:
                got = await db.exec(text(f"SELECT pg_try_advisory_xact_lock({ONE_AT_A_TIME})"))  # type: ignore[call-overload]
                if not got.scalar_one():
                    return done
                some = await tick(db)
            done[name] = done.get(name, 0) + some
            if tick is not tasks.tick:
                break  # only a ladder can have a further step due at once
    return done


def settle() -> None:
    """A tick holds ten thousand rows at once: the collector is to look through them seldom, and never through what
    was there before the first one."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def run(database: Database, stop: asyncio.Event) -> None:
    """Tick every second until told to stop; a database that is away is waited for."""
    settle()
    patient = database.patient(PATIENT_MS)
    while not stop.is_set():
        began, done = time.monotonic(), dict[str, int]()
        try:
            done = await once(patient)
            if (took := time.monotonic() - began) > SLOW_S:
                log.warning("a tick took %.1f s: %s", took, done)
        except Exception as error:
            if away(error):
                log.warning("database away: %s", type(error).__name__)
            else:
                log.exception("a tick failed")
        try:
            # Tasks are opened a portion at a time, and the next portion need not wait.
            await asyncio.wait_for(stop.wait(), 0 if done.get("chase") else EVERY_S)
        except TimeoutError:
            continue
    await patient.close()
