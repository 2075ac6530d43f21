"""The measurement of check-ins, shortened to a second a phase: it runs, it adds up, it says all it promises."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.bench.accounting import ROOT, cpu_s, tree

pytestmark = pytest.mark.bench

SCRIPT = ROOT / "tests" / "bench" / "bench_checkins.py"
PROMISED = {
    "checkins_per_s", "cpu_ms_per_checkin", "ratio_to_pgbench_row", "ratio_to_naive", "p50_ms", "p99_ms",
    "worker_pss_mb", "acknowledged", "rows",
}  # fmt: skip


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `bench checkins --json` prints, run as an operator runs it, from a folder that is not the checkout."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("SHOUWANG_")}
    env.pop("DATABASE_URL", None)  # its own embedded server, as on a laptop
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--seconds", "1", "--rounds", "1", "--connections", "16", "--json"],
        env=env, cwd=tmp_path_factory.mktemp("elsewhere"), capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_acknowledged_check_in_is_a_row(figures: dict[str, Any]) -> None:
    assert figures["acknowledged"] == figures["rows"] > 100
    assert figures["naive_acknowledged"] == figures["naive_rows"] > 10
    assert figures["not_201"] == 0


def test_the_json_says_everything_promised(figures: dict[str, Any]) -> None:
    assert figures.keys() >= PROMISED
    assert all(isinstance(figures[name], int | float) and figures[name] > 0 for name in PROMISED)
    assert figures["limits"]["ratio_to_pgbench_row"][0] == 1.5
    assert figures["cpu_ms_per_checkin"] == pytest.approx(
        figures["server_cpu_ms"] + figures["database_cpu_ms"], rel=0.01
    )


def test_time_spent_by_children_is_counted_alive_and_dead() -> None:
    burn = "import subprocess, sys, time\nsubprocess.run([sys.executable, '-c', 'sum(range(10**7))'])\n"
    wait = "print('done', flush=True); sys.stdin.readline()"
    with subprocess.Popen(
        [sys.executable, "-c", burn + wait], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "done\n"
        assert cpu_s(parent.pid) > 0.05
        assert tree(parent.pid) == [parent.pid]
        parent.communicate("\n")
