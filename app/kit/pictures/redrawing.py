"""The other process: decodes one picture from its standard input, draws it anew and small, and can do nothing else."""

import io
import sys
from typing import Final

from PIL import Image, ImageOps

from app.kit.confined import confine
from app.kit.pictures.bounds import BOMB, BROKEN, DRAWN, LARGEST, LONGEST_SIDE, MOST_KEPT, MOST_PIXELS, kind_of

_QUALITIES: Final = (80, 65, 50, 35)


def main() -> None:
    """Read a picture from standard input and say it anew on standard output."""
    Image.init()  # before the doors close: decoders are modules of their own
    confine()
    try:
        said = DRAWN + redrawn(sys.stdin.buffer.read(LARGEST + 1))
    except (TooManyPixels, Image.DecompressionBombError, MemoryError):
        said = BOMB
    except Exception:  # whatever a library says over a hostile file, the answer is the same
        said = BROKEN
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.flush()


class TooManyPixels(ValueError):
    """A small file that unpacks into more than a phone takes."""


def redrawn(data: bytes) -> bytes:
    """A small JPEG of it. Raises TooManyPixels, before anything is unpacked, and whatever the decoder raises."""
    kind = kind_of(data)
    picture: Image.Image = Image.open(io.BytesIO(data), formats=[kind] if kind else [])
    if picture.width * picture.height > MOST_PIXELS:
        raise TooManyPixels
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is unpacked at an eighth where that is enough
    # The sharper way would need the whole picture twice.
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BILINEAR)
    small = _plain(ImageOps.exif_transpose(picture))
    for quality in _QUALITIES:
        out = io.BytesIO()
        small.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= MOST_KEPT:
            break
    return out.getvalue()


def _plain(picture: Image.Image) -> Image.Image:
    """A new picture of the same pixels, white where one could see through: what the old one carried stays behind."""
    clear = picture.convert("RGBA") if picture.has_transparency_data else None
    plain = Image.new("RGB", picture.size, "white")
    plain.paste(clear or picture.convert("RGB"), mask=clear)
    return plain
