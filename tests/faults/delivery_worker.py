"""The worker as it is shipped, told by its environment to die at a point of a delivery or to break at one message.

DIE_AT: the name of a point; the process kills itself there, once (a mark in MARKS says that it did). POISON: the id of
a message; HOW: kill, hang or raise, each time it is opened. The post office waits until MARKS holds `go`.
"""

import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import Any

from app.messages import points

MARKS = Path(os.environ["MARKS"])


def _die() -> None:
    with (MARKS / "deaths").open("a") as deaths:
        deaths.write("x")
    os.kill(os.getpid(), signal.SIGKILL)


def _deadly(point: str) -> None:
    if point != os.environ["DIE_AT"]:
        return
    try:
        (MARKS / point).touch(exist_ok=False)
    except FileExistsError:
        return
    _die()


def _poisoned() -> None:
    """Have this worker break at the message that it is told."""
    from app.messages import delivering, opening, texting

    poison, how = os.environ["POISON"], os.environ["HOW"]
    really, hands_over = opening._opened, texting.Texting.__call__

    def opened(vault: Any, one: Any) -> Any:
        if str(one.message_id) == poison and how == "kill":
            _die()
        return really(vault, one)

    async def handed_over(self: Any, some: Any) -> Any:
        if any(str(one.taken.message_id) == poison for one in some) and how != "kill":
            if how == "raise":
                raise RuntimeError("poison")
            await asyncio.sleep(3600)
        return await hands_over(self, some)

    opening._opened = opened
    texting.Texting.__call__ = handed_over  # type: ignore[method-assign]
    if how == "hang":
        delivering.HANGS_S = (
            2.0  # a minute, as it is shipped, is long to wait for; of 10,000 its company is one in a hundred
        )


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    if "DIE_AT" in os.environ:
        points.passing = _deadly  # before anybody imports it by name
    from app import keeper, worker
    from app.house import House
    from app.kit.settings import Settings
    from app.messages.office import Office

    if "POISON" in os.environ:
        _poisoned()
    runs = Office.run

    async def run(self: Office, stop: asyncio.Event) -> None:
        (MARKS / "up").touch()
        while not (MARKS / "go").exists() and not stop.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await runs(self, stop)

    Office.run = run  # type: ignore[method-assign]
    keeper.keep(lambda: asyncio.run(worker.run(House(Settings()))))


if __name__ == "__main__":
    main()
