"""Pages: one compiled template environment per language, what every page knows, and compression."""

import gzip
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from types import CodeType
from typing import Any
from urllib.parse import urlsplit

import brotli
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from routers.kit import i18n
from routers.kit.assets import accepted_encoding, asset
from routers.kit.devices import origin_words

TEMPLATES = Path(__file__).parents[2] / "frontend" / "templates"
TEXT_SIZES = ("m", "l", "xl")
WORTH_COMPRESSING = 600


class _OnceCompiled(BytecodeCache):
    """Templates know their language from `globals` and filters alone, so both languages share what was compiled."""

    def __init__(self) -> None:
        self._code: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (code := self._code.get(bucket.key)) is not None:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._code[bucket.key] = bucket.code


_COMPILED = _OnceCompiled()


@cache
def environment(lang: str) -> Environment:
    """The templates in one language: words are bound here, so that macros need no context and stay compiled."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        bytecode_cache=_COMPILED,
    )
    gettext = partial(i18n.gettext, lang)
    env.globals.update(
        {
            "_": gettext,
            "gettext": gettext,
            "ngettext": partial(i18n.ngettext, lang),
            "asset": asset,
            "lang": lang,
            "languages": i18n.LANGUAGES,
            "text_sizes": TEXT_SIZES,
        }
    )
    env.filters.update(
        {
            "day_words": partial(i18n.day_words, lang),
            "weekday": partial(i18n.weekday, lang),
            "day_clock": partial(i18n.day_clock, lang),
            "clock": i18n.clock,
            "celsius": i18n.celsius,
            "origin": partial(origin_words, lang),
            "region": str,
        }
    )
    return env


def compile_all() -> int:
    """Compile every template in every language, so that no visitor waits for it; returns how many there are."""
    names = environment(i18n.DEFAULT).list_templates(extensions=["html"])
    for lang in i18n.LANGUAGES:
        for name in names:
            environment(lang).get_template(name)
    return len(names)


def page(request: Request, template: str, *, status: int = 200, store: bool = True, **context: Any) -> HTMLResponse:  # noqa: ANN401
    """Render a template for this visitor.

    `errors` and `values` may be left out where a form is shown for the first time. `store=False` is for pages
    with other people's or unmasked data: no cache may keep them, not even for the way back.
    """
    lang = i18n.language_of(request)
    shared = {**_about(request), "errors": [], "values": {}, "confirm": None, "tab": "", "status": status}
    html = environment(lang).get_template(template).render({**shared, **context})
    headers = {
        "Cache-Control": "private, no-cache" if store else "no-store",
        "Content-Language": lang,
        "Vary": "Accept-Encoding",
    }
    body = html.encode("utf-8", "replace")  # a lone surrogate that somebody typed is no reason to fail
    encoding = accepted_encoding(request.headers.get("accept-encoding", ""))
    if encoding and len(body) > WORTH_COMPRESSING:
        body = _compressed(body, encoding)
        headers["Content-Encoding"] = encoding
    return HTMLResponse(body, status_code=status, headers=headers)


def see_other(url: str) -> Response:
    """Send the visitor on with GET, so that Back and reload never post a second time."""
    return RedirectResponse(url, status_code=303)


def _about(request: Request) -> dict[str, object]:
    """What every page knows about this visit; the doors leave it in `request.state`."""
    state = request.state
    size = request.cookies.get("text")
    return {
        "me": getattr(state, "viewer", None),
        "flash": getattr(state, "flash", None),
        "header_place": getattr(state, "header_place", None),
        "text_size": size if size in TEXT_SIZES else TEXT_SIZES[0],
        "path": _way_back(request),
        "development": request.app.state.settings.development,
        "now": datetime.now(UTC),
    }


def _way_back(request: Request) -> str:
    """Where to return after changing language or text size: this page, or the page whose form led here."""
    url = urlsplit(str(request.url))
    if request.method not in {"GET", "HEAD"}:
        try:
            url = urlsplit(request.headers.get("referer", ""))
        except ValueError:  # http://[
            return "/"
        if url.netloc != request.url.netloc:
            return "/"
    return url.path + (f"?{url.query}" if url.query else "")


def _compressed(body: bytes, encoding: str) -> bytes:
    # Pages are made per visit: the middle levels give nearly all of the gain for a fraction of the time.
    if encoding == "br":
        packed: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=5)
        return packed
    return gzip.compress(body, 5, mtime=0)
