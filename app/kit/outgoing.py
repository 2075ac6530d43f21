"""Calls that leave the house: https to public addresses, no redirects, five seconds, 64 KiB of an answer.

Addresses come from strangers (a browser names its own push service), so a name is resolved first, every address it has
is looked at, and the connection goes to one of those: asking twice would let the second answer be another (rebinding).
The name stays in Host, in SNI and in the check of the certificate. Spoken with httpcore itself: httpx writes every URL
into the log, and these URLs are secrets; and it would follow HTTPS_PROXY past all of this.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Self

import httpcore
import httpx

from app.kit import clock
from app.kit.addresses import is_public

TOTAL_S = 5.0
ATTEMPT_S = 2.0  # for one address, so that the next one still gets its turn
MOST_BYTES = 64 * 1024
LONGEST_URL = 2048
LONGEST_WAIT_S = 86_400.0

# Threads of their own: a stranger's slow name server holds one for longer than we wait, and must not hold the others.
_RESOLVING = ThreadPoolExecutor(8, "resolving")

Origin = tuple[str, str, int]  # scheme, host, port
Resolve = Callable[[str, int], Awaitable[list[str]]]


class Refused(Exception):
    """Not an address this house calls. Says why in one word, never which address."""


class Unanswered(Exception):
    """No answer came. `sent`: the request was already on its way and may have been taken."""

    def __init__(self, code: str, *, sent: bool) -> None:
        super().__init__(code)
        self.code, self.sent = code, sent


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: names of headers in lower case; of the body the first 64 KiB, or what came until it broke off."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait as the answer says (a number or a date), a day at most."""
        said = self.headers.get("retry-after", "").strip()
        if said.isascii() and said.isdigit():
            return min(float(said[:9]), LONGEST_WAIT_S)
        try:
            wait = (parsedate_to_datetime(said) - clock.now()).total_seconds()
        except (TypeError, ValueError):  # not a date, or one without a zone
            return None
        return min(max(wait, 0.0), LONGEST_WAIT_S)


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as this machine resolves them. Raises OSError."""
    look = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVING, look)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Guarded(httpcore.AsyncNetworkBackend):
    """Resolves, looks at every address, and connects to one of them. One closed address closes the name."""

    def __init__(self, resolver: Resolve, inner: httpcore.AsyncNetworkBackend) -> None:
        self._resolver, self._inner = resolver, inner

    async def connect_tcp(  # the shape of the parent
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._resolver(host, port)
        except UnicodeError:
            raise Refused("name") from None
        except OSError:
            raise httpcore.ConnectError("no such name") from None
        if not addresses or not all(is_public(address) for address in addresses):
            raise Refused("address")
        fault: Exception = httpcore.ConnectError()
        for address in addresses[:4]:
            try:
                return await self._inner.connect_tcp(address, port, ATTEMPT_S, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
        raise fault

    async def connect_unix_socket(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        raise Refused("socket")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


@dataclass(slots=True)
class _Call:
    """How far one call has come. A status that arrived counts, even when the body breaks off."""

    sent: bool = False
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    async def trace(self, event: str, _: Mapping[str, Any]) -> None:
        if event.endswith("send_request_headers.started"):
            self.sent = True

    async def read(self, response: httpcore.Response) -> None:
        self.status = response.status
        self.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        async for chunk in response.aiter_stream():
            self.body += chunk[: MOST_BYTES - len(self.body)]
            if len(self.body) >= MOST_BYTES:
                return


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, the port only when it is not the usual one. Raises Refused."""
    parts = _parsed(url)
    host = f"[{parts.host}]" if ":" in parts.host else parts.raw_host.decode()
    return f"{parts.scheme}://{host}" + ("" if parts.port is None else f":{parts.port}")


def _parsed(url: str) -> httpx.URL:
    if len(url) > LONGEST_URL:
        raise Refused("length")
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise Refused("url") from None
    # A percent sign is the zone of an address within one network, or a trick.
    if parts.userinfo or not parts.raw_host or b"%" in parts.raw_host:
        raise Refused("url")
    return parts


class Outgoing:
    """The one way out. Exempt origins (a private gateway, a stand-in) are called as named, without the guard."""

    def __init__(
        self,
        exempt: Iterable[Origin] = (),
        *,
        resolver: Resolve = resolve,
        ports: Iterable[int] = (443,),
        tls: ssl.SSLContext | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._exempt, self._ports = frozenset(exempt), frozenset(ports)
        inner = network or httpcore.AnyIOBackend()
        trusted = tls or httpx.create_ssl_context()
        self._guarded = _pool(trusted, Guarded(resolver, inner))
        self._plain = _pool(trusted, inner)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close what is kept open for the next call."""
        await self._guarded.aclose()
        await self._plain.aclose()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one POST. Raises Refused before anything leaves, Unanswered when no status came back."""
        pool, target = self._way(url)
        call = _Call()
        # Not compressed: 64 KiB of what was packed could unfold to anything.
        common = {"User-Agent": "shouwang", "Accept": "*/*", "Accept-Encoding": "identity"}
        said = [*common.items(), *headers.items()]
        code = "network"
        try:
            async with (
                asyncio.timeout(TOTAL_S),
                pool.stream("POST", target, headers=said, content=body, extensions={"trace": call.trace}) as response,
            ):
                await call.read(response)
        except (TimeoutError, httpcore.TimeoutException):
            code = "timeout"
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
            pass
        if call.status is None:
            raise Unanswered(code, sent=call.sent)
        return Answer(call.status, call.headers, bytes(call.body))

    def _way(self, url: str) -> tuple[httpcore.AsyncConnectionPool, httpcore.URL]:
        """The pool for a URL and the URL as it is spoken: one reading of it for the check and for the connection."""
        parts = _parsed(url)
        port = {"https": 443, "http": 80}.get(parts.scheme, 0) if parts.port is None else parts.port
        target = httpcore.URL(scheme=parts.raw_scheme, host=parts.raw_host, port=port, target=parts.raw_path)
        if (parts.scheme, parts.host, port) in self._exempt:
            return self._plain, target
        if parts.scheme != "https":
            raise Refused("scheme")
        if port not in self._ports:
            raise Refused("port")
        return self._guarded, target


def _pool(tls: ssl.SSLContext, network: httpcore.AsyncNetworkBackend) -> httpcore.AsyncConnectionPool:
    return httpcore.AsyncConnectionPool(
        ssl_context=tls,
        max_connections=20,
        max_keepalive_connections=10,
        keepalive_expiry=15.0,
        network_backend=network,
    )
