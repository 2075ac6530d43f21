"""From a file that turned up somewhere to whoever took it."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zipfile import BadZipFile

import typer

from app import exports
from app.commands.kit import Stop, readable, said, with_house
from app.exports.marks import read_numbers
from app.exports.tracing import Traced, text_of
from app.house import House
from app.kit import clock

MOST_BYTES = 64 * 2**20

exports_app = typer.Typer(no_args_is_help=True, help="Files with people in them.")


@exports_app.command("trace")
def exports_trace(
    file: Annotated[Path | None, typer.Argument(help="CSV, XLSX, or any text that was copied out of one")] = None,
    number: Annotated[str | None, typer.Option(help="The number in the first line, as in 0205-7K4Q-9PDM")] = None,
) -> None:
    """Who took the rows of this file, by the marks in its cells or the number in its first line.

    Marks survive UTF-8, UTF-16 and GB18030. A file saved as GBK has lost them: there only the number leads back.
    """
    text = number or ""
    if file is not None:
        readable(file, MOST_BYTES)
        try:
            text += "\n" + text_of(file)
        except (ValueError, BadZipFile) as error:
            raise Stop(f"{file} cannot be read: {error}") from None
    elif number is None:
        raise Stop("name a file, or the number of the export: --number 0205-7K4Q-9PDM")
    elif not read_numbers(number):
        raise Stop(f"{number[:40]!r} is not the number of an export: it reads like 0205-7K4Q-9PDM")

    async def look(house: House) -> list[Traced]:
        async with house.database.writing() as db:
            return await exports.trace(db, None, text)

    found = with_house(look)
    if not found:
        raise Stop("no mark and no number of an export of this house in it")
    for each in found:
        by = f"{each.cells} cells" if each.cells else "by its number"
        said(f"{by}: export {each.export_id}, {each.place}, for {each.purpose}")
        released = each.released_by or "nobody: it was not needed"
        said(f"  asked for by {each.name}, {_at(each.requested_at)}; released by {released}")
        for at in each.taken_at:
            said(f"  taken {_at(at)}")


def _at(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"
