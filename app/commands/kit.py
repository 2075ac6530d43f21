"""What operators' commands share: an open house, a progress bar, one clear sentence when something is wrong."""

import asyncio
import os
import unicodedata
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app import supervisor, upkeep
from app.house import House
from app.kit.settings import Settings
from models.base import RegionCode

out = Console()
err = Console(stderr=True)
T = TypeVar("T")


class Stop(Exception):
    """A refusal to an operator: one clear sentence, exit code 2."""


def settings() -> Settings:
    """The settings, or one sentence about the wrong one."""
    try:
        return Settings()
    except ValidationError as error:
        raise Stop("; ".join(_reason(finding) for finding in error.errors())) from None


def _reason(finding: object) -> str:
    error = dict(finding) if isinstance(finding, dict) else {}
    message = str(error.get("msg", "")).removeprefix("Value error, ")
    names = [str(part) for part in error.get("loc", ())]
    variable = "DATABASE_URL" if names == ["DATABASE_URL"] else "SHOUWANG_" + "_".join(names).upper()
    told = not names or "SHOUWANG_" in message or "DATABASE_URL" in message
    return message if told else f"{variable}: {message}"


def with_house(work: Callable[[House], Awaitable[T]]) -> T:
    """Run one piece of work in an open house."""

    async def whole() -> T:
        house = House(settings())  # read anew: DATABASE_URL is known by now
        await house.start()
        try:
            return await work(house)
        finally:
            await house.stop()

    with supervisor.database(settings()):
        return asyncio.run(whole())


@contextmanager
def bar(text: str) -> Iterator[upkeep.Told]:
    """A progress bar; what is yielded moves it to (done, whole)."""
    about, counted = TextColumn("{task.description}"), MofNCompleteColumn()
    with Progress(about, BarColumn(), counted, TimeElapsedColumn(), console=err) as progress:
        task = progress.add_task(text, total=None)
        yield lambda done, whole: progress.update(task, completed=done, total=whole)


def code_of(digits: str) -> int:
    """A region code as an operator types it."""
    try:
        return TypeAdapter[int](RegionCode).validate_python(digits)
    except ValidationError:
        raise Stop(f"{digits[:40]!r} is not a region code: it has 12 or 15 digits") from None


def name_of(raw: str) -> str:
    """A person's name as an operator types it."""
    name = raw.strip()
    if not 1 <= len(name) <= 50 or any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in raw):
        raise Stop("a name has 1 to 50 characters, and no control characters among them")
    return name


def readable(file: Path, most: int) -> None:
    """Refuse what is no file, cannot be opened, or is larger than `most` bytes."""
    if not file.exists():
        raise Stop(f"there is no file {file}")
    if not file.is_file():
        raise Stop(f"{file} is not a file")
    if not os.access(file, os.R_OK):
        raise Stop(f"{file} may not be read by this user")
    if file.stat().st_size > most:
        raise Stop(f"{file} is larger than {most // 2**20} MiB")


def said(text: str) -> None:
    """Plain: names are no markup, and a line that is too long is the terminal's to wrap."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)
