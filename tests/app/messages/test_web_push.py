"""Web Push: encrypted for one browser, signed by the house, and never taken for a word that reached somebody."""

from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json as wire

from app.kit.ids import uuid7
from app.kit.outgoing import Outgoing
from app.kit.vapid import Vapid
from app.messages.gateways.web_push import WebPush, encrypted, payload
from app.messages.letters import Fate, Push
from tests.app.kit.hostile import RESOLVED, hostile
from tests.gateways.dictated import HTML, Close, Hang, Reply, Stall, too_many
from tests.gateways.push_service import Browser, spelled, unspelled

pytestmark = pytest.mark.anyio
HOUSE, CONTACT = "https://shouwang.example", "mailto:duty@shouwang.example"
# RFC 8291, appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
MESSAGE = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def key(scalar):
    return ec.derive_private_key(int.from_bytes(unspelled(scalar)), ec.SECP256R1())


def push(endpoint="https://push.example/x", keys=(P256DH, AUTH), **other):
    said = {"title": "守望", "body": "您有一条新通知", "url": "/inbox/17", "lang": "zh-CN", "ttl": 3600, "urgent": True}
    return Push(uuid7(), endpoint, *keys, **(said | other))


@pytest.fixture
def vapid(tmp_path):
    return Vapid.load(tmp_path / "keys.json")


@pytest.fixture
def browser(service, vapid):
    return service.subscribe(vapid.public)


@pytest.fixture
def to(service, browser):
    """A push for the browser of this test."""

    def made(**other):
        return push(service.endpoint(browser), (browser.p256dh, browser.auth), **other)

    return made


@pytest.fixture
def pushes(to_service, vapid):
    return WebPush(to_service, vapid, f"{HOUSE}/", CONTACT)


# --- for one browser alone -------------------------------------------------------------------------------------------


def test_the_example_of_the_rfc_comes_out_to_the_letter():
    assert spelled(encrypted(TEXT, (P256DH, AUTH), unspelled(SALT), key(SENDER))) == MESSAGE
    assert Browser("", key(RECEIVER), unspelled(AUTH)).opened(unspelled(MESSAGE)) == TEXT


def test_no_two_messages_are_encrypted_alike():
    first, second = (encrypted(TEXT, (P256DH, AUTH)) for _ in range(2))
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]


@given(st.text(), st.text(st.characters(exclude_categories=["Cs"]), max_size=3000), st.booleans())
@settings(max_examples=40)
def test_whatever_is_said_fits_and_opens_again(title, body, urgent):
    whole = body * 3
    letter = push(title=title, body=whole, urgent=urgent)
    sealed = encrypted(payload(letter, HOUSE), (P256DH, AUTH))
    assert len(sealed) <= 4096
    shown = wire.decode(Browser("", key(RECEIVER), unspelled(AUTH)).opened(sealed))["notification"]
    assert shown["body"] == whole or whole.startswith(shown["body"].removesuffix("…"))


def test_a_long_text_fills_what_every_push_service_must_take_and_no_more():
    assert len(encrypted(payload(push(body="a" * 9000), HOUSE), (P256DH, AUTH))) == 4096


async def test_the_browser_shows_what_was_said_without_a_script(pushes, to, browser):
    letter = to()
    outcome = await pushes.send(letter)
    assert (outcome.fate, outcome.code, outcome.unsure) == (Fate.TAKEN, "http-201", False)
    assert list(browser.shown.values()) == [
        {
            "web_push": 8030,
            "notification": {
                "title": "守望",
                "body": "您有一条新通知",
                "navigate": "https://shouwang.example/inbox/17",
                "lang": "zh-CN",
                "tag": str(letter.id),
                "silent": False,
            },
        }
    ]


@pytest.mark.parametrize("url", ["inbox/17", "//evil.example/inbox/17", "@evil.example/inbox/17"])
def test_a_tap_never_leaves_the_house(url):
    assert wire.decode(payload(push(url=url), HOUSE))["notification"]["navigate"].startswith(f"{HOUSE}/")


async def test_urgency_and_time_travel_in_the_headers(pushes, to, browser):
    await pushes.send(to())
    assert (browser.headers["urgency"], browser.headers["ttl"]) == ("high", "3600")
    assert browser.headers["content-encoding"] == "aes128gcm"
    await pushes.send(to(urgent=False, ttl=10**9))
    assert (browser.headers["urgency"], browser.headers["ttl"]) == ("normal", "2419200")


async def test_a_push_sent_again_takes_the_place_of_the_first(pushes, to, browser, service):
    letter = to()
    for _ in range(2):
        await pushes.send(letter)
    await pushes.send(to())
    assert len(browser.shown) == 2
    topics = [request.headers["topic"] for request in service.heard]
    assert topics[0] == topics[1] != topics[2]
    assert len(topics[0]) <= 32


# --- what is refused -------------------------------------------------------------------------------------------------


async def test_the_key_of_another_house_is_ours_to_mend(to_service, to, tmp_path):
    other = WebPush(to_service, Vapid.load(tmp_path / "other.json"), HOUSE, CONTACT)
    outcome = await other.send(to())
    assert (outcome.fate, outcome.code) == (Fate.BROKEN, "vapid-403")


async def test_a_contact_that_is_no_address_is_ours_to_mend(to_service, to, vapid):
    assert (await WebPush(to_service, vapid, HOUSE, "duty").send(to())).code == "vapid-403"


async def test_a_subscription_that_ended_or_never_was_is_to_be_removed(pushes, to, browser, service):
    browser.gone = True
    assert (await pushes.send(to())).code == "gone"
    service.browsers.clear()
    outcome = await pushes.send(to())
    assert (outcome.fate, outcome.code) == (Fate.NEVER, "gone")


OFF_CURVE, COMPRESSED = (spelled(first + b"\1" * 64) for first in (b"\4", b"\2"))


@pytest.mark.parametrize(
    "keys",
    [
        ("", ""),
        (P256DH, ""),
        ("", AUTH),
        (P256DH[:-4], AUTH),
        (P256DH, AUTH[:-2]),
        (OFF_CURVE, AUTH),
        ("!", "!"),
        (P256DH, "全是汉字"),
        (P256DH + "AAAA", AUTH),
        (COMPRESSED, AUTH),
        ("A", "A"),
    ],
)
async def test_keys_that_are_none_end_a_subscription_and_nothing_else(pushes, to, service, keys):
    outcome = await pushes.send(replace(to(), p256dh=keys[0], auth=keys[1]))
    assert (outcome.fate, outcome.code) == (Fate.NEVER, "bad-keys")
    assert service.heard == []


async def test_keys_with_padding_are_understood(pushes, to, browser):
    letter = to()
    padded = [urlsafe_b64encode(unspelled(text)).decode() for text in (letter.p256dh, letter.auth)]
    assert (await pushes.send(replace(letter, p256dh=padded[0], auth=padded[1]))).fate is Fate.TAKEN


@pytest.mark.proves("T21")
async def test_an_endpoint_of_a_stranger_leads_nowhere_but_to_the_end_of_its_subscription(vapid):
    async def resolver(host, _port):
        return RESOLVED.get(host, ["127.0.0.1"])

    async with Outgoing(resolver=resolver) as way:
        pushes = WebPush(way, vapid, HOUSE, CONTACT)
        outcomes = {await pushes.send(push(url)) for url in hostile(443)}
    assert {(outcome.fate, outcome.code) for outcome in outcomes} == {(Fate.NEVER, "refused-address")}


@pytest.mark.parametrize(
    ("act", "fate", "code", "unsure"),
    [
        (Reply(b"", 200), Fate.TAKEN, "http-200", False),
        (Reply(b"", 202), Fate.TAKEN, "http-202", False),
        (Stall(201), Fate.TAKEN, "http-201", False),
        (Reply(b"", 400), Fate.BROKEN, "vapid-400", False),
        (Reply(b"", 401), Fate.BROKEN, "vapid-401", False),
        (Reply({"reason": "BadJwtToken"}, 403), Fate.BROKEN, "vapid-403", False),
        (Reply(b"", 404), Fate.NEVER, "gone", False),
        (Reply(b"", 410), Fate.NEVER, "gone", False),
        (Reply(b"", 413), Fate.BROKEN, "too-large", False),
        (Reply(b"", 418), Fate.BROKEN, "http-418", False),
        (Reply(b"", 301, {"location": "http://127.0.0.1/"}), Fate.NEVER, "moved", False),
        (Reply(b"", 500), Fate.LATER, "http-500", True),
        (Reply(b"", 503), Fate.LATER, "http-503", False),
        (HTML, Fate.TAKEN, "http-200", False),
        (Close(), Fate.LATER, "network", True),
        (Hang(), Fate.LATER, "timeout", True),
    ],
)
async def test_every_answer_has_its_fate(pushes, to, service, hasty, act, fate, code, unsure):
    service.then(act)
    outcome = await pushes.send(to())
    assert (outcome.fate, outcome.code, outcome.unsure) == (fate, code, unsure)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_plea_for_patience_is_heard(pushes, to, service, status):
    service.then(replace(too_many("120"), status=status))
    outcome = await pushes.send(to())
    assert (outcome.fate, outcome.retry_after) == (Fate.LATER, 120.0)


async def test_neither_endpoint_nor_text_nor_keys_are_written(pushes, to, service, browser, written):
    letter = to(body="秘密的正文")
    service.then(None, Reply({"reason": browser.name}, 403), Close())
    outcomes = [await pushes.send(letter) for _ in range(3)]
    said = written() + repr(outcomes) + repr(pushes)
    assert not [
        secret for secret in (browser.name, "秘密的正文", browser.auth, browser.p256dh, "vapid t") if secret in said
    ]
