"""`shouwang bench ladder`: the ticks of one evening on which 300,000 people have not reported.

Every one of them signs in with a phone of their own, one in ten reports for somebody else; grids have workers. Measured
is each tick of the house itself (`checkins.chase`, `tasks.tick`), commit included: T+0 everybody is told, T+2 h the
households, T+4 h a task for whoever is still missing, T+8 h the village; then a quiet tick, and the one that finds out
that everybody has reported after all.
"""

import argparse
import asyncio
import time
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
from rich.table import Table
from sqlmodel import col, select

from app import checkins, regions, staff, ticks
from app.house import House
from app.kit import clock
from models.regions import Region
from models.staff import Role
from tests.bench import report
from tests.bench.accounting import load_now, where_and_when
from tests.bench.grounds import Grounds, grounds

LIMITS = {"tick_s": (5.0, 1.0), "quiet_tick_ms": (100.0, 20.0)}
PATIENT_MS = 120_000
A_GRID = 100  # people
_PEOPLE = """
CREATE UNLOGGED TABLE missing AS
SELECT n, md5('person ' || n)::uuid AS person_id, md5('account ' || n)::uuid AS account,
       $1::bigint[] AS grids FROM generate_series(0, $2 - 1) AS n
"""
_RESIDENTS = """
INSERT INTO resident (person_id, region_code, name, id_type, programme, registered_by, created_at)
SELECT person_id, grids[1 + n % array_length(grids, 1)], '某', 0, 0, account, $1 FROM missing ORDER BY person_id
"""
_ACCOUNTS = """
INSERT INTO account (id, phone_index, phone_sealed, person_id, created_at)
SELECT account, decode(md5(account::text), 'hex'), '\\x00', person_id, $1 FROM missing
"""
_FAMILIES = """
INSERT INTO dependant (account_id, person_id, relation, since)
SELECT m.account, o.person_id, 1, $1 FROM missing m JOIN missing o ON o.n = m.n + 1 WHERE m.n % 10 = 0
"""
_REPORTS = """
INSERT INTO checkin (person_id, day, slot, id, region_code, filled_at, received_at, reporter_id, symptoms, rule_version,
                     via, exposed, place, needs, verdict, flags, temperature)
SELECT m.person_id, $1, 0, md5('report ' || m.n)::uuid, m.grids[1 + m.n % array_length(m.grids, 1)], $2, $2, m.account,
       1, 1, 0, 0, 0, 0, 0, 0, 36.5
FROM missing m WHERE NOT EXISTS (SELECT 1 FROM checkin c WHERE c.person_id = m.person_id) AND m.n % $3 <> $4
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="shouwang bench ladder", description=__doc__)
    parser.add_argument("--people", type=int, default=300_000, help="who has not reported (default 300000)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a limit is missed")
    return parser.parse_args()


async def _made(ground: Grounds, people: int, day: date) -> asyncpg.Connection:
    grids = await _grids(ground, max(20, people // A_GRID))
    async with ground.house.database.writing() as db:
        await ground.house.vault.load(db)
        await checkins.make_ahead(db, day)
        await staff.start(db, "疫情应急响应", 33 * 10**13)
        villages = {grid - grid % 1_000 for grid in grids}
        for n, grid in enumerate(grids):
            await staff.appoint(db, f"139{n:08d}", "网格员", Role.GRID_WORKER, grid)
        for n, village in enumerate(sorted(villages)):
            await staff.appoint(db, f"138{n:08d}", "村干部", Role.VILLAGE_CADRE, village)
        known = await db.exec(select(Region.code).where(col(Region.code).in_(grids)))
        assert len(known.all()) == len(grids)
    connection: asyncpg.Connection = await asyncpg.connect(ground.dsn)
    before = clock.midnight(day)  # nobody was missing yesterday
    await connection.execute(_PEOPLE.replace("$1", f"'{{{','.join(map(str, grids))}}}'").replace("$2", str(people)))
    await connection.execute(_RESIDENTS, before)
    await connection.execute(_ACCOUNTS, before)
    await connection.execute(_FAMILIES, before)
    await connection.execute("VACUUM (ANALYZE) resident, account, dependant, checkin")
    return connection


async def _grids(ground: Grounds, count: int) -> list[int]:
    """So many grids, ten to a village."""
    async with ground.house.database.writing() as db:
        villages = select(Region.code).where(Region.level == "village").order_by(col(Region.code))
        found = (await db.exec(villages.limit(count // 10))).all()
        return [grid.code for village in found for grid in await regions.mint(db, village, 10)]


async def _delivered(connection: asyncpg.Connection) -> None:
    """What was told has left the house long before the next step is due."""
    await connection.execute("UPDATE message SET due_at = NULL WHERE due_at IS NOT NULL")
    await connection.execute("VACUUM (ANALYZE) message")


class Evening:
    """A house whose clock is set by hand."""

    def __init__(self, house: House, day: date) -> None:
        self._database = house.database.patient(PATIENT_MS)
        self._day, self._now = day, clock.now
        self.took: dict[str, float] = {}  # the longest tick
        self.whole: dict[str, float] = {}  # until nothing was left to do
        self.done: dict[str, int] = {}

    def _at(self, hour: float) -> datetime:
        return clock.midnight(self._day) + timedelta(hours=hour)

    async def tick(self, name: str, hour: float) -> None:
        """The ticks of the house at an hour of the day, until nothing is left to do."""
        clock.now = lambda: self._at(hour)  # type: ignore[assignment]
        try:
            lasted, more = list[float](), True
            self.done[name] = 0
            while more:
                began = time.perf_counter()
                done = await ticks.once(self._database)
                lasted.append(time.perf_counter() - began)
                self.done[name] += sum(done.values())
                more = bool(done.get("chase"))
            self.took[name], self.whole[name] = max(lasted), sum(lasted)
        finally:
            clock.now = self._now  # type: ignore[assignment]

    async def close(self) -> None:
        await self._database.close()


async def _measure(options: argparse.Namespace) -> dict[str, Any]:
    day = clock.today()
    async with grounds() as ground:
        connection = await _made(ground, options.people, day)
        evening = Evening(ground.house, day)
        ticks.settle()
        try:
            await evening.tick("told_s", 20.01)
            await _delivered(connection)
            await evening.tick("quiet_s", 20.02)
            await evening.tick("households_s", 22.01)
            # By midnight nine in ten have reported: what waits in the quiet hours is called back.
            at = clock.midnight(day) + timedelta(hours=23)
            await connection.execute(_REPORTS, day, at, 10, 0)
            await connection.execute("VACUUM (ANALYZE) checkin, message")
            await evening.tick("reported_s", 23.5)
            await evening.tick("opened_s", 24.01)
            await evening.tick("climbed_s", 28.01)
            await connection.execute(_REPORTS, day, at, 1, 1)
            await evening.tick("ended_s", 28.5)
            open_left = await connection.fetchval("SELECT count(*) FROM task WHERE closed_at IS NULL")
            counts = await connection.fetch("SELECT template, count(*) FROM message GROUP BY 1 ORDER BY 1")
        finally:
            await evening.close()
            await connection.close()
        took = {name: round(seconds, 2) for name, seconds in evening.took.items()}
        return {
            "tick_s": took["told_s"], "quiet_tick_ms": round(evening.took["quiet_s"] * 1000, 1), **took,
            "people": options.people, "done": evening.done, "messages": {row[0]: row[1] for row in counts},
            "tasks_left_open": open_left,
            "whole": {name: round(seconds, 2) for name, seconds in evening.whole.items()},
            "load_average": options.load, **where_and_when(), "limits": LIMITS,
        }  # fmt: skip


def _show(figures: dict[str, Any]) -> None:
    title = f"the longest tick, {figures['people']:,} people missing"
    table = Table(title, "measured", "all of them", "limit", "", box=None, padding=(0, 2))
    for name, words in (
        ("told_s", "T+0: everybody is told, s"), ("households_s", "T+2 h: the households, s"),
        ("reported_s", "nine in ten have reported: what waits is called back, s"),
        ("opened_s", "T+4 h: tasks for those who are left, s"), ("climbed_s", "T+8 h: the village, s"),
        ("ended_s", "everybody has reported: tasks end, s"),
    ):  # fmt: skip
        limit = LIMITS["tick_s"][0]
        value, whole = figures[name], figures["whole"][name]
        table.add_row(words, f"{value:.2f}", f"{whole:.2f}", f"{limit:g}", report.verdict(value <= limit))
    quiet, most = figures["quiet_tick_ms"], LIMITS["quiet_tick_ms"][0]
    table.add_row("a tick in which nothing is due, ms", f"{quiet:.1f}", "", f"{most:g}", report.verdict(quiet <= most))
    report.out.print("", table, "", sep="\n")
    report.out.print(f"{figures['messages']}; {figures['done']}.\n{report.where(figures)}", markup=False)


def main() -> int:
    """Measure and print. 1 when a task stays open after its report has come, or with --strict a limit is missed."""
    options = _arguments()
    options.load = load_now()
    figures = asyncio.run(_measure(options))
    report.tell(figures, _show, as_json=options.json)
    slow = [name for name in figures if name.endswith("_s") and figures[name] > LIMITS["tick_s"][0]]
    return 1 if figures["tasks_left_open"] or (options.strict and slow) else 0
