"""A province stands up: a sheet of 1.23 million rows through the operator's command, in a process of its own."""

import argparse
import asyncio
import csv
import itertools
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
from rich.console import Console

from app import regions, staff
from models.regions import Level, ancestors_of, level_of
from models.staff import Role
from tests.bench import report
from tests.bench.accounting import cpu_s, load_now, where_and_when
from tests.bench.colleagues import _GRIDS, DEPARTMENTS, GRIDS, STAFFED, Names
from tests.bench.grounds import Grounds, grounds

# figure -> (the most it may be, the final aim)
LIMITS: dict[str, tuple[float, float]] = {"import_s": (180, 90), "peak_rss_mb": (600, 300)}
WORDS = {"import_s": "read, planned and applied, s", "peak_rss_mb": "largest process of the import, MB"}
PROVINCE = 330_000_000_000_000
COMMAND = "from app.commands.appointments import appointments_app as app; app()"
SAID = {
    Role.GRID_WORKER: "网格员", Role.VILLAGE_CADRE: "驻村干部", Role.PARTY_MEMBER: "联户党员", Role.DOCTOR: "家庭医生",
    Role.CHECKPOINT_OFFICER: "卡口", Role.GATE_OFFICER: "车站", Role.LIST_CLERK: "数据专员", Role.REVIEWER: "审核",
    Role.MARKET_INSPECTOR: "市场监管", Role.SUPERVISOR: "督导", Role.ADMINISTRATOR: "管理员", Role.AUDITOR: "审计",
}  # fmt: skip

err = Console(stderr=True, highlight=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="shouwang bench import", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_230_000, help="people in the sheet (default 1,230,000)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a limit is missed")
    return parser.parse_args()


def _people(units: list[tuple[int, str]], rows: int) -> Iterator[tuple[str, ...]]:
    """Everybody, unit by unit as offices hand their lists in; places without province and city."""
    names, numbers = Names(7), itertools.count(1)
    known = dict(units)
    waiting: list[str] = []
    for round_ in itertools.count():
        for code, _ in units:
            path = "".join(known[step] for step in (*ancestors_of(code)[2:], code))
            for role, count in STAFFED[level_of(code).value]:
                for nth in range(count):
                    if not waiting:
                        waiting = names.some(5_000, code // 10**11)
                    number = next(numbers)
                    if number > rows:
                        return
                    lead = "是" if nth == 0 and not round_ and role is STAFFED[level_of(code).value][0][0] else "否"
                    office = DEPARTMENTS[number % len(DEPARTMENTS)] if level_of(code) is not Level.GRID else ""
                    yield waiting.pop(), f"13{number:09d}", SAID[role], path, lead, office


async def _prepared(ground: Grounds) -> list[tuple[int, str]]:
    """The grids and the response that the sheet needs. Returns all units as (code, name)."""
    connection = await asyncpg.connect(ground.dsn)
    try:
        await connection.execute(_GRIDS, [f"{regions.ordinal(n)}网格" for n in range(1, GRIDS + 1)], GRIDS)
        units = [tuple(unit) for unit in await connection.fetch("SELECT code, name FROM region ORDER BY code")]
    finally:
        await connection.close()
    async with ground.house.database.writing() as db:
        await staff.start(db, "疫情防控演练", PROVINCE)
    return units


def _written(path: Path, units: list[tuple[int, str]], rows: int) -> int:
    """The sheet as a file. Returns its size in bytes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("姓名", "手机号", "职务", "单位", "负责人", "部门"))
        writer.writerows(_people(units, rows))
    return path.stat().st_size


def _run(ground: Grounds, path: Path) -> dict[str, Any]:
    """The command once, in a process of its own: seconds, what it said, peak memory, processor time."""
    began, database = time.monotonic(), cpu_s(ground.postmaster)
    command = [sys.executable, "-c", COMMAND, "import", str(path), "--region", str(PROVINCE), "--apply"]
    child = subprocess.Popen(command, env=ground.environment, stdout=subprocess.PIPE, text=True)
    peak = own = 0.0
    while child.poll() is None:
        try:
            status = Path(f"/proc/{child.pid}/status").read_text()
        except OSError:
            break
        if found := re.search(r"^VmHWM:\s+(\d+)", status, re.M):
            peak = max(peak, int(found[1]) / 1024)
        own = max(own, cpu_s(child.pid))
        time.sleep(0.1)
    said = child.stdout.read() if child.stdout else ""
    if child.wait():
        raise SystemExit(f"the import failed: {said}")
    return {
        "seconds": round(time.monotonic() - began, 1), "peak_mb": round(peak), "own_cpu_s": round(own, 1),
        "database_cpu_s": round(cpu_s(ground.postmaster) - database, 1), "said": said,
    }  # fmt: skip


async def _posts(ground: Grounds) -> int:
    connection = await asyncpg.connect(ground.dsn)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM post WHERE ended_at IS NULL"))
    finally:
        await connection.close()


async def _measure(options: argparse.Namespace) -> dict[str, Any]:
    async with grounds() as ground:
        path = ground.settings.data_dir / "province.csv"
        with err.status("writing the sheet"):
            size = await asyncio.to_thread(_written, path, await _prepared(ground), options.rows)
        err.print(f"{options.rows:,} rows, {size / 1e6:.0f} MB")
        first = await asyncio.to_thread(_run, ground, path)
        posts = await _posts(ground)
        again = await asyncio.to_thread(_run, ground, path)
        whole = f" {options.rows:,} unchanged"
        return {
            "import_s": first["seconds"], "rows_per_s": round(options.rows / first["seconds"]),
            "peak_rss_mb": first["peak_mb"], "import_cpu_s": first["own_cpu_s"],
            "database_cpu_s": first["database_cpu_s"], "sheet_mb": round(size / 1e6, 1),
            "again_s": again["seconds"], "again_unchanged": whole in again["said"], "again_posts": await _posts(ground),
            "acknowledged": options.rows, "rows": posts, "load_average": options.load, **where_and_when(),
            "limits": LIMITS,
        }  # fmt: skip


def _show(figures: dict[str, Any]) -> None:
    limits = report.beside_limits(figures, WORDS)
    whole = f"{figures['acknowledged']:,} = {figures['rows']:,}"
    limits.add_row("rows of the sheet = posts", whole, "equal", "", report.verdict(_whole(figures)))
    report.out.print(limits, "", sep="\n")
    report.out.print(
        f"{figures['rows_per_s']:,} rows a second; CPU {figures['import_cpu_s']:g} s import + "
        f"{figures['database_cpu_s']:g} s database; {figures['sheet_mb']:g} MB CSV.\n"
        f"The same sheet again: all unchanged in "
        f"{figures['again_s']:g} s: {report.verdict(figures['again_unchanged'])}\n{report.where(figures)}"
    )


def _whole(figures: dict[str, Any]) -> bool:
    return bool(figures["acknowledged"] == figures["rows"] == figures["again_posts"])


def main() -> int:
    """Measure and print. 1 when a row is lost or doubled, or a limit is missed and --strict was given."""
    options = _arguments()
    options.load = load_now()
    figures = asyncio.run(_measure(options))
    report.tell(figures, _show, as_json=options.json)
    whole = _whole(figures) and figures["again_unchanged"]
    return 1 if not whole or (options.strict and report.missed(figures)) else 0
