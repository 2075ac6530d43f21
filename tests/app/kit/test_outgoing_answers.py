"""The way out: what is made of a good answer, a bad one and none, and what is told of it."""

import asyncio
import logging
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from app.kit import outgoing
from app.kit.outgoing import Answer, Outgoing, Refused, Unanswered
from tests.gateways.dictated import HTML, Close, Hang, Reply, Stall, StandIn, origin
from tests.gateways.standing import standing

pytestmark = pytest.mark.anyio
SECRET = "a-very-secret-path"


class Echo(StandIn):
    def answer(self, request):
        return Reply({"headers": request.headers, "said": request.body.decode()}, 201, {"x-said": "yes"})


@pytest.fixture
def echo():
    app = Echo()
    with standing(app) as base:
        app.base = base
        yield app


@pytest.fixture
async def out(echo):
    async with Outgoing([origin(echo.base)]) as way:
        yield way


@pytest.mark.proves("T21")
async def test_a_redirect_is_an_answer_and_not_a_way(trap, echo, out):
    for status in (301, 302, 303, 307, 308):
        echo.then(Reply(b"", status, {"location": f"http://127.0.0.1:{trap.port}/"}))
        assert (await out.post(echo.base, b"x", {})).status == status
    assert trap.visits == 0


async def test_a_post_carries_what_it_was_given_and_brings_back_the_answer(echo, out):
    answer = await out.post(f"{echo.base}/path?a=b", "您好".encode(), {"TTL": "60"})
    assert (answer.status, answer.headers["x-said"]) == (201, "yes")
    assert (echo.heard[0].method, echo.heard[0].path, echo.heard[0].query) == ("POST", "/path", {"a": "b"})
    assert (echo.heard[0].headers["ttl"], echo.heard[0].body) == ("60", "您好".encode())


async def test_silence_is_a_timeout_and_the_request_may_have_been_taken(echo, out, hasty):
    echo.then(Hang())
    with pytest.raises(Unanswered) as error:
        await out.post(echo.base, b"x", {})
    assert (error.value.code, error.value.sent) == ("timeout", True)


async def test_hanging_up_after_reading_leaves_it_unsure(echo, out):
    echo.then(Close())
    with pytest.raises(Unanswered) as error:
        await out.post(echo.base, b"x", {})
    assert (error.value.code, error.value.sent) == ("network", True)


async def test_where_nobody_listens_nothing_was_sent(out):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with Outgoing([("http", "127.0.0.1", port)]) as way:
        with pytest.raises(Unanswered) as error:
            await way.post(f"http://127.0.0.1:{port}/", b"x", {})
    assert (error.value.code, error.value.sent) == ("network", False)


async def test_a_name_nobody_knows_is_a_fault_of_the_network():
    async def unknown(_host, _port):
        raise socket.gaierror(-2, "Name or service not known")

    async with Outgoing(resolver=unknown) as way:
        with pytest.raises(Unanswered) as error:
            await way.post("https://push.example/", b"x", {})
    assert not error.value.sent


async def test_a_status_counts_even_when_the_body_never_ends(echo, out, hasty):
    echo.then(Stall(status=201))
    answer = await out.post(echo.base, b"x", {})
    assert (answer.status, answer.body) == (201, b'{"errcode":')


async def test_of_an_endless_answer_only_the_first_64_kib_are_read(echo, out):
    echo.then(Reply(b"a" * 5_000_000), None)
    assert len((await out.post(echo.base, b"x", {})).body) == 64 * 1024
    assert (await out.post(echo.base, b"x", {})).status == 201


async def test_what_follows_the_64_kib_is_not_waited_for(echo, out):
    echo.then(Stall(body=b"a" * 70_000))
    async with asyncio.timeout(outgoing.TOTAL_S / 2):
        assert len((await out.post(echo.base, b"x", {})).body) == 64 * 1024


async def test_a_compressed_answer_is_left_packed(echo, out):
    echo.then(Reply(b"\x1f\x8b" + bytes(30), headers={"content-encoding": "gzip"}))
    assert (await out.post(echo.base, b"x", {})).body[:2] == b"\x1f\x8b"
    assert echo.heard[0].headers["accept-encoding"] == "identity"


async def test_a_proxy_of_the_environment_is_not_used(echo, out, monkeypatch, trap):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
    async with Outgoing([origin(echo.base)]) as way:
        assert (await way.post(echo.base, b"x", {})).status == 201
    assert trap.visits == 0


async def test_neither_the_log_nor_an_error_says_where_a_call_went_or_what_it_said(echo, out, hasty, caplog):
    caplog.set_level(logging.DEBUG)
    echo.then(None, HTML, Hang())
    for _ in range(2):
        await out.post(f"{echo.base}/{SECRET}?token={SECRET}", SECRET.encode(), {"Authorization": SECRET})
    with pytest.raises(Unanswered) as error:
        await out.post(f"{echo.base}/{SECRET}", SECRET.encode(), {})
    with pytest.raises(Refused) as refused:
        await out.post(f"https://127.0.0.1/{SECRET}", SECRET.encode(), {})
    ours = [record for record in caplog.records if not record.name.startswith("uvicorn")]
    assert SECRET not in "\n".join([*(record.getMessage() for record in ours), repr(error.value), repr(refused.value)])
    assert "ok" not in repr(Answer(200, {}, b"ok"))


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("99999999999999999999", 86_400.0),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("七", None),
    ],
)
def test_how_long_to_wait_is_read_where_it_is_said(said, wait):
    assert Answer(429, {"retry-after": said}, b"").retry_after == wait


def test_how_long_to_wait_may_be_a_date():
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    wait = Answer(503, {"retry-after": later}, b"").retry_after
    assert wait is not None
    assert 110 < wait <= 120
    assert Answer(503, {"retry-after": "Fri, 01 Jan 2021 00:00:00 GMT"}, b"").retry_after == 0.0
    assert Answer(503, {"retry-after": "Fri, 01 Jan 2021 00:00:00 -0000"}, b"").retry_after is None
