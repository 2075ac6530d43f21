"""The running house: what one process holds open, from the database to the rules, started and stopped in order."""

import asyncio
from contextlib import ExitStack

from app import standdown, vault
from app.accounts import Endings
from app.checkins import CheckinWriter, Rules
from app.kit import crypto, postgres
from app.kit.db import Database
from app.kit.settings import Settings
from app.kit.signing import Signing
from app.kit.tokens import Signer


class House:
    """Everything a process needs. `start` refuses with clear words when keys or database are not usable."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._open = ExitStack()
        self._running = False

    async def start(self) -> None:
        """Open keys, database and memories."""
        ring = crypto.keyring(self.settings.keys, development=self.settings.development)
        dsn = self.settings.database_url
        if dsn is None:
            serving = postgres.serving(self.settings.data_dir)
            dsn = (await asyncio.to_thread(self._open.enter_context, serving)).dsn
        self.signing = Signing.load(self.settings.keys)
        self.vault = vault.Vault(ring)
        self.signer = Signer(ring)
        self.database = Database(dsn, pool_size=self.settings.pool_size, info=self._travelling())
        certificates = self.settings.data_dir / "certificates"
        self.watch = standdown.Watch(self.database, (self.vault, self.signer), self.settings.keys, certificates)
        self.endings = Endings(self.database)
        self.rules = Rules(self.database)
        self.writer = CheckinWriter(self.database, self.vault, self.rules)

    def _travelling(self) -> dict[str, object]:
        # In development the terminal is the phone.
        return {
            "vault": self.vault, "signing": self.signing, "echo": self.settings.development,
            "export_rows": self.settings.export_rows, "retention_days": self.settings.retention_days,
        }  # fmt: skip

    async def serve(self) -> None:
        """Read what a web process keeps in memory: keys, revocations, rules."""
        await self.watch.look()  # a stand-down that a crash cut short is finished before any key is used
        async with self.database.reading() as db:
            await self.vault.load(db)
        self.watch.start()
        await self.endings.start()
        await self.rules.start()
        self._running = True

    async def stop(self) -> None:
        """Store what waits, then close."""
        if self._running:
            await self.writer.stop()
            await self.rules.stop()
            await self.endings.stop()
        await self.watch.stop()
        await self.database.close()
        await asyncio.to_thread(self._open.close)
