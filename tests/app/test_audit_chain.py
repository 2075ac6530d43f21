"""Whoever changes the ledger is found, at the exact place: 10,000 rows, five mutations, and the cleverer ones."""

import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from app import upkeep
from app.audit import chain as chains
from app.audit.breaks import Finding, Kind
from app.audit.chain import COLUMNS, START, Head, bind, canonical, link
from app.house import House
from app.kit.ids import uuid7
from tests.app.ledger import COUNTIES, act, report, sealed, undone, verified

pytestmark = pytest.mark.anyio

EACH = 2_500
ROWS = EACH * len(COUNTIES)
PLACES = 2
FAR = 10**9
Meddle = Callable[[asyncpg.Connection, int, int], Awaitable[Finding]]


@pytest.fixture
async def ledger(empty_house: House, tmp_path: Path) -> tuple[House, Path]:
    """10,000 sealed rows in four chains, anchored."""
    await upkeep.migrate(empty_house)
    path = tmp_path / "heads.jsonl"
    await sealed(empty_house, path, [act(number, COUNTIES[number % 4]) for number in range(ROWS)])
    return empty_house, path


async def edit(db: asyncpg.Connection, chain: int, seq: int) -> Finding:
    column, value = random.choice([
        ("actor_name", "某人"), ("purpose", "call"), ("person_id", uuid7()), ("act", "saw_list"), ("facts", '{"x":1}'),
        ("region_code", 1), ("origin", None), ("previous", random.randbytes(32)), ("hash", random.randbytes(32)),
    ])  # fmt: skip
    await db.execute(f"UPDATE audit_ledger SET {column} = $3 WHERE chain = $1 AND seq = $2", chain, seq, value)
    return Finding(Kind.EDITED, chain, seq, seq)


async def edit_and_hash(db: asyncpg.Connection, chain: int, seq: int) -> Finding:
    """The forger knows how a hash is made, and makes it anew for the row that he changed."""
    await edit_only(db, chain, seq)
    await rehash(db, chain, seq)
    return Finding(Kind.EDITED, chain, seq, seq)


async def edit_only(db: asyncpg.Connection, chain: int, seq: int) -> None:
    await db.execute("UPDATE audit_ledger SET actor_name = '某人' WHERE chain = $1 AND seq = $2", chain, seq)


async def rehash(db: asyncpg.Connection, chain: int, first: int, last: int | None = None) -> None:
    """Make hashes that fit, from one row to another."""
    for seq in range(first, (last or first) + 1):
        previous = await db.fetchval("SELECT hash FROM audit_ledger WHERE chain = $1 AND seq = $2", chain, seq - 1)
        row = await db.fetchrow("SELECT * FROM audit_ledger WHERE chain = $1 AND seq = $2", chain, seq)
        digest = link(previous or bytes(32), chain, seq, [row[name] for name in COLUMNS])
        words = "UPDATE audit_ledger SET previous = $3, hash = $4 WHERE chain = $1 AND seq = $2"
        await db.execute(words, chain, seq, previous or bytes(32), digest)


async def delete(db: asyncpg.Connection, chain: int, seq: int) -> Finding:
    await db.execute("DELETE FROM audit_ledger WHERE chain = $1 AND seq = $2", chain, seq)
    return Finding(Kind.DELETED, chain, seq, seq)


async def shift(db: asyncpg.Connection, chain: int, after: int, by: int) -> None:
    """Renumber all rows after one; twice, because a key is checked row by row."""
    for step in (FAR, by - FAR):
        since = after if step == FAR else FAR
        await db.execute("UPDATE audit_ledger SET seq = seq + $3 WHERE chain = $1 AND seq > $2", chain, since, step)


async def delete_and_close_up(db: asyncpg.Connection, chain: int, seq: int) -> Finding:
    """Three rows go, and the rest is numbered as if they had never been."""
    await db.execute("DELETE FROM audit_ledger WHERE chain = $1 AND seq BETWEEN $2 AND $2 + 2", chain, seq)
    await shift(db, chain, seq, -3)
    return Finding(Kind.DELETED, chain, seq, seq + 2)


async def insert(db: asyncpg.Connection, chain: int, seq: int) -> Finding:
    await shift(db, chain, seq - 1, 1)
    columns = ", ".join(name for name in COLUMNS if name != "actor_name")
    await db.execute(
        f"INSERT INTO audit_ledger (chain, seq, previous, hash, actor_name, {columns}) "
        f"SELECT chain, $2, $3, $4, '某人', {columns} FROM audit_ledger WHERE chain = $1 AND seq = $2::bigint + 1",
        chain, seq, random.randbytes(32), random.randbytes(32),
    )  # fmt: skip
    return Finding(Kind.INSERTED, chain, seq, seq)


async def insert_well(db: asyncpg.Connection, chain: int, seq: int) -> Finding:
    """The inserted row follows from the one before; only the next does not follow from it."""
    finding = await insert(db, chain, seq)
    await rehash(db, chain, seq)
    return finding


async def swap(db: asyncpg.Connection, chain: int, seq: int, other: int) -> None:
    for before, after in ((seq, FAR), (other, seq), (FAR, other)):
        words = "UPDATE audit_ledger SET seq = $3 WHERE chain = $1 AND seq = $2"
        await db.execute(words, chain, before, after)


async def reorder(db: asyncpg.Connection, chain: int, seq: int) -> Finding:
    await swap(db, chain, seq, min(seq + random.choice([1, 2, 700, 2_000]), EACH))
    return Finding(Kind.REORDERED, chain, seq, seq)


async def cut(db: asyncpg.Connection, chain: int, seq: int) -> Finding:
    await db.execute("DELETE FROM audit_ledger WHERE chain = $1 AND seq >= $2", chain, seq)
    return Finding(Kind.CUT, chain, seq, EACH)


async def rewrite(db: asyncpg.Connection, chain: int, seq: int) -> Finding:
    """Everything after the change is hashed anew: only the anchored head gives it away."""
    seq = max(seq, EACH - 30)
    await edit_only(db, chain, seq)
    await rehash(db, chain, seq, EACH)
    return Finding(Kind.REWRITTEN, chain, 1, EACH)


async def whole_chain(db: asyncpg.Connection, chain: int, _seq: int) -> Finding:
    await db.execute("DELETE FROM audit_ledger WHERE chain = $1", chain)
    return Finding(Kind.CUT, chain, 1, EACH)


@pytest.mark.proves("T06")
async def test_every_kind_of_change_is_found_at_the_exact_place(ledger: tuple[House, Path]) -> None:
    house, path = ledger
    random.seed(6)
    kinds: tuple[Meddle, ...] = (
        edit, edit_and_hash, delete, delete_and_close_up, insert, insert_well, reorder, cut, rewrite, whole_chain
    )  # fmt: skip
    clean = await verified(house, path)
    assert (clean.good, clean.rows, clean.chains, clean.unanchored) == (True, ROWS, len(COUNTIES), 0)
    for meddle in kinds:
        for seq in (1, 2, EACH - 3, *random.sample(range(3, EACH - 4), PLACES)):
            async with undone(house) as db:
                expected = await meddle(db, random.choice(COUNTIES), seq)
                found = (await report(house, db, path)).findings
            assert found == [expected], meddle.__name__
    assert (await verified(house, path)).good


@pytest.mark.proves("T06")
async def test_every_broken_chain_is_reported_and_the_others_are_still_verified(ledger: tuple[House, Path]) -> None:
    house, path = ledger
    async with undone(house) as db:
        expected = [await edit(db, COUNTIES[0], 7), await delete(db, COUNTIES[1], 9), await cut(db, COUNTIES[2], 11)]
        seen = await report(house, db, path)
    assert sorted(seen.findings, key=repr) == sorted(expected, key=repr)
    assert seen.rows == 6 + 8 + 10 + EACH


@pytest.mark.proves("T06")
async def test_a_row_put_into_another_chain_breaks_both(ledger: tuple[House, Path]) -> None:
    house, path = ledger
    async with undone(house) as db:
        words = "UPDATE audit_ledger SET chain = $2, seq = $3 WHERE chain = $1 AND seq = 50"
        await db.execute(words, COUNTIES[0], COUNTIES[1], EACH + 1)
        found = (await report(house, db, path)).findings
    assert {(one.chain, one.kind, one.seq) for one in found} == {
        (COUNTIES[0], Kind.DELETED, 50), (COUNTIES[1], Kind.EDITED, EACH + 1),
    }  # fmt: skip


def test_two_acts_never_have_one_spelling() -> None:
    first = act(1)
    for place, name in enumerate(COLUMNS):
        other = list(first)
        other[place] = None if first[place] is not None else "null"
        assert canonical(1, 1, other) != canonical(1, 1, first), name
    assert canonical(1, 11, first) != canonical(11, 1, first)
    assert canonical(1, 1, first).startswith(b'[1,1,"')


def test_rows_are_bound_in_the_order_of_time_and_numbered_without_gaps() -> None:
    acts = [act(number, COUNTIES[number % 2]) for number in (5, 3, 1, 4, 2)]
    rows, heads = bind(acts, {COUNTIES[0]: Head(7, b"x" * 32), COUNTIES[1]: START})
    assert [(row[0], row[1]) for row in rows] == [
        (COUNTIES[1], 1), (COUNTIES[0], 8), (COUNTIES[1], 2), (COUNTIES[0], 9), (COUNTIES[1], 3),
    ]  # fmt: skip
    assert heads[COUNTIES[0]].seq == 9
    assert rows[1][-2] == b"x" * 32
    assert chains.chain_of(act(1, 0, region_code=0)) == 0
