"""The sealer: moves what the rooms wrote into the chains, off their path, and anchors the heads outside the database.

Its rows are taken and appended in one transaction, so that a crash leaves each in exactly one place; an advisory lock
lets one sealer work at a time. The ledger is only ever added to.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable
from pathlib import Path

import asyncpg

from app.audit.chain import COLUMNS, LEDGER, START, Head, bind, chain_of
from app.audit.heads import HeadFile
from app.audit.notary import Notary
from app.kit.db import away, connect
from app.kit.signing import Signing

log = logging.getLogger("shouwang.audit")

BATCH = 20_000
EVERY_S = 1.0
ANCHOR_EVERY_S = 60.0
STATEMENT_MS = 60_000
ONE_AT_A_TIME = 7_204_633_820

# By primary key, which is as good as the order of writing and needs no index of its own on the hot path. The array
# makes it one probe a row, whatever the statistics of a table that is empty most of the time say.
_TAKE = f"""
DELETE FROM audit_event WHERE id = ANY (ARRAY(SELECT id FROM audit_event ORDER BY id LIMIT $1))
RETURNING {", ".join(COLUMNS)}
"""  # noqa: S608
# A chain whose rows were all dropped goes on from its checkpoint.
_HEADS = """
SELECT DISTINCT ON (chain) chain, seq, hash
FROM unnest($1::bigint[]) AS wanted (chain) CROSS JOIN LATERAL (
  (SELECT seq, hash FROM audit_ledger WHERE audit_ledger.chain = wanted.chain ORDER BY seq DESC LIMIT 1)
  UNION ALL
  (SELECT seq, hash FROM audit_checkpoint WHERE audit_checkpoint.chain = wanted.chain ORDER BY seq DESC LIMIT 1)
) AS newest
ORDER BY chain, seq DESC
"""
_NEXT_CHAIN = "SELECT chain FROM audit_ledger WHERE chain > $1 ORDER BY chain LIMIT 1"


async def heads_of(connection: asyncpg.Connection, chains: Iterable[int]) -> dict[int, Head]:
    """The newest row of each of these chains; chains that have none are left out."""
    rows = await connection.fetch(_HEADS, list(chains))
    return {row["chain"]: Head(row["seq"], row["hash"]) for row in rows}


async def chains(connection: asyncpg.Connection) -> list[int]:
    """All chains, found by hopping through the key instead of reading the table."""
    found: list[int] = []
    while (following := await connection.fetchval(_NEXT_CHAIN, found[-1] if found else -1)) is not None:
        found.append(following)
    return found


class Sealer:
    """Seals from one process. `path` is the file of anchored heads."""

    def __init__(self, dsn: str, signing: Signing, path: Path) -> None:
        self._dsn = dsn
        self._file = HeadFile(path, Notary(signing))
        self._connection: asyncpg.Connection | None = None
        self._grown: dict[int, Head] = {}
        self._anchored_at = float("-inf")

    async def seal(self) -> int:
        """Seal one batch. Returns how many events; 0 when there are none, or while another sealer is at it."""
        connection = await self._connected()
        async with connection.transaction():
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", ONE_AT_A_TIME):
                return 0
            events = await connection.fetch(_TAKE, BATCH)
            if not events:
                return 0
            touched = {chain_of(event) for event in events}
            before = dict.fromkeys(touched, START) | await heads_of(connection, touched)
            rows, after = bind(events, before)
            await connection.copy_records_to_table("audit_ledger", records=rows, columns=LEDGER)
        self._grown |= after
        return len(rows)

    async def anchor(self) -> None:
        """Write the heads of the chains that grew to the file, if any did."""
        if grown := dict(self._grown):
            await asyncio.to_thread(self._file.append, grown, now=time.monotonic())
            self._grown = {chain: head for chain, head in self._grown.items() if grown.get(chain) != head}

    async def run(self, stop: asyncio.Event) -> None:
        """Seal every second until told to stop; then once more, anchor and close. A database away is waited for."""
        while not stop.is_set():
            if await self._round() < BATCH:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), EVERY_S)
        self._anchored_at = float("-inf")
        await self._round()
        await self.close()

    async def _round(self) -> int:
        sealed = 0
        try:
            sealed = await self.seal()
        except Exception as error:
            await self.close()
            if away(error):
                log.warning("sealing waits for the database: %s", type(error).__name__)
            else:
                log.exception("sealing failed")
        if time.monotonic() - self._anchored_at >= ANCHOR_EVERY_S:
            try:
                await self.anchor()
                self._anchored_at = time.monotonic()
            except OSError as error:
                log.error("the heads of the ledger cannot be anchored: %s", error)
        return sealed

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._dsn, statement_ms=STATEMENT_MS)
            self._file.adopted = await heads_of(self._connection, await chains(self._connection))
        return self._connection

    async def close(self) -> None:
        """Let go of the connection; the next sealing opens another."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
