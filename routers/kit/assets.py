"""Static files under one release hash: joined, compressed and hashed once at start, answered from memory."""

import gzip
import hashlib
import json
import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import brotli
from starlette.types import Receive, Scope, Send

FRONTEND = Path(__file__).parents[2] / "frontend"
STATIC = FRONTEND / "static"
PREFIX = "/static/"
FIRST_CSS = ("order.css", "reset.css", "_tokens.css", "base.css", "layout.css")
LAST_CSS = ("utilities.css", "print.css", "fallback.css")
FOREVER = b"public, max-age=31536000, immutable"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_INDENT = re.compile(r"\n\s*")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file in memory, by content encoding; a picture is kept as it is."""

    media_type: bytes
    bodies: dict[str, bytes]

    def body(self, encoding: str) -> tuple[bytes, str]:
        """The body for an accepted encoding, and the encoding it really has."""
        return (self.bodies[encoding], encoding) if encoding in self.bodies else (self.bodies[""], "")


def joined_css(folder: Path) -> str:
    """All parts in layer order as one sheet, without comments and indentation."""
    components = sorted((folder / "components").glob("*.css"))
    parts = [*(folder / name for name in FIRST_CSS), *components, *(folder / name for name in LAST_CSS)]
    text = "\n".join(part.read_text("utf-8") for part in parts)
    return _INDENT.sub("\n", _COMMENT.sub("", text)).strip() + "\n"


def accepted_encoding(accept: str) -> str:
    """The best of br, gzip and nothing that an Accept-Encoding header allows."""
    offers = {}
    for part in accept.lower().split(","):
        token, _, weight = part.strip().partition(";")
        offers[token.strip()] = weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    wildcard = offers.get("*", False)
    return next((name for name in ("br", "gzip") if offers.get(name, wildcard)), "")


class Assets:
    """Everything under a static folder, with the CSS joined, and the hash that names this release."""

    def __init__(self, folder: Path) -> None:
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix != ".css"
        }
        files["app.css"] = joined_css(folder / "css").encode()
        digest = hashlib.sha256()
        for name, body in sorted(files.items()):
            digest.update(f"{name}\0{len(body)}\0".encode() + body)
        self.release = digest.hexdigest()[:10]
        self.files = {name: _prepared(name, body) for name, body in files.items()}

    def url(self, path: str) -> str:
        """The address of a file in this release; an unknown file is a mistake of ours."""
        if path not in self.files:
            raise KeyError(path)
        return f"{PREFIX}{self.release}/{path}"


def _prepared(name: str, body: bytes) -> Asset:
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind.startswith("image/") and kind != "image/svg+xml":
        return Asset(kind.encode(), {"": body})
    mode = brotli.MODE_TEXT
    packed = {"br": brotli.compress(body, mode=mode, quality=11), "gzip": gzip.compress(body, 9, mtime=0)}
    return Asset(f"{kind}; charset=utf-8".encode(), {"": body, **packed})


@cache
def assets() -> Assets:
    """The static files of this release, read at the first call of a process."""
    return Assets(STATIC)


def asset(path: str) -> str:
    """The address of a static file: "/static/<hash>/app.css"."""
    return assets().url(path)


async def assets_app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  (the ASGI shape)
    """Serve /static/<hash>/<file>. An old page may ask with an old hash: it gets the current file, uncached."""
    if scope["type"] != "http":
        return
    release, _, name = scope["path"].partition(PREFIX)[2].partition("/")
    found = assets().files.get(name)
    if scope["method"] not in {"GET", "HEAD"}:
        await _answer(send, 405, [(b"allow", b"GET, HEAD")], b"")
    elif found is None:
        await _answer(send, 404, [(b"cache-control", b"no-store")], b"")
    else:
        headers = dict(scope["headers"])
        body, encoding = found.body(accepted_encoding(headers.get(b"accept-encoding", b"").decode("latin-1")))
        lines = [
            (b"content-type", found.media_type),
            (b"cache-control", FOREVER if release == assets().release else b"no-store"),
            (b"vary", b"Accept-Encoding"),
        ]
        if encoding:
            lines.append((b"content-encoding", encoding.encode()))
        await _answer(send, 200, lines, body, head=scope["method"] == "HEAD")


async def _answer(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes, *, head: bool = False
) -> None:
    common = [(b"content-length", str(len(body)).encode()), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": status, "headers": headers + common})
    await send({"type": "http.response.body", "body": b"" if head else body})


def service_worker_source() -> str:
    """The worker with the list of what it keeps on the phone; the list changes with every release."""
    modules = sorted(name for name in assets().files if name.startswith("js/"))
    kept = [asset(name) for name in ("app.css", "icons.svg", *modules)]
    source = (FRONTEND / "service_worker.js").read_text("utf-8")
    return source.replace("/*ASSETS*/[]", json.dumps([*kept, "/offline"]))


def manifest_source() -> str:
    """The manifest with its icons in the current release."""
    source = (FRONTEND / "manifest.webmanifest").read_text("utf-8")
    return source.replace("/static/release/", f"{PREFIX}{assets().release}/")
