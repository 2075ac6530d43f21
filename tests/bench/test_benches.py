"""Every other measurement, at a hundredth of its size: it runs to its end and says what it promises.

Whether limits are met is for a quiet machine and the full size; a measurement that no longer runs is found here.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.accounting import ROOT

pytestmark = pytest.mark.bench

SMALL = {
    "pages": ["--seconds", "0.3"],
    "roll_call": ["--rows", "20000"],
    "directory": ["--rows", "12000", "--queries", "60"],
    "import": ["--rows", "2000"],
    "audit": ["--rows", "2000", "--seconds", "1"],
    "scope": ["--times", "3"],
    "ladder": ["--people", "2000"],
    "messages": ["--rows", "2000", "--deliveries", "500", "--behind", "300"],
}


def test_every_measurement_is_tried() -> None:
    scripts = {path.stem.removeprefix("bench_") for path in (ROOT / "tests" / "bench").glob("bench_*.py")}
    assert scripts == {*SMALL, "checkins"}  # that one in test_bench.py


@pytest.mark.parametrize("name", SMALL)
def test_a_measurement_runs_to_its_end(name: str, tmp_path: Path) -> None:
    env = {key: value for key, value in os.environ.items() if not key.startswith("SHOUWANG_")}
    env.pop("DATABASE_URL", None)
    script = ROOT / "tests" / "bench" / f"bench_{name}.py"
    done = subprocess.run(
        [sys.executable, str(script), "--json", *SMALL[name]],
        env=env, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    figures = json.loads(done.stdout)
    for figure in figures["limits"]:
        assert figure in figures or any(figure in row for row in figures.values() if isinstance(row, dict)), figure
