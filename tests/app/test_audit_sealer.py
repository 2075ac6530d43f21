"""The sealer: each act ends in exactly one place, whoever dies, and nothing waits for it."""

import asyncio
import logging
from pathlib import Path

import asyncpg
import pytest

from app import audit, upkeep
from app.audit import sealer as sealing
from app.audit.chain import Head
from app.house import House
from app.kit.db import connect
from app.kit.ids import uuid7
from tests.app.ledger import COUNTIES, act, sealed, sealer_of, verified, write

pytestmark = pytest.mark.anyio


async def counts(house: House) -> tuple[int, int]:
    """(acts that wait, rows of the ledger)."""
    connection = await connect(house.database.dsn)
    try:
        waiting = await connection.fetchval("SELECT count(*) FROM audit_event")
        return waiting, await connection.fetchval("SELECT count(*) FROM audit_ledger")
    finally:
        await connection.close()


async def all_sealed(house: House, rows: int) -> None:
    for _ in range(1_000):
        if await counts(house) == (0, rows):
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"{await counts(house)} after ten seconds")


async def put(house: House, count: int, county: int = COUNTIES[0]) -> None:
    connection = await connect(house.database.dsn)
    await write(connection, [act(number, county) for number in range(count)])
    await connection.close()


async def test_a_sealer_that_is_started_again_goes_on_with_the_chain(empty_house: House, tmp_path: Path) -> None:
    await upkeep.migrate(empty_house)
    path = tmp_path / "heads.jsonl"
    for _ in range(3):
        await sealed(empty_house, path, [act(number, COUNTIES[number % 3]) for number in range(30)])
    seen = await verified(empty_house, path)
    assert (seen.good, seen.rows, seen.chains, seen.anchors, seen.unanchored) == (True, 90, 3, 3, 0)
    assert await counts(empty_house) == (0, 90)


async def test_two_sealers_at_once_seal_every_act_once(
    empty_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await upkeep.migrate(empty_house)
    monkeypatch.setattr(sealing, "BATCH", 50)
    await put(empty_house, 1_000)
    path = tmp_path / "heads.jsonl"

    async def work() -> int:
        sealer, done = sealer_of(empty_house, path), 0
        while (await counts(empty_house))[0]:
            done += await sealer.seal()
            await sealer.anchor()
        await sealer.close()
        return done

    shares = await asyncio.gather(work(), work(), work())
    assert sum(shares) == 1_000
    seen = await verified(empty_house, path)
    assert (seen.good, seen.rows, seen.unanchored) == (True, 1_000, 0)


async def test_a_sealer_killed_half_way_leaves_every_act_where_it_was(
    empty_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await upkeep.migrate(empty_house)
    await put(empty_house, 100)
    sealer = sealer_of(empty_house, tmp_path / "heads.jsonl")
    killer = await connect(empty_house.database.dsn)
    copied = asyncpg.Connection.copy_records_to_table

    async def die(self: asyncpg.Connection, *given: object, **named: object) -> None:
        await copied(self, *given, **named)
        await killer.fetchval("SELECT pg_terminate_backend($1)", self.get_server_pid())

    monkeypatch.setattr(asyncpg.Connection, "copy_records_to_table", die)
    # What asyncpg says depends on how far it has heard of its own end.
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)):
        await sealer.seal()
    assert await counts(empty_house) == (100, 0)
    monkeypatch.undo()
    assert await sealer.seal() == 100
    assert await counts(empty_house) == (0, 100)
    await sealer.close()
    await killer.close()


async def test_the_loop_seals_waits_for_a_database_that_is_away_and_anchors_when_told_to_stop(
    empty_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await upkeep.migrate(empty_house)
    monkeypatch.setattr(sealing, "EVERY_S", 0.01)
    refusals = iter((ConnectionRefusedError(), TimeoutError()))

    async def refused_at_first(dsn: str, **limits: int) -> asyncpg.Connection:
        for refusal in refusals:
            raise refusal
        return await connect(dsn, **limits)

    monkeypatch.setattr(sealing, "connect", refused_at_first)
    path, stop = tmp_path / "heads.jsonl", asyncio.Event()
    sealer = sealer_of(empty_house, path)
    running = asyncio.create_task(sealer.run(stop))
    killer = await connect(empty_house.database.dsn)
    for sent in (10, 20, 30):
        await put(empty_house, 10)
        await all_sealed(empty_house, sent)
        if sealer._connection is not None:
            await killer.fetchval("SELECT pg_terminate_backend($1)", sealer._connection.get_server_pid())
    await killer.close()
    stop.set()
    await running
    seen = await verified(empty_house, path)
    assert (seen.good, seen.rows, seen.unanchored) == (True, 30, 0)
    assert sum("sealing waits" in record.message for record in caplog.records) >= 2


async def test_heads_that_cannot_be_written_do_not_stop_the_sealing(
    empty_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await upkeep.migrate(empty_house)
    monkeypatch.setattr(sealing, "EVERY_S", 0.01)
    (tmp_path / "audit").write_text("a file where the folder should be")
    stop = asyncio.Event()
    running = asyncio.create_task(sealer_of(empty_house, tmp_path / "audit" / "heads.jsonl").run(stop))
    await put(empty_house, 10)
    await all_sealed(empty_house, 10)
    stop.set()
    await running
    assert any("cannot be anchored" in record.message for record in caplog.records if record.levelno == logging.ERROR)


async def test_the_oldest_acts_are_sealed_first_and_a_province_has_a_chain_of_its_own(
    empty_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await upkeep.migrate(empty_house)
    monkeypatch.setattr(sealing, "BATCH", 5)
    names = [uuid7() for _ in range(8)]
    acts = [act(number, id=name, region_code=330000000000000) for number, name in enumerate(names)]
    connection = await connect(empty_house.database.dsn)
    await write(connection, acts[::-1])
    sealer = sealer_of(empty_house, tmp_path / "heads.jsonl")
    assert [await sealer.seal() for _ in range(3)] == [5, 3, 0]
    rows = await connection.fetch("SELECT id, chain FROM audit_ledger ORDER BY seq")
    assert sorted(row["id"] for row in rows[:5]) == sorted(names)[:5]
    assert {row["chain"] for row in rows} == {330000000000000}
    heads = await sealing.heads_of(connection, [330000000000000, 1])
    assert {chain: head.seq for chain, head in heads.items()} == {330000000000000: 8}
    assert isinstance(heads[330000000000000], Head)
    await connection.close()
    await sealer.close()


async def test_what_waits_is_counted_with_its_age(empty_house: House) -> None:
    await upkeep.migrate(empty_house)
    async with empty_house.database.reading() as db:
        assert await audit.unsealed(db) == (0, 0.0)
    await put(empty_house, 3)
    async with empty_house.database.reading() as db:
        count, age = await audit.unsealed(db)
    assert count == 3
    assert age > 86_400
