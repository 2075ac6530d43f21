"""Verification: every chain is computed again, row by row, and compared with the heads kept outside the database."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import asyncpg

from app.audit.anchors import Anchors
from app.audit.breaks import Finding, Kind, Walk, first_break
from app.audit.chain import COLUMNS, START, Head, link
from app.audit.dropping import checkpoint_statement
from app.audit.notary import Notary
from app.audit.sealer import STATEMENT_MS, chains
from app.kit import clock
from app.kit.db import connect
from app.kit.signing import Signing

AT_ONCE = 2_000
BEHIND_S = 60.0

_ROWS = (
    f"SELECT seq, previous, hash, {', '.join(COLUMNS)} FROM audit_ledger"  # noqa: S608
    " WHERE chain = $1 AND seq > $2 ORDER BY seq"
)
_CHECKPOINTS = "SELECT DISTINCT ON (chain) * FROM audit_checkpoint ORDER BY chain, seq DESC"
_LEFT_OVER = "SELECT min(seq) FROM audit_ledger WHERE chain = $1 AND seq <= $2"
_ABOUT = "SELECT reltuples::bigint FROM pg_class WHERE oid = 'audit_ledger'::regclass"
_UNSEALED = "SELECT count(*) AS count, min(at) AS oldest FROM audit_event"

Told = Callable[[int, int], None]


@dataclass
class Report:
    """What verification saw. It is good when nothing was found."""

    chains: int = 0
    rows: int = 0
    anchors: int = 0
    newest_anchor: datetime | None = None
    unanchored: int = 0  # rows after the newest anchor of their chain: whoever cuts them off leaves no trace yet
    unsealed: int = 0
    waiting_s: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.findings

    @property
    def behind(self) -> bool:
        """Has an act waited too long for the sealer?"""
        return self.waiting_s > BEHIND_S


async def verify(dsn: str, signing: Signing, heads: tuple[Path, list[Path]], told: Told = lambda *_: None) -> Report:
    """Verify the ledger of a database against the file of heads and copies of it. Raises OSError for a missing copy.

    `told` hears (rows done, about how many there are). Memory does not grow with the ledger.
    """
    notary, (path, copies) = Notary(signing), heads
    # First the file, then the snapshot: what is anchored is committed, so the snapshot must hold it.
    anchors = await asyncio.to_thread(_anchored, notary, path, copies)
    connection = await connect(dsn, statement_ms=STATEMENT_MS)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            report = await examine(connection, notary, anchors, told)
            if report.rows and not anchors.count:
                anchors.missing(path)
                report.findings = [*anchors.findings, *report.findings]
            return report
    finally:
        await connection.close()


def _anchored(notary: Notary, path: Path, copies: list[Path]) -> Anchors:
    anchors = Anchors()
    if path.exists():
        anchors.take(path, notary)
    for copy in copies:
        anchors.take(copy, notary, copy=True)
    return anchors


async def examine(
    connection: asyncpg.Connection, notary: Notary, anchors: Anchors, told: Told = lambda *_: None
) -> Report:
    """The same over an open transaction of the caller."""
    about = max(0, await connection.fetchval(_ABOUT))
    report = Report(anchors=anchors.count, newest_anchor=anchors.newest, findings=list(anchors.findings))
    starts = await _starts(connection, notary, report)
    for chain in sorted({*await chains(connection), *starts, *anchors.points}):
        finding = await _left_over(connection, chain, starts.get(chain, START))
        walked = await _walk(
            connection, (chain, starts.get(chain, START)), anchors.of(chain), (report, partial(_tell, told, about))
        )
        report.chains += 1
        if finding := finding or walked:
            report.findings.append(finding)
    waiting = await connection.fetchrow(_UNSEALED)
    report.unsealed = waiting["count"]
    if waiting["oldest"] is not None:
        report.waiting_s = max(0.0, (clock.now() - waiting["oldest"]).total_seconds())
    return report


def _tell(told: Told, about: int, rows: int) -> None:
    told(rows, max(rows, about))


async def _starts(connection: asyncpg.Connection, notary: Notary, report: Report) -> dict[int, Head]:
    """Where each chain begins: after its newest checkpoint, if that was signed by the house."""
    starts = {}
    for row in await connection.fetch(_CHECKPOINTS):
        said = checkpoint_statement(row["chain"], row["seq"], row["hash"], row["at"])
        if notary.signed(*said, row["key_id"], row["signature"]):
            starts[row["chain"]] = Head(row["seq"], row["hash"])
        else:
            report.findings.append(Finding(Kind.CHECKPOINT, row["chain"], row["seq"], row["seq"]))
    return starts


async def _left_over(connection: asyncpg.Connection, chain: int, start: Head) -> Finding | None:
    """A row under a number that was dropped, or below the first number, was put there by somebody else."""
    seq = await connection.fetchval(_LEFT_OVER, chain, start.seq)
    return None if seq is None else Finding(Kind.INSERTED, chain, seq, seq)


async def _walk(
    connection: asyncpg.Connection,
    where: tuple[int, Head],
    points: list[Head],
    told: tuple[Report, Callable[[int], None]],
) -> Finding | None:
    """One chain from its beginning to its end, or to the first place that is broken."""
    chain, last = where
    before: bytes | None = None
    report, tell = told
    ahead = _Ahead(chain, last, points)
    async for row in connection.cursor(_ROWS, chain, last.seq, prefetch=AT_ONCE):
        if (finding := ahead.passing(last)) is not None:
            return finding
        digest = link(last.hash, chain, row["seq"], [row[name] for name in COLUMNS])
        if row["seq"] != last.seq + 1 or row["previous"] != last.hash or row["hash"] != digest:
            return await first_break(connection, Walk(chain, last, before), row)
        before, last = last.hash, Head(row["seq"], digest)
        report.rows += 1
        report.unanchored += last.seq > ahead.furthest
        if report.rows % AT_ONCE == 0:
            tell(report.rows)
    if (finding := ahead.passing(last)) is not None:
        return finding
    return Finding(Kind.CUT, chain, last.seq + 1, ahead.furthest) if ahead.furthest > last.seq else None


class _Ahead:
    """The anchored points that a chain has still to pass."""

    def __init__(self, chain: int, start: Head, points: list[Head]) -> None:
        self._chain, self._passed = chain, start.seq
        self._points = [point for point in points if point.seq >= start.seq][::-1]
        self.furthest = self._points[0].seq if self._points else start.seq

    def passing(self, last: Head) -> Finding | None:
        """Told when the chain has been computed up to `last`: an anchored hash of that row must be the same."""
        while self._points and self._points[-1].seq == last.seq:
            if self._points.pop() != last:
                return Finding(Kind.REWRITTEN, self._chain, self._passed + 1, last.seq)
            self._passed = last.seq
        return None
