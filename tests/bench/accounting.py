"""Who spent what: processor time by process tree, memory by process, and what machine this is."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def _stat(process: Path) -> tuple[int, float] | None:
    """(parent, seconds of processor time, reaped children included), or None for a process that just ended."""
    try:
        text = (process / "stat").read_text()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2 :].split()
    return int(fields[1]), sum(map(int, fields[11:15])) / _TICKS


def _all() -> dict[int, tuple[int, float]]:
    found = ((int(entry.name), _stat(entry)) for entry in _PROC.iterdir() if entry.name.isdigit())
    return {pid: stat for pid, stat in found if stat is not None}


def tree(root: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in _all().items():
        children.setdefault(parent, []).append(pid)
    found = [root]
    for pid in found:  # grows while it is read
        found += children.get(pid, [])
    return found


def cpu_s(root: int) -> float:
    """Seconds of processor time of a process tree so far: the living, and the dead whom a living parent reaped.

    Read it before and after; a child that ends in between moves into its parent's account and is not lost.
    """
    stats = _all()
    return sum(stats[pid][1] for pid in tree(root) if pid in stats)


def pss_mb(root: int) -> float:
    """Proportional memory of the largest process of a tree, in megabytes: shared pages are charged by share."""
    largest = 0
    for pid in tree(root):
        try:
            rollup = (_PROC / str(pid) / "smaps_rollup").read_text()
        except OSError:
            continue
        if found := re.search(r"^Pss:\s+(\d+)", rollup, re.M):
            largest = max(largest, int(found[1]))
    return round(largest / 1024, 1)


def parent_of(pid: int) -> int:
    """The parent of a process of this machine. Raises ProcessLookupError when it does not run here."""
    stat = _stat(_PROC / str(pid))
    if stat is None:
        raise ProcessLookupError(pid)
    return stat[0]


def load_now() -> float:
    """The one-minute load average: figures taken beside other work are noisy, and should say so."""
    return round(os.getloadavg()[0], 1)


def where_and_when() -> dict[str, str]:
    """Machine, date and commit: a figure without them is hearsay."""
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    cores = len(os.sched_getaffinity(0))
    machine = f"{cores} x {model[1] if model else platform.machine()}, Linux {platform.release()}"
    return {
        "machine": f"{machine}, Python {platform.python_version()}",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
    }


def _commit() -> str:
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return said.stdout.strip()
