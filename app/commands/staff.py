"""Posts by the operator's hand: the first administrators of a response."""

from typing import Annotated

import typer

from app import regions, staff
from app.commands.kit import Stop, code_of, name_of, said, with_house
from app.house import House
from app.kit.errors import NotFound
from models.regions import last_of
from models.staff import Role

staff_app = typer.Typer(no_args_is_help=True, help="Posts.")


@staff_app.command("add")
def staff_add(
    phone: Annotated[str, typer.Option()],
    name: Annotated[str, typer.Option()],
    region: Annotated[str, typer.Option(help="The grid of a grid worker, the village of a village cadre")],
    role: Annotated[Role, typer.Option()] = Role.GRID_WORKER,
) -> None:
    """Give a phone a post. The six-level organisation will replace this."""
    place, holder = code_of(region), name_of(name)

    async def add(house: House) -> str:
        async with house.database.writing() as db:
            await house.vault.load(db)
            response = await staff.active(db)
            if not response.region_code <= place <= last_of(response.region_code):
                under = " / ".join(await regions.chain_of(db, response.region_code))
                raise Stop(f"the response {response.name} is under way in {under}: {place} lies outside it")
            try:
                post = await staff.appoint(db, phone, holder, role, place)
            except NotFound:
                raise Stop(f"there is no region {place}: look it up with `shouwang regions find`") from None
            return " / ".join(await regions.chain_of(db, post.region_code))

    said(f"{holder}: {role} of {with_house(add)}")
