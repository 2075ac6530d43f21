"""One call to a gateway: bounded in time and size, with every way it can fail told apart.

What matters afterwards is whether the letters may have been taken: a gateway that knows no idempotency key must be
asked what it did before anything is sent again.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
import msgspec

from app.kit import clock
from app.messages.judging import is_down
from app.messages.letters import Fate, Outcome, Sms

T = TypeVar("T")
HandOver = Callable[[Sequence[Sms]], Awaitable[list[Outcome]]]

PATIENCE = 5.0  # seconds for the whole call, from the pool to the last byte
MOST_BYTES = 64 * 1024
ABREAST = 10
LONGEST_WAIT = 86_400.0


class _NoRequestLines(logging.Filter):
    """httpx logs the address of every request at INFO, and in an address of Aliyun stands a phone number."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.INFO


logging.getLogger("httpx").addFilter(_NoRequestLines())


@dataclass(frozen=True, slots=True)
class Key:
    """Whom the gateway bills. Raises ValueError when it cannot stand in an HTTP header."""

    id: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        for part in (self.id, self.secret):
            if not part or not part.isascii() or not part.isprintable() or " " in part:
                raise ValueError("a key of a gateway is printable ASCII without blanks")


@dataclass(frozen=True, slots=True)
class Request:
    """A POST as it goes over the wire."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, when something whole came back."""

    status: int
    body: bytes


class _Trace:
    """Listens to httpx: has a byte of the request left? None as long as nothing was heard."""

    sent: bool | None = None

    async def __call__(self, event: str, _: object) -> None:
        self.sent = bool(self.sent) or event.endswith("send_request_headers.started")

    def perhaps_sent(self, error: Exception) -> bool:
        """Unsure unless it is proven that nothing left."""
        if self.sent is None:
            return not isinstance(error, httpx.PoolTimeout | httpx.ConnectError | httpx.ConnectTimeout)
        return self.sent


@dataclass(frozen=True, slots=True)
class Line:
    """The way to a gateway."""

    client: httpx.AsyncClient
    now: Callable[[], datetime] = clock.now
    patience: float = PATIENCE

    async def ask(self, request: Request) -> Answer | Outcome:
        """The gateway's answer, or what became of the letters when there was none. Never raises for the network."""
        trace = _Trace()
        try:
            async with asyncio.timeout(self.patience):
                return await self._exchange(request, trace)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            if not trace.perhaps_sent(error):
                return Outcome(Fate.LATER, "unreachable")
            silent = isinstance(error, TimeoutError | httpx.TimeoutException)
            return Outcome(Fate.LATER, "no-answer" if silent else "broken-off", unsure=True)

    async def _exchange(self, request: Request, trace: _Trace) -> Answer | Outcome:
        async with self.client.stream(
            "POST",
            request.url,
            content=request.body,
            # Nothing packed: 64 KiB of gzip may hold 64 MiB.
            headers={**request.headers, "Accept-Encoding": "identity"},
            follow_redirects=False,
            timeout=httpx.Timeout(self.patience, pool=self.patience / 2),
            extensions={"trace": trace},
        ) as response:
            refused = self._refusal(response)
            if refused is not None:
                return refused
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MOST_BYTES:
                    return Outcome(Fate.LATER, "too-large", unsure=response.is_success)
            return Answer(response.status_code, bytes(body))

    def _refusal(self, response: httpx.Response) -> Outcome | None:
        """A status that speaks for itself. 429 and 503 refuse; the other 5xx may come from behind the taking."""
        status = response.status_code
        if status < 300 or 400 <= status < 429 or 429 < status < 500:
            return None
        wait = self._wait(response.headers.get("Retry-After", ""))
        unsure = status >= 500 and status != 503
        return Outcome(Fate.LATER, f"http-{status}", retry_after=wait, unsure=unsure)

    def _wait(self, said: str) -> float | None:
        """Retry-After (RFC 9110 10.2.3): seconds or a date; a day at most, and nothing that is neither."""
        try:
            seconds = (
                float(said)
                if said.isascii() and said.isdigit()
                else (parsedate_to_datetime(said) - self.now()).total_seconds()
            )
        except (ValueError, TypeError, OverflowError):
            return None
        return min(max(seconds, 0.0), LONGEST_WAIT)


def understood(answer: Answer, kind: type[T]) -> T | Outcome:
    """The answer as what it should be. What cannot be read may still have been a yes."""
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        code = "not-understood" if answer.status < 400 else f"http-{answer.status}"
        return Outcome(Fate.LATER, code, unsure=answer.status < 300)


def word(code: str) -> str:
    """A gateway's word, fit to be kept and logged: at most 60 plain characters, and no number somebody could ring."""
    plain = re.sub(r"[^A-Za-z0-9._:-]", "", code)[:60]
    return re.sub(r"[0-9]{7,}", "..", plain)


def grouped(letters: Sequence[Sms], alike: Callable[[Sms], Hashable], most: int) -> list[list[int]]:
    """The places of letters that may share a call; a phone stands once in a call, so that receipts tell it apart."""
    groups: list[list[int]] = []
    latest: dict[Hashable, tuple[list[int], set[str]]] = {}
    for place, letter in enumerate(letters):
        group, phones = latest.get(alike(letter), ([], set()))
        if not group or len(group) >= most or letter.phone in phones:
            group, phones = [], set()
            groups.append(group)
            latest[alike(letter)] = group, phones
        group.append(place)
        phones.add(letter.phone)
    return groups


async def in_turn(letters: Sequence[Sms], groups: Sequence[Sequence[int]], hand_over: HandOver) -> list[Outcome]:
    """Hand over group by group, some abreast. Once the line is down the rest is not tried: it would wait in vain."""
    fates: dict[int, Outcome] = {}
    for start in range(0, len(groups), ABREAST):
        row = groups[start : start + ABREAST]
        answers = await asyncio.gather(*(hand_over([letters[place] for place in group]) for group in row))
        for group, outcomes in zip(row, answers, strict=True):
            fates.update(zip(group, outcomes, strict=True))
        down = next((outcome for outcomes in answers for outcome in outcomes if is_down(outcome)), None)
        if down is not None:
            rest = Outcome(Fate.LATER, "not-tried", retry_after=down.retry_after)
            return [fates.get(place, rest) for place in range(len(letters))]
    return [fates[place] for place in range(len(letters))]
