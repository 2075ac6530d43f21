"""A worker is killed at every point of a delivery: nothing is lost, and what a provider can tell is not doubled."""

import asyncio
import os
import shutil
import signal
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from sqlmodel import col, func, select

from app import upkeep
from app.house import House
from app.kit import postgres
from app.kit.settings import Settings
from app.messages.points import POINTS
from models.messages import Delivery, State
from tests.app.messages.posts import AT_ALIYUN, AT_TENCENT, empty
from tests.faults.ground import new_data_dir
from tests.faults.poisoned import counted, delivered_beside, told, worker
from tests.faults.processes import Process, alive, descendants, end
from tests.gateways.aliyun import AliyunStandIn
from tests.gateways.behaving import slow
from tests.gateways.standing import standing
from tests.gateways.tencent import TencentStandIn

pytestmark = [pytest.mark.anyio, pytest.mark.fault]

ROUNDS = int(os.environ.get("SHOUWANG_DELIVERY_KILLS", "1"))
BEHIND = int(os.environ.get("SHOUWANG_BEHIND", "1500"))  # the full size is 10,000
SOON_S = 60.0
WAIT_S = 5.0
DONE = (State.PENDING, State.DELIVERED)
StandIn = TypeVar("StandIn", AliyunStandIn, TencentStandIn)
At = tuple[StandIn, dict[str, Any]]


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    data_dir = new_data_dir()
    server = postgres.start(data_dir)
    running = House(Settings(DATABASE_URL=server.dsn, data_dir=data_dir))
    await running.start()
    await upkeep.migrate(running)
    yield running
    await running.stop()
    postgres.stop(data_dir)
    shutil.rmtree(data_dir, ignore_errors=True)


@pytest.fixture
async def aliyun(house: House) -> AsyncIterator[At[AliyunStandIn]]:
    async with at(house, AliyunStandIn(), AT_ALIYUN, "aliyun_sms_url") as both:
        yield both


@pytest.fixture
async def tencent(house: House) -> AsyncIterator[At[TencentStandIn]]:
    async with at(house, TencentStandIn(), AT_TENCENT, "tencent_sms_url") as both:
        yield both


@asynccontextmanager
async def at(house: House, stand: StandIn, settings: dict[str, Any], url: str) -> AsyncIterator[At[StandIn]]:
    """Nothing on its way, a provider, and the settings of a worker that sends by it."""
    await empty(house)
    with standing(stand) as address:
        yield stand, settings | {url: address}


def phones(count: int) -> list[str]:
    return [f"137{number:08d}" for number in range(count)]


async def handed_over(house: House) -> int:
    async with house.database.reading() as db:
        return (await db.exec(select(func.count()).where(col(Delivery.state).in_(DONE)))).one()


def times(stand: AliyunStandIn | TencentStandIn, wanted: list[str]) -> list[int]:
    got = stand.counted()
    return [len(got.get(phone, ())) for phone in wanted]


@pytest.mark.proves("R09")
@pytest.mark.parametrize("point", POINTS)
async def test_killed_at_a_point_loses_nothing_and_a_provider_that_can_tell_gets_nothing_twice(
    house: House, aliyun: At[AliyunStandIn], point: str
) -> None:
    stand, settings = aliyun
    for _ in range(ROUNDS):
        await empty(house)
        stand.by_phone.clear()
        wanted = phones(450)

        async def done(count: int = len(wanted)) -> bool:
            return await handed_over(house) == count

        with worker(house, settings, DIE_AT=point) as running:
            await told(house, wanted)
            await running.up()
            running.go()
            began = time.monotonic()
            await running.until(done, SOON_S)
            assert running.deaths == 1, "it was not killed at all"
            assert time.monotonic() - began < SOON_S
        assert times(stand, wanted) == [1] * len(wanted)


@pytest.mark.proves("R09")
@pytest.mark.parametrize(
    ("point", "most"),
    [("claim-committed", 1), ("sent", 1), ("answered", 2), ("concluded", 2), ("conclusion-committed", 1)],
)
async def test_a_provider_that_cannot_tell_yet_gets_one_repeat_and_only_of_what_was_sent_and_not_written_down(
    house: House, tencent: At[TencentStandIn], point: str, most: int
) -> None:
    stand, settings = tencent
    wanted = phones(40)  # one batch: nothing else is under way when the worker dies
    stand.carrier = dict.fromkeys(wanted, "")  # no carrier has reported: Tencent does not mention such letters

    async def done() -> bool:
        return await handed_over(house) == len(wanted)

    with worker(house, settings, DIE_AT=point) as running:
        await told(house, wanted)
        await running.up()
        running.go()
        await running.until(done, SOON_S)
        assert running.deaths == 1
    assert times(stand, wanted) == [most] * len(wanted)


@pytest.mark.proves("R10")
@pytest.mark.timeout(240)
@pytest.mark.parametrize("how", ["kill", "raise", "hang"])
async def test_thousands_behind_a_poison_wait_for_seconds_only(
    house: House, aliyun: At[AliyunStandIn], how: str
) -> None:
    _, settings = aliyun
    lags = await delivered_beside(house, settings, BEHIND, how)
    p99 = statistics.quantiles(lags, n=100)[98]
    print(f"{how}: {BEHIND} behind a poison waited p50 {statistics.median(lags):.1f} s, p99 {p99:.1f} of {WAIT_S} s")
    assert p99 <= WAIT_S


async def test_a_worker_that_is_told_to_stop_finishes_or_lets_go_and_the_next_one_does_the_rest(
    house: House, aliyun: At[AliyunStandIn]
) -> None:
    stand, settings = aliyun
    stand.usual = slow(0.4)
    wanted = phones(1_500)
    with worker(house, settings) as running:
        await told(house, wanted)
        await running.up()
        running.go()

        async def begun() -> bool:
            return len(await counted(settings["aliyun_sms_url"])) > 100

        await running.until(begun)
        began = time.monotonic()
    assert time.monotonic() - began < 12, "SIGTERM, and then it takes too long"
    assert running.deaths == 0
    async with house.database.reading() as db:
        under_way = (await db.exec(select(func.count()).where(Delivery.state == State.SENDING))).one()
    assert under_way == 0
    assert 0 < sum(times(stand, wanted)) < len(wanted)

    async def done() -> bool:
        return await handed_over(house) == len(wanted)

    with worker(house, settings) as running:
        await running.up()
        running.go()
        await running.until(done, SOON_S)
    assert times(stand, wanted) == [1] * len(wanted)


# --- the whole house -------------------------------------------------------------------------------------------------


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except FileNotFoundError:
        return ""


def workers_of(pid: int) -> list[int]:
    """The keeper and the worker under it, of a running house."""
    return [child for child in descendants(pid) if command_of(child).rstrip().endswith(" worker") and alive(child)]


@pytest.mark.timeout(180)
async def test_a_house_survives_the_death_of_its_worker_and_of_its_keeper(whole_house: tuple[Process, Path]) -> None:
    process, _ = whole_house
    await process.start()

    async def two(*dead: int) -> list[int]:
        for _ in range(300):
            if len(found := workers_of(process.pid)) == 2 and not set(dead) & set(found):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(process.said()[-2000:])

    keeper, at_work = await two()
    end(at_work)
    after = await two(at_work)
    assert after[0] == keeper, "another is forked"
    end(keeper)
    last = await two(*after)
    async with httpx.AsyncClient(base_url=process.base, timeout=5) as client:
        assert (await client.get("/health/ready")).status_code == 200
        assert (await client.post("/api/v1/sign-in/code", json={"phone": "13900001111"})).status_code == 202
    assert "`shouwang worker` was ended by SIGKILL; it is started again" in process.said()
    process.send(signal.SIGTERM)
    assert await process.ended(20) < 20
    await asyncio.sleep(0.2)
    assert [pid for pid in last if alive(pid)] == []
