"""The other process: unpacks, checks and reads one workbook from its standard input, and can do nothing else."""

import codecs
import io
import sys
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

import msgspec
from python_calamine import CalamineWorkbook

from app.kit.confined import confine
from app.kit.sheets.archive import Archive, parse
from app.kit.sheets.grid import Grid
from app.kit.sheets.lines import ENTRIES, WORKBOOK_BYTES, Ended, Line, Named, Refused, Said
from app.kit.sheets.parts import BOOK, find, holding
from app.kit.sheets.shapes import LONGEST_CELL, Found, Problem, SheetRefused

_LOST: Final = 1e15  # Excel keeps 15 digits; of a longer number the rest is gone
# The parts that say how cells read; drawings, links and comments are never unpacked, and of the other worksheets only
# so much as shows that they hold something.
_READ: Final = ("[content_types].xml", "_rels/.rels", BOOK, "xl/_rels/workbook.xml.rels", "xl/styles.xml")
_TAB: Final = 31  # characters; the longest name of a worksheet
_STRINGS: Final = "xl/sharedstrings.xml"


def main() -> None:
    """Read a workbook from standard input and tell it, line by line, on standard output."""
    rows = int(sys.argv[2])
    # Before the doors close: zipfile reads old names with it.
    codecs.lookup("cp437")
    confine()
    encode = msgspec.json.Encoder().encode
    out = sys.stdout.buffer
    try:
        for one in read(sys.stdin.buffer.read(WORKBOOK_BYTES + 1), rows):
            out.write(encode(one) + b"\n")
    except SheetRefused as refused:
        out.write(encode(Refused(refused.code, refused.params)) + b"\n")
    except MemoryError:
        out.write(encode(Refused("bomb", {})) + b"\n")
    except Exception:  # whatever a library says over a hostile file, the answer is the same
        out.write(encode(Refused("broken", {})) + b"\n")
    out.flush()


def read(data: bytes, rows: int) -> Iterator[Said]:
    """Everything there is to say about one workbook, its rows from the first that holds anything."""
    archive = Archive(data)
    found = find(archive)
    grid = Grid(rows)
    # Calamine gets a new archive of the very bytes that were looked at, so that nothing can be read in two ways.
    clean = io.BytesIO()
    with zipfile.ZipFile(clean, "w", zipfile.ZIP_STORED) as target:
        for name in (*_READ, found.strings or _STRINGS, found.part):
            if name not in archive:
                continue
            with target.open(archive.name(name), "w") as part:
                on_element = grid.element if name == found.part else None
                for piece in parse(archive.unpack(name), on_element):
                    part.write(piece)
    clean.seek(0)
    # Last, and out of what is left of the same archive: whatever is wrong with the worksheet itself is said first.
    yield Named(found.name[:_TAB], min(holding(archive, found.others), ENTRIES))
    with CalamineWorkbook.from_filelike(clean) as book:
        worksheet = book.get_sheet_by_name(found.name)
        clean.close()
        # Calamine leaves out blank columns on the left, though not blank rows on top.
        left = [""] * (worksheet.start or (0, 0))[1]
        for number, values in enumerate(worksheet.iter_rows(), 1):
            if (line := _line(number, [*left, *values], grid.problems(number))) is not None:
                yield line
    yield Ended()


def _line(number: int, values: Sequence[object], found: Found) -> Line | None:
    cells: list[str] = []
    problems = list(found)
    for place, value in enumerate(values):
        text, code = shown(value)
        cells.append(text)
        if code is not None:
            problems.append((place, code))
    while cells and not cells[-1]:
        cells.pop()
    return Line(number, cells, tuple(problems)) if cells or problems else None


def shown(value: object) -> tuple[str, Problem | None]:
    """A cell's value as the person would read it aloud, dates as ISO 8601; and whether digits are missing."""
    if isinstance(value, str):
        return value.strip()[: LONGEST_CELL + 1], None
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), None
    if isinstance(value, int | float):
        return (f"{value:.5E}", "scientific") if abs(value) >= _LOST else (_digits(value), None)
    return _moment(value), None


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "seconds")
    if isinstance(value, time):
        return value.isoformat("seconds")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    return value.isoformat() if isinstance(value, date) else ""


def _digits(value: float) -> str:
    # 15 digits, as Excel shows and keeps them: 0.1 + 0.2 is 0.3 there.
    text = f"{Decimal(f'{value:.15g}'):f}"
    return "0" if text == "-0" else text
