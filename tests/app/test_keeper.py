"""Workers that are killed come back: soon, later and later when it goes on, and never when they were told to stop."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from app import supervisor
from app.keeper import LONGEST_S, SOON_S, WELL_S, Pauses
from app.kit.settings import ROOT
from tests.faults.processes import alive, descendants


def test_pauses_grow_to_ten_seconds_and_are_forgotten_after_a_good_minute() -> None:
    at = [0.0]
    pauses = Pauses(lambda: at[0])
    found = []
    for _ in range(10):
        pauses.born()
        at[0] += 1
        found.append(pauses.after_death())
    assert found[:3] == [SOON_S, 2 * SOON_S, 4 * SOON_S]
    assert found == sorted(found)
    assert found[-1] == LONGEST_S
    pauses.born()
    at[0] += WELL_S + 1
    assert pauses.after_death() == SOON_S


class Child:
    """A process that is as dead as it is said to be."""

    def __init__(self, returncode: int | None = None) -> None:
        self.returncode = returncode

    def poll(self) -> int | None:
        return self.returncode


@pytest.mark.parametrize(
    ("serve", "worker", "over"),
    [(None, None, False), (None, -9, False), (None, -11, False), (None, 1, True), (None, 0, True), (-9, None, True),
     (0, None, True), (-9, -9, True)],
)  # fmt: skip
def test_only_a_worker_that_was_killed_does_not_end_the_house(
    serve: int | None, worker: int | None, over: bool
) -> None:
    children: Any = {"serve": Child(serve), "worker": Child(worker)}
    assert supervisor.over(children) is over


def test_the_house_starts_a_killed_worker_again_after_its_pause(capsys: pytest.CaptureFixture[str]) -> None:
    at, children, started = [0.0], {"serve": Child(), "worker": Child()}, []
    revival = supervisor.Revival(lambda: at[0])

    def start(part: str) -> Child:
        started.append(at[0])
        return Child()

    def look() -> None:
        revival.look(children, start)  # type: ignore[arg-type]

    look()
    assert started == []
    for _ in range(4):
        children["worker"].returncode = -9
        look()
        look()
        while children["worker"].returncode is not None:
            at[0] += 0.01
            look()
    waits = [round(later - earlier, 2) for earlier, later in zip([0.0, *started], started, strict=False)]
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8], abs=0.02)
    assert capsys.readouterr().out.count("it is started again") == 4


SCRIPT = """
import os, sys, time
from pathlib import Path
from app import keeper

def work():
    lives = Path(sys.argv[1])
    with lives.open("a") as file:
        file.write(f"{os.getpid()}\\n")
    how = sys.argv[2]
    count = len(lives.read_text().split())
    if how == "dies" and count < 3:
        os.kill(os.getpid(), 9)
    if how == "fails":
        sys.exit(3)
    if how == "waits":
        time.sleep(60)

keeper.keep(work)
print("done")
"""


def kept(tmp_path: Path, how: str) -> tuple["subprocess.Popen[str]", Path]:
    lives = tmp_path / "lives"
    running = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(lives), how], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return running, lives


def test_one_that_is_killed_is_followed_by_another_until_one_ends_by_itself(tmp_path: Path) -> None:
    running, lives = kept(tmp_path, "dies")
    said, _ = running.communicate(timeout=30)
    assert (running.returncode, said) == (0, "done\n")
    assert len(set(lives.read_text().split())) == 3


def test_one_that_fails_by_itself_is_not_started_again(tmp_path: Path) -> None:
    running, lives = kept(tmp_path, "fails")
    running.communicate(timeout=30)
    assert (running.returncode, len(lives.read_text().split())) == (3, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_told_to_stop_both_end_and_killed_it_takes_its_worker_along(tmp_path: Path) -> None:
    for number, sent in enumerate((signal.SIGTERM, signal.SIGKILL)):
        folder = tmp_path / str(number)
        folder.mkdir()
        running, lives = kept(folder, "waits")
        until = time.monotonic() + 30
        while not (lives.exists() and lives.read_text().strip()) and time.monotonic() < until:
            time.sleep(0.02)
        (child,) = descendants(running.pid)
        running.send_signal(sent)
        running.communicate(timeout=30)
        until = time.monotonic() + 10
        while alive(child) and time.monotonic() < until:
            time.sleep(0.02)
        assert not alive(child)
