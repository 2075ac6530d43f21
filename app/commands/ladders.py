"""Ladders by the operator's hand: what is in force, and a new version for a place."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions, tasks
from app.commands.kit import Stop, code_of, readable, said, with_house
from app.house import House
from models.tasks import Kind
from models.tasks.ladders import Rung, spelled

MOST_BYTES = 64 * 2**10

ladders_app = typer.Typer(no_args_is_help=True, help="What happens when nobody acts: the steps, place by place.")
OfKind = Annotated[Kind, typer.Argument(help="kind of task")]
InRegion = Annotated[str, typer.Option(help="12 or 15 digits")]


async def _known(db: AsyncSession, code: int, said: str) -> None:
    if await regions.known(db, code) is None:
        raise Stop(f"there is no region {said}")


@ladders_app.command("show")
def ladders_show(kind: OfKind, region: InRegion) -> None:
    """The steps in force today in a place, as JSON: to be changed and added as a new version."""
    code = code_of(region)

    async def look(house: House) -> tuple[Rung, ...]:
        async with house.database.reading() as db:
            await _known(db, code, region)
            return await tasks.rungs_of(db, kind, code)

    said(spelled(with_house(look)))


@ladders_app.command("add")
def ladders_add(  # noqa: PLR0913
    kind: OfKind,
    file: Annotated[Path, typer.Argument(help="JSON, as `ladders show` prints it")],
    region: InRegion,
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="first day, today or later")],
    source: Annotated[str, typer.Option(help="who decided it, and where it is written")],
    apply: Annotated[bool, typer.Option("--apply", help="write it; without, it is only shown")] = False,
) -> None:
    """A new version for a place and everything below it, from a day on. Shown first; written with --apply."""
    code, wanted = code_of(region), tasks.Decided(kind, since.date(), source.strip())
    readable(file, MOST_BYTES)
    try:
        rungs = tasks.checked(kind, file.read_bytes())
    except ValueError as error:
        raise Stop(f"{file}: {error}") from None

    async def decide(house: House) -> tuple[str, int | None]:
        async with house.database.writing() as db:
            await _known(db, code, region)
            try:
                version = await tasks.decide(db, code, wanted, rungs, write=apply)
            except ValueError as error:
                raise Stop(str(error)) from None
            return " ".join(await regions.chain_of(db, code)), version

    place, version = with_house(decide)
    said(f"{kind} in {place}, from {wanted.since} on:")
    for number, rung in enumerate(rungs, 1):
        after = f"{rung.after // 3600} h {rung.after % 3600 // 60:02} min after the {rung.base}"
        said(f"  {number}. {after}: {rung.act} {rung.to} ({rung.template}), unless {rung.unless}")
    said(f"written: version {version}" if apply else "nothing is written yet: say --apply")
