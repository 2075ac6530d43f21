"""Which part of a workbook holds the worksheet that the person sees first when they open it."""

import posixpath
from dataclasses import dataclass
from typing import Final

from app.kit.sheets.archive import Archive, Attributes, parse
from app.kit.sheets.shapes import SheetRefused

BOOK: Final = "xl/workbook.xml"

_LINKS: Final = "xl/_rels/workbook.xml.rels"
_TYPES: Final = "[content_types].xml"


@dataclass(frozen=True, slots=True)
class Parts:
    name: str  # of the worksheet, as on its tab
    part: str
    strings: str | None


def find(archive: Archive) -> Parts:
    """The first visible worksheet and the texts of its cells. Raises SheetRefused: wrong_kind, broken, empty."""
    if BOOK not in archive or _TYPES not in archive:
        raise SheetRefused("wrong_kind", kind="other")
    _refuse_macros(archive)
    links = {one.get("Id", ""): one for one in _elements(archive, _LINKS, "Relationship")}
    strings = next((_target(one) for one in links.values() if _kind(one) == "sharedStrings"), None)
    for tab in _elements(archive, BOOK, "sheet"):
        identifier = next((value for name, value in tab.items() if name.rpartition(":")[2] == "id"), "")
        link = links.get(identifier, {})
        if tab.get("state", "visible") == "visible" and _kind(link) == "worksheet":
            part = _target(link)
            if part not in archive:
                raise SheetRefused("broken")
            return Parts(tab.get("name", ""), part, strings)
    raise SheetRefused("empty")


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
