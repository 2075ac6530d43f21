"""A stand-down at the machine while the house serves: tokens die within seconds, and the house starts again."""

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app import staff, upkeep
from app.house import House
from app.kit import crypto, postgres
from app.kit.settings import ROOT, Settings
from tests import cast
from tests.faults.ground import new_data_dir
from tests.faults.processes import Process, free_port

pytestmark = [pytest.mark.anyio, pytest.mark.fault]

NAME = "演练响应"


async def shouwang(data_dir: Path, *words: str) -> tuple[int | None, str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHOUWANG_", "DATABASE_"))}
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", *words, cwd=ROOT, env=kept | {"SHOUWANG_DATA_DIR": str(data_dir)},
        stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    said, complained = await running.communicate()
    return running.returncode, said.decode(), complained.decode()


@pytest.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Path, cast.Person]]:
    """A data directory with a response under way and Mei registered in it."""
    data_dir = new_data_dir()
    monkeypatch.delenv("DATABASE_URL", raising=False)
    house = House(Settings(data_dir=data_dir))
    await house.start()
    await upkeep.migrate(house)
    await upkeep.load_regions(house)
    async with house.database.writing() as db:
        await house.vault.load(db)
        await staff.start(db, NAME, 330000000000000)
    village = await cast.village(house)
    await house.stop()
    yield data_dir, village.mei
    postgres.stop(data_dir)
    shutil.rmtree(data_dir, ignore_errors=True)


@pytest.mark.proves("T32")
async def test_the_house_serves_on_without_the_old_keys_and_starts_again(scene: tuple[Path, cast.Person]) -> None:
    data_dir, mei = scene
    keys = data_dir / "development-keys.json"
    before = crypto.read_key_file(keys)
    server = Process("serve", data_dir, free_port())
    try:
        await server.start()
        async with httpx.AsyncClient(base_url=server.base, timeout=5) as client:
            assert (await client.get("/api/v1/me", headers=mei.bearer)).status_code == 200
            assert (await shouwang(data_dir, "response", "stand-down", "--name", "x"))[0] == 2
            code, said, complained = await shouwang(data_dir, "response", "stand-down", "--name", NAME)
            assert (code, "stood down" in said) == (0, True), complained
            began = time.monotonic()
            while (await client.get("/api/v1/me", headers=mei.bearer)).status_code != 401:
                assert time.monotonic() - began < 5
                await asyncio.sleep(0.1)
            assert not set(crypto.read_key_file(keys).roots) & set(before.roots)
            sent = await client.post("/api/v1/sign-in/code", json={"phone": mei.phone})
            assert sent.status_code == 202
        server.send(signal.SIGTERM)
        await server.ended(15)
        await server.start()
        async with httpx.AsyncClient(base_url=server.base, timeout=5) as client:
            assert (await client.get("/health/ready")).status_code == 200
    finally:
        server.clean()
    (certificate,) = (data_dir / "certificates").glob("*.json")
    code, said, _ = await shouwang(data_dir, "response", "certificate", "verify", str(certificate))
    assert (code, said.splitlines()[0][:5]) == (0, "good:")
    whole = json.loads(certificate.read_text())
    whole["certificate"]["by"] = ["别人"]
    certificate.write_text(json.dumps(whole))
    code, said, _ = await shouwang(data_dir, "response", "certificate", "verify", str(certificate))
    assert (code, said[:3]) == (1, "BAD")
