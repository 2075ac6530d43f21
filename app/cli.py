"""Operators' commands: run, serve, work, migrate, load, look up, appoint, measure."""

import asyncio
import logging
import os
import sys
import unicodedata
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import asyncpg
import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import DBAPIError

from app import demo, regions, staff, supervisor, upkeep, worker
from app.house import House
from app.kit import crypto, postgres
from app.kit.db import away
from app.kit.errors import NotFound, Refusal
from app.kit.settings import ROOT, Settings
from models.base import RegionCode
from models.regions import Level
from models.staff import Role

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="守望 Shouwang: operators' commands.",
)
regions_app = typer.Typer(no_args_is_help=True, help="The administrative tree.")
grids_app = typer.Typer(no_args_is_help=True, help="Grids below villages.")
staff_app = typer.Typer(no_args_is_help=True, help="Posts.")
demo_app = typer.Typer(no_args_is_help=True, help="The demo village (development only).")
keys_app = typer.Typer(no_args_is_help=True, help="The event's keys.")
bench_app = typer.Typer(no_args_is_help=True, help="Measurements against real limits.")
for name, group in (("regions", regions_app), ("grids", grids_app), ("staff", staff_app), ("demo", demo_app),
                    ("keys", keys_app), ("bench", bench_app)):  # fmt: skip
    app.add_typer(group, name=name)

out = Console()
err = Console(stderr=True)
T = TypeVar("T")


class Stop(Exception):
    """A refusal to an operator: one clear sentence, exit code 2."""


def _settings() -> Settings:
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


def _with_house(work: Callable[[House], Awaitable[T]]) -> T:
    """Run one piece of work in an open house."""

    async def whole() -> T:
        house = House(_settings())  # read anew: DATABASE_URL is known by now
        await house.start()
        try:
            return await work(house)
        finally:
            await house.stop()

    with supervisor.database(_settings()):
        return asyncio.run(whole())


@contextmanager
def _bar(text: str) -> Iterator[upkeep.Told]:
    """A progress bar; what is yielded moves it to (done, whole)."""
    about, counted = TextColumn("{task.description}"), MofNCompleteColumn()
    with Progress(about, BarColumn(), counted, TimeElapsedColumn(), console=err) as progress:
        task = progress.add_task(text, total=None)
        yield lambda done, whole: progress.update(task, completed=done, total=whole)


def _code(digits: str) -> int:
    try:
        return TypeAdapter[int](RegionCode).validate_python(digits)
    except ValidationError:
        raise Stop(f"{digits[:40]!r} is not a region code: it has 12 or 15 digits") from None


def _name(raw: str) -> str:
    name = raw.strip()
    if not 1 <= len(name) <= 50 or any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in raw):
        raise Stop("a name has 1 to 50 characters, and no control characters among them")
    return name


@app.command()
def run() -> None:
    """Everything at once: database, migrations, regions, demo village, web and worker. Ctrl-C stops it all."""
    supervisor.run(_settings(), _with_house)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to bind; SHOUWANG_HOST")] = None,
    port: Annotated[int | None, typer.Option(help="Port; SHOUWANG_PORT")] = None,
    workers: Annotated[int | None, typer.Option(help="Web processes; SHOUWANG_WORKERS")] = None,
) -> None:
    """Serve pages and API. The database must have been migrated."""
    given = {"HOST": host, "PORT": port, "WORKERS": workers}
    os.environ |= {f"SHOUWANG_{name}": str(value) for name, value in given.items() if value is not None}
    supervisor.serve(_settings())


@app.command("worker")
def work() -> None:
    """Do due work: partitions made ahead, what has run out dropped."""
    asyncio.run(worker.run(House(_settings())))


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    with _bar("migrating") as told:
        _with_house(lambda house: upkeep.migrate(house, told))
    out.print("the schema is up to date")


@regions_app.command("load")
def regions_load() -> None:
    """Load the real table of 27,036 regions that ships with the house. May be repeated."""
    with _bar("loading regions") as told:
        rows, new = _with_house(lambda house: upkeep.load_regions(house, told))
    out.print(f"{rows:,} regions, {new:,} new")


@regions_app.command("find")
def regions_find(words: list[str], level: Annotated[Level | None, typer.Option()] = None) -> None:
    """Find places by code, Chinese name, pinyin or initials."""

    query = " ".join(words).encode(errors="ignore").decode()  # lone surrogates: what the terminal could not read

    async def find(house: House) -> list[str]:
        async with house.database.reading() as db:
            found = await regions.find(db, query, level)
        return [f"{hit.code}  {' / '.join([*hit.chain, hit.name])}" for hit in found]

    found = _with_house(find)
    if not found:
        raise Stop("no place of this name, pinyin, initials or code")
    _print("\n".join(found))


@grids_app.command("mint")
def grids_mint(
    village: Annotated[str, typer.Argument(help="Its 15 digits, or the 12 of the national table")],
    count: Annotated[int, typer.Option(min=1, max=999)] = 1,
) -> None:
    """Mint the next grids of a village."""
    parent = _code(village)

    async def mint(house: House) -> list[tuple[int, str]]:
        async with house.database.writing() as db:
            return [(grid.code, grid.name) for grid in await regions.mint(db, parent, count)]

    for code, grid in _with_house(mint):
        _print(f"{code}  {grid}")


@staff_app.command("add")
def staff_add(
    phone: Annotated[str, typer.Option()],
    name: Annotated[str, typer.Option()],
    region: Annotated[str, typer.Option(help="The grid of a grid worker, the village of a village cadre")],
    role: Annotated[Role, typer.Option()] = Role.GRID_WORKER,
) -> None:
    """Give a phone a post. The six-level organisation will replace this."""
    place, holder = _code(region), _name(name)

    async def add(house: House) -> str:
        async with house.database.writing() as db:
            await house.vault.load(db)
            try:
                post = await staff.appoint(db, phone, holder, role, place)
            except NotFound:
                raise Stop(f"there is no region {place}: look it up with `shouwang regions find`") from None
            return " / ".join(await regions.chain_of(db, post.region_code))

    _print(f"{holder}: {role} of {_with_house(add)}")


@demo_app.command("load")
def demo_load() -> None:
    """Load the demo village, once."""
    settings = _settings()
    if not settings.development:
        raise Stop("demo data is refused in production")
    with _bar("loading the demo village") as told:
        fresh = _with_house(lambda house: demo.load(house, told))
    out.print("the demo village is loaded" if fresh else "the demo village was there already")


@keys_app.command("new")
def keys_new(path: Path) -> None:
    """Make a production key file, 0600. Keep it off the database machine and out of its backups."""
    try:
        crypto.new_key_file(path)
    except FileExistsError:
        raise Stop(f"{path} exists; a key file is never overwritten") from None
    out.print(f"{path}: keep it safe; without it nobody reads the personal data, with it everybody can")


@bench_app.command("checkins", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench_checkins(context: typer.Context) -> None:
    """Check-ins over HTTP against pgbench and a naive handler, in one run. --json, --seconds, --rounds, --workers."""
    _bench("checkins", context.args)


@bench_app.command("pages", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench_pages(context: typer.Context) -> None:
    """Time and weight of the resident's pages. --json."""
    _bench("pages", context.args)


@bench_app.command("roll-call", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def bench_roll_call(context: typer.Context) -> None:
    """Roll call of a grid of 1,000 with 10 million check-ins stored, with the plan. --json, --rows."""
    _bench("roll_call", context.args)


def _bench(what: str, arguments: list[str]) -> None:
    script = ROOT / "tests" / "bench" / f"bench_{what}.py"
    if not script.exists():
        raise Stop("the measurements live in tests/bench of the checkout, which is not here")
    os.execv(sys.executable, [sys.executable, str(script), *arguments])  # noqa: S606


def main() -> None:
    """Run a command; what an operator did wrong is one sentence, not a traceback."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    supervisor.heed_sigterm()
    try:
        app()
    except (Stop, crypto.KeysUnusable, postgres.PostgresUnavailable) as stop:
        _say(str(stop))
    except Refusal as refusal:
        _say(" ".join(_sentences(refusal)))
    except (DBAPIError, asyncpg.PostgresError, OSError) as error:
        if (reason := _database_trouble(error)) is None:
            raise
        _say(reason)


def _print(text: str) -> None:
    """Plain: names are no markup, and a line that is too long is the terminal's to wrap."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def _say(sentence: str) -> NoReturn:
    err.print(f"shouwang: {sentence}", style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(2)


def _sentences(refusal: Refusal) -> list[str]:
    said = [(fault.message, fault.params) for fault in refusal.faults] or [(refusal.detail, refusal.params)]
    return [words % params if params else words for words, params in said]


def _database_trouble(error: Exception) -> str | None:
    """What an operator can do about a database that does not answer as it should; None for a bug of ours."""
    cause = getattr(getattr(error, "orig", None), "__cause__", None) or error
    if isinstance(cause, asyncpg.UndefinedTableError | asyncpg.UndefinedColumnError):
        return "the database is not at the newest schema: run `shouwang migrate`"
    if isinstance(cause, asyncpg.InvalidAuthorizationSpecificationError | asyncpg.InvalidCatalogNameError):
        return f"the database refuses DATABASE_URL: {cause}"
    if away(error) or away(cause):
        return f"the database cannot be reached ({cause}): is it running, is DATABASE_URL right?"
    return None
