"""Pictures: drawn anew and small, nothing of the camera left; whatever is hostile dies in a process of its own."""

import time

import pytest

from app.kit.pictures import LARGEST, LONGEST_SIDE, MOST_KEPT, PictureRefused, bringing, redraw
from tests import photos

pytestmark = pytest.mark.anyio


async def refusal(data: bytes) -> str:
    with pytest.raises(PictureRefused) as refused:
        await redraw(data)
    return refused.value.code


@pytest.mark.proves("T22")
async def test_nothing_that_a_camera_hides_is_left() -> None:
    brought = photos.jpeg()
    assert photos.PLACE.encode() in brought
    assert photos.MAKER.encode() in brought
    kept = await redraw(brought)
    for hidden in (photos.PLACE, photos.MAKER, "Exif", "GPS"):
        assert hidden.encode() not in kept
    shown = photos.opened(kept)
    assert (shown.format, shown.size, dict(shown.getexif())) == ("JPEG", (LONGEST_SIDE, 960), {})


async def test_a_photo_taken_upright_stands_upright() -> None:
    shown = photos.opened(await redraw(photos.jpeg(800, 600, turned=6)))
    assert shown.size == (600, 800)


async def test_the_busiest_picture_fits() -> None:
    brought = photos.jpeg(1500, 1300, noise=True)
    assert len(brought) > 2 * MOST_KEPT
    assert len(await redraw(brought)) <= MOST_KEPT


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1"])
async def test_as_many_pixels_as_a_good_phone_has_are_drawn(mode: str) -> None:
    shown = photos.opened(await redraw(photos.png(7000, 5700, mode)))
    assert (shown.mode, shown.size) == ("RGB", (LONGEST_SIDE, 1042))


async def test_what_one_could_see_through_is_white_and_webp_is_read() -> None:
    assert photos.opened(await redraw(photos.png(30, 20, "RGBA"))).getpixel((5, 5)) == (255, 255, 255)
    assert photos.opened(await redraw(photos.webp())).format == "JPEG"


@pytest.mark.proves("T22")
async def test_what_is_no_small_picture_is_refused_by_its_name() -> None:
    began = time.monotonic()
    assert await refusal(photos.png(8000, 6000, "1")) == "too_many_pixels"
    assert await refusal(photos.png(30_000, 30_000, "1")) == "too_many_pixels"
    assert await refusal("这是一段文字".encode()) == "wrong_kind"
    assert await refusal(photos.gif()) == "wrong_kind"
    assert await refusal(b"") == "wrong_kind"
    assert await refusal(photos.jpeg()[:3000]) == "broken"
    assert await refusal(b"\xff\xd8\xff" + bytes(500)) == "broken"
    # The name of one kind, the body of another: only the decoder that was named looks at it.
    assert await refusal(b"RIFF\x00\x00\x00\x00WEBP" + photos.jpeg(20, 20)) == "broken"
    assert await refusal(photos.jpeg(8, 8) + bytes(LARGEST)) == "too_large"
    assert time.monotonic() - began < 20


@pytest.mark.proves("T22")
@pytest.mark.parametrize(
    "deed",
    [
        "import os; os.abort()",
        "import os; os.close(0)",
        "import sys; sys.stdin.buffer.read(); sys.stdout.write('=' * 3_000_000)",
        "print('whatever')",
        "import time; time.sleep(60)",
    ],
)
async def test_a_decoder_that_runs_wild_dies_alone(monkeypatch: pytest.MonkeyPatch, deed: str) -> None:
    monkeypatch.setattr(bringing, "_START", deed)
    monkeypatch.setattr(bringing, "PATIENCE", 1.0)
    assert await refusal(photos.jpeg(noise=True)) == "broken"


@pytest.mark.proves("T22")
async def test_a_decoder_can_do_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows none of our secrets, opens no file and no connection, and gets no more memory than it was given."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://x")
    prelude = "import sys, os, socket; sys.path.insert(0, sys.argv[1])\nfrom app.kit.pictures import redrawing\n"
    for deed, code in (
        ("open('/etc/hostname')", "broken"), ("socket.socket()", "broken"), ("os.environ['DATABASE_URL']", "broken"),
        ("bytearray(600 * 2**20)", "too_many_pixels"),
    ):  # fmt: skip
        wild = f"{prelude}redrawing.redrawn = lambda data: ({deed}, data)[1]\nredrawing.main()"
        monkeypatch.setattr(bringing, "_START", wild)
        assert await refusal(photos.jpeg(20, 20)) == code, deed
    monkeypatch.setattr(bringing, "_START", f"{prelude}redrawing.redrawn = lambda data: data\nredrawing.main()")
    assert await redraw(photos.jpeg(20, 20)) == photos.jpeg(20, 20)
