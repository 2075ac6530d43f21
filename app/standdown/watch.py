"""The watch over the keys: seconds after a stand-down every process has forgotten them, and the root is destroyed."""

import asyncio
import logging
from pathlib import Path

from sqlmodel import col, select

from app import vault
from app.kit import crypto
from app.kit.db import Database, away
from app.kit.signing import Signing
from app.kit.tokens import Signer
from app.standdown import certifying
from app.vault import Vault
from models.regions import Level, Region

log = logging.getLogger("shouwang.standdown")

EVERY_S = 1.0


class Watch:
    """Looks every second whether the keys this process holds are still to be used. One for each process."""

    def __init__(self, database: Database, holders: tuple[Vault, Signer], keys: Path, folder: Path) -> None:
        self._database = database
        self._vault, self._signer = holders
        self._keys, self._folder = keys, folder
        self._task: asyncio.Task[None] | None = None
        self.finished = False  # a stand-down was carried out since this was last taken back

    async def look(self) -> bool:
        """Do whatever a stand-down left to do: forget, destroy, begin anew, certify. True when there was something.

        May be repeated, and may be done by any number of processes at once.
        """
        async with self._database.reading() as db:
            gone = await vault.destroyed(db)
            uncertified = await certifying.uncertified(db)
        stale = min(self._vault.ring.roots) <= gone.root_through
        if stale:
            # First of all: whatever fails below, nothing more is sealed or opened with keys that are to be gone.
            self._vault.forget(gone.data_key_through)
            await self._begin_anew(gone.root_through)
        if uncertified:
            signing = await asyncio.to_thread(Signing.load, self._keys)
            await certifying.issue(self._database, signing, self._folder)
        self.finished |= stale or uncertified
        return stale or uncertified

    async def _begin_anew(self, root_through: int) -> None:
        ring = await asyncio.to_thread(crypto.retire, self._keys, root_through)
        self._vault.ring = ring
        self._signer.renew(ring)
        async with self._database.writing() as db:
            counties = await db.exec(select(Region.code).where(col(Region.level) == Level.COUNTY))
            await vault.mint(db, counties.all())
        async with self._database.reading() as db:
            await self._vault.load(db)
        log.warning("a response was stood down: its keys are destroyed, new ones are in use")

    def start(self) -> None:
        """Look from now on."""
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.look()
            except Exception as error:
                if away(error):
                    continue  # others tell of that
                log.exception("the keys of a response that was stood down could not be destroyed yet")
