"""A worker process that dies at a named point or breaks at one message, and what is delivered nevertheless."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlmodel import select

from app import messages
from app.house import House
from app.kit.settings import ROOT
from app.messages import Telling, To
from models.messages import Delivery

MOST_S = 120.0
POISONED = "13500000000"


class Worker:
    """A worker process, which its keeper starts again whenever it is killed."""

    def __init__(self, house: House, settings: dict[str, Any], told: dict[str, str]) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHOUWANG_", "DATABASE_"))}
        given = {f"SHOUWANG_{name.upper()}": str(value) for name, value in settings.items()}
        env = kept | given | told | {
            "DATABASE_URL": house.database.dsn, "SHOUWANG_DATA_DIR": str(house.settings.data_dir),
        }  # fmt: skip
        self.marks = Path(told["MARKS"])
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the process)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.delivery_worker"], cwd=ROOT, env=env, stdout=self._words,
            stderr=subprocess.STDOUT,
        )  # fmt: skip

    @property
    def deaths(self) -> int:
        """How often it was killed."""
        marks = self.marks / "deaths"
        return len(marks.read_text()) if marks.exists() else 0

    def said(self) -> str:
        """What it wrote, in all its lives."""
        self._words.seek(0)
        return self._words.read().decode(errors="replace")

    async def until(self, there: Callable[[], Awaitable[bool]], most: float = MOST_S) -> None:
        """Wait until something is so."""
        began = time.monotonic()
        while not await there():
            assert self._process.poll() is None, self.said()[-3000:]
            assert time.monotonic() - began < most, self.said()[-3000:]
            await asyncio.sleep(0.05)

    async def up(self) -> None:
        """Wait until it could begin."""

        async def there() -> bool:
            return "up" in os.listdir(self.marks)

        await self.until(there)

    def go(self) -> None:
        """Let it begin."""
        (self.marks / "go").touch()

    def stop(self) -> int:
        """SIGTERM, and how it ended."""
        self._process.terminate()
        try:
            return self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            self._words.close()


@contextmanager
def worker(house: House, settings: dict[str, Any], **told: str) -> Iterator[Worker]:
    """A worker at a house's database; gone afterwards, having ended as it should."""
    with tempfile.TemporaryDirectory() as folder:
        made = Worker(house, settings, {"MARKS": folder} | told)
        code = 1
        try:
            yield made
        finally:
            said = made.said()
            code = made.stop()
        assert code == 0, said[-3000:]


async def delivered_beside(house: House, settings: dict[str, Any], count: int, how: str = "kill") -> list[float]:
    """Deliver so many messages while one among the first kills its worker (or hangs, or raises).

    How long each of the others waited, in seconds; fails when one is lost, or the poison is not set aside.
    """
    phones = [f"136{number:08d}" for number in range(count)]
    url, poison = settings["aliyun_sms_url"], (await told(house, [POISONED]))[0]

    async def all_there() -> bool:
        return len(await counted(url)) >= count

    with worker(house, settings, POISON=str(poison), HOW=how) as running:
        # Up before the rush: what is measured is the wait behind the poison, not how long a process takes to start.
        await running.up()
        await told(house, phones)
        began = time.time()
        running.go()
        await running.until(all_there)
        await running.until(lambda: _set_aside(house, poison))
        assert running.deaths == (3 if how == "kill" else 0), running.said()[-3000:]
    got = await counted(url)
    assert set(got) == set(phones), "the poison was delivered, or somebody was not"
    return [min(got[phone]) - began for phone in phones]


async def counted(url: str) -> dict[str, list[float]]:
    """Phone -> when its letters were taken, as the provider says."""
    async with httpx.AsyncClient() as client:
        found: dict[str, list[float]] = (await client.get(f"{url}/counted")).json()
        return found


async def told(house: House, phones: list[str]) -> list[UUID]:
    """A code for every phone, in one transaction."""
    many = [Telling(To(phone=phone), {"code": "271828"}) for phone in phones]
    async with house.database.writing() as db:
        return await messages.tell_many(db, "sign_in_code", many)


async def _set_aside(house: House, poison: UUID) -> bool:
    async with house.database.reading() as db:
        row = (await db.exec(select(Delivery).where(Delivery.message_id == poison))).one_or_none()
    if row is None or row.set_aside_at is None:
        return False
    assert (row.state, row.starts) == ("technical_failure", 3)
    return True
