"""How long a resident's pages take under load, what they cost, and what a cold first visit weighs on the wire."""

import argparse
import asyncio
import itertools
import tempfile
from pathlib import Path
from typing import Any

import httpx
from rich.table import Table
from sqlmodel import select

from app import accounts, demo
from app.kit.ids import new_device
from models.accounts import Account
from tests.bench import report, servers
from tests.bench.accounting import load_now, where_and_when
from tests.bench.driver import Sheaf, Taken, drive
from tests.bench.grounds import Grounds, grounds
from tests.bench.wire import Weight, weigh

TIMED = ("/today", "/checkins", "/me", "/help")
WEIGHED = ("/", "/sign-in", "/today", "/checkins/new", "/checkins", "/me", "/help")
LIMITS: dict[str, tuple[float, float]] = {"today_p95_ms": (50, 50), "heaviest_page_kb": (35, 35)}
ENOUGH = 20_000
_HEAD = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0 (Linux; Android 10) Chrome/114.0.0.0 Mobile\r\n"
    "Accept: text/html,application/xhtml+xml\r\nAccept-Language: zh-CN,zh;q=0.9\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nCookie: shouwang={token}\r\n\r\n"
)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="shouwang bench pages", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6, help="of each page (default 6)")
    parser.add_argument("--connections", type=int, default=8, help="kept busy all the time (default 8)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a limit is missed")
    return parser.parse_args()


async def _residents(ground: Grounds) -> list[str]:
    """Sign-in tokens of everybody in the demo village who has registered."""
    async with ground.house.database.reading() as db:
        names = (await db.exec(select(Account.id).where(Account.person_id.is_not(None)))).all()  # type: ignore[union-attr]
        return [ground.house.signer.sign(await accounts.claims_of(db, name, new_device())) for name in names]


Times = dict[str, tuple[Taken, Taken]]


def _timed(ground: Grounds, server: tuple[int, int], tokens: list[str], options: argparse.Namespace) -> Times:
    """Each page under load, and for one visitor alone."""
    taken = {}
    host = f"127.0.0.1:{server[1]}"
    with tempfile.TemporaryDirectory(prefix="shouwang-load-") as work:
        sheaf = Sheaf(Path(work))
        for path in TIMED:
            some = itertools.islice(itertools.cycle(tokens), ENOUGH)
            sheaf.write(_HEAD.format(path=path, host=host, token=token).encode() for token in some)
            _, busy, alone = (
                drive(sheaf, server, ground.postmaster, connections=connections, seconds=seconds, status=200)
                for connections, seconds in ((2, 1), (options.connections, options.seconds), (1, options.seconds / 2))
            )
            taken[path] = (busy, alone)
    return taken


def _weighed(server: tuple[int, int], token: str) -> dict[str, Weight]:
    headers = {"Accept-Encoding": "gzip, deflate, br", "Accept-Language": "zh-CN,zh;q=0.9", "Accept": "text/html,*/*"}
    base = f"http://127.0.0.1:{server[1]}"
    weights = {}
    for path in WEIGHED:
        cookies = {} if path in {"/", "/sign-in"} else {"shouwang": token}
        with httpx.Client(base_url=base, headers=headers, cookies=cookies) as client:
            weights[path] = weigh(client, path)
    return weights


async def _measure(options: argparse.Namespace) -> dict[str, Any]:
    async with grounds() as ground:
        await demo.load(ground.house)
        tokens = await _residents(ground)
        with servers.ours(ground) as server:
            return _figures(_timed(ground, server, tokens, options), _weighed(server, tokens[0]), options)


def _figures(taken: Times, weights: dict[str, Weight], options: argparse.Namespace) -> dict[str, Any]:
    times = {
        path: {
            "p50_ms": round(one.p50_ms, 2), "p95_ms": round(one.p95_ms, 2), "per_s": round(one.per_s, 1),
            "alone_p50_ms": round(alone.p50_ms, 2), "alone_p95_ms": round(alone.p95_ms, 2),
            "cpu_ms": round(one.cpu_ms, 3), "server_cpu_ms": round(one.server_s * 1000 / max(1, one.count), 3),
            "answered": one.count, "not_200": one.others + alone.others,
        }
        for path, (one, alone) in taken.items()
    }  # fmt: skip
    sizes = {
        path: {
            "page_kb": round(sum(weight.page.values()) / 1000, 1),
            "with_kept_kb": round((sum(weight.page.values()) + sum(weight.kept.values())) / 1000, 1),
            "bytes": weight.page | weight.kept,
        }
        for path, weight in weights.items()
    }
    return {
        "today_p50_ms": times["/today"]["p50_ms"], "today_p95_ms": times["/today"]["p95_ms"],
        "today_alone_p95_ms": times["/today"]["alone_p95_ms"],
        "today_cpu_ms": times["/today"]["cpu_ms"],
        "heaviest_page_kb": max(size["with_kept_kb"] for size in sizes.values()), "times": times, "sizes": sizes,
        "connections": options.connections, "seconds": options.seconds, "load_average": options.load,
        **where_and_when(), "limits": LIMITS,
    }  # fmt: skip


def _show(figures: dict[str, Any]) -> None:
    busy = f"with {figures['connections']} visitors"
    times = Table("page, signed in", "per second", "CPU ms", f"p50 ms {busy}", "p95 ms", "limit", "",
                  "p50 ms alone", "p95 ms alone", box=None, padding=(0, 2))  # fmt: skip
    for path, one in figures["times"].items():
        limit = LIMITS["today_p95_ms"][0]
        told = (f"{limit:g}", report.verdict(one["p95_ms"] <= limit)) if path == "/today" else ("", "")
        times.add_row(path, f"{one['per_s']:,.0f}", f"{one['cpu_ms']:.2f}", f"{one['p50_ms']:.1f}",
                      f"{one['p95_ms']:.1f}", *told, f"{one['alone_p50_ms']:.1f}",
                      f"{one['alone_p95_ms']:.1f}")  # fmt: skip
    sizes = Table(
        "cold first visit", "kB to show it", "and what the worker keeps", "limit", "", box=None, padding=(0, 2)
    )
    for path, one in figures["sizes"].items():
        limit = LIMITS["heaviest_page_kb"][0]
        sizes.add_row(path, f"{one['page_kb']:.1f}", f"{one['with_kept_kb']:.1f}", f"{limit:g}",
                      report.verdict(one["with_kept_kb"] <= limit))  # fmt: skip
    report.out.print(times, "", sizes, "", sep="\n")
    report.out.print(
        f"{figures['connections']} keep-alive connections kept busy for {figures['seconds']:g} s a page. Bytes: heads "
        "and bodies of HTML, CSS, scripts,\nlinked icons, manifest and service worker, compressed as sent.\n"
        + report.where(figures)
    )


def main() -> int:
    """Measure and print. 1 when a limit is missed and --strict was given."""
    options = _arguments()
    options.load = load_now()
    figures = asyncio.run(_measure(options))
    report.tell(figures, _show, as_json=options.json)
    return 1 if options.strict and report.missed(figures) else 0
