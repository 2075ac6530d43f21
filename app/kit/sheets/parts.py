"""Which part of a workbook holds the worksheet that the person sees first, and which others hold something."""

import posixpath
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from app.kit.sheets.archive import Archive, Attributes, parse
from app.kit.sheets.shapes import SheetRefused

BOOK: Final = "xl/workbook.xml"

_LINKS: Final = "xl/_rels/workbook.xml.rels"
_TYPES: Final = "[content_types].xml"
_TEXTS: Final = frozenset({"v", "t", "f"})


@dataclass(frozen=True, slots=True)
class Parts:
    name: str  # of the worksheet, as on its tab
    part: str
    strings: str | None
    others: frozenset[str]  # parts of the other visible worksheets, some perhaps missing


def find(archive: Archive) -> Parts:
    """The first visible worksheet, the texts of its cells, and the other visible ones.

    Raises SheetRefused: wrong_kind, broken, empty.
    """
    if BOOK not in archive or _TYPES not in archive:
        raise SheetRefused("wrong_kind", kind="other")
    _refuse_macros(archive)
    links = {one.get("Id", ""): one for one in _elements(archive, _LINKS, "Relationship")}
    strings = next((_target(one) for one in links.values() if _kind(one) == "sharedStrings"), None)
    seen: list[tuple[str, str]] = []
    for tab in _elements(archive, BOOK, "sheet"):
        identifier = next((value for name, value in tab.items() if name.rpartition(":")[2] == "id"), "")
        link = links.get(identifier, {})
        if tab.get("state", "visible") == "visible" and _kind(link) == "worksheet":
            seen.append((tab.get("name", ""), _target(link)))
    if not seen:
        raise SheetRefused("empty")
    name, part = seen[0]
    if part not in archive:
        raise SheetRefused("broken")
    return Parts(name, part, strings, frozenset(other for _, other in seen) - {part})


def holding(archive: Archive, others: Collection[str]) -> int:
    """How many of these worksheets hold anything; a damaged one may. Raises SheetRefused: bomb."""
    return sum(_holds(archive, part) for part in others)


def _holds(archive: Archive, part: str) -> bool:
    if part not in archive:
        return True
    cells = _Cells()
    try:
        return any(cells.hold for _ in parse(archive.unpack(part), cells.element, cells.text))
    except SheetRefused as refused:
        if refused.code == "bomb":
            raise
    except (LookupError, ValueError, OSError):  # an encoding that nobody knows, or none the confined reader can load
        pass
    return True


class _Cells:
    """Does any cell hold a value or a formula? Formats and blanks are none."""

    def __init__(self) -> None:
        self.hold = False
        self._inside = False
        self._element = ""

    def element(self, name: str, _attributes: Attributes) -> None:
        # Behind the cells, extensions have formulas of their own: of drop-down lists, of colours.
        self._inside = name == "c" or (self._inside and name != "extLst")
        self._element = name

    def text(self, piece: str) -> None:
        if self._inside and self._element in _TEXTS and piece.strip():
            self.hold = True


def _refuse_macros(archive: Archive) -> None:
    """A workbook with macros says so in its content type even where the macros were taken out."""
    for one in _elements(archive, _TYPES, "Override", "Default"):
        if "macroenabled" in one.get("ContentType", "").lower():
            raise SheetRefused("wrong_kind", kind="macro")


def _elements(archive: Archive, part: str, *wanted: str) -> list[Attributes]:
    if part not in archive:
        raise SheetRefused("broken")
    found: list[Attributes] = []
    for _ in parse(archive.unpack(part), lambda name, own: found.append(own) if name in wanted else None):
        pass
    return found


def _kind(link: Attributes) -> str:
    return link.get("Type", "").rpartition("/")[2]


def _target(link: Attributes) -> str:
    """The part a link points to, from the root of the archive; an outside address points to none."""
    if link.get("TargetMode") == "External":
        return ""
    return posixpath.normpath(posixpath.join("/xl", link.get("Target", ""))).lstrip("/").lower()
