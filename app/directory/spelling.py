"""How a typed word meets the indexes: ranges of bytes, which use an index whatever plan the server remembers."""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, String, UnaryExpression, and_, bindparam, func, or_
from sqlalchemy.orm import Mapped
from sqlalchemy.sql import operators

Column = ColumnElement[str] | Mapped[str]
_BYTES = operators.custom_op[Any]("USING ~<~")


_LAST = chr(0x10FFFF) * 201  # longer than any text that is looked through


@dataclass(frozen=True, slots=True)
class Slot:
    """A word that a statement is told only when it runs. Building one in Python costs more than PostgreSQL takes to
    answer it, so those that look the same for every word are built once."""

    word: BindParameter[str]
    end: BindParameter[str]


def slot(name: str) -> Slot:
    """A place for a word; `filled` fills it."""
    return Slot(bindparam(name, type_=String), bindparam(f"{name}_end", type_=String))


def filled(name: str, word: str) -> dict[str, str]:
    """What a statement with such a slot is told."""
    return {name: word, f"{name}_end": _after(word)}


def _after(word: str) -> str:
    """The first text behind everything that begins with a word, in the order of bytes."""
    while word:
        point = ord(word[-1]) + 1
        if point <= 0x10FFFF:
            return word[:-1] + chr(0xE000 if 0xD800 <= point <= 0xDFFF else point)
        word = word[:-1]
    return _LAST


def begins(column: Column, word: str | Slot) -> ColumnElement[bool]:
    """Does a text begin with a word? LIKE would lose its index in a prepared plan: the pattern is a parameter there."""
    first, end = (word.word, word.end) if isinstance(word, Slot) else (word, _after(word))
    return and_(column.bool_op("~>=~")(first), column.bool_op("~<~")(end))


def equals(column: Column, word: str | Slot) -> ColumnElement[bool]:
    """Is a text this word? Written as a range, so that the order of the index still means something to the planner."""
    same = word.word if isinstance(word, Slot) else word
    return and_(column.bool_op("~>=~")(same), column.bool_op("~<=~")(same))


def started(column: Column, word: str) -> ColumnElement[bool]:
    """The same as `begins`, for rows that something else has made few: no index shall be tempted by it."""
    return func.left(column, len(word)) == word


def in_bytes(column: Column) -> UnaryExpression[str]:
    """ORDER BY the index itself: with a LIMIT this settles that the index is walked, and never the table."""
    return UnaryExpression(cast("ColumnElement[str]", column), modifier=_BYTES)


def holds(column: Column, word: str) -> ColumnElement[bool]:
    """Does a text hold a word anywhere? Looks at every row: only for rows that something else has made few."""
    return column.contains(word, autoescape=True)


def any_of(conditions: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    """One of several conditions."""
    return or_(*conditions)
