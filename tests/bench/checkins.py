"""What one durable check-in costs over real HTTP, beside pgbench's bare INSERT and a naive handler, in one run."""

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

from rich.console import Console

from tests.bench import phones, report, servers
from tests.bench.accounting import load_now, where_and_when
from tests.bench.driver import Taken
from tests.bench.grounds import Grounds, grounds
from tests.bench.phases import Limit, Load

err = Console(stderr=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="shouwang bench checkins", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="of each phase (default 8)")
    parser.add_argument("--rounds", type=int, default=3, help="each runs all three phases (default 3)")
    parser.add_argument("--workers", type=int, default=1, help="web processes (default 1)")
    parser.add_argument("--connections", type=int, default=64, help="kept busy all the time (default 64)")
    parser.add_argument("--like", choices=sorted(phones.LIKE), default="api", help="whose headers to send")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a limit is missed")
    return parser.parse_args()


Rounds = list[tuple[Taken, Taken, Taken]]


async def _measure(ground: Grounds, options: argparse.Namespace) -> Rounds:
    """Interleaved: the limit, ours, the naive handler, and again. What else the machine does falls on all three."""
    with (
        tempfile.TemporaryDirectory(prefix="shouwang-load-") as work,
        servers.ours(ground, options.workers) as our_server,
        servers.naive(ground) as naive_server,
    ):
        grids = await phones.mint_grids(ground)
        ours = Load(ground, Path(work), our_server, grids)
        naive = Load(ground, Path(work), naive_server, grids)
        ours.like, ours.connections = options.like, options.connections
        naive.connections, naive.expected_per_s = options.connections, 1_000
        limit = Limit(ground, Path(work), grids[0], options.connections)
        warm = min(1.5, options.seconds / 2)
        for phase in (ours, naive):
            await phase.take(warm)
        rounds: Rounds = []
        for number in range(options.rounds):
            taken = (limit.take(options.seconds), await ours.take(options.seconds), await naive.take(options.seconds))
            rounds.append(taken)
            err.print(f"round {number + 1} of {options.rounds}: " + report.in_short(taken), highlight=False)
        return rounds


def _figures(rounds: Rounds, options: argparse.Namespace) -> dict[str, object]:
    """The medians over the rounds; the ratios are taken within each round before the median."""

    def median(of: list[float]) -> float:
        return float(f"{statistics.median(of):.4g}")

    limits, ours, naives = (list(column) for column in zip(*rounds, strict=True))
    return {
        "checkins_per_s": median([taken.per_s for taken in ours]),
        "cpu_ms_per_checkin": median([taken.cpu_ms for taken in ours]),
        "ratio_to_pgbench_row": median([mine.cpu_ms / bare.cpu_ms for bare, mine, _ in rounds]),
        "ratio_to_naive": median([mine.cpu_ms / other.cpu_ms for _, mine, other in rounds]),
        "p50_ms": median([taken.p50_ms for taken in ours]),
        "p99_ms": median([taken.p99_ms for taken in ours]),
        "worker_pss_mb": max(taken.pss_mb for taken in ours),
        "acknowledged": sum(taken.count for taken in ours),
        "rows": sum(taken.rows for taken in ours),
        "server_cpu_ms": median([taken.server_s * 1000 / max(1, taken.count) for taken in ours]),
        "database_cpu_ms": median([taken.database_s * 1000 / max(1, taken.count) for taken in ours]),
        "not_201": sum(taken.others for taken in ours),
        "pgbench_rows_per_s": median([taken.per_s for taken in limits]),
        "pgbench_cpu_ms_per_row": median([taken.cpu_ms for taken in limits]),
        "naive_per_s": median([taken.per_s for taken in naives]),
        "naive_cpu_ms": median([taken.cpu_ms for taken in naives]),
        "naive_p99_ms": median([taken.p99_ms for taken in naives]),
        "naive_acknowledged": sum(taken.count for taken in naives),
        "naive_rows": sum(taken.rows for taken in naives),
        "seconds": options.seconds, "rounds": options.rounds, "connections": options.connections,
        "workers": options.workers, "like": options.like, "load_average": options.load,
        **where_and_when(), "limits": report.CHECKINS,
    }  # fmt: skip


async def _run(options: argparse.Namespace) -> dict[str, object]:
    async with grounds() as ground:
        return _figures(await _measure(ground, options), options)


def main() -> int:
    """Measure and print. 1 when a limit is missed and --strict was given."""
    options = _arguments()
    options.load = load_now()
    figures = asyncio.run(_run(options))
    report.tell(figures, report.show_checkins, as_json=options.json)
    missed = report.missed(figures)
    return 1 if options.strict and missed else 0
