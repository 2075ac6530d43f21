"""Messages: a hundred thousand written in one transaction, twenty thousand delivered, and the wait behind a poison."""

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from rich.console import Console

from app import messages
from app.kit import clock
from app.kit.ids import uuid7
from app.kit.settings import Settings
from app.messages import About, Telling, To
from app.messages.connecting import carriers_of
from app.messages.office import Office
from models.messages import TemplateCode
from tests.bench import report
from tests.bench.accounting import ROOT, cpu_s, load_now, where_and_when
from tests.bench.grounds import Grounds, grounds
from tests.bench.servers import free_port
from tests.faults.poisoned import counted, delivered_beside
from tests.gateways import aliyun

# figure -> (the most it may be, the final aim); 1 ms a message are 1,000 a second
LIMITS: dict[str, tuple[float, float]] = {
    "write_100k_s": (5, 3), "deliver_ms_each": (1, 0.5), "lost": (0, 0), "doubled": (0, 0), "lag_p99_s": (5, 3),
}  # fmt: skip
WORDS = {
    "write_100k_s": "100,000 messages with a sealed parameter in one transaction, s",
    "deliver_ms_each": "delivering, ms a message (1 = 1,000 a second)",
    "lost": "lost",
    "doubled": "doubled",
    "lag_p99_s": "wait of the others behind a message that kills its worker, p99, s",
}
MOST_S = 300.0
err = Console(stderr=True, highlight=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="shouwang bench messages", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="messages written at once (default 100,000)")
    parser.add_argument("--deliveries", type=int, default=20_000, help="messages delivered (default 20,000)")
    parser.add_argument("--behind", type=int, default=10_000, help="messages behind a poison (default 10,000)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a limit is missed")
    return parser.parse_args()


@contextmanager
def provider() -> Iterator[str]:
    """Aliyun's stand-in as a process of its own."""
    port = free_port()
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.gateways.standing", "aliyun", "--port", str(port)], cwd=ROOT
    )
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                httpx.get(f"http://127.0.0.1:{port}/counted")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.kill()
        running.wait()


def gateway(url: str) -> dict[str, Any]:
    """The settings of the stand-in."""
    return {"aliyun_sms_id": aliyun.KEY_ID, "aliyun_sms_secret": aliyun.SECRET, "aliyun_sms_sign": aliyun.SIGN,
            "aliyun_sms_url": url}  # fmt: skip


async def written(ground: Grounds, count: int) -> float:
    """Seconds for so many messages to accounts in one transaction, a sealed parameter in each."""
    many = [
        Telling(
            To(account=uuid7()), {"sender": "西岑村 林芳", "day": "2026-11-23", "number": "1123-7K4Q"},
            About(key=f"letter/{number}"),
        )
        for number in range(count)
    ]  # fmt: skip
    patient = ground.house.database.patient(60_000)
    try:
        began = time.monotonic()
        async with patient.writing() as db:
            await messages.tell_many(db, "direct_message", many)
        return time.monotonic() - began
    finally:
        await patient.close()


async def codes(ground: Grounds, phones: list[str]) -> list[UUID]:
    """A sign-in code for every phone, in one transaction."""
    many = [Telling(To(phone=phone), {"code": f"{number % 10**6:06d}"}) for number, phone in enumerate(phones)]
    async with ground.house.database.writing() as db:
        return await messages.tell_many(db, "sign_in_code", many)


@asynccontextmanager
async def at_work(ground: Grounds, url: str) -> AsyncIterator[None]:
    """The post office of one worker, in this process."""
    settings = Settings(DATABASE_URL=ground.dsn, data_dir=ground.settings.data_dir, **gateway(url))
    house, stop = ground.house, asyncio.Event()
    office = Office(house.database, house.vault, carriers_of(settings, house.database, house.vault))
    running = asyncio.create_task(office.run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def delivered(ground: Grounds, connection: asyncpg.Connection, count: int) -> dict[str, Any]:
    """Deliver so many; how long it took, at what cost, and what the provider says it got."""
    phones = [f"137{number:08d}" for number in range(count)]
    with provider() as url:
        await codes(ground, phones)
        await connection.execute("ANALYZE message")
        own, database, began = time.process_time(), cpu_s(ground.postmaster), time.monotonic()
        async with at_work(ground, url):
            while await connection.fetchval("SELECT count(*) FROM delivery WHERE state = 'pending'") < count:
                assert time.monotonic() - began < MOST_S, "the deliveries do not come to an end"
                await asyncio.sleep(0.05)
            took = time.monotonic() - began
        got = await counted(url)
    return {
        "delivered_per_s": round(count / took), "deliver_ms_each": round(took * 1000 / count, 3),
        "worker_cpu_ms_each": round((time.process_time() - own) * 1000 / count, 3),
        "database_cpu_ms_each": round((cpu_s(ground.postmaster) - database) * 1000 / count, 3),
        "lost": sum(phone not in got for phone in phones),
        "doubled": sum(len(times) > 1 for times in got.values()),
    }  # fmt: skip


async def _cleared(connection: asyncpg.Connection) -> None:
    await connection.execute("TRUNCATE delivery_attempt, delivery, message, pgqueuer, receipt")


async def _measure(options: argparse.Namespace) -> dict[str, Any]:
    async with grounds() as ground:
        async with ground.house.database.writing() as db:
            await ground.house.vault.load(db)
            db.add(TemplateCode(provider="aliyun", template="sign_in_code", version=1, lang="zh", code=aliyun.CODE,
                                by_account=uuid7(), at=clock.now()))  # fmt: skip
        connection = await asyncpg.connect(ground.dsn)
        err.print(f"{options.rows:,} messages written, three times")
        times = []
        for _ in range(3):
            times.append(await written(ground, options.rows))
            await _cleared(connection)
        err.print(f"{options.deliveries:,} delivered")
        found = await delivered(ground, connection, options.deliveries)
        await _cleared(connection)
        err.print(f"{options.behind:,} behind a poison")
        with provider() as url:
            lags = await delivered_beside(ground.house, gateway(url), options.behind)
        await connection.close()
        return found | {
            "write_100k_s": round(statistics.median(times) * 100_000 / options.rows, 2),
            "lag_p50_s": round(statistics.median(lags), 2),
            "lag_p99_s": round(statistics.quantiles(lags, n=100)[98], 2), "lag_max_s": round(max(lags), 2),
            "rows_at_once": options.rows, "deliveries": options.deliveries, "behind": options.behind,
            "load_average": options.load, **where_and_when(), "limits": LIMITS,
        }  # fmt: skip


def _show(figures: dict[str, Any]) -> None:
    limits = report.beside_limits(figures, WORDS)
    report.out.print(limits, "", sep="\n")
    report.out.print(
        f"{figures['delivered_per_s']:,} delivered a second; CPU of the worker {figures['worker_cpu_ms_each']:g} ms, "
        f"of the database {figures['database_cpu_ms_each']:g} ms a message; behind the poison p50 "
        f"{figures['lag_p50_s']:g} s, longest {figures['lag_max_s']:g} s\n{report.where(figures)}"
    )


def main() -> int:
    """Measure and print. 1 when a message is lost or doubled, or a limit is missed and --strict was given."""
    options = _arguments()
    options.load = load_now()
    figures = asyncio.run(_measure(options))
    report.tell(figures, _show, as_json=options.json)
    broken = figures["lost"] or figures["doubled"]
    return 1 if broken or (options.strict and report.missed(figures)) else 0
