"""Requests straight into the ASGI app: any bytes, any headers, body in chunks; faster than a client, and as rude."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message

HOST = (b"host", b"127.0.0.1:8000")
JSON = (b"content-type", b"application/json")
FORM = (b"content-type", b"application/x-www-form-urlencoded")
OURS = (b"sec-fetch-site", b"same-origin")


@dataclass
class Answer:
    """What came back. `error` is what escaped the app: a server would answer 500 to it."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    error: Exception | None = None

    def header(self, name: str) -> str | None:
        return next((value.decode() for key, value in self.headers if key == name.lower().encode()), None)

    def json(self) -> Any:
        return json.loads(self.body)


def bearer(text: str) -> tuple[bytes, bytes]:
    """The header of a machine's sign-in."""
    return b"authorization", b"Bearer " + text.encode()


def cookie(text: str) -> tuple[bytes, bytes]:
    """The header of a browser's sign-in."""
    return b"cookie", b"shouwang=" + text.encode()


async def ask(
    app: ASGIApp,
    method: str,
    target: str,
    headers: Sequence[tuple[bytes, bytes]] = (),
    *chunks: bytes,
    host: bool = True,
) -> Answer:
    """One request, `chunks` as they come over the wire; exceptions that escape count as 500."""
    path, _, query = target.partition("?")
    given = ([HOST] if host else []) + list(headers)
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": given, "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8000), "state": {},
    }  # fmt: skip
    waiting: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
        for number, chunk in enumerate(chunks or (b"",), 1)
    ]
    got = Answer()

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            got.status, got.headers = message["status"], list(message["headers"])
        else:
            got.body += message.get("body", b"")

    try:
        await app(scope, receive, send)
    except Exception as error:
        got.error = error
    return got
