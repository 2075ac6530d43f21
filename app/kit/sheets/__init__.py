"""Sheets that people bring: read CSV, XLSX and what was pasted into numbered rows, each with what is wrong in it."""

from pathlib import Path

from app.kit.sheets.cells import looks_like_header, safe_cell
from app.kit.sheets.delimited import read_delimited
from app.kit.sheets.pasted import read_paste
from app.kit.sheets.shapes import ANY_SIZE, UPLOAD, Limits, Problem, Refusal, Row, Sheet, SheetRefused
from app.kit.sheets.workbook import read_workbook

__all__ = [
    "ANY_SIZE",
    "UPLOAD",
    "Limits",
    "Problem",
    "Refusal",
    "Row",
    "Sheet",
    "SheetRefused",
    "looks_like_header",
    "read_paste",
    "read_path",
    "safe_cell",
]

_ZIP = b"PK\x03\x04"
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")  # the compound file of old .xls, and of every workbook with a password
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_LOOKED_AT = 5 * 2**20
# Named because a strict GB18030 decoder may accept the first pages of them as Chinese.
_FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"PK\x05\x06")
# Many offices' systems export a web page and call it .xls.
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table", b"<style", b"<meta")


def read_path(path: Path, limits: Limits = UPLOAD) -> Sheet:
    """Read a CSV or XLSX file; which of them it is, its first bytes say and never its name.

    The rows stream: memory stays bounded whatever the size, and SheetRefused may also come while they are iterated
    (a limit is crossed, the file breaks off). Raises SheetRefused and, for a path that cannot be opened, OSError.
    """
    with path.open("rb") as file:
        start = file.read(64)
        if start.startswith(_OLE):
            if _ENCRYPTED in start + file.read(_LOOKED_AT):
                raise SheetRefused("encrypted")
            raise SheetRefused("wrong_kind", kind="xls")
    if start.startswith(_ZIP):
        return read_workbook(path, limits)
    if start.startswith(_FOREIGN):
        raise SheetRefused("wrong_kind", kind="other")
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        raise SheetRefused("wrong_kind", kind="markup")
    return read_delimited(path, limits)
