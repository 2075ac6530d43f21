"""How large a picture may be, brought and kept; what its first bytes say of it."""

from typing import Final

LARGEST: Final = 2 * 2**20  # bytes, as it is brought
MOST_PIXELS: Final = 40_000_000
LONGEST_SIDE: Final = 1280  # pixels, as it is kept
MOST_KEPT: Final = 400 * 1024  # bytes

# The first byte of what the other process says: the picture follows, or it was refused.
DRAWN, BOMB, BROKEN = b"=", b"!", b"?"


def kind_of(data: bytes) -> str | None:
    """JPEG, PNG or WEBP, by the bytes and never by the name; None for everything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    return "WEBP" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None
