"""Places: the region table, looking places up, minting grids."""

from typing import Annotated

import typer

from app import regions, upkeep
from app.commands.kit import Stop, bar, code_of, out, said, with_house
from app.house import House
from models.regions import Level

regions_app = typer.Typer(no_args_is_help=True, help="The administrative tree.")
grids_app = typer.Typer(no_args_is_help=True, help="Grids below villages.")


@regions_app.command("load")
def regions_load() -> None:
    """Load the real table of 27,036 regions that ships with the house. May be repeated."""
    with bar("loading regions") as told:
        rows, new = with_house(lambda house: upkeep.load_regions(house, told))
    out.print(f"{rows:,} regions, {new:,} new")


@regions_app.command("find")
def regions_find(words: list[str], level: Annotated[Level | None, typer.Option()] = None) -> None:
    """Find places by code, Chinese name, pinyin or initials."""

    query = " ".join(words).encode(errors="ignore").decode()  # lone surrogates: what the terminal could not read

    async def find(house: House) -> list[str]:
        async with house.database.reading() as db:
            found = await regions.find(db, query, level)
        return [f"{hit.code}  {' / '.join([*hit.chain, hit.name])}" for hit in found]

    found = with_house(find)
    if not found:
        raise Stop("no place of this name, pinyin, initials or code")
    said("\n".join(found))


@grids_app.command("mint")
def grids_mint(
    village: Annotated[str, typer.Argument(help="Its 15 digits, or the 12 of the national table")],
    count: Annotated[int, typer.Option(min=1, max=999)] = 1,
) -> None:
    """Mint the next grids of a village."""
    parent = code_of(village)

    async def mint(house: House) -> list[tuple[int, str]]:
        async with house.database.writing() as db:
            return [(grid.code, grid.name) for grid in await regions.mint(db, parent, count)]

    for code, grid in with_house(mint):
        said(f"{code}  {grid}")
