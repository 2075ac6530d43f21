"""The roll call of a grid of 1,000 with ten million check-ins stored: the plan of the room's statements, and times."""

import argparse
import asyncio
import re
import statistics
import time
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
from rich.console import Console
from rich.table import Table

from app import accounts, checkins, staff
from app.kit.ids import new_device
from app.kit.viewer import Viewer
from tests.bench import report, servers
from tests.bench.accounting import load_now, where_and_when
from tests.bench.crowd import WORKER, Crowd, gather
from tests.bench.grounds import Grounds, grounds
from tests.statements import Statement, heard

LIMITS: dict[str, tuple[float, float]] = {"roll_call_db_ms": (30, 5), "seq_scans": (0, 0)}
TIMES = 11
_TIME = re.compile(r"(?:Planning|Execution) Time: ([\d.]+) ms")
_EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS) "
_LONG_LIST = re.compile(r"\{([0-9a-f-]{36}),[^}]+\}")
_SEQ_SCAN = re.compile(r"Seq Scan on (checkin(?:_\d+)?)\b")

err = Console(stderr=True, highlight=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="shouwang bench roll-call", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="check-ins in the table (default ten million)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a limit is missed")
    return parser.parse_args()


async def _viewer(ground: Grounds) -> tuple[Viewer, dict[str, str]]:
    """The grid worker, and the cookies of their browser: the sign-in and the staff session."""
    async with ground.house.database.writing() as db:
        account = await accounts.account_for(db, WORKER)
        token = await accounts.claims_of(db, account.id, new_device())
        me = Viewer(token, await staff.posts_of(db, account.id))
        begun = await accounts.begin(db, me, accounts.device_of("", "127.0.0.1"), timedelta(hours=1))
        return me, {"shouwang": ground.house.signer.sign(token), "shouwang-staff": begun.secret}


async def _overheard(ground: Grounds, me: Viewer, crowd: Crowd) -> tuple[list[Statement], int]:
    """The statements that the room itself sends for this roll call, and how many people it answered with."""
    with heard(ground.house.database) as statements:
        async with ground.house.database.reading() as db:
            called = await checkins.roll_call(db, me, crowd.grid, crowd.day)
    return statements, len(called.people or [])


async def _explained(ground: Grounds, statements: list[Statement]) -> tuple[list[float], str]:
    """Planning and execution of all statements in ms, several times over; and the plans in words."""
    connection = await asyncpg.connect(ground.dsn)
    try:
        times, plans = [], []
        for _ in range(TIMES):
            plans = [
                await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {text}", *values) for text, values in statements
            ]
            times.append(sum(float(ms) for plan in plans for line in plan for ms in _TIME.findall(line[0])))
        return times, _LONG_LIST.sub(r"{\1, ...}", "\n\n".join("\n".join(line[0] for line in plan) for plan in plans))
    finally:
        await connection.close()


def _over_http(ground: Grounds, cookies: dict[str, str], crowd: Crowd) -> dict[str, float]:
    """The whole request through either door, as the grid worker sees it; medians in ms."""
    doors = {"http_api_ms": f"/api/v1/regions/{crowd.grid}/roll-call", "http_page_ms": f"/roll-call/{crowd.grid}"}
    found = {}
    with servers.ours(ground) as (_, port), httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        client.cookies.update(cookies)
        for name, path in doors.items():
            times = []
            for _ in range(TIMES):
                began = time.perf_counter()
                answer = client.get(path)
                times.append((time.perf_counter() - began) * 1000)
                if answer.status_code != 200:
                    raise SystemExit(f"{path} answered {answer.status_code}")
            found[name] = round(statistics.median(times), 2)
    return found


async def _measure(options: argparse.Namespace) -> dict[str, Any]:
    async with grounds() as ground:
        began = time.monotonic()
        with err.status("making the crowd") as status:
            crowd = await gather(ground, options.rows, lambda words: status.update(f"making the crowd: {words}"))
        made_in = time.monotonic() - began
        err.print(f"{crowd.rows:,} check-ins made in {made_in:.0f} s")
        me, cookies = await _viewer(ground)
        statements, people = await _overheard(ground, me, crowd)
        times, plan = await _explained(ground, statements)
        return {
            "roll_call_db_ms": round(statistics.median(times), 2), "first_db_ms": round(times[0], 2),
            "worst_db_ms": round(max(times), 2), "seq_scans": len(_SEQ_SCAN.findall(plan)),
            **_over_http(ground, cookies, crowd), "rows": crowd.rows, "people": people, "statements": len(statements),
            "made_in_s": round(made_in, 1), "plan": plan, "load_average": options.load, **where_and_when(),
            "limits": LIMITS,
        }  # fmt: skip


def _show(figures: dict[str, Any]) -> None:
    report.out.print(figures["plan"], markup=False, soft_wrap=True)
    table = Table(f"roll call, {figures['people']:,} people", "measured", "limit", "", box=None, padding=(0, 2))
    limit = LIMITS["roll_call_db_ms"][0]
    spent = figures["roll_call_db_ms"]
    table.add_row(f"in the database: {figures['statements']} statements planned and executed, ms", f"{spent:.1f}",
                  f"{limit:g}", report.verdict(spent <= limit))  # fmt: skip
    table.add_row(
        "sequential scans of check-ins", str(figures["seq_scans"]), "0", report.verdict(not figures["seq_scans"])
    )
    table.add_row("whole request, JSON, ms", f"{figures['http_api_ms']:.1f}", "", "")
    table.add_row("whole request, page, ms", f"{figures['http_page_ms']:.1f}", "", "")
    report.out.print("", table, "", sep="\n")
    report.out.print(f"{figures['rows']:,} check-ins stored; medians of {TIMES}.\n{report.where(figures)}")


def main() -> int:
    """Measure and print. 1 when check-ins are scanned from end to end, or a limit is missed and --strict was given."""
    options = _arguments()
    options.load = load_now()
    figures = asyncio.run(_measure(options))
    report.tell(figures, _show, as_json=options.json)
    missed = report.missed(figures | {"acknowledged": figures["rows"]})
    return 1 if figures["seq_scans"] or (options.strict and missed) else 0
