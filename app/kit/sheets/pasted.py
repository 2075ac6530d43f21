"""What a spreadsheet puts on the clipboard, or a person types into the box: cells by tabs, commas or semicolons."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from app.kit.sheets.cells import looks_like_header
from app.kit.sheets.delimited import separator_of
from app.kit.sheets.rows import Origin, counted, sheet, tidy
from app.kit.sheets.shapes import UPLOAD, Limits, Record, Row, Sheet, SheetRefused

_BREAK: Final = re.compile(r"\r\n?|\n")


def read_paste(text: str, limits: Limits = UPLOAD) -> Sheet:
    """Read pasted rows, with a header or without; a paste has characters where a file has bytes.

    Raises SheetRefused: too_large, too_many_rows, empty, too_many_columns.

    A first row of words only is taken for the header; a caller that knows none of its names has it as `header`.
    """
    if limits.bytes is not None and len(text) > limits.bytes:
        raise SheetRefused("too_large", limit=limits.bytes)
    # Two for a line as Windows writes it; blank ones cost as well.
    if limits.rows is not None and text.count("\n") + text.count("\r") > 3 * limits.rows:
        raise SheetRefused("too_many_rows", limit=limits.rows)
    records = list(_records(text))
    first = next((row for row in (tidy(one, 0, limits.columns) for one in records) if row is not None), None)
    if first is None or looks_like_header(first.cells):
        return sheet(Origin("paste"), iter(records), limits)
    # Without a header the widest row says how many columns there are.
    tidied: list[Row] = [row for one in records if (row := tidy(one, 0, limits.columns + 1)) is not None]
    width = max(len(row.cells) for row in tidied)
    if width > limits.columns:
        raise SheetRefused("too_many_columns", limit=limits.columns)
    return Sheet(("",) * width, counted(iter(records), width, limits), "", "paste", None)


def _records(text: str) -> Iterator[Record]:
    """Cut into cells; each record carries the line that it begins on.

    A quotation mark wraps a cell only where it opens the cell and another closes it: Excel pastes a cell like 5" or
    "old" town as it is, and a reader of CSV would swallow the lines that follow.
    """
    separator = _separator(text)
    wrapped, ends = _forms(separator)
    place, line, began = 0, 1, 1
    cells: list[str] = []
    while place < len(text):
        if quoted := wrapped.match(text, place):
            cells.append(quoted[1].replace('""', '"'))
            line += len(_BREAK.findall(quoted[0]))
            place = quoted.end()
        else:
            stop = ends.search(text, place)
            place, start = stop.start() if stop else len(text), place
            cells.append(text[start:place])
        if text.startswith(separator, place):
            place += 1
            if place < len(text):
                continue
            cells.append("")
        elif ending := _BREAK.match(text, place):
            place, line = ending.end(), line + 1
        yield began, cells, ()
        cells, began = [], line


def _separator(text: str) -> str:
    if "\t" in text:
        return "\t"
    lines = _BREAK.split(text)
    chosen = separator_of(iter(lines))
    # Typed by hand on a Chinese keyboard.
    return "，" if chosen not in text and "，" in text else chosen


@cache
def _forms(separator: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    end = f"[{separator}\r\n]"
    return re.compile(f'"((?:[^"]++|"")*+)"(?={end}|\\Z)'), re.compile(end)
