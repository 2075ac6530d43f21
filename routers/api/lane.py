"""The hot lane: the ordinary check-in answered by a small pure-ASGI function in front of the app.

It answers only what it can prove to be ordinary: our host, JSON, a small whole body, a good sign-in, one's own
report of today. Everything else goes on, body and all, to the same route in FastAPI, which knows every refusal.
"""

from datetime import UTC, datetime
from time import time

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from app.accounts import Standing
from app.checkins import fast
from app.house import House
from app.kit import asking
from app.kit.errors import Overloaded
from app.kit.ids import uuid7
from app.kit.tokens import RENEW_AFTER_MS, Token
from routers.kit import metrics
from routers.kit.gate import ALWAYS, HSTS, asked, from_our_page, numbered
from routers.kit.problems import answer

PATH = "/api/v1/checkins"
MOST = 4096
_JSON = {b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"}


class Lane:
    """Pure ASGI in front of everything. `app` is what answers whatever is not ordinary."""

    def __init__(self, app: ASGIApp, state: object) -> None:
        self._app, self._state = app, state
        self._house: House | None = None
        self._dated: object = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        house = self._open()
        headers = dict(scope["headers"])
        token = self._sign_in(house, headers)
        if token is None:
            await self._app(scope, receive, send)
            return
        message = await receive()
        body, whole = message.get("body", b""), not message.get("more_body", False)
        row = slip = None
        if whole and len(body) <= MOST:
            try:
                slip = fast.decode(body)
                row = fast.row_of(house.writer, token, slip, datetime.now(UTC))
            except (ValueError, Overloaded):  # malformed, not UTF-8, or no rule in memory yet
                row = None
        if row is None or slip is None:
            await self._app(scope, _again(message, receive), send)
            return
        try:
            new = await house.writer.put(row)
        except Overloaded as refusal:  # also: the database is away
            await self._refuse(refusal, scope, receive, send)
            return
        except Exception:
            # The same id makes a second try harmless, and the long way has an answer for every error.
            new = False
        if not new:
            await self._app(scope, _again(message, receive), send)
            return
        metrics.checkin_stored()
        receipt = fast.receipt_of(row, slip.note)
        if not self._at_once(send, receipt):
            headers_and_length = [*self._headers, numbered(uuid7()), (b"content-length", b"%d" % len(receipt))]
            await send({"type": "http.response.start", "status": 201, "headers": headers_and_length})
            await send({"type": "http.response.body", "body": receipt})

    async def _refuse(self, refusal: Overloaded, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})
        scope["app"] = self._state
        with asking.during(asked(scope)) as here:
            response = answer(Request(scope, receive), refusal)
        response.raw_headers.extend([*self._headers[1:], numbered(here.request_id)])
        await response(scope, receive, send)

    def _at_once(self, send: Send, receipt: bytes) -> bool:
        """Answer 201 in one write. False when this is not uvicorn, or not an ordinary moment of it.

        uvicorn writes head and body apart, checks every header again each time, and a phone's receipt is small: the
        second system call and those checks were a third of all that a check-in cost.
        """
        cycle = getattr(send, "__self__", None)
        if (
            type(cycle) is not RequestResponseCycle
            or cycle.disconnected
            or cycle.response_started
            or not cycle.keep_alive
            or cycle.flow.write_paused
        ):
            return False
        if cycle.default_headers is not self._dated:  # uvicorn makes a new list with the date each second
            self._dated = cycle.default_headers
            lines = (b"%s: %s\r\n" % header for header in (*self._dated, *self._headers))
            self._head = STATUS_LINE[201] + b"".join(lines) + b"x-request-id: "
        cycle.response_started = cycle.response_complete = True
        number = str(uuid7()).encode()
        cycle.transport.write(b"%b%b\r\ncontent-length: %d\r\n\r\n%b" % (self._head, number, len(receipt), receipt))
        cycle.message_event.set()
        cycle.on_response()
        return True

    def _open(self) -> House:
        if self._house is None:
            house: House = self._state.state.house  # type: ignore[attr-defined]
            self._house = house
            plain = house.settings.development
            self._cookie = b"shouwang=" if plain else b"__Host-shouwang="
            self._headers = [(b"content-type", b"application/json"), *ALWAYS, *([] if plain else [HSTS])]
        return self._house

    def _sign_in(self, house: House, headers: dict[bytes, bytes]) -> Token | None:
        """A good sign-in of an ordinary request; None sends the request the long way, which says what is wrong."""
        settings = house.settings
        if headers.get(b"host") not in settings.hosts:
            return None
        if headers.get(b"content-type") not in _JSON:
            return None
        bearer = headers.get(b"authorization")
        if bearer is not None:
            text = bearer[7:] if bearer.startswith(b"Bearer ") else b""
        else:
            before, _, rest = headers.get(b"cookie", b"").partition(self._cookie)
            text = rest.partition(b";")[0]
            # Another cookie's name may end like ours, and ours may come twice.
            if (
                not text
                or self._cookie in rest
                or (before and not before.endswith(b"; "))
                or not from_our_page(headers, settings.origins, absent=False)
            ):
                return None
        now = int(time() * 1000)
        token = house.signer.check(text, now)
        if token is None or house.endings.standing(token) is not Standing.GOOD:
            return None
        return None if bearer is None and now - token.issued > RENEW_AFTER_MS else token


def _again(first: Message, receive: Receive) -> Receive:
    """A receive that gives the message once more before it goes on."""
    waiting = [first]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed
