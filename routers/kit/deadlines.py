"""The HTTP protocol with a deadline: a client that trickles its request is cut off, proxy or no proxy."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

WHOLE_REQUEST_S = 10.0
LOOK_EVERY_S = 5.0


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol has no read timeout, and every byte clears its keep-alive timer; here a request has to be
    whole ten seconds after its first byte (or after the connection opened)."""

    _began: float | None = None
    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._began = self.loop.time()
        self._look = self.loop.call_later(LOOK_EVERY_S, self._enforce)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        if self._began is None:
            self._began = self.loop.time()
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._began = None
        super().on_message_complete()

    def _enforce(self) -> None:
        if self._began is not None and self.loop.time() - self._began > WHOLE_REQUEST_S - LOOK_EVERY_S:
            self.transport.close()
            return
        self._look = self.loop.call_later(LOOK_EVERY_S, self._enforce)
