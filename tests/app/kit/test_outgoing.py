"""The way out: whatever a stranger names, it leads to the public internet or nowhere."""

import asyncio
import ssl
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import outgoing
from app.kit.outgoing import Guarded, Outgoing, Refused, Unanswered, is_public, origin_of
from tests.app.kit.certificates import Authority
from tests.app.kit.hostile import RESOLVED, hostile
from tests.app.kit.traps import Network, names

pytestmark = pytest.mark.anyio


@pytest.mark.proves("T21")
async def test_no_address_of_a_stranger_reaches_this_machine_or_its_network(trap):
    urls = hostile(trap.port)
    assert len(set(urls)) >= 100
    async with Outgoing(resolver=names(**RESOLVED), ports=(443, trap.port)) as way:
        for url in urls:
            with pytest.raises(Refused):
                await way.post(url, b"x", {})
    assert trap.visits == 0


@pytest.mark.proves("T21")
async def test_even_a_public_address_is_called_by_https_on_its_own_port_without_a_name_for_us():
    network = Network()
    async with Outgoing(resolver=names(**{"push.example": ["93.184.215.14"]}), network=network) as way:
        for url in (
            "http://push.example/",
            "http://push.example:443/",
            "https://push.example:444/",
            "https://me@push.example/",
        ):
            with pytest.raises(Refused):
                await way.post(url, b"x", {})
        assert network.called == []
        with pytest.raises(Unanswered):
            await way.post("https://push.example:443/", b"x", {})
    assert network.called == ["93.184.215.14"]


@pytest.mark.proves("T21")
async def test_the_trap_would_have_noticed(trap):
    async with Outgoing([("https", "localhost", trap.port)], resolver=names(**RESOLVED)) as way:
        with pytest.raises(Unanswered):
            await way.post(f"https://localhost:{trap.port}/", b"x", {})
    assert trap.visits == 1


@pytest.mark.proves("T21")
async def test_a_name_that_changes_its_mind_is_asked_once_and_taken_at_its_first_word():
    answers, network = [["93.184.215.14"], ["127.0.0.1"], ["127.0.0.1"]], Network()

    async def rebinding(_host, _port):
        return answers.pop(0)

    async with Outgoing(resolver=rebinding, network=network) as way:
        with pytest.raises(Unanswered):
            await way.post("https://push.example/", b"x", {})
        assert (network.called, len(answers)) == (["93.184.215.14"], 2)
        with pytest.raises(Refused):
            await way.post("https://push.example/", b"x", {})
    assert network.called == ["93.184.215.14"]


@pytest.mark.proves("T21")
@given(st.lists(st.ip_addresses() | st.sampled_from(["127.0.0.1", "8.8.8.8", "2400:3200::1", "::1"]), max_size=5))
def test_whatever_a_name_resolves_to_only_public_addresses_are_called(addresses):
    network = Network()

    async def resolver(_host, _port):
        return [str(address) for address in addresses]

    with pytest.raises((Refused, httpcore.ConnectError)):
        asyncio.run(Guarded(resolver, network).connect_tcp("push.example", 443))
    assert all(is_public(address) for address in network.called)
    if not all(is_public(str(address)) for address in addresses):
        assert network.called == []


@given(st.ip_addresses())
def test_what_the_standard_library_calls_private_is_never_public(address):
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_loopback:
        assert not is_public(str(address))
    if isinstance(address, IPv4Address):
        for prefix in ("::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::"):
            assert not is_public(str(IPv6Address(int(ip_address(prefix)) + int(address))))


def test_the_great_push_services_are_public_and_words_are_not():
    for address in ("142.250.4.95", "17.188.143.34", "34.117.65.55", "2404:6800:4003:c00::5f", "2620:149:a44:f00::1"):
        assert is_public(address)
    assert not any(is_public(word) for word in ("", "localhost", "1", "256.1.1.1", "::ffff", "8.8.8.8/8"))


async def test_the_machine_itself_knows_its_own_name_and_that_it_is_closed():
    assert set(await outgoing.resolve("localhost", 443)) <= {"127.0.0.1", "::1"}
    async with Outgoing() as way:
        with pytest.raises(Refused):
            await way.post("https://localhost/", b"x", {})
        with pytest.raises((Refused, Unanswered)):
            await way.post(f"https://{'a' * 64}.example/", b"x", {})


async def test_the_next_address_is_tried_when_one_does_not_answer():
    network = Network()
    guard = Guarded(names(push=["93.184.215.14", "93.184.215.15"]), network)
    with pytest.raises(httpcore.ConnectError):
        await guard.connect_tcp("push", 443)
    assert network.called == ["93.184.215.14", "93.184.215.15"]


# --- encryption keeps the name ---------------------------------------------------------------------------------------


@pytest.mark.proves("T21")
async def test_the_connection_goes_to_the_address_but_the_certificate_must_bear_the_name(monkeypatch, tmp_path):
    monkeypatch.setattr(outgoing, "is_public", lambda _: True)
    authority, seen, asked = Authority(tmp_path), [], []

    async def serve(reader, writer):
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()

    server_tls = authority.serving("push.example")
    server_tls.sni_callback = lambda _socket, name, _context: asked.append(name)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_tls)
    port = server.sockets[0].getsockname()[1]
    resolver = names(**{"push.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]})
    async with Outgoing(resolver=resolver, ports=[port], tls=authority.trusting()) as way:
        assert (await way.post(f"https://push.example:{port}/x", b"", {})).status == 201
        with pytest.raises(Unanswered) as error:
            await way.post(f"https://other.example:{port}/x", b"", {})
    async with Outgoing(resolver=resolver, ports=[port]) as untrusting:
        with pytest.raises(Unanswered):
            await untrusting.post(f"https://push.example:{port}/x", b"", {})
    server.close()
    assert not error.value.sent
    assert asked[:2] == ["push.example", "other.example"]
    assert len(seen) == 1
    assert f"Host: push.example:{port}\r\n".encode() in seen[0]


def test_the_house_itself_checks_certificates():
    context = Outgoing()._guarded._ssl_context
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_an_origin_is_spelled_as_a_browser_spells_it():
    assert origin_of("https://Push.Example:443/a?b") == "https://push.example"
    assert origin_of("https://push.example:8443/a") == "https://push.example:8443"
    assert origin_of("https://[2400:3200::1]/a") == "https://[2400:3200::1]"
    with pytest.raises(Refused):
        origin_of("https://[::1")
