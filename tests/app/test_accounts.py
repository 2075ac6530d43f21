"""Accounts: a phone signs in, moves to another phone, and what has run out is dropped."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func
from sqlmodel import col, select, update

from app import accounts, vault
from app.accounts import Standing
from app.accounts.codes import CodeGone
from app.house import House
from app.kit import clock, crypto
from app.kit.errors import Refusal
from app.kit.ids import new_device
from app.kit.tokens import LIFETIME_MS
from models.accounts import Account, RateWindow, Revocation, SignInCode
from tests import cast
from tests.app.test_codes import age, send
from tests.app.test_endings import seconds_until

pytestmark = pytest.mark.anyio


async def test_a_phone_of_somebody_else_cannot_be_taken_over(house: House) -> None:
    village = await cast.village(house)
    code = await send(house, village.qian.phone)
    with pytest.raises(Refusal):
        async with house.database.writing() as db:
            await accounts.change_phone(db, village.mei.token.account, village.qian.phone, code)
    async with house.database.reading() as db:
        mei = await accounts.account_of(db, village.mei.token.account)
        assert accounts.phone_in(db, mei) == village.mei.phone
    assert house.endings.standing(village.mei.token) is not Standing.ENDED


async def test_a_phone_is_not_moved_without_its_code(house: House) -> None:
    async with house.database.writing() as db:
        mei = await cast.person(house, db, "王小梅")
    with pytest.raises(CodeGone):
        async with house.database.writing() as db:
            await accounts.change_phone(db, mei.token.account, cast.fresh_phone(), "123456")


@pytest.mark.proves("T04")
async def test_a_changed_phone_ends_every_sign_in_and_opens_the_same_account(house: House) -> None:
    async with house.database.writing() as db:
        mei = await cast.person(house, db, "王小梅")
    new = cast.fresh_phone()
    code = await send(house, new)
    async with house.database.writing() as db:
        await accounts.change_phone(db, mei.token.account, new, code)
    assert await seconds_until(house.endings, mei.token, Standing.ENDED) < 1
    await age(house, new, timedelta(minutes=2))
    code = await send(house, new)
    async with house.database.writing() as db:
        again = await accounts.sign_in(db, new, code)
        assert again.id == mei.token.account
        token = await accounts.claims_of(db, again.id, new_device())
    assert house.endings.standing(token) is Standing.GOOD
    # The old number belongs to whoever holds it next: it opens a new, empty account.
    old = await send(house, mei.phone)
    async with house.database.writing() as db:
        assert (await accounts.sign_in(db, mei.phone, old)).id != mei.token.account


async def test_a_first_sign_in_makes_the_account_and_the_next_one_finds_it(house: House) -> None:
    phone = cast.fresh_phone()
    seen = set()
    for written in (phone, f"+86 {phone[:3]}-{phone[3:7]} {phone[7:]}"):
        code = await send(house, phone)
        async with house.database.writing() as db:
            account = await accounts.sign_in(db, written, code)
            assert accounts.phone_in(db, account) == phone
        seen.add(account.id)
        await age(house, phone, timedelta(minutes=2))
    assert len(seen) == 1


async def test_one_phone_that_signs_in_from_many_places_at_once_has_one_account(house: House) -> None:
    phone = cast.fresh_phone()

    async def arrive() -> object:
        async with house.database.writing() as db:
            return (await accounts.account_for(db, phone)).id

    assert len(set(await asyncio.gather(*(arrive() for _ in range(20))))) == 1


@pytest.mark.proves("T09")
async def test_a_phone_lies_sealed_and_is_found_by_its_keyed_index(house: House) -> None:
    phone = cast.fresh_phone()
    async with house.database.writing() as db:
        account = await accounts.account_for(db, phone)
        assert phone.encode() not in account.phone_sealed + account.phone_index
        assert account.phone_index == vault.ring_of(db).blind_index("phone", phone)
        stranger = await accounts.account_for(db, cast.fresh_phone())
        db.expunge(stranger)  # nothing of this is stored
        stranger.phone_sealed = account.phone_sealed
        with pytest.raises(crypto.Tampered):
            accounts.phone_in(db, stranger)


async def test_a_token_is_issued_for_thirty_days(house: House) -> None:
    async with house.database.writing() as db:
        mei = await cast.person(house, db, "王小梅")
    now = int(clock.now().timestamp() * 1000)
    assert now - 5_000 <= mei.token.issued <= now
    assert mei.token.expires - mei.token.issued == LIFETIME_MS == 30 * 86_400_000
    renewed = accounts.fresh(mei.token)
    assert (renewed.device, renewed.account) == (mei.token.device, mei.token.account)


async def test_what_has_run_out_is_dropped_and_what_still_counts_is_kept(house: House) -> None:
    old, young = cast.fresh_phone(), cast.fresh_phone()
    for phone in (old, young):
        await send(house, phone)
    await age(house, old, timedelta(hours=24, minutes=1))
    await age(house, young, timedelta(hours=23))
    async with house.database.writing() as db:
        mei = await cast.person(house, db, "王小梅")
        await accounts.end(db, mei.token)
        await accounts.end_all(db, mei.token.account)
        past = clock.now() - timedelta(seconds=1)
        gone = update(Revocation).where(
            col(Revocation.account_id) == mei.token.account, col(Revocation.device).is_not(None)
        )
        await db.exec(gone.values(expires_at=past))
        db.add(RateWindow(subject=old.encode(), starts_at=clock.now() - timedelta(hours=2), count=1))
        db.add(RateWindow(subject=young.encode(), starts_at=clock.now(), count=1))
    async with house.database.writing() as db:
        await accounts.purge(db)
    async with house.database.reading() as db:
        ring = vault.ring_of(db)
        for phone, kept in ((old, 0), (young, 1)):
            index = ring.blind_index("phone", phone)
            assert (await db.exec(select(func.count()).where(SignInCode.phone_index == index))).one() == kept
            window = select(func.count()).where(RateWindow.subject == phone.encode())
            assert (await db.exec(window)).one() == kept
        left = await db.exec(select(Revocation).where(Revocation.account_id == mei.token.account))
        assert [row.device for row in left] == [None]
        assert (await db.exec(select(func.count()).select_from(Account))).one() > 0
