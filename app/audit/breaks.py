"""What was done to a chain where it breaks: edited, deleted, inserted or reordered."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import asyncpg

from app.audit.chain import COLUMNS, Head, link


class Kind(StrEnum):
    """What verification can find."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    CUT = "cut tail"
    REWRITTEN = "rewritten"  # hashes fit each other, but not the anchored head
    CHECKPOINT = "forged checkpoint"
    ANCHOR = "forged or missing heads"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first broken place of a chain: rows `seq` to `upto`. Without a chain it is about the anchored heads."""

    kind: Kind
    chain: int | None
    seq: int
    upto: int
    words: str = ""


NEAR = 1_000  # how far a renumbered row is looked for under its old number

_CLAIMANT = (
    f"SELECT seq, previous, hash, {', '.join(COLUMNS)} FROM audit_ledger"  # noqa: S608
    " WHERE chain = $1 AND previous = $2 AND seq > $3 ORDER BY seq LIMIT 1"
)
_SEALED_AS = "SELECT seq FROM audit_ledger WHERE chain = $1 AND hash = $2"


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a verification stands in a chain: the last good row, and the hash before that one."""

    chain: int
    last: Head
    before: bytes | None  # None: `last` is where the walk began


def fits(chain: int, seq: int, row: asyncpg.Record) -> bool:
    """Was this row sealed under this number?"""
    sealed: bytes = row["hash"]
    return link(row["previous"], chain, seq, [row[name] for name in COLUMNS]) == sealed


async def first_break(connection: asyncpg.Connection, walk: Walk, row: asyncpg.Record) -> Finding:
    """What happened, given the first row that does not follow from the last good one.

    The row that was sealed next names the last good hash as its `previous`: whether that row is still there, and what
    stands in its place, tells the kinds apart.
    """
    chain, seq = walk.chain, walk.last.seq + 1
    claimant = await connection.fetchrow(_CLAIMANT, chain, walk.last.hash, seq)
    if row["seq"] > seq:
        if claimant is not None and fits(chain, seq, claimant):
            return Finding(Kind.REORDERED, chain, seq, seq)
        return Finding(Kind.DELETED, chain, seq, row["seq"] - 1)
    if row["previous"] == walk.last.hash:
        return Finding(Kind.INSERTED if claimant else Kind.EDITED, chain, seq, seq)
    sealed_as = await _sealed_as(connection, walk, row)
    if claimant is not None:
        return Finding(Kind.REORDERED if sealed_as else Kind.INSERTED, chain, seq, seq)
    return _without_claimant(walk, row, sealed_as)


def _without_claimant(walk: Walk, row: asyncpg.Record, sealed_as: int | None) -> Finding:
    """Nobody follows the last good row: it is itself forged with a hash that fits, or what followed it is gone."""
    chain, seq = walk.chain, walk.last.seq + 1
    if walk.before is not None and sealed_as == seq - 1 and row["previous"] == walk.before:
        return Finding(Kind.INSERTED, chain, seq - 1, seq - 1)
    if walk.before is not None and sealed_as == seq:
        return Finding(Kind.EDITED, chain, seq - 1, seq - 1)
    if sealed_as is not None and sealed_as > seq:
        return Finding(Kind.DELETED, chain, seq, sealed_as - 1)
    return Finding(Kind.EDITED, chain, seq, seq)


async def _sealed_as(connection: asyncpg.Connection, walk: Walk, row: asyncpg.Record) -> int | None:
    """The number under which a row was sealed, looked for near its place and beside its predecessor."""
    seq = walk.last.seq + 1
    candidates: list[Iterable[int]] = [(seq, seq - 1), range(seq + 1, seq + NEAR)]
    for other in await connection.fetch(_SEALED_AS, walk.chain, row["previous"]):
        candidates.append(range(max(1, other["seq"] - 1), other["seq"] + 2))
    return next((number for some in candidates for number in some if fits(walk.chain, number, row)), None)
