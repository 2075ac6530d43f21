"""CSV as offices save it: UTF-8, UTF-16 or GB18030, three separators, read as a stream."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from app.kit.sheets.rows import Origin, sheet
from app.kit.sheets.shapes import Limits, Record, Sheet, SheetRefused

SEPARATORS: Final = ("\t", ",", ";")

_CHUNK: Final = 1 << 20
_LONGEST_LINE: Final = 1 << 20  # characters; a line of 64 full cells has 32,000
_WIDE: Final = re.compile("[\u0800-\uffff]")
_QUOTED: Final = re.compile('"[^"]*(?:"|$)')


def read_delimited(path: Path, limits: Limits) -> Sheet:
    """Read a CSV file. Raises SheetRefused: too_large, empty, encoding, too_many_columns; later also from the rows."""
    if limits.bytes is not None and path.stat().st_size > limits.bytes:
        raise SheetRefused("too_large", limit=limits.bytes)
    encoding = _encoding(path)
    return sheet(Origin("csv", encoding), _records(path, encoding), limits)


def separator_of(lines: Iterator[str]) -> str:
    """The separator that occurs most often in the first line that holds anything, outside quotation marks."""
    for line in lines:
        if line.strip(' \t,;"\r\n\ufeff'):
            bare = _QUOTED.sub("", line)
            return max(SEPARATORS, key=bare.count) if any(mark in bare for mark in SEPARATORS) else ","
    return ","


def _records(path: Path, encoding: str) -> Iterator[Record]:
    with path.open(encoding=encoding, newline="") as file:
        separator = separator_of(_lines(file))
        file.seek(0)
        # Strict: a lenient reader glues the rows after an open quotation mark together and says nothing.
        reader = csv.reader(_lines(file), delimiter=separator, strict=True)
        number = seen = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                # Every line that was taken for a part of this row is named, so that no row gets lost uncounted.
                for _ in range(reader.line_num - seen):
                    number += 1
                    yield number, [], ((0, "unreadable"),)
            else:
                number += 1
                yield number, cells, ()
            seen = reader.line_num


def _lines(file: TextIO) -> Iterator[str]:
    for number in count(1):
        line = file.readline(_LONGEST_LINE)
        if not line:
            return
        if len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
            raise SheetRefused("broken", line=number)
        yield line


@dataclass(frozen=True)
class _Fault:
    offset: int  # bytes
    line: int
    wide: bool  # enough was read before it to know that the encoding is the right one


def _encoding(path: Path) -> str:
    """The codec that reads every byte; the order is that of certainty (a mark, strict UTF-8, strict GB18030)."""
    with path.open("rb") as file:
        start = file.read(4096)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            candidates = ["utf-16"]
        elif start.startswith(codecs.BOM_UTF8):
            candidates = ["utf-8-sig"]
        elif start.count(0) * 4 > len(start):
            raise SheetRefused("encoding", line=1)  # UTF-16 without a mark: strict UTF-8 would accept every NUL
        else:
            candidates = ["utf-8", "gb18030"]
        faults = []
        for encoding in candidates:
            fault = _first_fault(file, encoding)
            if fault is None:
                return encoding
            faults.append(fault)
            if fault.wide and encoding == "utf-8":
                break
    raise SheetRefused("encoding", line=max(faults, key=lambda fault: fault.offset).line)


def _first_fault(file: BinaryIO, encoding: str) -> _Fault | None:
    """Where a strict decoder stops.

    Chinese in GBK never passes for eight three-byte characters of UTF-8, so after eight of them a wrong byte is damage:
    to try GB18030 then would turn the whole list into other characters, quietly.
    """
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = lines = returns = wide = 0
    while True:
        chunk = file.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            text = error.object[: error.start].decode(encoding, "replace")
            wide += len(_WIDE.findall(text))
            lines, returns = lines + text.count("\n"), returns + text.count("\r")
            return _Fault(offset + error.start, (lines or returns) + 1, wide >= 8)
        if not chunk:
            return None
        if wide < 8 and not text.isascii():
            wide += len(_WIDE.findall(text))
        lines, returns = lines + text.count("\n"), returns + text.count("\r")
        offset += len(chunk)
