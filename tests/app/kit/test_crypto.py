"""Sealing at rest: opens only where it was sealed, only unaltered, only with the event's own key file."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import crypto
from app.kit.crypto import DataKey, Keyring, KeysUnusable, Tampered

ROOT = Path(__file__).resolve().parents[3]
RING = Keyring({1: bytes(range(32))}, development=False)
KEY = DataKey(7, bytes(reversed(range(32))))
PLACE = b"resident|phone|0123456789abcdef"
OPEN_KEYS = """
import sys; from pathlib import Path; from app.kit import crypto
sys.stdin.readline()
print(crypto.keyring(Path(sys.argv[1]), development=True).digest("same").hex())
"""


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.proves("T10")
def test_no_value_opens_in_another_row_column_or_table() -> None:
    places = [f"{table}|{column}|{row}".encode() for table in "ab" for column in "cdefg" for row in range(11)]
    sealed = [KEY.seal(place.decode(), place) for place in places]
    refused = 0
    for here, place in enumerate(places):
        for there, value in enumerate(sealed):
            if here == there:
                assert KEY.open(value, place) == place.decode()
                continue
            with pytest.raises(Tampered):
                KEY.open(value, place)
            refused += 1
    assert refused >= 10_000


@pytest.mark.proves("T10")
def test_no_altered_byte_opens() -> None:
    sealed = KEY.seal("13857001234", PLACE)
    for place in range(len(sealed)):
        for bit in range(8):
            altered = bytearray(sealed)
            altered[place] ^= 1 << bit
            with pytest.raises(Tampered):
                KEY.open(bytes(altered), PLACE)


@pytest.mark.parametrize("value", [b"", b"\x01", b"\x01\x00\x07", b"\x02" + bytes(60), bytes(200)])
def test_what_was_never_sealed_names_no_key(value: bytes) -> None:
    with pytest.raises(Tampered):
        crypto.key_id_of(value)


def test_another_data_key_opens_nothing() -> None:
    with pytest.raises(Tampered):
        DataKey(7, bytes(32)).open(KEY.seal("13857001234", PLACE), PLACE)


@pytest.mark.proves("R20")
def test_another_key_file_unwraps_nothing_and_says_so() -> None:
    wrapped = crypto.wrap(RING, KEY.secret, 7)
    for wrong in (Keyring({1: bytes(32)}, development=False), Keyring({2: RING.roots[1]}, development=False)):
        with pytest.raises(KeysUnusable, match="is it the file of this event"):
            crypto.unwrap(wrong, wrapped, 7)
    with pytest.raises(KeysUnusable):
        crypto.unwrap(RING, wrapped, 8)


@pytest.mark.proves("R20")
def test_a_missing_key_file_stops_production(tmp_path: Path) -> None:
    with pytest.raises(KeysUnusable, match="cannot read the key file"):
        crypto.keyring(tmp_path / "none.json", development=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610, 0o777])
def test_a_key_file_open_to_others_is_not_used(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.json"
    crypto.new_key_file(path)
    path.chmod(mode)
    with pytest.raises(KeysUnusable, match="chmod 600"):
        crypto.read_key_file(path)


@pytest.mark.proves("R20")
def test_development_keys_are_refused_in_production(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    crypto.keyring(path, development=True)
    with pytest.raises(KeysUnusable, match="development keys"):
        crypto.keyring(path, development=False)


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "7", '{"keys": {}}', '{"keys": {}, "development": false}', '{"keys": [], "development": false}',
        '{"keys": {"1": "short"}, "development": false}', '{"keys": {"1": "AAAA"}, "development": false}',
        '{"keys": {"0": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, "development": false}',
        '{"keys": {"256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, "development": false}',
        '{"keys": {"1": "!!!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, "development": false}',
        '{"keys": {"1": 7}, "development": false}',
    ],
)  # fmt: skip
def test_a_file_that_holds_no_keys_is_refused_in_words(tmp_path: Path, body: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(body)
    path.chmod(0o600)
    with pytest.raises(KeysUnusable, match="key"):
        crypto.read_key_file(path)


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    crypto.new_key_file(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        crypto.new_key_file(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# --- what works ------------------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.binary(max_size=60))
def test_what_was_sealed_opens_again_in_its_place(text: str, place: bytes) -> None:
    assert KEY.open(KEY.seal(text, place), place) == text


@given(st.binary(min_size=32, max_size=32), st.integers(1, 32_767))
def test_a_data_key_comes_back_from_its_wrapping(secret: bytes, key_id: int) -> None:
    wrapped = crypto.wrap(RING, secret, key_id)
    assert secret not in wrapped
    assert crypto.unwrap(RING, wrapped, key_id) == secret


def test_the_same_text_is_sealed_differently_each_time_and_shows_only_its_key() -> None:
    sealed = {KEY.seal("13857001234", PLACE) for _ in range(1_000)}
    assert len(sealed) == 1_000
    assert {crypto.key_id_of(value) for value in sealed} == {7}
    assert not any(b"13857001234" in value for value in sealed)


def test_a_new_root_seals_and_signs_while_the_old_one_still_opens() -> None:
    both = Keyring({1: RING.roots[1], 2: bytes(range(1, 33))}, development=False)
    assert both.current == 2
    assert crypto.unwrap(both, crypto.wrap(RING, KEY.secret, 7), 7) == KEY.secret
    assert crypto.key_id_of(crypto.wrap(both, KEY.secret, 7)) == 2
    # The blind index must find what was stored before the new root came.
    assert both.blind_index("phone", "13857001234") == RING.blind_index("phone", "13857001234")


@pytest.mark.proves("T11")
def test_a_blind_index_depends_on_key_column_and_value_and_is_no_plain_hash() -> None:
    number = "11010519491231002X"
    index = RING.blind_index("identity", number)
    others = {
        RING.blind_index("phone", number), RING.blind_index("identity", number[:-1] + "1"),
        Keyring({1: bytes(32)}, development=False).blind_index("identity", number),
        sha256(number.encode()).digest(), sha256(f"identity|{number}".encode()).digest(),
    }  # fmt: skip
    assert index not in others
    assert len(others) == 5
    assert index == RING.blind_index("identity", number)


def test_purposes_have_keys_of_their_own() -> None:
    keys = [RING.derived(purpose) for purpose in ("blind-index", "digest", "wrap", "token")] + [RING.roots[1]]
    assert len(set(keys)) == len(keys)


def test_a_fresh_key_file_is_closed_to_others_and_holds_32_random_bytes(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys.json"
    ring = crypto.new_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [len(root) for root in ring.roots.values()] == [32]
    assert not ring.development
    assert crypto.keyring(path, development=False) == ring
    body = json.loads(path.read_text())
    assert body["fingerprint"] == sha256(ring.roots[1]).hexdigest()[:16]


def test_four_processes_that_start_at_once_end_with_one_key_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    command = [sys.executable, "-c", OPEN_KEYS, str(path)]
    starts = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    answers = {start.communicate("\n", timeout=30)[0] for start in starts}
    assert len(answers) == 1
    assert len(answers.pop().strip()) == 64
    assert os.listdir(tmp_path) == ["keys.json"]
