"""Data keys: one per county, wrapped by the event's key; without the right file nothing opens and nothing starts."""

import asyncio
from pathlib import Path

import pytest
from sqlmodel import select

from app import upkeep, vault
from app.house import House
from app.kit import crypto
from app.kit.crypto import Keyring, KeysUnusable, Tampered
from app.kit.ids import uuid7
from app.kit.settings import Settings
from app.vault import NOWHERE, Vault
from models.vault import DataKeyRow

pytestmark = pytest.mark.anyio

GRID = 330822001202001


@pytest.mark.proves("R20")
async def test_a_house_with_the_wrong_key_file_refuses_to_serve(
    empty_house: House, settings: Settings, tmp_path: Path
) -> None:
    await upkeep.migrate(empty_house)
    crypto.new_key_file(tmp_path / "other.json", development=True)
    changed = {"database_url": empty_house.database.dsn, "key_file": tmp_path / "other.json"}
    stranger = House(settings.model_copy(update=changed))
    await stranger.start()
    with pytest.raises(KeysUnusable, match="is it the file of this event"):
        await stranger.serve()
    with pytest.raises(KeysUnusable, match="is it the file of this event"):
        await upkeep.load_regions(stranger)
    await stranger.stop()
    async with empty_house.database.reading() as db:
        assert [row.county_code for row in await db.exec(select(DataKeyRow))] == [NOWHERE]


@pytest.mark.proves("R20")
async def test_a_house_without_its_key_file_does_not_open_at_all(settings: Settings, tmp_path: Path) -> None:
    lost = settings.model_copy(update={"env": "production", "key_file": tmp_path / "lost.json"})
    with pytest.raises(KeysUnusable, match=r"lost\.json"):
        await House(lost).start()


@pytest.mark.proves("T10")
async def test_a_value_opens_only_for_its_row_its_column_and_with_its_key(house: House) -> None:
    row = uuid7()
    sealed = house.vault.seal("桃园路 18 号", "resident|address", row, GRID)
    assert house.vault.open(sealed, "resident|address", row) == "桃园路 18 号"
    for place, name in (("resident|address", uuid7()), ("resident|phone", row), ("message|address", row)):
        with pytest.raises(Tampered):
            house.vault.open(sealed, place, name)
    other_key = sealed[:1] + (house.vault._by_county[NOWHERE].key_id).to_bytes(2, "big") + sealed[3:]
    unknown_key = sealed[:1] + b"\x7f\xff" + sealed[3:]
    for altered in (other_key, unknown_key, sealed[:-1], b"", b"\x00" * 60):
        with pytest.raises(Tampered):
            house.vault.open(altered, "resident|address", row)


@pytest.mark.proves("T32")
async def test_without_the_root_key_a_data_key_is_noise(house: House) -> None:
    async with house.database.reading() as db:
        rows = (await db.exec(select(DataKeyRow))).all()
    thief = Keyring({1: bytes(32)}, development=False)
    for row in rows:
        with pytest.raises(KeysUnusable):
            crypto.unwrap(thief, row.wrapped, row.id)
    secrets = {house.vault._by_id[row.id].secret for row in rows}
    assert len(secrets) == len(rows)
    assert not any(secret in row.wrapped for secret in secrets for row in rows)


async def test_every_county_has_a_key_of_its_own_and_what_has_no_county_too(house: House) -> None:
    async with house.database.reading() as db:
        rows = (await db.exec(select(DataKeyRow))).all()
    assert len(rows) == 91
    keys = {crypto.key_id_of(house.vault.seal("x", "t|c", uuid7(), row.county_code)) for row in rows}
    assert len(keys) == 91
    assert crypto.key_id_of(house.vault.seal("x", "t|c", uuid7(), GRID)) == crypto.key_id_of(
        house.vault.seal("x", "t|c", uuid7(), 330822 * 10**9)
    )
    nowhere = crypto.key_id_of(house.vault.seal("x", "t|c", uuid7()))
    assert crypto.key_id_of(house.vault.seal("x", "t|c", uuid7(), 440100 * 10**9)) == nowhere


async def test_keys_are_minted_once_also_when_two_start_together(house: House, empty_house: House) -> None:
    async with house.database.writing() as db:
        assert await vault.mint(db, [330822 * 10**9, 330102 * 10**9]) == 0
    await upkeep.migrate(empty_house)

    async def mint() -> int:
        async with empty_house.database.writing() as db:
            return await vault.mint(db, [330822 * 10**9, 330102 * 10**9])

    assert sorted(await asyncio.gather(*(mint() for _ in range(4)))) == [0, 0, 0, 2]
    fresh = Vault(empty_house.vault.ring)
    async with empty_house.database.reading() as db:
        await fresh.load(db)
    assert len(fresh._by_id) == 3
