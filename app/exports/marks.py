"""The marks of an export: 64 unseen bits in every cell, as characters without width; and the number anybody reads.

The unseen one survives UTF-8, UTF-16 and GB18030. Saved as GBK (what desks call ANSI) it is lost: that set has no
characters without width, and programs write question marks in their place. Then only the visible number in the first
line leads back.
"""

import re
from collections import Counter
from hashlib import blake2b
from uuid import UUID

# Two bits each. All four survive saving as CSV or XLSX, the clipboard and chat programs; none is white space, so that
# nothing trims them.
_SIGNS = "\u200b\u200c\u200d\u2060"
_LONG = 32
_RUN = re.compile(f"[{_SIGNS}]{{{_LONG}}}")
# As `receipt_number` writes it, or as somebody types it: in small letters, with O for zero, I and L for one.
_NUMBER = re.compile(r"(?<![0-9A-Za-z-])(\d{2})(\d{2})-([0-9A-Za-z]{4})-([0-9A-Za-z]{4})(?![0-9A-Za-z-])")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT = str.maketrans("OIL", "011")
_VALUE = {sign: value for value, sign in enumerate(_SIGNS)}


def tag_of(export_id: UUID) -> int:
    """64 bits that name an export, signed, as a bigint holds them."""
    return int.from_bytes(blake2b(export_id.bytes, digest_size=8, person=b"export").digest(), "big", signed=True)


def unseen(tag: int) -> str:
    """The tag as 32 characters nobody sees."""
    bits = tag & 0xFFFF_FFFF_FFFF_FFFF
    return "".join(_SIGNS[bits >> shift & 3] for shift in range(62, -2, -2))


def read_marks(text: str) -> Counter[int]:
    """The tags in some text and how often each occurs; whatever else the text holds."""
    found: Counter[int] = Counter()
    for run in _RUN.findall(text):
        bits = 0
        for sign in run:
            bits = bits << 2 | _VALUE[sign]
        found[bits - (1 << 64) if bits >> 63 else bits] += 1
    return found


def read_numbers(text: str) -> set[tuple[int, int, int]]:
    """The visible numbers in some text: (month, day, the last 40 bits of the export's id)."""
    found = set()
    for month, day, *halves in _NUMBER.findall(text):
        signs = "".join(halves).upper().translate(_MEANT)
        if set(signs) <= set(_CROCKFORD):
            bits = 0
            for sign in signs:
                bits = bits << 5 | _CROCKFORD.index(sign)
            found.add((int(month), int(day), bits))
    return found
