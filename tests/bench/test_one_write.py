"""Under the real web server the lane writes its answer itself, in one piece: it must look as the server's own would."""

import json
import re
import socket
from collections.abc import Iterator

import pytest
from anyio.from_thread import start_blocking_portal

from tests.bench import phones, servers
from tests.bench.grounds import grounds

_OWN = re.compile(rb"^(date|content-length|x-request-id): [^\r]+", re.M)
Asked = tuple[int, list[bytes]]


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    """A running server, and requests of people who have not reported today."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(grounds()) as ground:
        grids = portal.call(phones.mint_grids, ground)
        with servers.ours(ground) as (_, port):
            head = phones.LIKE["api"].replace("{host}", f"127.0.0.1:{port}")
            yield port, list(portal.call(phones.prepare, ground, grids, head, 6))


def _answer(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(request)
        said = line.recv(65536)
        while b'"corrections":' not in said:
            said += line.recv(65536)
        return said


def _head(answer: bytes) -> list[bytes]:
    return sorted(_OWN.sub(rb"\1: -", answer.partition(b"\r\n\r\n")[0]).split(b"\r\n"))


def test_head_and_length_are_those_of_the_long_way(asked: Asked) -> None:
    port, requests = asked
    quick = _answer(port, requests[0])
    # An id in capitals is the same id, in a spelling that only the long way reads.
    long_way = _answer(port, re.sub(rb'"id":"[^"]+"', lambda found: b'"id"' + found[0][4:].upper(), requests[1]))
    assert quick.startswith(b"HTTP/1.1 201 Created\r\n")
    assert _head(quick) == _head(long_way)
    head, _, body = quick.partition(b"\r\n\r\n")
    assert b"content-length: %d" % len(body) in head
    assert json.loads(body).keys() == json.loads(long_way.partition(b"\r\n\r\n")[2]).keys()


def test_one_connection_carries_one_report_after_the_other(asked: Asked) -> None:
    port, requests = asked
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        for request in requests[2:4]:
            line.sendall(request)
            assert line.recv(65536).startswith(b"HTTP/1.1 201 ")


def test_who_asks_to_close_is_closed(asked: Asked) -> None:
    port, requests = asked
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(requests[4].replace(b"\r\nAccept:", b"\r\nConnection: close\r\nAccept:"))
        said = b""
        while more := line.recv(65536):
            said += more
    assert said.startswith(b"HTTP/1.1 201 ")
    assert b"connection: close" in said
