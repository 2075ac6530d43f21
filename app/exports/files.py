"""The file itself: CSV or XLSX, formulas disarmed, with a line that says whose it is and a mark in every row."""

import csv
import io
from collections.abc import Callable, Iterator

from app.exports.marks import unseen
from app.exports.taking import Taken
from app.kit.errors import N_
from app.kit.ids import receipt_number
from app.kit.sheets import safe_cell
from models.checkins import State
from models.exports import Column, ExportPurpose

# Words in the language of the reader.
Words = Callable[[str], str]

COLUMN = {
    Column.NAME: N_("Name"),
    Column.NAME_MASKED: N_("Name (masked)"),
    Column.GRID: N_("Grid"),
    Column.STATE: N_("Report of the day"),
    Column.PHONE: N_("Phone"),
    Column.ADDRESS: N_("Address"),
    Column.DOCUMENT: N_("Document number"),
}
STATE = {
    State.URGENT: N_("Urgent"),
    State.ATTENTION: N_("Needs care"),
    State.MISSING: N_("Not reported"),
    State.DONE: N_("Done"),
    "": N_("Not registered yet"),
}
PURPOSE = {
    ExportPurpose.ILLNESS: N_("Following up an illness"),
    ExportPurpose.SUPPLIES: N_("Bringing food and medicine"),
    ExportPurpose.TRANSFER: N_("Moving people to a hospital or shelter"),
    ExportPurpose.HOME_VISITS: N_("Going from door to door"),
    ExportPurpose.HIGHER_OFFICE: N_("A written order of the office above"),
}
HEAD = N_("Taken by %(name)s, %(place)s, %(at)s, no. %(number)s. For: %(purpose)s; nothing else. Do not pass on.")


def number_of(taken: Taken) -> str:
    """The number that both the visible line and a phone call name."""
    return receipt_number(taken.export.day, taken.export.id)


def _table(taken: Taken, words: Words) -> Iterator[list[str]]:
    """Every line of the file, the visible mark first. Every cell with something in it carries the unseen one: whoever
    cuts out one column, the phones for instance, passes it on as well."""
    mark = unseen(taken.export.tag)
    facts = {
        "name": taken.export.name, "place": taken.place, "at": taken.at, "number": number_of(taken),
        "purpose": words(PURPOSE[ExportPurpose(taken.export.purpose)]),
    }  # fmt: skip
    yield [safe_cell(words(HEAD) % facts) + mark]
    yield [words(COLUMN[column]) for column in taken.columns]
    for line in taken.lines:
        cells = [
            words(STATE[cell]) if column is Column.STATE else cell
            for column, cell in zip(taken.columns, line.cells, strict=True)
        ]
        # Disarmed first: a mark in front would hide a formula from the look at its first character.
        safe = [safe_cell(cell) for cell in cells]
        yield [safe[0] + mark, *(cell and cell + mark for cell in safe[1:])]


def csv_of(taken: Taken, words: Words) -> bytes:
    """UTF-8 with the mark by which Excel knows it, every cell quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows(_table(taken, words))
    return out.getvalue().encode("utf-8-sig")


def xlsx_of(taken: Taken, words: Words) -> bytes:
    """A workbook in which every cell is text: nothing in it is a formula, and no number loses a digit."""
    # Half a second and 5 MB: only where a workbook is made.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("1")
    for line in _table(taken, words):
        cells = []
        for text in line:
            cell = WriteOnlyCell(sheet, value=text)
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
