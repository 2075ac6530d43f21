"""How a typed word meets the indexes: ranges of bytes, which use an index whatever plan the server remembers."""

from typing import Any, cast

from sqlalchemy import ColumnElement, UnaryExpression, and_, func, or_
from sqlalchemy.orm import Mapped
from sqlalchemy.sql import operators

Column = ColumnElement[str] | Mapped[str]
_BYTES = operators.custom_op[Any]("USING ~<~")


def _after(word: str) -> str | None:
    """The first text behind everything that begins with a word, in the order of bytes; None behind the last of all."""
    while word:
        point = ord(word[-1]) + 1
        if point <= 0x10FFFF:
            return word[:-1] + chr(0xE000 if 0xD800 <= point <= 0xDFFF else point)
        word = word[:-1]
    return None


def begins(column: Column, word: str) -> ColumnElement[bool]:
    """Does a text begin with a word? LIKE would lose its index in a prepared plan: the pattern is a parameter there."""
    first, end = column.bool_op("~>=~")(word), _after(word)
    return first if end is None else and_(first, column.bool_op("~<~")(end))


def equals(column: Column, word: str) -> ColumnElement[bool]:
    """Is a text this word? Written as a range, so that the order of the index still means something to the planner."""
    return and_(column.bool_op("~>=~")(word), column.bool_op("~<=~")(word))


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
