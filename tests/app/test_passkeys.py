"""Passkeys: a challenge is good once, another site proves nothing, a copied key is found out."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select, update

from app import accounts
from app.accounts import PasskeyRefused
from app.accounts.passkeys import PasskeyCopied
from app.house import House
from app.kit import clock
from app.kit.viewer import Viewer
from models.accounts import Ceremony, FactorChallenge, Passkey, PasskeyCreate
from tests import cast, guarded
from tests.cast import Village
from tests.guarded import SECOND, SITE, answer, asked, stepped, with_passkey
from tests.softkey import PRESENT, SoftKey, challenge_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def boss(house: House, village: Village) -> Viewer:
    return await guarded.boss(house, village)


async def test_a_passkey_proves_its_owner(house: House, boss: Viewer) -> None:
    key = await with_passkey(house, boss)
    options = await asked(house, boss)
    assert options["userVerification"] == "required"
    assert len(options["allowCredentials"]) == 1
    await answer(house, boss, key.sign(options, boss.account_id.bytes))
    async with house.database.reading() as db:
        row = (await db.exec(select(Passkey).where(Passkey.account_id == boss.account_id))).one()
    assert (row.sign_count, row.name) == (1, "工作手机")
    assert row.used_at is not None


@pytest.mark.proves("T16")
async def test_a_challenge_is_good_once_for_one_account_and_one_purpose(
    house: House, village: Village, boss: Viewer
) -> None:
    key = await with_passkey(house, boss)
    options = await asked(house, boss)
    await answer(house, boss, key.sign(options))
    other = await asked(house, await cast.on_duty(house, village.chen))
    for wrong in (options, other, await asked(house, boss, SECOND), await asked(house, None, Ceremony.SIGN_IN)):
        with pytest.raises(PasskeyRefused):
            await answer(house, boss, key.sign(wrong))
    late = await asked(house, boss)
    async with house.database.writing() as db:
        mine = col(FactorChallenge.challenge) == challenge_of(late)
        await db.exec(update(FactorChallenge).where(mine).values(expires_at=clock.now()))
    with pytest.raises(PasskeyRefused):
        await answer(house, boss, key.sign(late))


@pytest.mark.proves("T16")
async def test_another_site_and_a_person_who_was_not_recognised_prove_nothing(house: House, boss: Viewer) -> None:
    key = await with_passkey(house, boss)
    wrong: list[dict[str, Any]] = [
        {"origin": "https://shouwang.evil.example"}, {"rp_id": "evil.example"}, {"flags": PRESENT}, {"flags": 0},
    ]  # fmt: skip
    for change in wrong:
        options = await asked(house, boss)
        with pytest.raises(PasskeyRefused):
            await answer(house, boss, replace(key, count=50, **change).sign(options))
        with pytest.raises(PasskeyRefused):  # a challenge that failed is used as well
            await answer(house, boss, replace(key, count=50).sign(options))
    with pytest.raises(PasskeyRefused):
        await answer(house, boss, SoftKey(credential_id=key.credential_id, count=50).sign(await asked(house, boss)))
    with pytest.raises(PasskeyRefused):
        await answer(house, boss, SoftKey().sign(await asked(house, boss)))


async def test_a_count_that_goes_back_is_a_copy_and_noted(
    house: House, boss: Viewer, caplog: pytest.LogCaptureFixture
) -> None:
    key = await with_passkey(house, boss)
    copy = replace(key)
    for _ in range(3):
        await answer(house, boss, key.sign(await asked(house, boss)))
    with pytest.raises(PasskeyCopied):
        await answer(house, boss, copy.sign(await asked(house, boss)))
    assert "out of order" in caplog.text
    await answer(house, boss, key.sign(await asked(house, boss)))


async def test_a_key_that_never_counted_stays_good_and_one_that_did_may_not_stop(house: House, boss: Viewer) -> None:
    key = await with_passkey(house, boss)
    for _ in range(2):
        key.count = -1
        await answer(house, boss, key.sign(await asked(house, boss)))
    key.count = 7
    await answer(house, boss, key.sign(await asked(house, boss)))
    key.count = -1
    with pytest.raises(PasskeyCopied):
        await answer(house, boss, key.sign(await asked(house, boss)))


async def test_a_passkey_alone_signs_in_and_says_whose_it_is(house: House, village: Village, boss: Viewer) -> None:
    key = await with_passkey(house, boss)

    async def sign_in(user: bytes) -> object:
        options = await asked(house, None, Ceremony.SIGN_IN)
        assert options["allowCredentials"] == []
        async with house.database.writing() as db:
            return (await accounts.sign_in_with_passkey(db, SITE, key.sign(options, user))).id

    assert await sign_in(boss.account_id.bytes) == boss.account_id
    with pytest.raises(PasskeyRefused):
        await sign_in(village.chen.token.account.bytes)


async def test_a_passkey_of_somebody_else_proves_nothing(house: House, village: Village, boss: Viewer) -> None:
    key, chen = await with_passkey(house, boss), await cast.on_duty(house, village.chen)
    with pytest.raises(PasskeyRefused):
        await answer(house, chen, key.sign(await asked(house, chen)))
    with pytest.raises(PasskeyRefused):  # nor can it be kept a second time
        await with_passkey(house, chen, key)


LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20), st.binary())
JSON = st.recursive(
    LEAF.filter(lambda leaf: not isinstance(leaf, bytes)), lambda inner: st.lists(inner, max_size=3), max_leaves=4
)
NAMES = ("clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(top=st.dictionaries(st.sampled_from(["id", "rawId", "type", "response"]), JSON),
       inner=st.dictionaries(st.sampled_from(NAMES), JSON), nested=st.booleans())  # fmt: skip
async def test_rubbish_is_refused_and_never_a_fault_of_ours(
    house: House, boss: Viewer, top: dict[str, Any], inner: dict[str, Any], *, nested: bool
) -> None:
    rubbish = top | ({"response": inner} if nested else {})
    with pytest.raises(PasskeyRefused):
        await answer(house, boss, rubbish)
    with pytest.raises(PasskeyRefused):
        async with house.database.writing() as db:
            await accounts.add_passkey(db, stepped(boss), SITE, PasskeyCreate(credential=rubbish))


@pytest.mark.parametrize("part", ["authenticatorData", "signature", "clientDataJSON", "attestationObject"])
async def test_an_answer_cut_or_altered_anywhere_is_refused(house: House, boss: Viewer, part: str) -> None:
    key, me = await with_passkey(house, boss), stepped(boss)
    for cut in (0, 4, 40, -3):
        if part == "attestationObject":
            async with house.database.writing() as db:
                options = (await accounts.offer_passkey(db, me, SITE)).public_key
            made = SoftKey().make(options)
            made["response"][part] = made["response"][part][:cut]
            with pytest.raises(PasskeyRefused):
                async with house.database.writing() as db:
                    await accounts.add_passkey(db, me, SITE, PasskeyCreate(credential=made))
            continue
        given = key.sign(await asked(house, boss))
        given["response"][part] = given["response"][part][:cut]
        with pytest.raises(PasskeyRefused):
            await answer(house, boss, given)
