"""The gate before every door: our host, our own pages only, and the headers that every answer carries."""

from uuid import UUID

from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from app.accounts import device_of
from app.kit import asking
from app.kit.asking import Asking
from app.kit.errors import Refusal
from app.kit.ids import uuid7
from routers.kit.problems import ForeignOrigin, TooLarge, WrongHost, answer
from routers.kit.uploads import more_than_usual

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
        b"publickey-credentials-create=(self), publickey-credentials-get=(self)",
    ),
    (b"content-security-policy", CSP.encode()),
]
HSTS = (b"strict-transport-security", b"max-age=31536000")


def from_our_page(headers: dict[bytes, bytes], origins: frozenset[str], *, absent: bool) -> bool:
    """Did a page of ours send this? `absent` is the answer when the browser says nothing at all.

    Sec-Fetch-Site decides where it exists; else Origin must equal a configured origin, never the Host header.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site == b"same-origin"
    origin = headers.get(b"origin")
    return absent if origin is None else origin.decode("latin-1") in origins


def _length(headers: dict[bytes, bytes]) -> int:
    said = headers.get(b"content-length", b"")
    return int(said) if said.isdigit() and len(said) < 20 else 0


def asked(scope: Scope) -> Asking:
    """A request with its number, and from where it came, as far as the ledger may know."""
    agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    client = scope.get("client")
    return Asking(uuid7(), device_of(agent.decode("latin-1"), client[0] if client else "").origin)


def numbered(request_id: UUID | None) -> tuple[bytes, bytes]:
    """The header by which an answer says its request's number."""
    return b"x-request-id", str(request_id).encode()


class Gate:
    """Pure ASGI: a cancelled request leaves nothing behind, which BaseHTTPMiddleware cannot promise."""

    def __init__(self, app: FastAPI, most_body: int) -> None:
        self._app, self._most_body = app, most_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        scope["app"] = self._app
        with asking.during(asked(scope)):
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        extra = [*ALWAYS, numbered(asking.now().request_id)]
        if not self._app.state.settings.development:
            extra.append(HSTS)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *extra]
                for name in ("set_cookie", "staff_cookie"):
                    if cookie := scope["state"].get(name):
                        message["headers"].append((b"set-cookie", cookie.encode()))
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await answer(Request(scope, receive), refusal)(scope, receive, sending)
            return
        if scope["method"] == "HEAD":  # the head of what GET would say; the server drops the body
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, sending)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> Refusal | None:
        settings = self._app.state.settings
        if headers.get(b"host", b"") not in settings.hosts:
            return WrongHost()
        most, too_large = more_than_usual(scope["method"], scope["path"]) or (self._most_body, TooLarge)
        if _length(headers) > most:
            # The app's own limit counts chunked bodies; this one spares reading a body that says how large it is.
            return too_large()
        if scope["method"] in UNSAFE and b"authorization" not in headers:
            # A machine without cookie and without browser marks has nothing that a foreign page could ride on.
            machine = scope["path"].startswith("/api/") and b"cookie" not in headers
            if not from_our_page(headers, settings.origins, absent=machine):
                return ForeignOrigin()
        return None


def safe_next(wanted: str | None, fallback: str = "/today") -> str:
    """A way back inside this site; anything that could lead elsewhere becomes the fallback."""
    # Judged by its beginning alone: a path cannot name another host, and browsers read a backslash as a slash.
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return fallback
    return fallback if any(ord(letter) < 33 or 0xD800 <= ord(letter) <= 0xDFFF for letter in wanted) else wanted
