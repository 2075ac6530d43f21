"""Sheets of any size by the operator's hand: planned, applied, undone, each with a progress bar."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from app import appointments, audit
from app.appointments import File
from app.commands.kit import Stop, bar, code_of, said, with_house
from app.house import House
from app.kit.db import Database
from app.kit.errors import NotFound
from app.kit.viewer import Held, Viewer
from models.appointments import AppointmentSheet, Outcome
from models.regions import last_of
from models.staff import Role

appointments_app = typer.Typer(no_args_is_help=True, help="Sheets of people who become posts.")

T = TypeVar("T")
STATEMENT_MS = 900_000  # a million rows are compared in one statement
SHOWN = 20
EVERYWHERE = 10**15


def _operator(first: int, last: int) -> Viewer:
    """The operator, with the reach of an administrator of these regions."""
    return replace(audit.operator(), posts=(Held(UUID(int=0), Role.ADMINISTRATOR, first, last, "operator"),))


async def _patiently(house: House, work: Callable[[Database], Awaitable[T]]) -> T:
    """Work with a database whose statements may take minutes; the house's own are stopped after seconds."""
    patient = Database(house.database.dsn, pool_size=1, statement_ms=STATEMENT_MS, info={"vault": house.vault})
    try:
        async with patient.reading() as db:
            await house.vault.load(db)
        return await work(patient)
    finally:
        await patient.close()


@appointments_app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="CSV or XLSX, of any size", exists=True, dir_okay=False)],
    region: Annotated[str, typer.Option(help="Whose people these are; nobody outside it is appointed")],
    apply: Annotated[
        bool, typer.Option("--apply", help="Appoint them; without it nothing but the plan is made")
    ] = False,
) -> None:
    """Read a sheet, plan it row by row, and with --apply make the posts: all of them or none."""
    place = code_of(region)
    me = _operator(place, last_of(place))

    async def read(house: House) -> AppointmentSheet:
        async def planned(database: Database) -> AppointmentSheet:
            with bar("reading and planning") as told:
                async with database.writing() as db:
                    return await appointments.bring_file(db, me, File(path, path.name, me.posts[0].region_code, told))

        sheet = await _patiently(house, planned)
        await _told(house, me, sheet)
        if apply and sheet.new + sheet.changed:
            sheet = await _patiently(house, lambda database: _applied(database, me, sheet.id))
        return sheet

    sheet = with_house(read)
    if sheet.applied_at:
        said(
            f"applied: {sheet.new:,} new posts, {sheet.changed:,} changed; undo: shouwang appointments undo {sheet.id}"
        )
    elif apply:
        said("nothing to apply: everything stands like that already")
    else:
        said("nothing was changed yet; with --apply the plan is carried out")


async def _applied(database: Database, me: Viewer, sheet_id: UUID) -> AppointmentSheet:
    with bar("appointing") as told:
        async with database.writing() as db:
            return await appointments.apply(db, me, sheet_id, told)


async def _told(house: House, me: Viewer, sheet: AppointmentSheet) -> None:
    """The plan, and the first refused rows with their reasons."""
    counts = f"{sheet.new:,} new, {sheet.changed:,} changed, {sheet.unchanged:,} unchanged, {sheet.refused:,} refused"
    said(f"sheet {sheet.id}: {sheet.rows_in:,} rows = {counts}")
    if sheet.more_worksheets:
        said(f"{sheet.more_worksheets:,} other worksheets of this file hold rows as well; they were not read")
    if sheet.missing:
        said(f"{sheet.missing:,} posts in these units are not in this sheet; they stay")
    if not sheet.refused:
        return
    async with house.database.reading() as db:
        refused = await appointments.rows_of(db, me, sheet.id, (Outcome.REFUSED, 1))
    for row in refused.items[:SHOWN]:
        words = appointments.ROW[row.reason] % {"hint": row.hint} if row.reason else ""
        said(f"  row {row.number}, {row.field or 'row'} {row.cell!r}: {words}")
    if sheet.refused > SHOWN:
        said(f"  ... and {sheet.refused - SHOWN:,} more")


@appointments_app.command("undo")
def undo(sheet: Annotated[UUID, typer.Argument(help="As printed by the import")]) -> None:
    """Take an applied sheet back: its posts end, what it changed is as before where nobody changed it since."""

    async def take_back(database: Database) -> AppointmentSheet:
        everywhere = _operator(0, EVERYWHERE)
        with bar("undoing") as told:
            async with database.writing() as db:
                try:
                    return await appointments.undo(db, everywhere, sheet, told)
                except NotFound:
                    raise Stop(f"there is no sheet {sheet}") from None

    undone = with_house(lambda house: _patiently(house, take_back))
    said(f"undone; {undone.kept:,} rows were changed since and stay as they are")
