"""Figures beside their limits, as a table or as one JSON object."""

import json
import sys
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.driver import Taken

# figure -> (the most it may be, the final aim)
CHECKINS: dict[str, tuple[float, float]] = {
    "ratio_to_pgbench_row": (1.5, 1.0),
    "ratio_to_naive": (round(1 / 15, 4), round(1 / 30, 4)),
    "p99_ms": (50, 5),
    "worker_pss_mb": (120, 100),
}
_WORDS = {
    "ratio_to_pgbench_row": "CPU of server + database per check-in / of the database per bare pgbench row",
    "ratio_to_naive": "CPU of server + database per check-in / the same of the naive handler",
    "p99_ms": "p99 under saturating connections, ms",
    "worker_pss_mb": "memory of a web worker (PSS), MB",
}

out = Console(highlight=False, width=None if sys.stdout.isatty() else 140)


def in_short(taken: tuple[Taken, Taken, Taken]) -> str:
    """One round in one line."""
    bare, ours, naive = taken
    return (
        f"CPU ms: pgbench row {bare.cpu_ms:.4f}, ours {ours.cpu_ms:.4f} ({ours.per_s:,.0f}/s, "
        f"p99 {ours.p99_ms:.1f} ms), naive {naive.cpu_ms:.3f} ({naive.per_s:,.0f}/s)"
    )


def missed(figures: dict[str, Any]) -> list[str]:
    """The figures beyond their limit, and acknowledgements that are no rows."""
    found = [name for name, (most, *_) in figures["limits"].items() if figures[name] > most]
    if figures.get("acknowledged") != figures.get("rows"):
        found.append("rows")
    return found


def verdict(good: bool) -> str:
    """One word, coloured."""
    return "[green]met[/]" if good else "[red bold]missed[/]"


def beside_limits(figures: dict[str, Any], words: dict[str, str]) -> Table:
    """Every figure that has a limit, beside it."""
    limits = Table("figure", "measured", "limit", "aim", "", box=None, padding=(0, 2))
    for name, (most, aim) in figures["limits"].items():
        limits.add_row(words[name], f"{figures[name]:.4g}", f"{most:g}", f"{aim:g}", verdict(figures[name] <= most))
    return limits


def show_checkins(figures: dict[str, Any]) -> None:
    """The table for people."""
    costs = Table("one durable check-in", "per second", "CPU ms", "p50 ms", "p99 ms", box=None, padding=(0, 2))
    costs.add_row("limit: pgbench, bare 1-row INSERT (database only)", f"{figures['pgbench_rows_per_s']:,.0f}",
                  f"{figures['pgbench_cpu_ms_per_row']:.4f}", "", "")  # fmt: skip
    parts = f"{figures['server_cpu_ms']:.4f} server + {figures['database_cpu_ms']:.4f} database"
    costs.add_row(f"ours ({parts})", f"{figures['checkins_per_s']:,.0f}", f"{figures['cpu_ms_per_checkin']:.4f}",
                  f"{figures['p50_ms']:.1f}", f"{figures['p99_ms']:.1f}")  # fmt: skip
    costs.add_row("naive FastAPI + SQLModel", f"{figures['naive_per_s']:,.0f}", f"{figures['naive_cpu_ms']:.4f}", "",
                  f"{figures['naive_p99_ms']:.1f}")  # fmt: skip
    out.print(costs)
    limits = Table("figure", "measured", "limit", "aim", "", box=None, padding=(0, 2))
    for name, (most, aim) in figures["limits"].items():
        value = figures[name]
        limits.add_row(_WORDS[name], f"{value:.4g}", f"{most:.4g}", f"{aim:.4g}", verdict(value <= most))
    told, rows = figures["acknowledged"], figures["rows"]
    limits.add_row("acknowledged = found as rows", f"{told:,} = {rows:,}", "equal", "", verdict(told == rows))
    out.print("", limits, "", sep="\n")
    out.print(
        f"{figures['rounds']} interleaved rounds of {figures['seconds']:g} s a phase, {figures['connections']} "
        f"connections, {figures['workers']} web worker(s), medians.\nCPU is user + system time of whole process trees; "
        f"the load's and pgbench's own is not counted.\n{where(figures)}"
    )


def where(figures: dict[str, Any]) -> str:
    """Machine, load, date and commit in one line."""
    told = (
        figures["machine"],
        f"load average {figures['load_average']}",
        figures["date"],
        f"commit {figures['commit']}",
    )
    return "; ".join(told)


def tell(figures: dict[str, Any], show: Callable[[dict[str, Any]], None], *, as_json: bool) -> None:
    """One JSON object for machines, a table for people."""
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        show(figures)
