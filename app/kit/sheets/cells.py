"""One cell as people type it: trimmed, else as written, its oddities named; and cells of ours made safe."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from app.kit.sheets.shapes import LONGEST_CELL, SHOWN, Problem

_LEADS: Final = "=+\\-@＝＋－＠"
# What copying from other programs leaves around a value: blanks of every width, and marks of writing direction. Control
# characters are not among it: they are named.
_PADDING: Final = (
    "\t\n\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
    "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_FORMULA: Final = re.compile(f"[{_LEADS}]")
# -5, +86 138-0013-8000, and the lone dash that means "none".
_PLAIN: Final = re.compile(r"[-+－＋](?:[(（]?[0-9０-９][0-9０-９ .,()（）-]*%?)|[-－+＋]+")
# As Excel writes it. A sign or a point is asked for, since 3E12 and 2E-101 are doors in a housing estate.
_SCIENTIFIC: Final = re.compile(r"[-+]?[0-9](?:[.,][0-9]+[Ee][-+]?[0-9]{1,3}|[Ee]\+[0-9]{1,3})")
# Whether a whole row needs a closer look at its cells, each led and closed by a line break.
_SUSPECT: Final = re.compile(f"\n[{_LEADS} ]| \n|[0-9][Ee][-+0-9]")

_SEPARATORS: Final = re.compile(r"[\s()+-]")
_NUMBER: Final = re.compile(r"[0-9]+|[0-9]{17}[Xx]")


def ordinary(cells: list[str]) -> bool:
    """Whether `clean` would leave every cell as it is; tells most rows in a microsecond."""
    flat = "".join(cells)
    if len(flat) > LONGEST_CELL or not flat.isprintable():
        return False
    return _SUSPECT.search("\n".join(("", *cells, ""))) is None


def clean(raw: str) -> tuple[str, tuple[Problem, ...]]:
    """The cell without blanks around it, fit to be stored and shown, and what is wrong with it."""
    text = raw.strip(_PADDING)
    found: list[Problem] = []
    if _CONTROL.search(text):
        text = _CONTROL.sub("\ufffd", text)
        found.append("control_characters")
    if _FORMULA.match(text) and not _PLAIN.fullmatch(text):
        found.append("formula")
    if _SCIENTIFIC.fullmatch(text):
        found.append("scientific")
    if len(text) > LONGEST_CELL:
        text = text[:SHOWN]
        found.append("too_long")
    return text, tuple(found)


def looks_like_header(cells: Iterable[str]) -> bool:
    """Whether a row names columns: it has words and no number (a phone, an ID document, an age)."""
    filled = [_SEPARATORS.sub("", unicodedata.normalize("NFKC", cell)) for cell in cells]
    return any(filled) and not any(_NUMBER.fullmatch(cell) for cell in filled)


def safe_cell(text: str) -> str:
    """The text for a CSV or XLSX cell of ours: what a spreadsheet would take for a formula gets a leading '.

    Source: OWASP, CSV injection. Blanks in front are looked through, since some programs trim them when they import.
    """
    if text.startswith(("\t", "\r", "\n")) or _FORMULA.match(text.lstrip(_PADDING)):
        return f"'{text}"
    return text
