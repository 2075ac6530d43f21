"""One-time codes: few, short-lived, good once, and silent about who has an account."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select, update

from app import accounts, messages, vault
from app.accounts import codes
from app.accounts.codes import CodeGone, CodeTooSoon, TooManyCodes, WrongCode
from app.house import House
from app.kit.errors import Invalid
from app.kit.limits import Bucket
from models.accounts import SignInCode
from tests.cast import fresh_phone
from tests.statements import heard

pytestmark = pytest.mark.anyio


async def send(house: House, phone: str, address: str = "") -> str:
    """Ask for a code and read it where the phone would show it."""
    async with house.database.writing() as db:
        await codes.send_code(db, phone, address or phone)
    return await code_at(house, phone)


async def code_at(house: House, phone: str) -> str:
    async with house.database.reading() as db:
        return (await messages.outbox(db, accounts.phone_of(phone)))[0].facts["code"]


async def spend(house: House, phone: str, code: str) -> None:
    async with house.database.writing() as db:
        await codes.spend_code(db, phone, code)


async def age(house: House, phone: str, by: timedelta) -> None:
    """Let time pass for the codes of a phone."""
    async with house.database.writing() as db:
        index = vault.ring_of(db).blind_index("phone", phone)
        await db.exec(
            update(SignInCode)
            .where(col(SignInCode.phone_index) == index)
            .values(created_at=SignInCode.created_at - by, expires_at=SignInCode.expires_at - by)
        )


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.fixture
def phone() -> str:
    return fresh_phone()


# --- asking ----------------------------------------------------------------------------------------------------------


@pytest.mark.proves("T14")
async def test_a_second_code_within_a_minute_is_refused_with_the_seconds_to_wait(house: House, phone: str) -> None:
    await send(house, phone)
    with pytest.raises(CodeTooSoon) as refused:
        await send(house, phone)
    assert 55 <= refused.value.retry_after <= 60
    assert refused.value.params == {"seconds": refused.value.retry_after}
    await age(house, phone, timedelta(seconds=60))
    await send(house, phone)


@pytest.mark.proves("T14")
async def test_five_codes_an_hour_and_ten_a_day_are_the_limit(house: House, phone: str) -> None:
    for _ in range(5):
        await send(house, phone)
        await age(house, phone, timedelta(seconds=61))
    with pytest.raises(TooManyCodes) as hour:
        await send(house, phone)
    assert 3600 - 5 * 61 - 5 <= hour.value.retry_after <= 3600
    await age(house, phone, timedelta(hours=1))
    for _ in range(5):
        await send(house, phone)
        await age(house, phone, timedelta(seconds=61))
    await age(house, phone, timedelta(hours=1))
    with pytest.raises(TooManyCodes) as day:
        await send(house, phone)
    assert 80_000 - 3 * 3600 <= day.value.retry_after <= 86_400
    await age(house, phone, timedelta(hours=23))
    await send(house, phone)


async def test_codes_for_one_phone_asked_at_the_same_instant_are_one_code(house: House, phone: str) -> None:
    asked = await asyncio.gather(*(send(house, phone) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(answer, CodeTooSoon) for answer in asked) == 7
    async with house.database.reading() as db:
        index = vault.ring_of(db).blind_index("phone", phone)
        assert len((await db.exec(select(SignInCode).where(SignInCode.phone_index == index))).all()) == 1


@pytest.mark.proves("T14")
async def test_an_address_that_asks_for_very_many_phones_is_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "BY_ADDRESS", 3)
    address = fresh_phone()
    for _ in range(3):
        await send(house, fresh_phone(), address)
    with pytest.raises(TooManyCodes):
        await send(house, fresh_phone(), address)
    await send(house, fresh_phone(), "another")


async def test_a_flood_from_an_address_is_refused_without_the_database(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "_burst_by_address", Bucket(rate=0.001, burst=2))
    for _ in range(2):
        await send(house, fresh_phone(), "flood")
    with heard(house.database) as statements:
        async with house.database.writing() as db:
            with pytest.raises(TooManyCodes):
                await codes.send_code(db, fresh_phone(), "flood")
    assert statements == []


async def test_all_phones_together_have_a_limit(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "ALL_IN_A_MINUTE", 0)
    with pytest.raises(TooManyCodes) as refused:
        await send(house, fresh_phone())
    assert refused.value.retry_after == 60


@pytest.mark.parametrize(
    "raw", ["", "1385700123", "138570012345", "23857001234", "12057001234", "phone", "1\x003", "①"]
)
async def test_what_is_no_mobile_number_is_refused_by_name(house: House, raw: str) -> None:
    async with house.database.writing() as db:
        with pytest.raises(Invalid) as refused:
            await codes.send_code(db, raw, "test")
    assert [fault.field for fault in refused.value.faults] == ["phone"]


@pytest.mark.proves("T15")
async def test_known_and_unknown_phones_cost_the_same_statements(house: House) -> None:
    known, unknown = fresh_phone(), fresh_phone()
    async with house.database.writing() as db:
        await accounts.account_for(db, known)
    work = []
    for phone in (known, unknown):
        with heard(house.database) as statements:
            async with house.database.writing() as db:
                await codes.send_code(db, phone, phone)
        work.append([text for text, _ in statements])
    assert work[0] == work[1] != []
    assert not any(re.search(r"\b(FROM|JOIN|INTO|UPDATE) account\b", statement) for statement in work[0])


# --- spending --------------------------------------------------------------------------------------------------------


@pytest.mark.proves("T14")
async def test_the_sixth_try_is_refused_even_when_it_is_right(house: House, phone: str) -> None:
    code = await send(house, phone)
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCode) as refused:
            await spend(house, phone, wrong(code))
        assert refused.value.params == {"left": left}
        assert [fault.field for fault in refused.value.faults] == ["code"]
    for tried in (wrong(code), code, code):
        with pytest.raises(CodeGone):
            await spend(house, phone, tried)
    await age(house, phone, timedelta(minutes=1))
    await spend(house, phone, await send(house, phone))


@pytest.mark.proves("T14")
async def test_fifty_right_tries_at_once_open_exactly_one_door(house: House, phone: str) -> None:
    code = await send(house, phone)
    tries = await asyncio.gather(*(spend(house, phone, code) for _ in range(50)), return_exceptions=True)
    assert tries.count(None) == 1
    assert all(isinstance(tried, CodeGone) for tried in tries if tried is not None)


@pytest.mark.proves("T14")
async def test_fifty_wrong_tries_at_once_are_still_only_five(house: House, phone: str) -> None:
    code = await send(house, phone)
    guesses = [f"{(int(code) + step) % 1_000_000:06d}" for step in range(1, 51)]
    tries = await asyncio.gather(*(spend(house, phone, guess) for guess in guesses), return_exceptions=True)
    assert sum(isinstance(tried, WrongCode) for tried in tries) == 4
    assert sum(isinstance(tried, CodeGone) for tried in tries) == 46


async def test_a_code_is_good_once(house: House, phone: str) -> None:
    code = await send(house, phone)
    await spend(house, phone, code)
    with pytest.raises(CodeGone):
        await spend(house, phone, code)


async def test_a_code_runs_out_after_ten_minutes(house: House, phone: str) -> None:
    code = await send(house, phone)
    await age(house, phone, timedelta(minutes=9, seconds=50))
    await age(house, phone, timedelta(seconds=11))
    with pytest.raises(CodeGone):
        await spend(house, phone, code)


async def test_a_newer_code_replaces_the_older_one(house: House, phone: str) -> None:
    old = await send(house, phone)
    await age(house, phone, timedelta(minutes=2))
    new = await send(house, phone)
    if old != new:
        with pytest.raises(WrongCode):
            await spend(house, phone, old)
    await spend(house, phone, new)


async def test_a_code_of_one_phone_opens_no_other(house: House, phone: str) -> None:
    code = await send(house, phone)
    with pytest.raises(CodeGone):
        await spend(house, fresh_phone(), code)


@pytest.mark.parametrize("raw", ["", "12345", "1234567", "12345x", "12 34 5", "一二三四五六", "-12345", "1.2345"])
async def test_what_is_no_code_is_refused_and_costs_no_try(house: House, phone: str, raw: str) -> None:
    await send(house, phone)
    with pytest.raises(Invalid) as refused:
        await spend(house, phone, raw)
    assert [fault.field for fault in refused.value.faults] == ["code"]
    async with house.database.reading() as db:
        index = vault.ring_of(db).blind_index("phone", phone)
        assert (await db.exec(select(SignInCode.tries).where(SignInCode.phone_index == index))).one() == 0


async def test_a_code_is_read_however_it_is_typed(house: House, phone: str) -> None:
    code = await send(house, phone)
    full_width = "".join(chr(ord(digit) - ord("0") + ord("\uff10")) for digit in code)
    await spend(house, phone, f" {full_width[:3]} {full_width[3:]}\u3000")


@pytest.mark.proves("T09")
async def test_neither_code_nor_phone_lies_readable_in_the_database(house: House, phone: str) -> None:
    code = await send(house, phone)
    async with house.database.reading() as db:
        index = vault.ring_of(db).blind_index("phone", phone)
        for table in ("sign_in_code", "message"):
            rows = await db.exec(text(f"SELECT * FROM {table} WHERE phone_index = :index"), params={"index": index})
            for row in rows.mappings():
                stored = [bytes(value) if isinstance(value, bytes) else str(value).encode() for value in row.values()]
                assert not any(phone.encode() in value for value in stored)
                assert not any(value == code.encode() or b'"code"' in value for value in stored)
