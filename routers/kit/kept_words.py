"""A form that was sent without a fresh proof: every word stands on the next page, to be sent once more."""

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.kit.errors import Refusal
from routers.kit.i18n import gettext, language_of
from routers.kit.render import page

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# As many and as long as a form may be; a file is not kept, only noticed. A field takes 64 KiB of text, three bytes for
# each that a browser has to encode: the schema says beside it what is too long.
MOST_FIELDS, MOST_FILES, LONGEST_FIELD = 120, 1, 3 * 64 * 1024


async def kept(request: Request, refusal: Refusal) -> Response | None:
    """The page that keeps the words of a refused form; None for what was no form that can be read."""
    sent = await _sent(request)
    if sent is None:
        return None
    words, file = sent
    lang = language_of(request)
    again = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return page(
        request, "errors/step_up.html", status=refusal.status, store=False, title=gettext(lang, refusal.title),
        words=words, file=file, again=again,
    )  # fmt: skip


async def _sent(request: Request) -> tuple[list[tuple[str, str]], bool] | None:
    """The fields in their order, and whether a file was among them."""
    if not request.headers.get("content-type", "").startswith(FORMS):
        return [], False  # a button alone
    try:
        async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD) as form:
            pairs = form.multi_items()
    except (HTTPException, UnicodeDecodeError):
        return None
    words = [(name, value.replace("\r\n", "\n")) for name, value in pairs if isinstance(value, str)]
    return words, any(isinstance(value, UploadFile) and value.filename for _, value in pairs)
