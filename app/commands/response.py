"""The response by the operator's hand: begin it, end it with its keys, check its certificate."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from app import staff, standdown
from app.commands.kit import Stop, code_of, out, readable, said, settings, with_house
from app.house import House
from app.kit.errors import NotFound
from app.kit.signing import Signing, path_beside
from app.standdown import County
from models.staff import Response

MOST_BYTES = 2**20

response_app = typer.Typer(no_args_is_help=True, help="The response: the emergency the organisation stands for.")
certificate_app = typer.Typer(no_args_is_help=True, help="Certificates of responses that were stood down.")
response_app.add_typer(certificate_app, name="certificate")


@response_app.command("start")
def response_start(
    name: Annotated[str, typer.Argument(help="As everybody will read it, at most 60 characters")],
    region: Annotated[str, typer.Option(help="Its 15 digits, or the 12 of the national table")],
) -> None:
    """Begin a response over a region. One at a time."""
    place, wanted = code_of(region), name.strip()
    if not 1 <= len(wanted) <= 60 or not wanted.isprintable():
        raise Stop("a name has 1 to 60 characters, and no control characters among them")

    async def start(house: House) -> Response:
        async with house.database.writing() as db:
            try:
                return await staff.start(db, wanted, place)
            except NotFound:
                raise Stop(f"there is no region {place}: look it up with `shouwang regions find`") from None

    said(f"{with_house(start).name}: under way")


@response_app.command("stand-down")
def response_stand_down(
    name: Annotated[str | None, typer.Option(help="The name of the response; asked for when left out")] = None,
) -> None:
    """End the response under way: its posts end, its keys are destroyed, its people are erased. Cannot be undone."""

    async def under_way(house: House) -> tuple[Response, list[County]]:
        async with house.database.reading() as db:
            return await staff.active(db), await standdown.concerned(db)

    response, counties = with_house(under_way)
    whole = f"{standdown.people_in(counties):,} people in {len(counties)} counties"
    said(f"Everything sealed in this house: {whole}, not only in the region of the response.")
    for county in counties:
        said(f"  {county.name}: {county.people:,}")
    if name is None:
        out.print("This ends every post and destroys the keys. Document numbers, phones, addresses become unreadable")
        out.print("in the database and in every backup. Copies of the key file that you made are yours to destroy.")
        name = typer.prompt(f"Type the name of the response ({response.name})")
    typed = name

    async def close(house: House) -> Path:
        async with house.database.writing() as db:
            row = await standdown.by_operator(db, typed, f"operator {getpass.getuser()}")
        await house.watch.look()
        return house.settings.data_dir / "certificates" / f"{row.response_id}.json"

    said(f"{response.name}: stood down. The certificate: {with_house(close)}")


@certificate_app.command("verify")
def certificate_verify(
    file: Path,
    key: Annotated[str | None, typer.Option(help="The public key you kept, 64 hexadecimal digits")] = None,
) -> None:
    """Verify a certificate, against the key you kept or that of this house. Exit code 1 when it is bad."""
    readable(file, MOST_BYTES)
    try:
        checked = standdown.check(file.read_bytes())
    except ValueError as error:
        raise Stop(f"{file}: {error}") from None
    if not checked.good:
        said("BAD: this certificate was altered, or was never signed")
        raise typer.Exit(1)
    expected = key.strip().lower() if key else _own_key()
    if expected is not None and expected != checked.public_key:
        said(f"BAD: signed with another key, {checked.public_key}")
        raise typer.Exit(1)
    about = checked.said.get("response", {})
    said(f"good: {about.get('name')}, stood down {checked.said.get('stood_down_at')}")
    said(f"signed with {checked.public_key}" + ("" if expected else "; compare it with the key you kept"))


def _own_key() -> str | None:
    """The public key of this house, where there is one."""
    keys = settings().keys
    return Signing.load(keys).public.hex() if path_beside(keys).exists() else None
