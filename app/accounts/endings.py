"""The end of a sign-in: rows in the database, and the memory from which every process judges tokens."""

import asyncio
import contextlib
import logging
import time
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

import asyncpg
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.sessions import end_sittings
from app.kit import clock
from app.kit.db import AWAY, Database, connect
from app.kit.ids import uuid7
from app.kit.tokens import LIFETIME_MS, Token
from models.accounts import Revocation

log = logging.getLogger("shouwang.accounts")

REREAD_S = 0.5
TRUSTED_S = 5.0
OVERLAP = timedelta(seconds=30)  # rows of transactions that committed late are still found


def _ending(account_id: UUID, *, device: bytes | None = None, soft: bool = False) -> Revocation:
    now = clock.now()
    return Revocation(
        id=uuid7(), account_id=account_id, device=device, before=now, soft=soft, created_at=now,
        expires_at=now + timedelta(milliseconds=LIFETIME_MS),
    )  # fmt: skip


async def _announce(db: AsyncSession, ending: Revocation) -> None:
    db.add(ending)
    await db.flush()
    # Sign-outs are rare: the global lock of NOTIFY is harmless here, and other processes know within milliseconds.
    await db.exec(select(func.pg_notify("revocation", "")))


async def end(db: AsyncSession, token: Token) -> None:
    """Sign out this device."""
    await _announce(db, _ending(token.account, device=token.device))


async def end_all(db: AsyncSession, account_id: UUID) -> int:
    """Sign out everywhere; staff sessions end in the same moment. Returns how many of those there were."""
    ended = await end_sittings(db, account_id)
    await _announce(db, _ending(account_id))
    # A token of this very millisecond would count as ended: whoever signs in next does so in a later one.
    await asyncio.sleep(0.002)
    return ended


async def refresh(db: AsyncSession, account_id: UUID) -> None:
    """Have the claims of existing tokens read again: the person registered, moved, or holds a post now."""
    await _announce(db, _ending(account_id, soft=True))


# --- the memory ------------------------------------------------------------------------------------------------------


class Standing(Enum):
    """What a token with a good signature is worth now."""

    GOOD = 1
    STALE = 2  # still signed in, but person or grid must be read again
    ENDED = 3


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


class Endings:
    """Revocations in memory: told by LISTEN, and read again every half second in case a notice was lost."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._accounts: dict[UUID, int] = {}
        self._stale: dict[UUID, int] = {}
        self._devices: set[bytes] = set()
        self._newest: datetime | None = None
        self._read_at = 0.0
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def standing(self, token: Token) -> Standing:
        """Judge a token by memory alone."""
        account = token.account
        if token.device in self._devices or token.issued <= self._accounts.get(account, -1):
            return Standing.ENDED
        return Standing.STALE if token.issued <= self._stale.get(account, -1) else Standing.GOOD

    @property
    def trusted(self) -> bool:
        """False when the last reading is older than five seconds: then only people's own pages go on."""
        return time.monotonic() - self._read_at < TRUSTED_S

    async def read(self) -> None:
        """Take in what ended since the last reading."""
        statement = select(Revocation)
        if self._newest is not None:
            statement = statement.where(col(Revocation.created_at) > self._newest - OVERLAP)
        async with self._database.reading() as db:
            for row in await db.exec(statement):
                self._take(row)
        self._read_at = time.monotonic()

    def _take(self, row: Revocation) -> None:
        self._newest = max(self._newest or row.created_at, row.created_at)
        if row.device is not None:
            self._devices.add(row.device)
            return
        known = self._stale if row.soft else self._accounts
        known[row.account_id] = max(known.get(row.account_id, -1), _ms(row.before))

    async def start(self) -> None:
        """Read everything once, then keep up."""
        await self.read()
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._listen())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), REREAD_S)
            self._wake.clear()
            try:
                await self.read()
            except Exception as error:
                log.warning("sign-ins could not be re-read: %s", type(error).__name__)

    async def _listen(self) -> None:
        while True:
            connection: asyncpg.Connection | None = None
            try:
                gone = asyncio.Event()
                connection = await connect(self._database.dsn)
                connection.add_termination_listener(lambda *_, gone=gone: gone.set())
                await connection.add_listener("revocation", lambda *_: self._wake.set())
                await gone.wait()
            except AWAY:
                await asyncio.sleep(1)
            finally:
                if connection is not None:
                    connection.terminate()
