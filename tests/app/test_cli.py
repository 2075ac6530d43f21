"""Operators' commands: one clear sentence for what cannot be, a bar for what takes long, and nothing left running."""

import asyncio
import os
import re
import shutil
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from app import supervisor, upkeep
from app.house import House
from app.kit import postgres
from app.kit.settings import ROOT, Settings
from app.messages import receiving
from tests.faults.ground import new_data_dir
from tests.faults.processes import Process, alive, free_port, postmaster_of

pytestmark = pytest.mark.anyio

TOO_LONG = "99999999999999999999999"


async def shouwang(house: House, *words: str) -> tuple[int | None, str, str]:
    """Exit code, what a command said, and what it complained of."""
    environment = os.environ | {"DATABASE_URL": house.database.dsn, "COLUMNS": "80"}
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", *words, cwd=ROOT, env=environment, stdout=PIPE, stderr=PIPE
    )
    said, complained = await running.communicate()
    return running.returncode, said.decode(), complained.decode()


def post(phone: str = "13800000099", name: str = "王", region: str = "330822001202001") -> tuple[str, ...]:
    return "staff", "add", "--phone", phone, "--name", name, "--region", region


ADD = ("ladders", "add", "visit", "--region", "330822001202001", "--from", "2099-01-01", "--source", "x")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("grids", "mint", TOO_LONG), "12 or 15 digits"),
        (("grids", "mint", "330822"), "12 or 15 digits"),
        (("grids", "mint", "西峰"), "12 or 15 digits"),
        (("grids", "mint", "330822001000"), "This code is not a village"),
        (post(region=TOO_LONG), "12 or 15 digits"),
        (post(region="330822001202999"), "there is no region"),
        (post(region="110101001001"), "lies outside it"),
        (("ladders", "show", "visit", "--region", "330822"), "12 or 15 digits"),
        ((*ADD, "/nowhere/l.json"), "there is no file /nowhere/l.json"),
        (("exports", "trace", "/nowhere/rows.csv"), "there is no file /nowhere/rows.csv"),
        (("exports", "trace", "/"), "/ is not a file"),
        (("exports", "trace"), "name a file, or the number"),
        (("exports", "trace", "--number", "0205"), "is not the number of an export"),
        (("exports", "trace", "--number", "0205-7K4Q-9PDM"), "no mark and no number"),
        (("response", "certificate", "verify", "/nowhere/c.json"), "there is no file /nowhere/c.json"),
        (("response", "certificate", "verify", "/"), "/ is not a file"),
        (post(region="330822001202"), "This duty does not exist at this level"),
        ((*post(phone="138", region="330822001202"), "--role", "village_cadre"), "11 digits"),
        (post(name=""), "1 to 50"),
        (post(name="王" * 51), "1 to 50"),
        (post(name="王\t梅"), "no control"),
        (("regions", "find", "nosuchplace"), "no place"),
        (("regions", "find", "\udcff"), "no place"),
    ],
)
async def test_what_cannot_be_is_one_clear_sentence(house: House, words: tuple[str, ...], sentence: str) -> None:
    code, said, complained = await shouwang(house, *words)
    assert (code, said) == (2, ""), complained
    assert sentence in complained
    assert complained.startswith("shouwang: ")
    assert complained.count("\n") == 1


async def test_a_place_is_found_with_everything_above_it_however_narrow_the_terminal(house: House) -> None:
    code, said, _ = await shouwang(house, "regions", "find", "330822001202")
    assert code == 0
    assert "330822001202000  浙江省 / 衢州市 / 常山县 / 天马街道 / 西峰村委会" in said.splitlines()


async def test_the_addresses_that_providers_call_are_printed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no provider" in (await shouwang(house, "messages", "callbacks"))[2]
    for name in ("ID", "SECRET", "APP", "SIGN"):
        monkeypatch.setenv(f"SHOUWANG_TENCENT_SMS_{name}", "x")
    monkeypatch.setenv("SHOUWANG_ORIGIN", "https://shouwang.example.org")
    code, said, _ = await shouwang(house, "messages", "callbacks")
    token = receiving.token(house.vault.ring, "tencent")
    assert (code, said) == (0, f"tencent  https://shouwang.example.org/api/v1/receipts/tencent/{token}\n")


async def test_long_work_tells_how_far_it_is(empty_house: House) -> None:
    heard: list[tuple[int, int]] = []

    def told(done: int, whole: int) -> None:
        heard.append((done, whole))

    await upkeep.migrate(empty_house, told)
    assert heard == [(step, upkeep.STEPS) for step in range(upkeep.STEPS + 1)]
    heard.clear()
    rows, _ = await upkeep.load_regions(empty_house, told)
    assert heard[0] == (0, rows)
    assert heard[-1] == (rows, rows)
    assert len(heard) > 5
    assert heard == sorted(set(heard))
    code, said, bar = await shouwang(empty_house, "regions", "load")
    assert (code, said) == (0, "27,036 regions, 0 new\n")
    assert re.search(r"loading regions ━+ 27036/27036 ", bar)


# --- processes -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def migrated() -> AsyncIterator[Path]:
    """A data directory with a migrated cluster of its own, stopped."""
    data_dir = new_data_dir()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        house = House(Settings(data_dir=data_dir))
        await house.start()
        await upkeep.migrate(house)
        await house.stop()
    yield data_dir
    postgres.stop(data_dir)
    shutil.rmtree(data_dir, ignore_errors=True)


@pytest.fixture
def server(migrated: Path) -> Iterator[Process]:
    process = Process("serve", migrated, free_port())
    yield process
    process.clean()


@pytest.mark.fault
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_whoever_stops_the_server_stops_its_postgresql(
    server: Process, migrated: Path, workers: int, number: signal.Signals
) -> None:
    server._env["SHOUWANG_WORKERS"] = str(workers)
    await server.start()
    postmaster = postmaster_of(migrated)
    assert postmaster is not None
    server.send(number)
    await server.ended(15)
    assert server._process is not None
    assert server._process.returncode == 0, server.said()
    assert not alive(postmaster)
    assert postmaster_of(migrated) is None
    assert server.said() == ""


@pytest.mark.fault
async def test_a_web_process_that_cannot_start_stops_the_house_with_its_reason(migrated: Path) -> None:
    house = Process("run", migrated, free_port())
    house._env |= {"SHOUWANG_TLS_CERT": "/nowhere/cert.pem", "SHOUWANG_TLS_KEY": "/nowhere/key.pem"}
    try:
        with pytest.raises(AssertionError, match="did not get ready"):
            await house.start()
        await house.ended(5)
        assert "Shouwang is at" not in house.said()
        assert "`shouwang serve` ended with exit code" in house.said()
        assert postmaster_of(migrated) is None
    finally:
        house.clean()


def test_the_greeting_is_whole_however_narrow_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    supervisor._greet(Settings(host="0.0.0.0", port=65535, env="development"))
    lines = capsys.readouterr().out.splitlines()
    assert "守望 Shouwang is at http://127.0.0.1:65535   (Ctrl-C stops everything)" in lines
    starts = [line for line in lines if re.search(r"138\d{8}  http://127\.0\.0\.1:65535/[a-z/-]+$", line)]
    assert len(starts) == 7
    assert len({cell_len(line.partition("138")[0]) for line in starts}) == 1, "aligned, two cells for a character"


def test_the_house_is_greeted_only_when_it_answers() -> None:
    nobody = Settings(port=free_port())
    assert not supervisor._answers(nobody)
