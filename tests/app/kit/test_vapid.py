"""The house's name towards push services: one key that stays, and tokens that are renewed in time."""

import json
import multiprocessing
import os
import stat

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.kit import vapid
from app.kit.crypto import KeysUnusable
from app.kit.vapid import Vapid, path_beside
from tests.gateways.push_service import unspelled

PUSH, CONTACT = "https://push.example", "mailto:duty@shouwang.example"


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys.json"


def claims(house, header, audience=PUSH):
    token = header.removeprefix("vapid t=").partition(",")[0]
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unspelled(house.public))
    return jwt.decode(token, key, algorithms=["ES256"], audience=audience)


def loaded(keys, queue):
    queue.put(Vapid.load(keys).public)


def test_the_key_is_made_once_for_this_house_alone_and_read_again(keys):
    made = Vapid.load(keys)
    assert Vapid.load(keys).public == made.public
    assert stat.S_IMODE(path_beside(keys).stat().st_mode) == 0o600
    assert os.listdir(keys.parent) == ["keys.json.vapid"]


def test_the_browser_gets_an_uncompressed_point_without_padding(keys):
    public = Vapid.load(keys).public
    assert len(public) == 87
    assert len(unspelled(public)) == 65
    assert unspelled(public)[0] == 4


def test_processes_that_start_at_once_end_with_one_key(keys):
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    starting = [context.Process(target=loaded, args=(keys, queue)) for _ in range(3)]
    for process in starting:
        process.start()
    found = {queue.get(timeout=60) for _ in starting}
    for process in starting:
        process.join(60)
    queue.close()
    queue.join_thread()
    assert found == {Vapid.load(keys).public}


def test_the_slower_of_two_keeps_the_key_of_the_quicker(keys, monkeypatch):
    first = Vapid.load(keys)
    monkeypatch.setattr(vapid.Path, "exists", lambda _: False)
    assert Vapid.load(keys).public == first.public
    assert os.listdir(keys.parent) == ["keys.json.vapid"]


def test_a_key_that_others_can_read_is_not_used(keys):
    Vapid.load(keys)
    path_beside(keys).chmod(0o640)
    with pytest.raises(KeysUnusable, match="chmod 600"):
        Vapid.load(keys)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"private": 1}', '{"private": "00"}', '{"private": "' + "ff" * 32 + '"}']
)
def test_what_is_no_key_is_said_to_be_none(keys, text):
    path = path_beside(keys)
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeysUnusable, match="not a VAPID key"):
        Vapid.load(keys)


def test_a_token_is_for_one_service_and_ends_within_twelve_hours(keys, monkeypatch):
    monkeypatch.setattr(vapid.time, "time", lambda: 4_000_000_000.7)
    house = Vapid.load(keys)
    said = claims(house, house.authorization(PUSH, CONTACT))
    assert said == {"aud": PUSH, "exp": 4_000_000_000 + 12 * 3600, "sub": CONTACT}
    with pytest.raises(jwt.InvalidAudienceError):
        claims(house, house.authorization("https://other.example", CONTACT))


def test_a_token_is_kept_for_six_hours_and_then_renewed_also_when_the_clock_was_set_back(keys, monkeypatch):
    house, at = Vapid.load(keys), [4_000_000_000.0]
    monkeypatch.setattr(vapid.time, "time", lambda: at[0])
    first = house.authorization(PUSH, CONTACT)
    at[0] += 6 * 3600 - 1
    assert house.authorization(PUSH, CONTACT) == first
    at[0] += 1
    second = house.authorization(PUSH, CONTACT)
    assert second != first
    at[0] -= 7 * 3600
    assert claims(house, house.authorization(PUSH, CONTACT))["exp"] == at[0] + 12 * 3600


def test_a_flood_of_invented_services_does_not_eat_the_memory(keys):
    house = Vapid.load(keys)
    for number in range(450):
        house.authorization(f"https://{number}.example", CONTACT)
    assert len(house._made) <= 200


def test_nothing_that_is_shown_of_the_key_gives_it_away(keys):
    house = Vapid.load(keys)
    house.authorization(PUSH, CONTACT)
    assert repr(house) == "Vapid()"
    assert json.loads(path_beside(keys).read_text())["public"] == house.public
