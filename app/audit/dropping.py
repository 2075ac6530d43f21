"""What has run out leaves the ledger: whole beginnings of chains, and a signed checkpoint says how far."""

import logging
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.audit.chain import COLUMNS, START, Head, link
from app.audit.notary import Notary
from app.kit import clock
from models.audit import AuditCheckpoint, AuditLedger

log = logging.getLogger("shouwang.audit")

AT_ONCE = 20_000


def checkpoint_statement(chain: int, seq: int, digest: bytes, at: datetime) -> tuple[str, list[Any]]:
    """What the notary signs of a checkpoint: kind and content."""
    return "audit-checkpoint", [chain, seq, digest.hex(), at.astimezone(UTC).isoformat(timespec="microseconds")]


async def drop_before(db: AsyncSession, moment: datetime) -> int:
    """Drop the beginning of every chain that is older than a moment, at most 20,000 rows a call. Returns how many.

    A row that is younger stops it, for a chain has no holes; so does a row that does not fit: what was tampered with
    stays for verification to find, and is not covered by a signature of ours.
    """
    notary: Notary = Notary(db.info["signing"])
    dropped, chain = 0, await _next_chain(db, -1)
    while chain is not None and dropped < AT_ONCE:
        dropped += await _drop(db, notary, chain, (moment, AT_ONCE - dropped))
        chain = await _next_chain(db, chain)
    return dropped


async def _next_chain(db: AsyncSession, after: int) -> int | None:
    found = await db.exec(
        select(AuditLedger.chain).where(col(AuditLedger.chain) > after).order_by(col(AuditLedger.chain)).limit(1)
    )
    return found.first()


async def _drop(db: AsyncSession, notary: Notary, chain: int, limits: tuple[datetime, int]) -> int:
    moment, most = limits
    found = await db.exec(
        select(AuditCheckpoint).where(AuditCheckpoint.chain == chain).order_by(col(AuditCheckpoint.seq).desc()).limit(1)
    )
    before = found.first()
    start = Head(before.seq, before.hash) if before else START
    end = await _end(db, chain, start, (moment, most))
    if end == start:
        return 0
    await db.exec(delete(AuditLedger).where(col(AuditLedger.chain) == chain, col(AuditLedger.seq) <= end.seq))
    await db.exec(delete(AuditCheckpoint).where(col(AuditCheckpoint.chain) == chain))
    at = clock.now()
    signature = notary.sign(*checkpoint_statement(chain, end.seq, end.hash, at))
    db.add(
        AuditCheckpoint(
            chain=chain, seq=end.seq, hash=end.hash, at=at, key_id=notary.key_id, signature=signature,
        )
    )  # fmt: skip
    await db.flush()
    return end.seq - start.seq


async def _end(db: AsyncSession, chain: int, start: Head, limits: tuple[datetime, int]) -> Head:
    """The last row of the beginning that may go, each row proven to follow from the one before."""
    columns = [col(getattr(AuditLedger, name)) for name in ("seq", "previous", "hash", *COLUMNS)]
    rows = await db.exec(
        select(*columns)
        .where(AuditLedger.chain == chain, col(AuditLedger.seq) > start.seq)
        .order_by(col(AuditLedger.seq))
        .limit(limits[1])
    )
    end = start
    for seq, previous, digest, *values in rows:
        if values[COLUMNS.index("at")] >= limits[0]:
            break
        if seq != end.seq + 1 or previous != end.hash or link(end.hash, chain, seq, values) != digest:
            log.error("the ledger of %s is broken at %s: nothing from there on is dropped", chain, seq)
            break
        end = Head(seq, digest)
    return end
