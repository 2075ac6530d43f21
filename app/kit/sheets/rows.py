"""From records to a sheet: the header, then every row that holds anything, tidied, numbered and counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from app.kit.sheets.cells import clean, looks_like_header, ordinary
from app.kit.sheets.shapes import SHEET_ROWS, Kind, Limits, Record, Row, Sheet, SheetRefused

_LOOKED_AT: Final = 200


@dataclass(frozen=True, slots=True)
class Origin:
    kind: Kind
    encoding: str = ""
    name: str = ""
    more: int = 0  # worksheets beside it that hold something


def sheet(origin: Origin, records: Iterator[Record], limits: Limits) -> Sheet:
    """The first record that holds anything names the columns, unless it is an entry itself, or the title of the list:
    then they have no names.

    Raises SheetRefused: empty, too_many_columns.
    """
    for record in records:
        header = tidy(record, 0, limits.columns)
        if header is not None:
            break
    else:
        raise SheetRefused("empty")
    if any(record[1][limits.columns :]):
        raise SheetRefused("too_many_columns", limit=limits.columns)
    titled = False
    if sum(map(bool, header.cells)) == 1:
        # The title of a list tells nothing of the columns below it.
        some = list(islice(records, _LOOKED_AT))
        records, titled = chain(some, records), any(sum(map(bool, cells)) > 1 for _, cells, _ in some)
    if titled or not looks_like_header(header.cells):
        return _headless(origin, chain([record], records), limits)
    # To a header nothing is surplus: it is what the other rows are measured by.
    header = Row(header.number, header.cells, tuple(one for one in header.problems if one[1] != "extra_cells"))
    rows = counted(records, len(header.cells), limits)
    return Sheet(header.cells, rows, origin.encoding, origin.kind, header, origin.name, origin.more)


def _headless(origin: Origin, records: Iterator[Record], limits: Limits) -> Sheet:
    """Nobody says how many columns there are: the widest of the first rows does."""
    first = list(islice(records, _LOOKED_AT))
    width = max(len(row.cells) for one in first if (row := tidy(one, 0, limits.columns)) is not None)
    rows = counted(chain(first, records), width, limits)
    return Sheet(("",) * width, rows, origin.encoding, origin.kind, None, origin.name, origin.more)


def counted(records: Iterator[Record], width: int, limits: Limits) -> Iterator[Row]:
    """Every row that holds anything. Raises SheetRefused("too_many_rows") at the first one over the limit."""
    most = limits.rows
    kept = 0
    for record in records:
        row = tidy(record, width, limits.columns)
        if row is None:
            # Blank ones cost time as well, and a file can consist of nothing else.
            if most is not None and record[0] > max(most, SHEET_ROWS):
                raise SheetRefused("too_many_rows", limit=most)
            continue
        kept += 1
        if most is not None and kept > most:
            raise SheetRefused("too_many_rows", limit=most)
        yield row


def tidy(record: Record, width: int, most: int) -> Row | None:
    """The row with its problems, filled up to `width`; None if it holds nothing. Cells beyond `most` are dropped."""
    number, raw, found = record
    if len(raw) == width and not found and ordinary(raw) and any(raw):
        return Row(number, tuple(raw), ())
    surplus = len(raw) > most and any(raw[most:])
    cells: list[str] = []
    problems = list(found)
    for place, text in enumerate(raw[:most]):
        cell, codes = clean(text)
        cells.append(cell)
        problems.extend((place, code) for code in codes)
    while len(cells) > width and not cells[-1]:
        cells.pop()
    if not any(cells) and not surplus and all(code == "merged" for _, code in problems):
        return None
    problems.extend((place, "extra_cells") for place in range(width, len(cells) + surplus))
    cells.extend([""] * (width - len(cells)))
    return Row(number, tuple(cells), tuple(sorted(set(problems))))
