"""Sealing the ledger: how fast alone, at what price beside a plain COPY, and how far behind while acts pour in."""

import argparse
import asyncio
import random
import statistics
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
from rich.console import Console
from rich.table import Table

from app import audit
from app.audit.chain import COLUMNS, LEDGER, START, bind, chain_of
from app.kit import clock
from app.kit.ids import uuid7
from tests.bench import report
from tests.bench.accounting import cpu_s, load_now, where_and_when
from tests.bench.grounds import Grounds, grounds

# figure -> (the most it may be, the final aim); 200 ms for a thousand acts are 5,000 a second
LIMITS: dict[str, tuple[float, float]] = {"seal_ms_per_1000": (200, 50), "lag_max_s": (5, 2)}
WORDS = {
    "seal_ms_per_1000": "sealing alone, ms for 1,000 acts (200 = 5,000 a second)",
    "lag_max_s": "longest wait of an act for its seal, s",
}
PER_S = 5_000
TICK_S = 0.1
COUNTIES = 90  # of a province
MOST_LATE_S = 30

err = Console(stderr=True, highlight=False)
Rows = list[tuple[Any, ...]]


@dataclass
class Cost:
    """What a stretch of work took: seconds on the wall, and processor seconds of this process and of the database."""

    wall: float = 0.0
    own: float = 0.0
    database: float = 0.0

    @property
    def cpu(self) -> float:
        return self.own + self.database


class Meter:
    """Measures one stretch of work."""

    def __init__(self, postmaster: int) -> None:
        self._postmaster = postmaster
        self._began = (time.monotonic(), time.process_time(), cpu_s(postmaster))

    def cost(self) -> Cost:
        wall, own, database = self._began
        return Cost(time.monotonic() - wall, time.process_time() - own, cpu_s(self._postmaster) - database)


@dataclass
class Watched:
    """When acts were committed and when they were sealed, as running totals."""

    written: list[tuple[float, int]] = field(default_factory=list)
    sealed: list[tuple[float, int]] = field(default_factory=list)

    def lags(self) -> list[float]:
        """Seconds that each written portion waited until the total sealed had passed it."""
        found, seals, total = [], iter(self.sealed), 0
        at, through = 0.0, 0
        for when, count in self.written:
            total += count
            while through < total:
                at, portion = next(seals)
                through += portion
            found.append(max(0.0, at - when))
        return found


class WatchedSealer(audit.Sealer):
    """The sealer as it is, noting when it finished."""

    watched: Watched

    async def seal(self) -> int:
        count = await super().seal()
        if count:
            self.watched.sealed.append((time.monotonic(), count))
        return count


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="shouwang bench audit", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="acts sealed alone and copied (default 200,000)")
    parser.add_argument("--seconds", type=float, default=10, help="how long acts pour in (default 10)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a limit is missed")
    return parser.parse_args()


def _acts(count: int) -> Rows:
    """Looks of the staff of a province: 90 counties, lists and single people."""
    now, made = clock.now() - timedelta(minutes=5), []
    staff = [uuid7() for _ in range(2_000)]
    for number in range(count):
        grid = 330_000_000_000_000 + random.randrange(1, COUNTIES + 1) * 10**9 + random.randrange(1, 400) * 1_000 + 1
        single = number % 5
        words = {
            "id": uuid7(), "at": now + timedelta(microseconds=number), "account_id": random.choice(staff),
            "post_id": random.choice(staff), "actor_name": "李桂芳", "role": "grid_worker", "region_code": grid,
            "person_id": uuid7() if single else None, "subject": None, "place_code": grid,
            "act": "saw_person" if single else "saw_list", "purpose": "person_page" if single else "people",
            "facts": None if single else '{"people":214}', "origin": "203.0.113.* phone", "request_id": uuid7(),
        }  # fmt: skip
        made.append(tuple(words[name] for name in COLUMNS))
    return made


async def _write(connection: asyncpg.Connection, acts: Rows) -> None:
    await connection.copy_records_to_table("audit_event", records=acts, columns=COLUMNS)


def _sealer(ground: Grounds, name: str) -> WatchedSealer:
    path = ground.settings.data_dir / name
    sealer = WatchedSealer(ground.dsn, ground.house.signing, path)
    sealer.watched = Watched()
    return sealer


async def _copied(ground: Grounds, connection: asyncpg.Connection, acts: Rows) -> Cost:
    """The limit: the same rows, hashes already made, into a table with the same keys and indexes."""
    rows, _ = bind(acts, dict.fromkeys(map(chain_of, acts), START))
    await connection.execute("CREATE TABLE plain (LIKE audit_ledger INCLUDING ALL)")
    meter = Meter(ground.postmaster)
    for first in range(0, len(rows), audit.sealer.BATCH):
        portion = rows[first : first + audit.sealer.BATCH]
        await connection.copy_records_to_table("plain", records=portion, columns=LEDGER)
    cost = meter.cost()
    await connection.execute("DROP TABLE plain")
    return cost


async def _alone(ground: Grounds, connection: asyncpg.Connection, acts: Rows) -> Cost:
    """All acts wait; nobody writes while they are sealed."""
    await _write(connection, acts)
    sealer = _sealer(ground, "alone.jsonl")
    meter = Meter(ground.postmaster)
    while await sealer.seal():
        pass
    await sealer.anchor()
    cost = meter.cost()
    await sealer.close()
    return cost


async def _pouring(ground: Grounds, connection: asyncpg.Connection, acts: Rows) -> Watched:
    """5,000 acts a second from a second connection while the worker's own loop seals."""
    sealer, stop = _sealer(ground, "pouring.jsonl"), asyncio.Event()
    watched = sealer.watched
    running = asyncio.create_task(sealer.run(stop))
    portion = int(PER_S * TICK_S)
    began = time.monotonic()
    for number, first in enumerate(range(0, len(acts), portion)):
        await asyncio.sleep(max(0.0, began + number * TICK_S - time.monotonic()))
        await _write(connection, acts[first : first + portion])
        watched.written.append((time.monotonic(), len(acts[first : first + portion])))
    for _ in range(int(MOST_LATE_S / TICK_S)):
        if not await connection.fetchval("SELECT count(*) FROM audit_event"):
            break
        await asyncio.sleep(TICK_S)
    stop.set()
    await running
    return watched


async def _measure(options: argparse.Namespace) -> dict[str, Any]:
    async with grounds() as ground:
        acts, pouring = _acts(options.rows), _acts(int(options.seconds * PER_S))
        connection = await asyncpg.connect(ground.dsn)
        err.print(f"{len(acts):,} acts copied plainly, sealed alone, then {len(pouring):,} in {options.seconds:g} s")
        plain = await _copied(ground, connection, acts)
        alone = await _alone(ground, connection, acts)
        watched = await _pouring(ground, connection, pouring)
        lags = watched.lags()
        rows = await connection.fetchval("SELECT count(*) FROM audit_ledger")
        await connection.close()
        meter = Meter(ground.postmaster)
        heads = (ground.settings.data_dir / "pouring.jsonl", [ground.settings.data_dir / "alone.jsonl"])
        verified = await audit.verify(ground.dsn, ground.house.signing, heads)
        took = watched.written[-1][0] - watched.written[0][0] + TICK_S
        thousands = len(acts) / 1_000
        return {
            "seal_ms_per_1000": round(alone.wall * 1_000 / thousands, 2), "sealed_per_s": round(len(acts) / alone.wall),
            "cpu_ms_per_1000": round(alone.cpu * 1_000 / thousands, 2),
            "sealer_cpu_ms_per_1000": round(alone.own * 1_000 / thousands, 2),
            "copied_per_s": round(len(acts) / plain.wall),
            "copy_cpu_ms_per_1000": round(plain.cpu * 1e3 / thousands, 2),
            "ratio_to_copy": round(alone.cpu / plain.cpu, 2), "written_per_s": round(len(pouring) / took),
            "lag_max_s": round(max(lags), 2), "lag_p99_s": round(statistics.quantiles(lags, n=100)[98], 2),
            "lag_p50_s": round(statistics.median(lags), 2), "acknowledged": len(acts) + len(pouring), "rows": rows,
            "verified_per_s": round(verified.rows / meter.cost().wall), "broken": len(verified.findings),
            "load_average": options.load, **where_and_when(), "limits": LIMITS,
        }  # fmt: skip


def _show(figures: dict[str, Any]) -> None:
    costs = Table("acts into the ledger", "per second", "CPU ms for 1,000", box=None, padding=(0, 2))
    costs.add_row("limit: plain COPY, hashes already made", f"{figures['copied_per_s']:,}",
                  f"{figures['copy_cpu_ms_per_1000']:.1f}")  # fmt: skip
    costs.add_row(
        f"sealing (of this the sealer itself {figures['sealer_cpu_ms_per_1000']:.1f})", f"{figures['sealed_per_s']:,}",
        f"{figures['cpu_ms_per_1000']:.1f}   = {figures['ratio_to_copy']:.2f} x",
    )  # fmt: skip
    costs.add_row("verification", f"{figures['verified_per_s']:,}", "")
    limits = report.beside_limits(figures, WORDS)
    whole = f"{figures['acknowledged']:,} = {figures['rows']:,}"
    limits.add_row("written = sealed", whole, "equal", "", report.verdict(figures["acknowledged"] == figures["rows"]))
    limits.add_row("broken places", str(figures["broken"]), "0", "", report.verdict(not figures["broken"]))
    report.out.print(costs, "", limits, "", sep="\n")
    report.out.print(
        f"while {figures['written_per_s']:,} acts a second poured in: wait p50 {figures['lag_p50_s']:g} s, "
        f"p99 {figures['lag_p99_s']:g} s, longest {figures['lag_max_s']:g} s\n{report.where(figures)}"
    )


def main() -> int:
    """Measure and print. 1 when an act is lost or a chain broken, or a limit is missed and --strict was given."""
    options = _arguments()
    options.load = load_now()
    figures = asyncio.run(_measure(options))
    report.tell(figures, _show, as_json=options.json)
    broken = figures["broken"] or figures["acknowledged"] != figures["rows"]
    return 1 if broken or (options.strict and report.missed(figures)) else 0
