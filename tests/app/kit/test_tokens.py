"""Sign-in tokens: nobody but us can make one, and none outlives its term."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.kit.crypto import Keyring
from app.kit.ids import new_device, uuid7
from app.kit.tokens import LIFETIME_MS, Signer, Token

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
SIGNER = Signer(Keyring({1: OLD}, development=False))
NOW = 1_763_800_000_000
TOKEN = Token(uuid7(), uuid7(), new_device(), 330822102205001, 2, NOW, NOW + LIFETIME_MS, staff=True)
TEXT = SIGNER.sign(TOKEN).encode()
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def forged(**changes: int) -> bytes:
    """A token with our layout and a right MAC, made by somebody who holds the key: only the version is wrong."""
    body = bytearray(urlsafe_b64decode(TEXT + b"==")[:-32])
    body[0] = changes.get("version", body[0])
    body[1] = changes.get("key_id", body[1])
    key = Keyring({1: OLD}, development=False).derived("token", 1)
    return urlsafe_b64encode(bytes(body) + hmac.digest(key, bytes(body), "sha256")).rstrip(b"=")


@pytest.mark.proves("T04")
def test_no_flipped_bit_is_accepted() -> None:
    raw = urlsafe_b64decode(TEXT + b"==")
    for place in range(len(raw)):
        for bit in range(8):
            altered = bytearray(raw)
            altered[place] ^= 1 << bit
            assert SIGNER.check(urlsafe_b64encode(bytes(altered)).rstrip(b"="), NOW) is None


def test_no_other_spelling_of_a_good_token_is_accepted() -> None:
    # A revocation or a log that compares texts must not be passed by another spelling of the same bytes.
    spellings = {TEXT + b"=", TEXT + b"==", TEXT + b"\n", b" " + TEXT, TEXT[:40] + b"!" + TEXT[40:], TEXT + b"."}
    spellings |= {TEXT[:-1] + bytes([letter]) for letter in ALPHABET} - {TEXT}
    spellings |= {TEXT.replace(b"-", b"+").replace(b"_", b"/")} - {TEXT}
    assert len(spellings) >= 69
    assert [text for text in spellings if SIGNER.check(text, NOW) is not None] == []


def test_no_truncated_or_longer_token_is_accepted() -> None:
    assert all(SIGNER.check(TEXT[:length], NOW) is None for length in range(len(TEXT)))
    assert all(SIGNER.check(TEXT + b"A" * more, NOW) is None for more in range(1, 9))


@given(st.binary(max_size=300))
@example(b"")
@example(b"\xff" * 134)
@example(b"A" * 134)
def test_no_invented_text_is_accepted_and_none_raises(text: bytes) -> None:
    assert SIGNER.check(text, NOW) is None


def test_a_token_of_another_key_is_not_accepted() -> None:
    for other in (Keyring({1: NEW}, development=False), Keyring({2: OLD}, development=False)):
        assert SIGNER.check(Signer(other).sign(TOKEN).encode(), NOW) is None


def test_a_token_that_has_run_out_is_not_accepted() -> None:
    assert SIGNER.check(TEXT, TOKEN.expires - 1) == TOKEN
    assert SIGNER.check(TEXT, TOKEN.expires) is None
    assert SIGNER.check(TEXT, TOKEN.expires + LIFETIME_MS) is None


@pytest.mark.parametrize("version", [0, 2, 255])
def test_a_token_of_another_version_is_not_accepted(version: int) -> None:
    assert SIGNER.check(forged(), NOW) == TOKEN
    assert SIGNER.check(forged(version=version), NOW) is None


def test_a_token_that_names_an_unknown_key_is_not_accepted() -> None:
    assert SIGNER.check(forged(key_id=9), NOW) is None


def test_a_key_of_another_purpose_signs_nothing() -> None:
    body = urlsafe_b64decode(TEXT + b"==")[:-32]
    for purpose in ("wrap", "digest", "blind-index"):
        key = Keyring({1: OLD}, development=False).derived(purpose, 1)
        text = urlsafe_b64encode(body + hmac.digest(key, body, "sha256")).rstrip(b"=")
        assert SIGNER.check(text, NOW) is None


@given(
    st.uuids(), st.one_of(st.none(), st.uuids().filter(lambda name: name.int)), st.binary(min_size=8, max_size=8),
    st.integers(0, 10**15), st.integers(0, 255), st.booleans(),
)  # fmt: skip
def test_what_was_signed_comes_back(
    account: UUID, person: UUID | None, device: bytes, region: int, programme: int, staff: bool
) -> None:
    token = Token(account, person, device, region, programme, NOW, NOW + 1, staff=staff)
    text = SIGNER.sign(token)
    assert len(text) == 134
    assert SIGNER.check(text.encode(), NOW) == token


def test_tokens_of_before_a_key_change_stay_good_and_new_ones_carry_the_new_key() -> None:
    both = Signer(Keyring({1: OLD, 2: NEW}, development=False))
    assert both.check(TEXT, NOW) == TOKEN
    later = both.sign(replace(TOKEN, issued=NOW + 1)).encode()
    assert SIGNER.check(later, NOW) is None
    assert Signer(Keyring({2: NEW}, development=False)).check(later, NOW) == replace(TOKEN, issued=NOW + 1)
