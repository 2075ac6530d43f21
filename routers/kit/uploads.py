"""Files that people upload: streamed to a temporary file, never into memory, and gone with the request."""

import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from starlette.datastructures import UploadFile

from app.appointments import MOST_UPLOAD
from app.kit.errors import N_
from app.kit.pictures import LARGEST
from models.tasks import MOST_PHOTOS
from routers.kit import forms
from routers.kit.forms import Words
from routers.kit.problems import TooLarge

_PIECE = 256 * 1024
# A form around the file has names and boundaries of its own.
MOST_BODY = MOST_UPLOAD + 64 * 1024
# What phones without scripts send is taken in whole, so that whoever wrote words beside it finds them again.
MOST_PHOTO_FORM = 24 * 2**20
MOST_FILES = 10
# Where more than the usual 64 KiB of JSON or 256 KiB of a form may come; the gate refuses what says that it is larger
# before reading it.
LARGER = {
    ("POST", "/api/v1/sheets"): MOST_BODY,
    ("POST", "/api/v1/sheets/file"): MOST_BODY,
    ("POST", "/appointments"): MOST_BODY,
    ("PUT", "/api/v1/tasks/{task_id}/photos/{photo_id}"): LARGEST,
    ("POST", "/staff/tasks/{task_id}/notes"): MOST_PHOTO_FORM,
    ("POST", "/staff/tasks/{task_id}/outcome"): MOST_PHOTO_FORM,
}
RECEIPTS = "/api/v1/receipts/"
# What somebody pastes into a form of a page: 64 KiB of text, of which a browser makes three bytes for each that is not
# ASCII. The room then says beside the field how much it takes, and every word is still there.
MOST_FORM = 256 * 1024
MOST_RECEIPTS = 256 * 1024  # a thousand of them in one call
_ID = "[0-9a-fA-F-]{32,36}"
_TASK = re.compile(rf"(?<=/tasks/){_ID}(?=/)")
_PHOTO = re.compile(rf"(?<=/photos/){_ID}$")


class SheetTooLarge(TooLarge):
    """A file beyond what the web takes."""

    detail = N_("This file is too large. Larger lists are read by the operator: shouwang appointments import.")


class PhotosTooLarge(TooLarge):
    """More than a page takes in, or a photo over its limit."""

    detail = N_("These photos are too large: 2 MB each at most. Please choose a smaller size in the camera.")


def more_than_usual(method: str, path: str) -> tuple[int, type[TooLarge]] | None:
    """How many bytes may come where more than the usual may, and what is said to more."""
    if path.startswith(RECEIPTS):
        return MOST_RECEIPTS, TooLarge
    route = _PHOTO.sub("{photo_id}", _TASK.sub("{task_id}", path))
    if most := LARGER.get((method, route)):
        return most, SheetTooLarge if route == path else PhotosTooLarge
    return None if path.startswith("/api/") else (MOST_FORM, TooLarge)


@dataclass(frozen=True)
class Uploaded:
    """A file of this request, under the name it had."""

    path: Path
    name: str


@asynccontextmanager
async def body(request: Request, name: str) -> AsyncIterator[Uploaded]:
    """The raw body of a request as a file."""
    with tempfile.NamedTemporaryFile(prefix="shouwang-") as file:
        size = 0
        async for piece in request.stream():
            size += len(piece)
            if size > MOST_UPLOAD:
                raise SheetTooLarge
            file.write(piece)
        file.flush()
        yield Uploaded(Path(file.name), name)


@asynccontextmanager
async def form(request: Request) -> AsyncIterator[tuple[Words, Uploaded | None]]:
    """The words of a form, and its one file when one was chosen."""
    with tempfile.NamedTemporaryFile(prefix="shouwang-") as kept:
        async with forms.sent(request, files=1, longest=MOST_UPLOAD) as sent:
            words = forms.words_in(sent)
            file = next((value for _, value in sent.multi_items() if isinstance(value, UploadFile)), None)
            name = (file.filename or "") if file else ""
            while file is not None and (piece := await file.read(_PIECE)):
                kept.write(piece)
        size = kept.tell()
        if size > MOST_UPLOAD:
            raise SheetTooLarge
        kept.flush()
        yield words, Uploaded(Path(kept.name), name) if size else None


async def picture(request: Request) -> bytes:
    """The raw body of a request as a picture: few bytes, so that they may stand in memory."""
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > LARGEST:
            raise PhotosTooLarge
    return bytes(found)


async def pictured(request: Request) -> tuple[Words, list[bytes]]:
    """The words of a form and the photos chosen in it; of too many or too much only what shows that it is."""
    async with forms.sent(request, files=MOST_FILES) as sent:
        files = [value for _, value in sent.multi_items() if isinstance(value, UploadFile) and value.size]
        return forms.words_in(sent), [await file.read(LARGEST + 1) for file in files[: MOST_PHOTOS + 1]]
