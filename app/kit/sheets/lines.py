"""What the reader of a workbook tells its parent, a JSON line each, and how much of a workbook is read at all."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from app.kit.sheets.shapes import Found, Refusal

WORKBOOK_BYTES: Final = 5 * 2**20
WORKBOOK_ROWS: Final = 100_000
WORKBOOK_COLUMNS: Final = 64
WORKBOOK_CELLS: Final = 2_000_000
ENTRIES: Final = 200
UNPACKED: Final = 64 * 2**20  # bytes, declared and real
RATIO: Final = 100  # unpacked to packed, of every entry over RATIO_FROM and of the whole
RATIO_FROM: Final = 2**20


class Named(Struct, tag="sheet", array_like=True, frozen=True):
    """The first word: which worksheet is read, and how many others hold something too."""

    name: str
    others: Annotated[int, Meta(ge=0, le=ENTRIES)] = 0


class Line(Struct, tag="row", array_like=True, frozen=True):
    number: int
    cells: list[str]
    problems: Found


class Refused(Struct, tag="no", array_like=True, frozen=True):
    """The last word of a reader that will not go on."""

    code: Refusal
    params: dict[str, int | str]


class Ended(Struct, tag="end", array_like=True, frozen=True):
    """The last word: without it the rows are not all there."""


Said = Named | Line | Refused | Ended
