"""Where in a worksheet something stands: cells counted, formulas and merged ranges noted, while its XML streams by."""

import re
from collections import defaultdict
from typing import Final

from app.kit.sheets.archive import Attributes
from app.kit.sheets.lines import WORKBOOK_CELLS, WORKBOOK_COLUMNS
from app.kit.sheets.shapes import Found, Problem, SheetRefused

_REFERENCE: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_CONTENT: Final = frozenset({"v", "is", "f"})
_SPREADING: Final = frozenset({"array", "dataTable"})


class Grid:
    """Per row one number whose bits are the columns: a set of two million pairs would not fit the reader's memory."""

    def __init__(self, rows: int) -> None:
        self.formulas: dict[int, int] = defaultdict(int)
        self.merged: dict[int, int] = defaultdict(int)
        self._most = rows
        self._cells = self._spread_over = self._row = self._column = 0
        self._reference: str | None = None
        self._counted = self._aside = False

    def element(self, name: str, attributes: Attributes) -> None:
        """One start tag. Raises SheetRefused: too_many_rows, too_many_columns, too_many_cells, broken."""
        if name == "c":
            self._reference = attributes.get("r")
            self._column += 1
            self._counted = self._aside = False
        elif name == "extLst":  # a drop-down list of another worksheet has an <f> of its own, which is no cell's
            self._aside = True
        elif name in _CONTENT and not self._aside:
            self._content(name, attributes)
        elif name == "row":
            self._row = _whole(attributes["r"]) if "r" in attributes else self._row + 1
            self._column = 0
        elif name == "mergeCell":
            self._spread(self.merged, attributes.get("ref", ""))

    def problems(self, number: int) -> Found:
        """What is wrong with cells of this row (1 = the first) by the worksheet's own account."""
        return (*_named(self.formulas.get(number, 0), "formula"), *_named(self.merged.get(number, 0), "merged"))

    def _content(self, name: str, attributes: Attributes) -> None:
        # Only cells that hold something count: formats reach down to the last of a million rows.
        if not self._counted:
            self._counted = True
            if self._reference is not None:
                self._row, self._column = _place(self._reference)
            self._cells += 1
            self._hold()
        if name == "f":
            self.formulas[self._row] |= 1 << (self._column - 1)
            if attributes.get("t") in _SPREADING:
                self._spread(self.formulas, attributes.get("ref", ""))

    def _hold(self) -> None:
        if not 1 <= self._row <= self._most + 1:  # and the header
            raise SheetRefused("too_many_rows", limit=self._most)
        if not 1 <= self._column <= WORKBOOK_COLUMNS:
            raise SheetRefused("too_many_columns", limit=WORKBOOK_COLUMNS)
        if self._cells > WORKBOOK_CELLS:
            raise SheetRefused("too_many_cells", limit=WORKBOOK_CELLS)

    def _spread(self, into: dict[int, int], reference: str) -> None:
        first, _, last = reference.partition(":")
        (top, left), (bottom, right) = _place(first), _place(last or first)
        left, right = max(left, 1), min(right, WORKBOOK_COLUMNS)
        bits = (1 << right) - (1 << (left - 1)) if left <= right else 0
        bottom = min(bottom, self._most + 1)
        self._spread_over += max(bottom - top, 0)
        if self._spread_over > WORKBOOK_CELLS:
            raise SheetRefused("bomb")
        for row in range(top, bottom + 1):
            into[row] |= bits


def _named(bits: int, problem: Problem) -> Found:
    return tuple((place, problem) for place in range(bits.bit_length()) if bits >> place & 1)


def _whole(digits: str) -> int:
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 7):
        raise SheetRefused("broken")
    return int(digits)


def _place(reference: str) -> tuple[int, int]:
    """(row, column) of a reference such as $B$3, both from 1."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise SheetRefused("broken")
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column
