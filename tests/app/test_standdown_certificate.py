"""What proves a stand-down: a destroyed key file, an old backup that gives nothing, a signed certificate."""

import json
import os
import secrets
from pathlib import Path

import pytest
from sqlalchemy import text

from app import standdown
from app.house import House
from app.kit import crypto, postgres, postgres_site, signing
from app.kit.crypto import KeysUnusable
from tests.app.standing import NAME, opened, scene, stood_down
from tests.cast import Village

pytestmark = pytest.mark.anyio

__all__ = ["scene"]

# --- the key file ----------------------------------------------------------------------------------------------------


def test_a_destroyed_root_is_overwritten_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    before = crypto.new_key_file(path)
    held = os.open(path, os.O_RDONLY)  # the old file itself, whatever its name
    ring = crypto.retire(path, 1)
    assert list(ring.roots) == [2]
    assert set(os.read(held, 4096)) <= {0}
    os.close(held)
    assert crypto.retire(path, 1) == ring
    assert path.stat().st_mode & 0o777 == 0o600
    assert before.roots[1].hex() not in path.read_bytes().hex()
    assert {each.name for each in tmp_path.iterdir()} == {"keys.json", "keys.json.lock"}


def test_what_a_crash_left_of_the_old_key_file_is_destroyed_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    crypto.new_key_file(path)
    (tmp_path / "keys.json.old").write_text("the old root")
    crypto.retire(path, 0)
    assert not (tmp_path / "keys.json.old").exists()


# --- the certificate -------------------------------------------------------------------------------------------------


@pytest.mark.proves("T32")
async def test_the_certificate_verifies_and_an_altered_one_does_not(
    scene: tuple[House, Village], tmp_path: Path
) -> None:
    house, _ = scene
    roots = crypto.read_key_file(tmp_path / "keys.json").fingerprints()
    row = await stood_down(house)
    document = (tmp_path / "certificates" / f"{row.response_id}.json").read_bytes()
    checked = standdown.check(document)
    assert checked.good
    assert checked.said["destroyed_keys"] == {"1": roots[1]}
    assert checked.said["response"]["name"] == NAME
    assert len(checked.said["by"]) == 2
    assert checked.said["ended"]["posts"] == 5
    unreadable = checked.said["unreadable"]
    assert (unreadable["resident.phone_sealed"], unreadable["resident.id_sealed"]) == (5, 5)
    assert unreadable["post.phone_sealed"] == 5
    assert checked.public_key == signing.Signing.load(tmp_path / "keys.json").public.hex()
    whole = json.loads(document)
    for change in ({"stood_down_at": "2020-01-01"}, {"by": ["别人"]}, {"unreadable": {}}, {"more": 1}):
        altered = whole | {"certificate": whole["certificate"] | change}
        assert not standdown.check(json.dumps(altered).encode()).good
    for broken in (b"", b"{}", b"[]", document[:-40], b'{"certificate": 1, "signature": "", "public_key": ""}'):
        with pytest.raises(ValueError, match="not a certificate"):
            standdown.check(broken)


async def test_the_operator_may_end_it_at_the_machine_by_typing_its_name(scene: tuple[House, Village]) -> None:
    house, _ = scene
    async with house.database.writing() as db:
        with pytest.raises(standdown.WrongName):
            await standdown.by_operator(db, "x", "operator root")
    async with house.database.writing() as db:
        row = await standdown.by_operator(db, NAME, "operator root")
    await house.watch.look()
    async with house.database.reading() as db:
        _, certificate = await standdown.certificate_of(db, row.response_id)
    assert certificate is not None
    assert json.loads(certificate.said)["by"] == ["operator root"]


# --- an old backup ---------------------------------------------------------------------------------------------------


@pytest.mark.proves("T32")
async def test_a_dump_of_before_restored_after_gives_no_number_and_no_address(
    scene: tuple[House, Village], data_dir: Path, tmp_path: Path
) -> None:
    house, village = scene
    people = village.mei.household
    keys = house.vault
    numbers = [keys.open(row.id_sealed, "resident|id", row.person_id) for row in people if row.id_sealed]
    secrets_ = [*numbers, village.mei.phone, village.li.phone, "桃园路"]
    site = postgres_site.site_of(data_dir)
    dump = tmp_path / "before.sql"
    whole = site.run("pg_dump", "--inserts", house.database.dsn).stdout
    dump.write_text(whole)
    assert len(whole) > 100_000
    await stood_down(house)
    # Yesterday's backup, in another database, with the key file as it is now.
    restored = postgres.start(data_dir, database=f"scratch_{secrets.token_hex(4)}")
    site.run("psql", "-q", "-v", "ON_ERROR_STOP=1", restored.dsn, script=whole)
    old = await opened(restored.dsn, tmp_path)
    with pytest.raises(KeysUnusable):
        await old.serve()
    opened_ = 0
    async with old.database.reading() as db:
        rows = await db.exec(text("SELECT * FROM data_key"))
        for row in rows:
            with pytest.raises(KeysUnusable):
                crypto.unwrap(old.vault.ring, row.wrapped, row.id)
            opened_ += 1
        assert opened_ >= 91
        for table in ("resident", "account", "post", "message", "checkin"):
            said = repr((await db.exec(text(f"SELECT * FROM {table}"), execution_options={"scope": "test"})).all())
            assert not [secret for secret in secrets_ if secret in said], table
        # A number that is known beforehand finds nobody either: the index key is gone with the root.
        index = old.vault.ring.blind_index("phone", village.mei.phone)
        found = await db.exec(text("SELECT count(*) FROM account WHERE phone_index = :index"), params={"index": index})
        assert found.scalar_one() == 0
    assert not [secret for secret in secrets_ if secret in whole]
    await old.stop()
