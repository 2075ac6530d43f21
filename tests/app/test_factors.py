"""Adding, removing and losing second factors: a fresh proof first, and the last one stays."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select, update

from app import accounts, messages
from app.accounts import LastFactor, StepUpNeeded
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from app.kit.viewer import Viewer
from models.accounts import FactorChallenge, SecondFactor, StaffSession
from models.staff import Role
from tests import cast, guarded
from tests.app.test_codes import code_at
from tests.cast import Village
from tests.guarded import asked, stepped, with_passkey, with_totp
from tests.softkey import challenge_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def boss(house: House, village: Village) -> Viewer:
    return await guarded.boss(house, village)


async def test_a_first_factor_is_added_in_a_fresh_session_only_and_a_second_after_a_proof(
    house: House, boss: Viewer
) -> None:
    async with house.database.writing() as db:
        assert boss.sitting is not None
        mine = col(StaffSession.id) == boss.sitting.id
        await db.exec(update(StaffSession).where(mine).values(created_at=clock.now() - timedelta(minutes=11)))
    with pytest.raises(StepUpNeeded) as refusal:
        await with_totp(house, boss)
    assert refusal.value.extra == {"methods": ["code"]}
    async with house.database.writing() as db:
        await db.exec(update(StaffSession).where(mine).values(created_at=clock.now()))
    await with_totp(house, boss)
    with pytest.raises(StepUpNeeded) as refusal:
        await with_passkey(house, boss)
    assert refusal.value.extra == {"methods": ["totp"]}
    await with_passkey(house, stepped(boss))
    async with house.database.reading() as db:
        assert await accounts.methods_of(db, boss.account_id) == ["passkey", "totp"]


async def test_setting_up_a_factor_proves_it_in_this_session(house: House, boss: Viewer) -> None:
    async with house.database.reading() as db:
        assert await accounts.standing(db, boss) is SecondFactor.ENROL
        assert not accounts.proved(boss)
    await with_totp(house, boss)
    async with house.database.reading() as db:
        assert await accounts.standing(db, boss) is SecondFactor.NEEDED
        assert boss.sitting is not None
        row = (await db.exec(select(StaffSession).where(StaffSession.id == boss.sitting.id))).one()
    assert row.second_at is not None
    assert row.step_up_at is None, "a fresh proof is asked for by itself"
    assert accounts.proved(replace(boss, sitting=accounts.sitting(row)))


async def test_the_last_factor_of_a_guarded_post_stays_even_when_two_go_at_once(house: House, boss: Viewer) -> None:
    me = stepped(boss)
    await with_totp(house, me)
    with pytest.raises(LastFactor):
        async with house.database.writing() as db:
            await accounts.remove_totp(db, me)
    await with_passkey(house, me)
    async with house.database.reading() as db:
        (passkey,) = (await accounts.factors_of(db, me.account_id)).passkeys

    async def totp() -> None:
        async with house.database.writing() as db:
            await accounts.remove_totp(db, me)

    async def key() -> None:
        async with house.database.writing() as db:
            await accounts.remove_passkey(db, me, passkey.id)

    done = await asyncio.gather(totp(), key(), return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["LastFactor", "NoneType"]


async def test_removing_asks_for_a_fresh_proof_of_the_owner(house: House, village: Village, boss: Viewer) -> None:
    chen = await cast.on_duty(house, village.chen)
    await with_passkey(house, boss)
    async with house.database.reading() as db:
        (passkey,) = (await accounts.factors_of(db, boss.account_id)).passkeys
    for me, refusal in ((boss, StepUpNeeded), (chen, NotFound)):
        with pytest.raises(refusal):
            async with house.database.writing() as db:
                await accounts.remove_passkey(db, me, passkey.id)
    with pytest.raises(NotFound):
        async with house.database.writing() as db:
            await accounts.remove_totp(db, chen)


async def test_village_staff_without_a_factor_prove_themselves_by_message_and_nobody_else_does(
    house: House, village: Village, boss: Viewer
) -> None:
    li = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        await accounts.send_proof_code(db, li, "10.0.0.7")
    code = await code_at(house, village.li.phone)
    with pytest.raises(Invalid):
        async with house.database.writing() as db:
            await accounts.confirm_by_code(db, li, f"{(int(code) + 1) % 1_000_000:06d}")
    async with house.database.writing() as db:
        await accounts.confirm_by_code(db, li, code)
    await with_totp(house, boss)
    for act in (accounts.send_proof_code, accounts.confirm_by_code):
        with pytest.raises(StepUpNeeded):
            async with house.database.writing() as db:
                await act(db, boss, "123456")


async def test_who_lost_everything_starts_again_and_every_session_ends(
    house: House, village: Village, boss: Viewer
) -> None:
    await with_totp(house, boss)
    await with_passkey(house, stepped(boss))
    above = await cast.on_duty(
        house, await cast.appoint(house, "县管理员", Role.ADMINISTRATOR, village.code // 10**9 * 10**9)
    )
    async with house.database.writing() as db:
        await accounts.reset_factors(db, above, boss.account_id)
        phone = accounts.phone_in(db, await accounts.account_of(db, boss.account_id))
        assert [told.template for told in await messages.outbox(db, phone)] == ["factor_reset"]
        assert await accounts.methods_of(db, boss.account_id) == ["code"]
        assert await accounts.sittings_of(db, boss, timedelta(minutes=30)) == []


async def test_used_challenges_are_dropped(house: House, boss: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    options = await asked(house, boss)
    later: datetime = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    async with house.database.writing() as db:
        await accounts.purge(db)
        mine = FactorChallenge.challenge == challenge_of(options)
        assert (await db.exec(select(FactorChallenge).where(mine))).all() == []
