"""Names for rows: UUIDv7, made by the writer before the row exists, so that a retry is recognised."""

import hashlib
import secrets
import time
from datetime import date
from uuid import UUID

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple(a + b for a in _CROCKFORD for b in _CROCKFORD)


def uuid7() -> UUID:
    """A fresh UUIDv7 (RFC 9562): 48 bits of milliseconds, 74 random bits. Never read time or trust out of one."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return UUID(int=value & ~(0xF000 << 64) & ~(0xC000 << 48) | (0x7000 << 64) | (0x8000 << 48))


def receipt_number(day: date, name: UUID) -> str:
    """The number a person reads aloud over the phone: month, day and 40 bits of the report's own id.

    Crockford's alphabet has no I, L, O or U, so nothing is misheard: ``1122-7K4Q-9PDM``.
    """
    bits = name.int & 0xFF_FFFF_FFFF
    pairs = _PAIRS
    return "%02d%02d-%s%s-%s%s" % (  # noqa: UP031  (half the time of an f-string, on the hottest path)
        day.month, day.day, pairs[bits >> 30], pairs[bits >> 20 & 1023], pairs[bits >> 10 & 1023], pairs[bits & 1023]
    )  # fmt: skip


def new_device() -> bytes:
    """Names one sign-in: signing out ends the tokens that carry it."""
    return secrets.token_bytes(8)


def named(key: str) -> UUID:
    """The UUIDv8 of a key (RFC 9562): who writes the same thing twice, or twice at once, writes one row.

    `NAMED` is the same in SQL, for rows that are made in sets.
    """
    value = int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest())
    return UUID(int=value & ~(0xF000 << 64) & ~(0xF000 << 48) | (0x8000 << 64) | (0x8000 << 48))


NAMED = "overlay(overlay(md5({key}) PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid"
