"""Files that people upload: streamed to a temporary file, never into memory, and gone with the request."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from starlette.datastructures import UploadFile

from app.appointments import MOST_UPLOAD
from app.kit.errors import N_
from routers.kit.forms import Words
from routers.kit.kept_words import MOST_FIELDS
from routers.kit.problems import BrokenRequest, TooLarge

_PIECE = 256 * 1024
# A form around the file has names and boundaries of its own.
MOST_BODY = MOST_UPLOAD + 64 * 1024
# Where more than the usual 64 KiB of JSON or 256 KiB of a form may come; the gate refuses what says that it is larger
# before reading it.
LARGER = {
    ("POST", "/api/v1/sheets"): MOST_BODY,
    ("POST", "/api/v1/sheets/file"): MOST_BODY,
    ("POST", "/appointments"): MOST_BODY,
}
RECEIPTS = "/api/v1/receipts/"
# What somebody pastes into a form of a page: 64 KiB of text, of which a browser makes three bytes for each that is not
# ASCII. The room then says beside the field how much it takes, and every word is still there.
MOST_FORM = 256 * 1024
MOST_RECEIPTS = 256 * 1024  # a thousand of them in one call


def more_than_usual(method: str, path: str) -> int | None:
    """How many bytes may come where more than the usual may."""
    if larger := LARGER.get((method, path)):
        return larger
    if path.startswith("/api/"):
        return MOST_RECEIPTS if path.startswith(RECEIPTS) else None
    return MOST_FORM


class SheetTooLarge(TooLarge):
    """A file beyond what the web takes."""

    detail = N_("This file is too large. Larger lists are read by the operator: shouwang appointments import.")


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
    kind = request.headers.get("content-type", "")
    if not kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        raise BrokenRequest
    with tempfile.NamedTemporaryFile(prefix="shouwang-") as kept:
        try:
            async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=MOST_UPLOAD) as sent:
                pairs = [(key, value) for key, value in sent.multi_items() if isinstance(value, str)]
                file = next((value for _, value in sent.multi_items() if isinstance(value, UploadFile)), None)
                name = (file.filename or "") if file else ""
                while file is not None and (piece := await file.read(_PIECE)):
                    kept.write(piece)
        except UnicodeDecodeError:
            raise BrokenRequest from None
        size = kept.tell()
        if size > MOST_UPLOAD:
            raise SheetTooLarge
        kept.flush()
        words = Words(pairs)
        words.many = {}
        yield words, Uploaded(Path(kept.name), name) if size else None
