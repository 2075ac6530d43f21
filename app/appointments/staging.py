"""Taking a sheet in: its columns guessed, every row judged, all of it copied into the database in one transaction."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from sqlmodel.ext.asyncio.session import AsyncSession

from app import staff, vault
from app.appointments import mapping, places
from app.appointments.judging import COLUMNS, Ground, Judge, Record, masked
from app.appointments.mapping import Mapping
from app.appointments.planning import DRAFT
from app.appointments.reasons import NO_ROWS, SheetUnreadable
from app.appointments.running import run
from app.kit import clock
from app.kit.ids import uuid7
from app.kit.sheets import Row, Sheet
from app.kit.viewer import Held, Viewer
from models.appointments import AppointmentSheet, State

# Hears (rows done, rows in all as far as known) while something long goes on.
Told = Callable[[int, int], None]
AT_ONCE = 20_000
LOOKED_AT = 50  # rows from which columns without a name are guessed


def nobody(_done: int, _whole: int) -> None:
    return


@dataclass(frozen=True)
class Brought:
    """A sheet on its way in: over which region, under which name, and how large it will be as far as known."""

    post: Held  # the administrator's post by which it is brought
    name: str
    sha256: bytes
    columns: Mapping | None = None  # as corrected by a person; None: they are guessed
    rows: int = 0
    told: Told = nobody


async def stage(db: AsyncSession, me: Viewer, brought: Brought, sheet: Sheet) -> AppointmentSheet:
    """Judge the rows of a sheet into a draft that is planned next, refused ones with their reason.

    Raises NoResponse, SheetUnreadable without any row; SheetRefused while reading: then the caller's transaction must
    not be committed.
    """
    response = await staff.active(db)
    sheet = mapping.named(sheet)
    first, rows = _looked_at(sheet)
    columns = brought.columns or mapping.guess(sheet.columns, [row.cells for row in first])
    taken = AppointmentSheet(
        id=uuid7(), response_id=response.id, by_account=me.account_id, by_post_id=brought.post.id,
        region_code=brought.post.region_code, name=brought.name[:80], kind=sheet.kind, sha256=brought.sha256,
        headers=[masked(name)[:80] for name in sheet.columns],
        mapping={column.value: at for column, at in columns.items()}, state=State.STAGED, created_at=clock.now(),
        more_worksheets=sheet.more_worksheets,
    )  # fmt: skip
    db.add(taken)
    await db.flush()
    around = await places.around(db, brought.post.region_code)
    judge = Judge(Ground(vault.of(db), around, taken.id, columns, clock.today()))
    taken.rows_in = await _copy(db, judge, rows, brought)
    if not taken.rows_in:
        raise SheetUnreadable(NO_ROWS)
    db.add(taken)
    await db.flush()
    return taken


def _looked_at(sheet: Sheet) -> tuple[list[Row], Iterator[Row]]:
    """The first rows, and all of them."""
    rows = iter(sheet.rows)
    first = list(islice(rows, LOOKED_AT))
    return first, chain(first, rows)


async def _copy(db: AsyncSession, judge: Judge, rows: Iterator[Row], brought: Brought) -> int:
    """Judge and COPY chunk by chunk; memory holds two of them. Returns how many rows there were."""
    await run(db, DRAFT)
    raw = (await (await db.connection()).get_raw_connection()).driver_connection
    done = 0
    brought.told(0, brought.rows)
    waiting = asyncio.create_task(_judged(judge, rows))
    try:
        while records := await waiting:
            # While PostgreSQL takes one chunk in, the next is judged.
            waiting = asyncio.create_task(_judged(judge, rows))
            await raw.copy_records_to_table("sheet_draft", records=records, columns=COLUMNS)  # type: ignore[union-attr]
            done += len(records)
            brought.told(done, max(done, brought.rows))
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    return done


async def _judged(judge: Judge, rows: Iterator[Row]) -> list[Record]:
    return await asyncio.to_thread(_chunk, judge, rows)


def _chunk(judge: Judge, rows: Iterable[Row]) -> list[Record]:
    # In a thread, so that other requests of the process are answered meanwhile.
    return [judge.record(row) for row in islice(rows, AT_ONCE)]
