"""The scope predicate beside the same list query without it: a grid of 1,000, a township of 5,000."""

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import asyncpg
from rich.table import Table
from sqlalchemy import insert
from sqlmodel import col, select

from app import regions, residents
from app.kit import clock
from app.kit.ids import uuid7
from app.kit.tokens import Token
from app.kit.viewer import Held, Viewer
from models.checkins import Checkin, CheckinCorrection
from models.regions import Region, last_of
from models.residents import Resident
from models.staff import Role
from tests.bench import report
from tests.bench.accounting import load_now, where_and_when
from tests.bench.grounds import Grounds, grounds

LIMITS: dict[str, tuple[float, float]] = {"grid_ratio": (1.05, 1.0), "township_ratio": (1.05, 1.0)}
IN_GRID, IN_TOWNSHIP, ELSEWHERE = 1_000, 5_000, 100_000
AWAY = 50  # one of so many has said that they are somewhere else
Query = Callable[[], Any]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="shouwang bench scope", description=__doc__)
    parser.add_argument("--times", type=int, default=101, help="runs of each query (default 101)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a limit is missed")
    return parser.parse_args()


async def _people(ground: Grounds) -> tuple[int, int]:
    """A grid of 1,000 in a township of 5,000, 100,000 people elsewhere; (grid, township)."""
    async with ground.house.database.writing() as db:
        found = await db.exec(
            select(Region.code).where(Region.level == "village").order_by(col(Region.code)).limit(400)
        )
        villages = found.all()
        grids = [(await regions.mint(db, code, 1))[0].code for code in villages]
    township = grids[0] - grids[0] % 10**6
    inside = [grid for grid in grids if grid - grid % 10**6 == township]
    outside = [grid for grid in grids if grid not in inside]
    homes = [inside[0]] * IN_GRID
    homes += [inside[1 + n % (len(inside) - 1)] for n in range(IN_TOWNSHIP - IN_GRID)]
    homes += [outside[n % len(outside)] for n in range(ELSEWHERE)]
    since, by = clock.now() - timedelta(days=30), uuid7()
    rows = [
        {"person_id": uuid7(), "region_code": home, "current_code": grids[n % len(grids)] if n % AWAY == 0 else None,
         "name": f"某{n}", "id_type": 0, "programme": 0, "registered_by": by, "created_at": since}
        for n, home in enumerate(homes)
    ]  # fmt: skip
    for start in range(0, len(rows), 2_000):
        async with ground.house.database.writing() as db:
            scope = {"scope": "bench"}
            await db.exec(insert(Resident), params=rows[start : start + 2_000], execution_options=scope)
    return inside[0], township


def _pairs(grid: int, township: int) -> dict[str, tuple[Query, Query]]:
    """For each list: the bare query, and the same through the predicate of somebody who serves there."""
    today = clock.today()
    roll = (
        select(Resident, Checkin, CheckinCorrection)
        .outerjoin(Checkin, (col(Checkin.person_id) == Resident.person_id) & (col(Checkin.day) == today))
        .outerjoin(
            CheckinCorrection,
            (col(CheckinCorrection.person_id) == Resident.person_id) & (col(CheckinCorrection.day) == today),
        )
    )
    everybody, here = select(Resident), col(Resident.region_code)
    token = Token(uuid7(), None, bytes(8), 0, 0, 0, 0)

    def serving(role: Role, code: int) -> Viewer:
        return Viewer(token, (Held(uuid7(), role, code, last_of(code), "某"),))

    worker, supervisor = serving(Role.GRID_WORKER, grid), serving(Role.SUPERVISOR, township)
    mark = {"scope": "bench"}
    return {
        "grid": (
            lambda: roll.where(here == grid).execution_options(**mark),
            lambda: residents.seen_by(worker, roll, at=grid),
        ),
        "township": (
            lambda: everybody.where(here.between(township, last_of(township))).execution_options(**mark),
            lambda: residents.seen_by(supervisor, everybody, at=township),
        ),
    }


async def _timed(ground: Grounds, pair: tuple[Query, Query], times: int) -> tuple[float, float, int]:
    """Medians of both in ms, taken in turn, from building the statement to the last row; and how many rows."""
    spent: tuple[list[float], list[float]] = ([], [])
    counts = [0, 0]
    async with ground.house.database.reading() as db:
        for run in range(times + 10):
            for side in (0, 1) if run % 2 else (1, 0):
                began = time.perf_counter()
                rows = (await db.exec(pair[side]())).all()
                took = (time.perf_counter() - began) * 1000
                counts[side] = len(rows)
                del rows
                db.expunge_all()
                if run >= 10:  # the first warm the caches
                    spent[side].append(took)
    if counts[0] != counts[1]:
        raise SystemExit(f"the predicate lost rows of one's own region: {counts}")
    return statistics.median(spent[0]), statistics.median(spent[1]), counts[1]


async def _measure(options: argparse.Namespace) -> dict[str, Any]:
    async with grounds() as ground:
        grid, township = await _people(ground)
        connection = await asyncpg.connect(ground.dsn)
        await connection.execute("ANALYZE resident")
        await connection.close()
        figures: dict[str, Any] = {}
        for name, pair in _pairs(grid, township).items():
            bare, scoped, rows = await _timed(ground, pair, options.times)
            figures |= {
                f"{name}_bare_ms": round(bare, 3), f"{name}_scoped_ms": round(scoped, 3), f"{name}_rows": rows,
                f"{name}_ratio": round(scoped / bare, 4),
            }  # fmt: skip
        return figures | {"load_average": options.load, **where_and_when(), "limits": LIMITS}


def _show(figures: dict[str, Any]) -> None:
    table = Table("list query", "rows", "bare ms", "scoped ms", "ratio", "limit", "", box=None, padding=(0, 2))
    for name, words in (("grid", "roll call of a grid"), ("township", "residents of a township")):
        ratio, limit = figures[f"{name}_ratio"], LIMITS[f"{name}_ratio"][0]
        table.add_row(words, f"{figures[f'{name}_rows']:,}", f"{figures[f'{name}_bare_ms']:.3f}",
                      f"{figures[f'{name}_scoped_ms']:.3f}", f"{ratio:.3f}", f"{limit:g}",
                      report.verdict(ratio <= limit))  # fmt: skip
    report.out.print(table, "", report.where(figures), sep="\n")


def main() -> int:
    """Measure and print. 1 when a limit is missed and --strict was given."""
    options = _arguments()
    options.load = load_now()
    figures = asyncio.run(_measure(options))
    report.tell(figures, _show, as_json=options.json)
    missed = [name for name, (most, _) in LIMITS.items() if figures[name] > most]
    return 1 if options.strict and missed else 0
