"""Operators' commands: run, serve, work, migrate, load, look up, appoint, measure."""

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import asyncpg
import typer
from sqlalchemy.exc import DBAPIError

from app import demo, keeper, supervisor, upkeep, web
from app.commands.appointments import appointments_app
from app.commands.audit import audit_app
from app.commands.bench import bench_app
from app.commands.exports import exports_app
from app.commands.kit import Stop, bar, err, out, settings, with_house
from app.commands.ladders import ladders_app
from app.commands.messages import messages_app
from app.commands.regions import grids_app, regions_app
from app.commands.response import response_app
from app.commands.retention import retention_app
from app.commands.staff import staff_app
from app.house import House
from app.kit import crypto, postgres
from app.kit.db import away
from app.kit.errors import Refusal

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="守望 Shouwang: operators' commands.",
)
demo_app = typer.Typer(no_args_is_help=True, help="The demo village (development only).")
keys_app = typer.Typer(no_args_is_help=True, help="The event's keys.")
for name, group in (("regions", regions_app), ("grids", grids_app), ("staff", staff_app), ("demo", demo_app),
                    ("appointments", appointments_app), ("keys", keys_app), ("audit", audit_app), ("bench", bench_app),
                    ("exports", exports_app), ("ladders", ladders_app), ("messages", messages_app),
                    ("response", response_app),
                    ("retention", retention_app)):  # fmt: skip
    app.add_typer(group, name=name)


@app.command()
def run() -> None:
    """Everything at once: database, migrations, regions, demo village, web and worker. Ctrl-C stops it all."""
    supervisor.run(settings(), with_house)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to bind; SHOUWANG_HOST")] = None,
    port: Annotated[int | None, typer.Option(help="Port; SHOUWANG_PORT")] = None,
    workers: Annotated[int | None, typer.Option(help="Web processes; SHOUWANG_WORKERS")] = None,
) -> None:
    """Serve pages and API. The database must have been migrated."""
    given = {"HOST": host, "PORT": port, "WORKERS": workers}
    os.environ |= {f"SHOUWANG_{name}": str(value) for name, value in given.items() if value is not None}
    supervisor.serve(settings())


@app.command("worker")
def work() -> None:
    """Deliver messages and do due work: partitions made ahead, what has run out dropped, the ledger sealed."""
    from app import worker  # here, for web processes have no use for what delivers: it is 15 MB

    made = settings()  # what is wrong with them is said once, by the parent
    keeper.keep(lambda: asyncio.run(worker.run(House(made))))


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    with bar("migrating") as told:
        with_house(lambda house: upkeep.migrate(house, told))
    out.print("the schema is up to date")


@demo_app.command("load")
def demo_load() -> None:
    """Load the demo village, once."""
    if not settings().development:
        raise Stop("demo data is refused in production")
    with bar("loading the demo village") as told:
        fresh = with_house(lambda house: demo.load(house, told))
    out.print("the demo village is loaded" if fresh else "the demo village was there already")


@keys_app.command("new")
def keys_new(path: Path) -> None:
    """Make a production key file, 0600. Keep it off the database machine and out of its backups."""
    try:
        crypto.new_key_file(path)
    except FileExistsError:
        raise Stop(f"{path} exists; a key file is never overwritten") from None
    out.print(f"{path}: keep it safe; without it nobody reads the personal data, with it everybody can")


def main() -> None:
    """Run a command; what an operator did wrong is one sentence, not a traceback."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    web.heed_sigterm()
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
