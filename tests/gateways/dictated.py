"""A stand-in of DingTalk or of a push service, and what it may be told to do instead of its work."""

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from msgspec import json as wire

from app.kit.outgoing import Origin


@dataclass
class Request:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def said(self):
        return wire.decode(self.body)


@dataclass
class Reply:
    """One answer: an object becomes JSON."""

    body: object = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Close:
    """Read the request, then hang up without a word."""


class Hang:
    """Read the request, then say nothing until the caller goes away."""


@dataclass
class Stall:
    """Send a status and the beginning of a body, then nothing more."""

    status: int = 200
    body: bytes = b'{"errcode":'


HTML = Reply(b"<html><body>Please sign in to this network</body></html>", headers={"content-type": "text/html"})


def too_many(wait="7"):
    return Reply(b"slow down", 429, {"retry-after": wait})


class StandIn(ABC):
    """An ASGI application whose next answers can be dictated; `heard` keeps every request."""

    def __init__(self):
        self.heard: list[Request] = []
        self.script: deque[object] = deque()

    def then(self, *acts):
        """What to do with the next requests, in their order; None is its usual work. Afterwards it works as usual."""
        self.script.extend(acts)

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """Its usual work."""

    async def __call__(self, scope, receive, send):
        request = await _heard(scope, receive)
        self.heard.append(request)
        act = self.script.popleft() if self.script else None
        if isinstance(act, Hang):
            await receive()
        elif isinstance(act, Close):
            scope["extensions"]["cut"]()
        elif isinstance(act, Stall):
            headers = [(b"content-length", str(len(act.body) + 1000).encode())]
            await send({"type": "http.response.start", "status": act.status, "headers": headers})
            await send({"type": "http.response.body", "body": act.body, "more_body": True})
            await receive()
        else:
            await _reply(send, act if isinstance(act, Reply) else self.answer(request))


async def _heard(scope, receive):
    body = bytearray()
    while True:
        part = await receive()
        body += part.get("body", b"")
        if not part.get("more_body"):
            break
    query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    return Request(scope["method"], scope["path"], query, headers, bytes(body))


async def _reply(send, reply):
    body = reply.body if isinstance(reply.body, bytes) else wire.encode(reply.body)
    kind = {"content-type": "application/json"} | reply.headers | {"content-length": str(len(body))}
    headers = [(name.encode(), value.encode()) for name, value in kind.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def origin(base: str) -> Origin:
    """The exemption that lets a test call a stand-in."""
    parts = urlsplit(base)
    assert parts.hostname
    assert parts.port
    return (parts.scheme, parts.hostname, parts.port)
