"""The keeper of a worker: a small parent that forks it, and forks another when one is killed.

A message may kill whoever opens it (memory, a fault in a library); thousands wait behind it. A new interpreter takes
seconds until everything is imported; a fork of a parent that has imported it already takes none.
"""

import ctypes
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable

log = logging.getLogger("shouwang.worker")

SOON_S, LONGEST_S, WELL_S = 0.1, 10.0, 60.0
_PR_SET_PDEATHSIG = 1


class Pauses:
    """How long to wait before the next start: hardly at all, then ever longer while it is killed again and again."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._born, self._last = now, now(), 0.0

    def born(self) -> None:
        """It was started."""
        self._born = self._now()

    def after_death(self) -> float:
        """Seconds until it is to be started again."""
        well = self._now() - self._born > WELL_S
        self._last = SOON_S if well or not self._last else min(self._last * 2, LONGEST_S)
        return self._last


def die_with_parent() -> None:
    """In a child: when the parent is killed with -9, end as well (Linux; elsewhere the next start takes over)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def keep(work: Callable[[], None]) -> None:
    """Have the work done in a child. In the child this returns when the work is done; in the parent it never returns:
    it ends with the exit code of a child that was not killed."""
    told: list[int] = []
    child = 0

    def heard(number: int, _: object) -> None:
        told.append(number)
        if child:
            os.kill(child, number)

    before = {name: signal.signal(name, heard) for name in (signal.SIGINT, signal.SIGTERM)}
    pauses = Pauses()
    gc.freeze()  # what is shared with the children is not to be touched by the collector
    while not told:
        pauses.born()
        child = os.fork()
        if child == 0:
            for name, handler in before.items():
                signal.signal(name, handler)
            die_with_parent()
            work()
            return
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        child = 0
        if code >= 0 or told:
            os._exit(max(code, 0))
        pause = pauses.after_death()
        log.error("the worker was ended by %s; another is started in %g s", signal.Signals(-code).name, pause)
        _wait(pause, told)
    os._exit(0)


def _wait(seconds: float, told: list[int]) -> None:
    until = time.monotonic() + seconds
    while not told and time.monotonic() < until:
        time.sleep(0.05)
