"""What a gateway that stands in for a provider can be told to do, beyond answering well. Pure ASGI: it must be fast."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Call:
    """A request as it arrived."""

    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Behaviour:
    """One call's fate: `taking` says whether the letters are accepted before it goes wrong."""

    kind: str = "ok"
    taking: bool = True
    seconds: float = 0.0
    reply: Reply | None = None
    code: str = ""


OK = Behaviour()
HTML = Behaviour("reply", taking=False, reply=Reply(200, b"<html><body>captive portal</body></html>"))
LARGE = Behaviour("reply", reply=Reply(200, b'{"Code":"OK","Message":"' + b"x" * 70_000 + b'"}'))
NOT_JSON = Behaviour("reply", reply=Reply(200, b'{"Code":"OK"'))
DEEP = Behaviour("reply", reply=Reply(200, b'{"Code":' + b"[" * 30_000))
ODD = Behaviour("reply", reply=Reply(200, b'{"Code":7,"Response":[]}'))
ELSEWHERE = Behaviour("reply", taking=False, reply=Reply(302, b"", {"location": "/elsewhere"}))


def too_many(retry_after: str = "") -> Behaviour:
    """429, before anything is looked at."""
    return status(429, {"retry-after": retry_after} if retry_after else {})


def status(code: int, headers: dict[str, str] | None = None, *, taking: bool = False) -> Behaviour:
    return Behaviour("reply", taking=taking, reply=Reply(code, b"upstream", headers or {}))


def hang(*, taking: bool) -> Behaviour:
    """Never answers."""
    return Behaviour("hang", taking=taking)


def cut(*, taking: bool) -> Behaviour:
    """Reads the request, then closes the connection without a word."""
    return Behaviour("cut", taking=taking)


def slow(seconds: float) -> Behaviour:
    """Answers well, late."""
    return Behaviour("slow", seconds=seconds)


def drip(seconds: float) -> Behaviour:
    """Answers well, a byte every so often: each byte is quicker than any timeout for a read."""
    return Behaviour("drip", seconds=seconds)


def refuses(code: str) -> Behaviour:
    """HTTP 200 with an error in the body: the normal way of these providers to fail."""
    return Behaviour("refuse", taking=False, code=code)


class StandIn(ABC):
    """A gateway: tell it what comes with `will`, look at what it `heard` and what its subclass has `taken`."""

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), delay: float = 0.0) -> None:
        self.now = now
        self.usual = slow(delay) if delay else OK
        self.script: deque[Behaviour] = deque()
        self.heard: deque[Call] = deque(maxlen=100_000)
        self.before_answer: Callable[[], Awaitable[None]] | None = None

    def will(self, *behaviours: Behaviour) -> None:
        """The next calls behave so, one after another; then well again."""
        self.script.extend(behaviours)

    @abstractmethod
    def answer(self, call: Call) -> Reply:
        """What the provider would answer, having taken what it takes."""

    @abstractmethod
    def refusal(self, code: str) -> Reply:
        """An error of the provider's kind."""

    @abstractmethod
    def counted(self) -> dict[str, list[float]]:
        """Phone -> when its letters were taken: what a stand-in in a process of its own answers at /counted."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/counted":
            await _say(send, Reply(200, json.dumps(self.counted()).encode()), None)
            return
        call = await _whole(scope, receive)
        self.heard.append(call)
        behaviour = self.script.popleft() if self.script else self.usual
        reply = self.answer(call) if behaviour.taking else None
        if behaviour.kind == "cut":
            scope["extensions"]["cut"]()
        if behaviour.kind in {"cut", "hang"}:
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        if behaviour.kind == "slow":
            await asyncio.sleep(behaviour.seconds)
        reply = self.refusal(behaviour.code) if behaviour.kind == "refuse" else behaviour.reply or reply
        assert reply is not None
        if self.before_answer is not None:
            await self.before_answer()
        await _say(send, reply, behaviour.seconds if behaviour.kind == "drip" else None)


async def _whole(scope: Any, receive: Any) -> Call:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    return Call(scope["query_string"].decode(), headers, body)


async def _say(send: Any, reply: Reply, pause: float | None) -> None:
    headers = {"content-type": "application/json", "content-length": str(len(reply.body)), **reply.headers}
    packed = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": packed})
    if pause is not None:
        for byte in reply.body:
            await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
            await asyncio.sleep(pause)
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.body", "body": reply.body})


def packed(status: int, body: dict[str, Any]) -> Reply:
    return Reply(status, json.dumps(body, ensure_ascii=False).encode())
