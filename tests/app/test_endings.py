"""The end of a sign-in: known to every process within a second, also when the notice of it is lost."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app import accounts
from app.accounts import Endings, Standing
from app.accounts.endings import TRUSTED_S
from app.house import House
from app.kit.ids import new_device
from app.kit.tokens import Token
from tests import cast

pytestmark = pytest.mark.anyio


@pytest.fixture
async def elsewhere(house: House) -> AsyncIterator[Endings]:
    """The memory of another process."""
    other = Endings(house.database)
    await other.start()
    yield other
    await other.stop()


@pytest.fixture
async def account(house: House) -> cast.Person:
    async with house.database.writing() as db:
        return await cast.person(house, db, "王小梅")


async def another(house: House, someone: cast.Person) -> Token:
    """The same account, signed in on another device."""
    async with house.database.reading() as db:
        return await accounts.claims_of(db, someone.token.account, new_device())


async def seconds_until(memory: Endings, token: Token, standing: Standing) -> float:
    began = time.monotonic()
    while memory.standing(token) is not standing:
        assert time.monotonic() - began < 3, "the other process never learned of it"
        await asyncio.sleep(0.005)
    return time.monotonic() - began


# --- revoked ---------------------------------------------------------------------------------------------------------


@pytest.mark.proves("T04")
@pytest.mark.parametrize("listening", [True, False], ids=["listening", "notice lost"])
async def test_a_signed_out_device_is_refused_elsewhere_within_a_second(
    house: House, elsewhere: Endings, account: cast.Person, *, listening: bool
) -> None:
    if not listening:
        elsewhere._tasks[1].cancel()
    other_device = await another(house, account)
    assert elsewhere.standing(account.token) is Standing.GOOD
    async with house.database.writing() as db:
        await accounts.end(db, account.token)
    assert await seconds_until(elsewhere, account.token, Standing.ENDED) < 1
    assert elsewhere.standing(other_device) is Standing.GOOD


@pytest.mark.proves("T04")
@pytest.mark.parametrize("listening", [True, False], ids=["listening", "notice lost"])
async def test_signing_out_everywhere_ends_every_device_within_a_second(
    house: House, elsewhere: Endings, account: cast.Person, *, listening: bool
) -> None:
    if not listening:
        elsewhere._tasks[1].cancel()
    devices = [account.token, await another(house, account), await another(house, account)]
    stranger = await cast.settle(house, "钱文", (await cast.village(house)).grid)
    async with house.database.writing() as db:
        await accounts.end_all(db, account.token.account)
    for token in devices:
        assert await seconds_until(elsewhere, token, Standing.ENDED) < 1
    assert elsewhere.standing(stranger.token) is not Standing.ENDED


@pytest.mark.proves("T04")
async def test_a_signed_out_device_stays_out_when_its_token_is_renewed(house: House, account: cast.Person) -> None:
    heir = accounts.fresh(replace(account.token, issued=account.token.issued - 8 * 86_400_000))
    async with house.database.writing() as db:
        await accounts.end(db, account.token)
    await seconds_until(house.endings, heir, Standing.ENDED)


@pytest.mark.proves("T04")
async def test_a_process_that_starts_later_knows_earlier_endings(house: House, account: cast.Person) -> None:
    async with house.database.writing() as db:
        await accounts.end(db, account.token)
    late = Endings(house.database)
    await late.read()
    assert late.standing(account.token) is Standing.ENDED


async def test_an_ending_that_was_rolled_back_never_happened(house: House, account: cast.Person) -> None:
    with pytest.raises(ZeroDivisionError):
        async with house.database.writing() as db:
            await accounts.end(db, account.token)
            raise ZeroDivisionError
    await house.endings.read()
    assert house.endings.standing(account.token) is Standing.GOOD


async def test_a_memory_that_cannot_be_refreshed_says_so_after_five_seconds(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Endings(house.database)
    assert not memory.trusted
    await memory.read()
    assert memory.trusted
    real = time.monotonic
    monkeypatch.setattr("app.accounts.endings.time.monotonic", lambda: real() + TRUSTED_S + 0.1)
    assert not memory.trusted


async def test_reading_goes_on_after_the_database_was_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Endings(house.database)
    await memory.start()
    was = memory._read_at
    real, failures = memory.read, []

    async def away() -> None:
        if len(failures) < 2:
            failures.append(1)
            raise ConnectionRefusedError
        await real()

    monkeypatch.setattr(memory, "read", away)
    began = time.monotonic()
    while memory._read_at == was:
        assert time.monotonic() - began < 4
        memory._wake.set()
        await asyncio.sleep(0.01)
    await memory.stop()
    assert len(failures) == 2


# --- not revoked -----------------------------------------------------------------------------------------------------


async def test_a_sign_in_after_signing_out_everywhere_is_good(house: House, account: cast.Person) -> None:
    async with house.database.writing() as db:
        await accounts.end_all(db, account.token.account)
    await seconds_until(house.endings, account.token, Standing.ENDED)
    assert house.endings.standing(await another(house, account)) is Standing.GOOD


async def test_a_token_from_before_registration_is_read_again_not_refused(house: House, elsewhere: Endings) -> None:
    village = await cast.village(house)
    async with house.database.writing() as db:
        blank = await cast.person(house, db, "新人")
    assert blank.token.person is None
    async with house.database.writing() as db:
        await cast.residents.register(db, blank.viewer, cast.registration("新人", village.grid))
    assert await seconds_until(elsewhere, blank.token, Standing.STALE) < 1
    renewed = await another(house, blank)
    assert renewed.person is not None
    assert renewed.region == village.grid
    assert elsewhere.standing(renewed) is Standing.GOOD


async def test_a_new_post_reaches_the_token_and_an_ended_one_leaves_it(house: House) -> None:
    village = await cast.village(house)
    assert village.li.token.staff
    assert not village.mei.token.staff
    async with house.database.writing() as db:
        await cast.staff.appoint(db, village.mei.phone, "王小梅", cast.Role.GRID_WORKER, village.grid)
    await seconds_until(house.endings, village.mei.token, Standing.STALE)
    assert (await another(house, village.mei)).staff
