"""The authenticator app: six digits, each good once on any process, and few tries."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pyotp
import pytest
from sqlmodel import col, select, update

from app import accounts
from app.accounts.totp import OfferGone, TooManyTries, WrongOneTimeCode
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid
from app.kit.viewer import Viewer
from models.accounts import Authenticator
from tests import guarded
from tests.cast import Village
from tests.guarded import forget_step, give, stepped, with_totp

pytestmark = pytest.mark.anyio


@pytest.fixture
async def boss(house: House, village: Village) -> Viewer:
    return await guarded.boss(house, village)


@pytest.fixture
async def second_house(house: House) -> AsyncIterator[House]:
    """Another process over the same database."""
    other = House(house.settings.model_copy(update={"database_url": house.database.dsn}))
    await other.start()
    async with other.database.reading() as db:
        await other.vault.load(db)
    yield other
    await other.stop()


@pytest.mark.proves("T16")
async def test_the_same_code_twice_is_refused_here_and_on_another_process(
    house: House, second_house: House, boss: Viewer
) -> None:
    app = await with_totp(house, boss)
    with pytest.raises(WrongOneTimeCode):
        await give(house, boss, app.last)  # the code that set it up
    await forget_step(house, boss)
    code = app.now()
    await give(house, boss, code)
    for place in (house, second_house):
        with pytest.raises(WrongOneTimeCode):
            await give(place, boss, code)


@pytest.mark.proves("T16")
async def test_of_twenty_simultaneous_tries_with_one_code_exactly_one_succeeds(
    house: House, second_house: House, boss: Viewer
) -> None:
    app = await with_totp(house, boss)
    await forget_step(house, boss)
    code = app.now()
    tries = [give(place, boss, code) for place in (house, second_house) for _ in range(10)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert [each for each in done if each is None] == [None]
    assert {type(each) for each in done if each is not None} <= {WrongOneTimeCode, TooManyTries}


@pytest.mark.proves("T14")
async def test_after_five_wrong_codes_the_right_one_has_to_wait(house: House, boss: Viewer) -> None:
    app = await with_totp(house, boss)
    await forget_step(house, boss)
    wrong = f"{(int(app.now()) + 333_333) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(WrongOneTimeCode):
            await give(house, boss, wrong)
    with pytest.raises(TooManyTries) as refusal:
        await give(house, boss, app.now())
    assert 0 < (refusal.value.retry_after or 0) <= 900


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_clock_may_differ_by_one_step(
    house: House, boss: Viewer, monkeypatch: pytest.MonkeyPatch, steps: int, *, good: bool
) -> None:
    app = await with_totp(house, boss)
    await forget_step(house, boss)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    code = app.at(now + timedelta(seconds=30 * steps))
    if good:
        await give(house, boss, code)
        with pytest.raises(WrongOneTimeCode):
            await give(house, boss, app.at(now - timedelta(seconds=30)))  # never backwards
    else:
        with pytest.raises(WrongOneTimeCode):
            await give(house, boss, code)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "-12345"])
async def test_what_is_no_code_costs_no_try(house: House, boss: Viewer, code: str) -> None:
    app = await with_totp(house, boss)
    await forget_step(house, boss)
    for _ in range(6):
        with pytest.raises(Invalid):
            await give(house, boss, code)
    await give(house, boss, " ".join(app.now()))


async def test_an_app_counts_only_after_its_first_code_and_the_old_one_until_then(house: House, boss: Viewer) -> None:
    old, me = await with_totp(house, boss), stepped(boss)
    async with house.database.writing() as db:
        new = pyotp.TOTP((await accounts.offer_totp(db, me)).secret.replace(" ", ""))
    await forget_step(house, boss)
    with pytest.raises(WrongOneTimeCode):
        await give(house, boss, new.now())
    await give(house, boss, old.now())
    async with house.database.writing() as db:
        await accounts.confirm_totp(db, me, new.now())
    await forget_step(house, boss)
    with pytest.raises(WrongOneTimeCode):
        await give(house, boss, old.now())


async def test_a_secret_that_was_shown_ten_minutes_ago_is_no_longer_good(house: House, boss: Viewer) -> None:
    me = stepped(boss)
    async with house.database.writing() as db:
        app = pyotp.TOTP((await accounts.offer_totp(db, me)).secret.replace(" ", ""))
        mine = col(Authenticator.account_id) == me.account_id
        await db.exec(update(Authenticator).where(mine).values(next_at=clock.now() - timedelta(minutes=11)))
    with pytest.raises(OfferGone):
        async with house.database.writing() as db:
            await accounts.confirm_totp(db, me, app.now())


async def test_the_secret_lies_sealed(house: House, boss: Viewer) -> None:
    app = await with_totp(house, boss)
    async with house.database.reading() as db:
        row = (await db.exec(select(Authenticator).where(Authenticator.account_id == boss.account_id))).one()
    assert row.secret_sealed is not None
    assert app.secret.encode() not in row.secret_sealed
