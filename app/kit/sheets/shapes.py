"""What a sheet is once it is read: columns, numbered rows, and the two catalogues of what can be wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["csv", "xlsx", "paste"]
Refusal = Literal[
    "too_large", "too_many_rows", "too_many_columns", "too_many_cells", "wrong_kind", "encrypted", "bomb", "empty",
    "encoding", "broken", "timed_out",
]  # fmt: skip
Problem = Literal[
    "formula", "too_long", "control_characters", "scientific", "merged", "extra_cells", "unreadable"
]  # fmt: skip
Found = tuple[tuple[int, Problem], ...]
# A row before it is tidied: number, cells as they stand in the file, problems the file's own format already showed.
Record = tuple[int, list[str], Found]

LONGEST_CELL: Final = 500  # characters
SHOWN: Final = 80  # characters that stay of a longer one
SHEET_ROWS: Final = 1_048_576  # of Excel, blank ones included: people drag formats down to the very end


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read of a file; None = without end. A workbook has narrower limits of its own (archive, grid)."""

    rows: int | None = 500_000
    columns: int = 64
    bytes: int | None = 100_000_000


UPLOAD: Final = Limits()
ANY_SIZE: Final = Limits(rows=None, bytes=None)  # for operators' own files


class SheetRefused(Exception):
    """The whole sheet cannot be read. `code` says why, `params` holds what the words need:

    too_large         `limit`, in bytes (of a paste: characters)
    too_many_rows     `limit`, without the header
    too_many_columns  `limit`
    too_many_cells    `limit`
    wrong_kind        `kind`: xls (before 2007), macro, markup (a web page by another name), other
    encrypted         it opens with a password
    bomb              it unpacks to far more than any list of people
    empty             no cell holds anything
    encoding          neither UTF-8, UTF-16 with a mark, nor GB18030; `line` is where that shows
    broken            cut off or damaged; `line` where it is known
    timed_out         reading it took too long
    """

    def __init__(self, code: Refusal, /, **params: int | str) -> None:
        super().__init__(code)
        self.code: Refusal = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds anything. `cells` has at least as many entries as the sheet has columns.

    `number` is the one the person sees: the row of their program (the first row of the file is 1, blank rows count), of
    a paste the line. `problems` are (index of the cell, code), and a row that has any is for a person to mend:

    formula             begins with = + - @ and is no plain number, or is a formula cell of a workbook
    too_long            over 500 characters; only the first 80 are kept
    control_characters  invisible ones; each is replaced by U+FFFD
    scientific          3.30102E+17: a long number that has lost its digits; never to be repaired
    merged              lies in a merged range: only its corner has a value, and nobody knows for which rows
    extra_cells         stands beyond the last column of the header
    unreadable          a quotation mark that does not close; the row has no cells
    """

    number: int
    cells: tuple[str, ...]
    problems: Found


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet whose rows can be iterated once.

    `columns` are the header's names as written, empty and double ones included. `header` is the row they come from;
    None for a sheet that begins with its first entry, whose `columns` are then empty names. `encoding` is a Python
    codec name ("" unless CSV), `name` the worksheet that was read: the first visible one ("" unless XLSX).
    `more_worksheets` counts the other visible ones that hold anything: none of it was read.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]
    encoding: str
    kind: Kind
    header: Row | None
    name: str = ""
    more_worksheets: int = 0
