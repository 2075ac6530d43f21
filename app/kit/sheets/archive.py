"""The ZIP around a workbook, distrusted: counted before it is unpacked, and again while it is."""

import io
import struct
import xml.parsers.expat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from app.kit.sheets.lines import ENTRIES, RATIO, RATIO_FROM, UNPACKED
from app.kit.sheets.shapes import SheetRefused

Attributes = Mapping[str, str]
OnElement = Callable[[str, Attributes], object]
OnText = Callable[[str], object]

_CHUNK: Final = 1 << 18
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")
_LOCAL_MAGIC: Final = b"PK\x03\x04"


class Archive:
    """The parts of a workbook by their lower-case names. Raises SheetRefused: broken, bomb, encrypted, wrong_kind."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = UNPACKED
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as file:
                entries = file.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise SheetRefused("broken") from error
        _refuse_bombs(entries, len(data))
        self._entries = {entry.filename.lower(): entry for entry in entries}
        # Two parts of one name: one program looks at the first, another at the last.
        if len(self._entries) != len(entries):
            raise SheetRefused("broken")
        if any(entry.flag_bits & 1 for entry in entries):
            raise SheetRefused("encrypted")
        if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in self._entries):
            raise SheetRefused("wrong_kind", kind="macro")

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def name(self, name: str) -> str:
        """The name as it is written in the archive."""
        return self._entries[name.lower()].filename

    def unpack(self, name: str) -> Iterator[bytes]:
        """The bytes of one part in pieces, unpacked by hand.

        Python's reader stops at the declared size, others at the end of the stream: a size that lies gets past the one
        and blows up the other.
        """
        entry = self._entries[name.lower()]
        packed = self._packed(entry)
        pieces: Iterator[bytes]
        if entry.compress_type == zipfile.ZIP_STORED:
            pieces = (bytes(packed[at : at + _CHUNK]) for at in range(0, len(packed), _CHUNK))
        elif entry.compress_type == zipfile.ZIP_DEFLATED:
            pieces = _inflated(packed)
        else:
            raise SheetRefused("broken")
        size = 0
        for piece in pieces:
            size += len(piece)
            self._left -= len(piece)
            if self._left < 0 or size > entry.file_size:
                raise SheetRefused("bomb")
            yield piece
        if size != entry.file_size:
            raise SheetRefused("broken")

    def _packed(self, entry: zipfile.ZipInfo) -> memoryview:
        header = self._data[entry.header_offset : entry.header_offset + _LOCAL_HEADER.size]
        if len(header) < _LOCAL_HEADER.size:
            raise SheetRefused("broken")
        magic, name, extra = _LOCAL_HEADER.unpack(header)
        start = entry.header_offset + _LOCAL_HEADER.size + name + extra
        packed = memoryview(self._data)[start : start + entry.compress_size]
        if magic != _LOCAL_MAGIC or len(packed) != entry.compress_size:
            raise SheetRefused("broken")
        return packed


def _refuse_bombs(entries: list[zipfile.ZipInfo], packed: int) -> None:
    declared = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES or declared > UNPACKED or declared > RATIO * packed:
        raise SheetRefused("bomb")
    if any(entry.file_size > RATIO_FROM and entry.file_size > RATIO * entry.compress_size for entry in entries):
        raise SheetRefused("bomb")


def _inflated(packed: memoryview) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    rest: bytes | memoryview = packed
    try:
        while not inflate.eof:
            piece = inflate.decompress(rest, _CHUNK)
            rest = inflate.unconsumed_tail
            if not piece and not rest and not inflate.eof:
                raise SheetRefused("broken")
            yield piece
    except zlib.error as error:
        raise SheetRefused("broken") from error


def parse(
    pieces: Iterator[bytes], on_element: OnElement | None = None, on_text: OnText | None = None
) -> Iterator[bytes]:
    """Hand the pieces on while a parser looks at them. No document type, so no entities of any kind: SheetRefused."""
    parser = xml.parsers.expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    if on_element is not None:
        # Some programs write x:row where others write row.
        parser.StartElementHandler = lambda name, attributes: on_element(name.rpartition(":")[2], attributes)
    if on_text is not None:
        # Else every line break is a call of its own, and a part can consist of nothing else.
        parser.buffer_text = True
        parser.CharacterDataHandler = on_text
    try:
        for piece in pieces:
            parser.Parse(piece, False)  # noqa: FBT003  (expat takes it by position only)
            yield piece
        parser.Parse(b"", True)  # noqa: FBT003
    except xml.parsers.expat.ExpatError as error:
        raise SheetRefused("broken") from error


def _refuse_doctype(*_: object) -> None:
    raise SheetRefused("broken")
