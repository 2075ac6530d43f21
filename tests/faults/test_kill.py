"""Processes die, clients stay: nothing that was acknowledged is ever lost, doubled or invented."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest

from app.demo import MEI
from app.kit import postgres
from app.kit.ids import uuid7
from app.kit.settings import Settings
from tests.faults.ground import Crowd, new_data_dir, settle
from tests.faults.processes import Process, alive, descendants, end, free_port, postmaster_of

pytestmark = [pytest.mark.anyio, pytest.mark.fault]

KILLS = int(os.environ.get("SHOUWANG_KILLS", "3"))
A_KILL = 1_000  # reports between two kills
OTHERS = 4_000  # residents for the other tests
CLIENTS = 16
POOL, OWN_CONNECTIONS = 5, 2  # the pool; one connection of the group commit and one that listens


@dataclass
class Ground:
    """The database of this module, and people who have not reported yet."""

    data_dir: Path
    dsn: str
    people: list[tuple[UUID, str]]

    def some(self, count: int) -> list[tuple[UUID, str]]:
        taken, self.people[:] = self.people[:count], self.people[count:]
        assert len(taken) == count
        return taken


@pytest.fixture(scope="module")
async def ground() -> AsyncIterator[Ground]:
    data_dir = new_data_dir()
    with pytest.MonkeyPatch.context() as patch:
        server = postgres.start(data_dir)
        patch.setenv("DATABASE_URL", server.dsn)
        patch.setenv("SHOUWANG_DATA_DIR", str(data_dir))
        people = await settle(Settings(), KILLS * A_KILL + OTHERS)
    yield Ground(data_dir, server.dsn, people)
    postgres.stop(data_dir)
    shutil.rmtree(data_dir, ignore_errors=True)


@pytest.fixture
def server(ground: Ground) -> Iterator[Process]:
    process = Process("serve", ground.data_dir, free_port(), ground.dsn)
    yield process
    process.clean()


@pytest.mark.proves("R01")
@pytest.mark.timeout(120 + KILLS * 60)
async def test_killing_the_server_again_and_again_loses_no_acknowledged_report(ground: Ground, server: Process) -> None:
    await server.start()
    crowd = Crowd(server.base, ground.some(KILLS * A_KILL))
    working = asyncio.create_task(crowd.report(CLIENTS))
    for number in range(1, KILLS + 1):
        await crowd.reached(number * A_KILL - A_KILL // 2)
        await server.kill()
        assert await server.start() < 15
    await working
    assert len(crowd.acknowledged) == KILLS * A_KILL
    assert set(crowd.statuses) <= {200, 201, 503, "cut off"}
    assert crowd.statuses["cut off"] >= KILLS, "nobody was cut off: the server was not under load"
    await crowd.judge(ground.dsn)


@pytest.mark.proves("R02")
@pytest.mark.timeout(120)
async def test_killing_the_postmaster_is_answered_with_503_and_heals_by_itself(ground: Ground, server: Process) -> None:
    await server.start()
    crowd = Crowd(server.base, ground.some(1_500))
    working = asyncio.create_task(crowd.report(CLIENTS))
    for acknowledged in (300, 800):
        await crowd.reached(acknowledged)
        postmaster = postmaster_of(ground.data_dir)
        assert postmaster is not None
        end(postmaster)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(postgres.start, ground.data_dir)
        healed, before = time.monotonic(), len(crowd.acknowledged)
        await asyncio.wait_for(crowd.reached(before + 1), 10)
        assert time.monotonic() - healed < 5
    await working
    assert set(crowd.statuses) <= {200, 201, 503}, "clients saw something else than success and 503"
    assert crowd.statuses[503] > 0
    await crowd.judge(ground.dsn)
    async with httpx.AsyncClient(base_url=server.base) as client:
        assert (await client.get("/health/ready")).status_code == 200
        assert (await client.post("/api/v1/sign-in/code", json={"phone": "13900001111"})).status_code == 202


@pytest.mark.proves("R14")
async def test_sigterm_finishes_what_was_begun_and_ends_in_time(ground: Ground, server: Process) -> None:
    await server.start()
    crowd = Crowd(server.base, ground.some(2_000), patience=False)
    working = asyncio.create_task(crowd.report(CLIENTS))
    await crowd.reached(300)
    server.send(signal.SIGTERM)
    assert await server.ended(12) < 12
    crowd.people.clear()
    await working
    assert set(crowd.statuses) <= {200, 201, 503, "cut off"}
    await crowd.judge(ground.dsn)


@pytest.mark.proves("R05")
async def test_five_hundred_clients_that_vanish_leave_no_connection_behind(ground: Ground, server: Process) -> None:
    await server.start()
    people = ground.some(250)

    async def vanish(number: int) -> None:
        person, token = people[number % len(people)]
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = f"Host: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {token}\r\n"
        body = f'{{"id":"{uuid7()}","symptoms":["none"],"exposed":"no","person_id":"{person}"}}'
        if number % 2:
            request = f"GET /api/v1/me HTTP/1.1\r\n{head}\r\n"
        else:
            kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            request = f"POST /api/v1/checkins HTTP/1.1\r\n{head}{kind}\r\n{body}"
        writer.write(request.encode()[: None if number % 5 else -10])
        await writer.drain()
        await asyncio.sleep(0.002 * (number % 5))
        writer.transport.abort()

    for start in range(0, 500, 50):
        await asyncio.gather(*(vanish(number) for number in range(start, start + 50)))
    async with httpx.AsyncClient(base_url=server.base, timeout=5) as client:
        began = time.monotonic()
        assert (await client.get("/health/live")).status_code == 200
        assert time.monotonic() - began < 2
        # What the vanished had asked for is still being worked off; whoever waits too long is told to come again.
        while (answer := await client.post("/api/v1/sign-in/code", json={"phone": "13900002222"})).status_code == 503:
            assert int(answer.headers["retry-after"]) >= 1
            assert time.monotonic() - began < 10
        assert answer.status_code == 202
    await asyncio.sleep(0.5)
    open_now, busy = await connections(ground.dsn)
    assert open_now <= POOL + OWN_CONNECTIONS
    assert busy == 0


async def connections(dsn: str) -> tuple[int, int]:
    """How many connections the house holds, and how many of them are inside a query or a transaction."""
    watching = await asyncpg.connect(dsn, server_settings={"application_name": "test"})
    try:
        states = [
            row["state"]
            for row in await watching.fetch("SELECT state FROM pg_stat_activity WHERE application_name = 'shouwang'")
        ]
    finally:
        await watching.close()
    return len(states), sum(state != "idle" for state in states)


@pytest.mark.proves("T24")
async def test_a_request_that_trickles_in_is_cut_off(server: Process) -> None:
    await server.start()
    head = f"POST /api/v1/checkins HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
    whole = f"{head}Content-Length: 500\r\n\r\n".encode()

    async def trickle(at_once: bytes, drop: bytes) -> float:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        began = time.monotonic()
        writer.write(at_once)
        while not reader.at_eof() and time.monotonic() - began < 20:
            try:
                writer.write(drop)
                await writer.drain()
                await asyncio.wait_for(reader.read(1000), 0.5)
            except TimeoutError:
                continue
            except ConnectionError:
                break
        writer.transport.abort()
        return time.monotonic() - began

    times = await asyncio.gather(
        trickle(b"GET /", b"a"), trickle(head.encode(), b"X"), trickle(whole, b" "), trickle(b"", b"")
    )
    assert all(2 < seconds <= 12 for seconds in times), times
    async with httpx.AsyncClient(base_url=server.base) as client:
        assert (await client.get("/health/live")).status_code == 200


async def check_in(base: str, name: UUID) -> httpx.Response:
    """Mei of the demo village signs in and reports, or sends the same again."""
    async with httpx.AsyncClient(base_url=base, timeout=10) as client:
        items = (await client.get("/dev/outbox.json", params={"phone": MEI})).json()["items"]
        if not items:
            assert (await client.post("/api/v1/sign-in/code", json={"phone": MEI})).status_code == 202
            items = (await client.get("/dev/outbox.json", params={"phone": MEI})).json()["items"]
            signed = await client.post("/api/v1/sign-in", json={"phone": MEI, "code": items[0]["code"]})
            _TOKEN.append(signed.json()["token"])
        report = {"id": str(name), "symptoms": ["none"], "exposed": "no"}
        return await client.post("/api/v1/checkins", json=report, headers={"Authorization": f"Bearer {_TOKEN[-1]}"})


_TOKEN: list[str] = []


@pytest.mark.timeout(180)
async def test_run_survives_the_death_of_everything_and_ctrl_c_ends_everything(
    whole_house: tuple[Process, Path],
) -> None:
    house, data_dir = whole_house
    await house.start()
    name = uuid7()
    assert (await check_in(house.base, name)).status_code == 201
    postmaster = postmaster_of(data_dir)
    assert postmaster is not None
    family = [house.pid, *descendants(house.pid), postmaster]
    assert len(family) >= 4, "supervisor, web, worker and PostgreSQL"
    for pid in family:
        end(pid)
    await house.ended(5)
    await house.start()
    assert (await check_in(house.base, name)).status_code == 200, "the data and the sign-in are still there"
    postmaster = postmaster_of(data_dir)
    assert postmaster is not None
    family = [house.pid, *descendants(house.pid), postmaster]
    house.send(signal.SIGINT)
    assert await house.ended(20) < 20
    await asyncio.sleep(0.2)
    assert [pid for pid in family if alive(pid)] == []
    assert house.said().rstrip().endswith("stopped")
