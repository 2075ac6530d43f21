"""Making a text fit a provider's limit of bytes: at the end of a line or word where one is near, and saying so."""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable

_JOINER = "\u200d"
_NEAR = 40  # characters given up at most for the end of a word


def utf8(text: str) -> int:
    """Bytes of a text as it travels."""
    return len(text.encode())


def cut(text: str, room: int, *, ending: str = "…", size: Callable[[str], int] = utf8) -> str:
    """The text itself when it fits, else as much of its beginning as fits with the ending. Never within a character."""
    if size(text) <= room:
        return text
    at = bisect_right(range(len(text) + 1), room, key=lambda n: size(text[:n] + ending)) - 1
    if at < 0:
        return ""
    return text[: _joint(text, at)].rstrip() + ending


def _joint(text: str, at: int) -> int:
    """Where to cut, at or before a place: end of a line, else of a word, else between two whole characters."""
    line = text.rfind("\n", at // 2, at + 1)
    if line > 0:
        return line
    space = text.rfind(" ", max(at - _NEAR, 0), at + 1)
    if space > 0:
        return space
    while 0 < at < len(text) and (_sticks(text[at]) or text[at - 1] == _JOINER):
        at -= 1
    return at


def _sticks(sign: str) -> bool:
    """Does this sign belong to the one before it? Accents, variation selectors, joiners, shades of skin."""
    return bool(unicodedata.category(sign).startswith("M") or sign == _JOINER or "\U0001f3fb" <= sign <= "\U0001f3ff")
