"""One row at a time: what it says in our terms, or the first reason why it cannot be taken, with the cell."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NoReturn
from uuid import UUID

from app.appointments import mapping, words
from app.appointments.mapping import Mapping
from app.appointments.places import Places, Unplaced
from app.kit import masks
from app.kit.identifiers import ALLOTTED_2020, BadIdentifier, mobile
from app.kit.ids import uuid7
from app.kit.sheets import Row
from app.staff import typed
from app.vault import Vault
from models.appointments import LONGEST_CELL, Column, Outcome, Reason
from models.regions import level_of
from models.staff import SERVES, Role

# What a row of `sheet_row` is copied with, in this order.
COLUMNS = (
    "sheet_id", "number", "outcome", "reason", "field", "cell", "hint", "post_id", "phone_index", "phone_sealed",
    "name", "given", "pinyin", "given_pinyin", "initials", "role", "region_code", "group_name", "lead", "department",
    "valid_from", "valid_to", "substitute_index",
)  # fmt: skip
Record = tuple[object, ...]

# A problem anywhere in such a row means that cells may have moved: none of it is believed.
_WHOLE_ROW = frozenset({"extra_cells", "unreadable"})
_PLACE = (Column.CITY, Column.COUNTY, Column.TOWNSHIP, Column.VILLAGE, Column.PLACE, Column.GRID)
_PHONES = (Column.PHONE, Column.SUBSTITUTE)
_LONGEST_NAME, _LONGEST_GROUP, _LONGEST_DEPARTMENT = 50, 40, 60
_SCIENTIFIC = re.compile(r"[0-9.]+[Ee]\+?[0-9]+")
_LONG_NUMBER = re.compile(r"[0-9]{7,}")


def masked(text: str) -> str:
    """A text in which whatever looks like a phone or a document number is masked."""
    return _LONG_NUMBER.sub(lambda found: masks.mask_phone(found[0]), text)


class _Bad(Exception):
    def __init__(self, reason: Reason, column: Column | None, cell: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.column, self.cell, self.hint = reason, column, cell, hint


@dataclass(frozen=True)
class Ground:
    """What rows are judged by: the keys, the places within reach, the sheet and its columns, the day."""

    keys: Vault
    places: Places
    sheet_id: UUID
    columns: Mapping
    today: date


class Judge:
    """Judges the rows of one sheet. A row that is taken counts as new until it is compared with the posts."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._columns = ground, ground.columns
        self._place_columns = tuple(ground.columns[column] for column in _PLACE if column in ground.columns)
        self._by_index = {at: column for column, at in ground.columns.items()}
        self._index = ground.keys.ring.blind_index
        self._typed = lru_cache(maxsize=32_768)(typed)  # many people bear the same name
        self._level = lru_cache(maxsize=32_768)(level_of)

    def record(self, row: Row) -> Record:
        """The row as it is stored, refused or not."""
        try:
            return self._taken(row)
        except _Bad as bad:
            return self._refused(row, bad)

    def _taken(self, row: Row) -> Record:
        if row.problems:
            self._mind(row)
        phone, name = self._phone(row), self._name(row)
        code = self._place(row)
        role = self._role(row, code)
        starts, ends = self._day(row, Column.VALID_FROM), self._day(row, Column.VALID_TO)
        self._order(starts, ends, self._cell(row, Column.VALID_TO))
        post_id, spelled = uuid7(), self._typed(name)
        sealed = self._ground.keys.seal(phone, "post|phone", post_id, code)
        return (
            self._ground.sheet_id, row.number, "new", None, None, None, None, post_id, self._index("phone", phone),
            sealed, name, spelled.given, spelled.pinyin, spelled.given_pinyin, spelled.initials, role.value, code,
            self._short(row, Column.GROUP, _LONGEST_GROUP) or None, self._lead(row),
            self._short(row, Column.DEPARTMENT, _LONGEST_DEPARTMENT), starts, ends, self._substitute(row),
        )  # fmt: skip

    def _refused(self, row: Row, bad: _Bad) -> Record:
        """A refused row keeps nothing but the name, to be found by, and the cell that is wrong."""
        name = self._cell(row, Column.NAME)
        shown = name if 0 < len(name) <= _LONGEST_NAME and not _LONG_NUMBER.search(name) else None
        # A wrong number may still be somebody's: whatever looks like one is masked before it is stored.
        cell = masked(bad.cell)[:LONGEST_CELL]
        return (
            self._ground.sheet_id, row.number, Outcome.REFUSED.value, bad.reason.value, bad.column and bad.column.value,
            cell, bad.hint, None, None, None, shown, *[None] * 12,
        )  # fmt: skip

    def _cell(self, row: Row, column: Column) -> str:
        at = self._columns.get(column)
        return row.cells[at] if at is not None and at < len(row.cells) else ""

    def _mind(self, row: Row) -> None:
        for at, code in row.problems:
            if code in _WHOLE_ROW or at in self._by_index:
                cell = row.cells[at] if at < len(row.cells) else ""
                reason = Reason.NAME_TOO_LONG if self._by_index.get(at) is Column.NAME and code == "too_long" else code
                raise _Bad(Reason(reason), self._by_index.get(at), cell)

    def _phone(self, row: Row) -> str:
        cell = self._cell(row, Column.PHONE)
        if len(cell) == 11 and ALLOTTED_2020.fullmatch(cell):
            return cell
        if not cell:
            raise _Bad(Reason.NO_PHONE, Column.PHONE, "")
        try:
            return mobile(cell)
        except BadIdentifier:
            self._no_phone(row, cell)

    def _no_phone(self, row: Row, cell: str) -> NoReturn:
        if mapping.is_phone(self._cell(row, Column.NAME)) and mapping.is_name(cell):
            raise _Bad(Reason.SWAPPED, Column.NAME, cell)
        reason = Reason.SCIENTIFIC if _SCIENTIFIC.fullmatch(cell) else Reason.PHONE_SHAPE
        raise _Bad(reason, Column.PHONE, cell)

    def _name(self, row: Row) -> str:
        name = self._cell(row, Column.NAME)
        if not name:
            raise _Bad(Reason.NO_NAME, Column.NAME, "")
        if len(name) > _LONGEST_NAME:
            raise _Bad(Reason.NAME_TOO_LONG, Column.NAME, name)
        if _LONG_NUMBER.search(name):
            raise _Bad(Reason.SWAPPED, Column.NAME, name)
        return name

    def _place(self, row: Row) -> int:
        cells = row.cells
        text = " ".join([cells[at] for at in self._place_columns if at < len(cells) and cells[at]])
        column = Column.PLACE
        if Column.PLACE not in self._columns and self._place_columns:
            column = self._by_index[max(self._place_columns, key=lambda at: bool(cells[at : at + 1] and cells[at]))]
        try:
            return self._ground.places.resolve(text)
        except Unplaced as unplaced:
            hint = self._ground.places.words_of(unplaced.candidates)
            raise _Bad(unplaced.reason, column, text, hint) from None

    def _role(self, row: Row, code: int) -> Role:
        cell = self._cell(row, Column.ROLE)
        if not cell:
            raise _Bad(Reason.NO_ROLE, Column.ROLE, "")
        role = words.role_of(cell)
        if role is None:
            raise _Bad(Reason.ROLE_UNKNOWN, Column.ROLE, cell)
        if self._level(code) not in SERVES[role]:
            raise _Bad(Reason.ROLE_NOT_HERE, Column.ROLE, cell)
        return role

    def _lead(self, row: Row) -> bool | None:
        if Column.LEAD not in self._columns:
            return None
        cell = self._cell(row, Column.LEAD)
        said = words.yes_or_no(cell)
        if said is None:
            raise _Bad(Reason.LEAD_UNCLEAR, Column.LEAD, cell)
        return said

    def _short(self, row: Row, column: Column, most: int) -> str | None:
        if column not in self._columns:
            return None
        cell = self._cell(row, column)
        if len(cell) > most:
            raise _Bad(Reason.TOO_LONG, column, cell)
        return cell

    def _day(self, row: Row, column: Column) -> date | None:
        """A blank day is not said: it changes nothing."""
        cell = self._cell(row, column)
        if not cell:
            return None
        day = words.day_of(cell)
        if day is None:
            raise _Bad(Reason.DATE_SHAPE, column, cell)
        return day

    def _order(self, starts: date | None, ends: date | None, cell: str) -> None:
        if starts and ends and ends < starts:
            raise _Bad(Reason.DATES_BACKWARDS, Column.VALID_TO, cell)
        if ends and ends < self._ground.today:
            raise _Bad(Reason.OVER_ALREADY, Column.VALID_TO, cell)

    def _substitute(self, row: Row) -> bytes | None:
        cell = self._cell(row, Column.SUBSTITUTE)
        if not cell:
            return None
        try:
            return self._index("phone", mobile(cell))
        except BadIdentifier:
            raise _Bad(Reason.SUBSTITUTE_SHAPE, Column.SUBSTITUTE, cell) from None
