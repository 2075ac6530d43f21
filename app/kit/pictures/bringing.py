"""A picture is decoded by a process of its own: whatever a hostile one does to its decoder, the house only sees a small
JPEG or a refusal. So no web process ever loads the decoder or holds forty million pixels."""

import asyncio
import logging
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, Literal

from app.kit import confined
from app.kit.pictures.bounds import BOMB, DRAWN, LARGEST, LONGEST_SIDE, MOST_KEPT, MOST_PIXELS, kind_of

__all__ = ["LARGEST", "LONGEST_SIDE", "MOST_KEPT", "MOST_PIXELS", "PictureRefused", "redraw"]

log = logging.getLogger(__name__)

PATIENCE: Final = 20.0  # seconds
_START: Final = "import sys; sys.path.insert(0, sys.argv[1]); from app.kit.pictures.redrawing import main; main()"
# One needs up to 300 MB for a second: two at a time in each process, the others wait.
_HANDS: Final = ThreadPoolExecutor(2, thread_name_prefix="pictures")

Code = Literal["too_large", "wrong_kind", "too_many_pixels", "broken"]


class PictureRefused(Exception):
    """This is not a picture that the house keeps."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code: Code = code


async def redraw(data: bytes) -> bytes:
    """The picture as a JPEG of at most 1280 pixels a side and 400 KB, turned upright, and nothing of the camera, the
    place or the time left in it. Raises PictureRefused."""
    if len(data) > LARGEST:
        raise PictureRefused("too_large")
    if kind_of(data) is None:
        raise PictureRefused("wrong_kind")
    return await asyncio.get_running_loop().run_in_executor(_HANDS, _redrawn, data)


def _redrawn(data: bytes) -> bytes:
    # An empty environment: the address of the database and the place of the keys are no business of a picture.
    with subprocess.Popen(  # noqa: S603
        confined.command(_START), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={},
        cwd="/",
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Timer(PATIENCE, process.kill)
        late.start()
        try:
            with suppress(BrokenPipeError):  # it has died; what it said is looked at all the same
                process.stdin.write(data)
                process.stdin.close()
            said = process.stdout.read(MOST_KEPT + 2)
        finally:
            late.cancel()
            process.kill()
    if said[:1] == DRAWN and 1 < len(said) <= MOST_KEPT + 1:
        return said[1:]
    if said == BOMB:
        raise PictureRefused("too_many_pixels")
    log.info("a picture could not be drawn anew: ended with %s", process.returncode)
    raise PictureRefused("broken")
