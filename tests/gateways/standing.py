"""Lets an ASGI app stand on a loopback port: in a thread for tests, as a process for benchmarks.

python -m tests.gateways.standing aliyun --port 9101 --delay 0.05
"""

import argparse
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Cutting(HttpToolsProtocol):
    """Hands an app the means to close its connection without an answer, which ASGI has no word for.

    It keeps no access log: in an address of Aliyun stands a phone number.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.access_log = False

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope.setdefault("extensions", {})["cut"] = self.transport.abort  # type: ignore[index]


def _server(app: Any) -> uvicorn.Server:
    settings = uvicorn.Config(
        app,
        interface="asgi3",
        http=Cutting,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=1,
        backlog=2048,
    )
    return uvicorn.Server(settings)


def _listening(port: int) -> socket.socket:
    # asyncio turns Nagle's delay of 40 ms off only where the protocol is named.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(2048)
    return listening


@contextlib.contextmanager
def standing(app: Any) -> Iterator[str]:
    """The app's address, as long as the block lasts."""
    with _listening(0) as listening:
        server = _server(app)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        until = time.monotonic() + 10
        while not server.started and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.005)
        assert server.started, "the stand-in did not start"
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(5)


def free_port() -> int:
    """A port nobody listens on: what connects to it is refused."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    from tests.gateways.aliyun import AliyunStandIn
    from tests.gateways.tencent import TencentStandIn

    kinds = {"aliyun": AliyunStandIn, "tencent": TencentStandIn}
    wanted = argparse.ArgumentParser(description="a provider of text messages, for benchmarks")
    wanted.add_argument("kind", choices=sorted(kinds))
    wanted.add_argument("--port", type=int, required=True)
    wanted.add_argument("--delay", type=float, default=0.0, help="seconds before every answer")
    asked = wanted.parse_args()
    with _listening(asked.port) as listening:
        _server(kinds[asked.kind](delay=asked.delay)).run([listening])


if __name__ == "__main__":
    main()
