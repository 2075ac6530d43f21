"""Photos as phones bring them, and worse."""

import io
import random

from PIL import ExifTags, Image

PLACE, MAKER = "28.9012", "Kamera-Werk"


def jpeg(width: int = 1600, height: int = 1200, *, turned: int = 1, noise: bool = False) -> bytes:
    """A photo with all that a camera writes into it: maker, place, a remark, and how it was held."""
    if noise:
        picture = Image.frombytes("RGB", (width, height), random.Random(7).randbytes(width * height * 3))
    else:
        picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.Make] = turned, MAKER
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (28.0, 54.0, 4.3)
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = PLACE
    return _as(picture, "JPEG", exif=exif, comment=PLACE.encode(), quality=60)


def png(width: int, height: int, mode: str = "L") -> bytes:
    """Few bytes, many pixels."""
    return _as(Image.new(mode, (width, height)), "PNG")


def webp() -> bytes:
    return _as(Image.linear_gradient("L").convert("RGB"), "WEBP")


def gif() -> bytes:
    return _as(Image.new("L", (8, 8)), "GIF")


def opened(data: bytes) -> Image.Image:
    """A picture as a program that shows it reads it."""
    return Image.open(io.BytesIO(data))


def _as(picture: Image.Image, kind: str, **words: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **words)
    return out.getvalue()
