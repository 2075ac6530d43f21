"""Messages: part of the fact they tell of, sealed at rest, gone after a day."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import func, text, update
from sqlmodel import col, select

from app import messages, vault
from app.house import House
from app.kit import clock, crypto
from app.kit.ids import uuid7
from app.kit.settings import Settings
from app.messages import About, Telling, To
from models.messages import Message
from tests import cast

pytestmark = pytest.mark.anyio


async def tell(house: House, phone: str, code: str) -> None:
    async with house.database.writing() as db:
        await messages.tell(db, To(phone=phone), "sign_in_code", {"code": code})


async def test_a_message_of_something_that_did_not_happen_is_not_sent(house: House) -> None:
    phone = cast.fresh_phone()
    with pytest.raises(ZeroDivisionError):
        async with house.database.writing() as db:
            await messages.tell(db, To(phone=phone), "sign_in_code", {"code": "111111"})
            raise ZeroDivisionError
    async with house.database.reading() as db:
        assert await messages.outbox(db, phone) == []


async def test_production_has_no_channel_until_a_gateway_is_connected(house: House, settings: Settings) -> None:
    assert messages.connected(settings)
    production = settings.model_copy(update={"env": "production"})
    assert not messages.connected(production)
    assert messages.connected(production.model_copy(update={"tencent_sms_id": "AKID"}))


@pytest.mark.proves("T09")
async def test_number_and_words_lie_sealed_and_do_not_open_elsewhere(house: House) -> None:
    phone, other = cast.fresh_phone(), cast.fresh_phone()
    await tell(house, phone, "271828")
    await tell(house, other, "314159")
    async with house.database.reading() as db:
        keys = vault.of(db)
        rows = {}
        for number in (phone, other):
            index = keys.ring.blind_index("phone", number)
            rows[number] = (await db.exec(select(Message).where(Message.phone_index == index))).one()
        assert phone.encode() not in rows[phone].phone_sealed
        assert b"271828" not in rows[phone].facts_sealed
        with pytest.raises(crypto.Tampered):
            keys.open(rows[phone].facts_sealed, "message|facts", rows[other].id)
        with pytest.raises(crypto.Tampered):
            keys.open(rows[phone].facts_sealed, "message|phone", rows[phone].id)


async def test_the_outbox_shows_the_newest_first_and_one_phone_when_asked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = cast.fresh_phone()
    async with house.database.reading() as db:  # other tests have written at hours that have not come yet
        last = (await db.exec(select(func.max(Message.created_at)))).one() or clock.now()
    after = itertools.count(1)
    now = max(last, clock.now())
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(milliseconds=next(after)))
    for code in ("111111", "222222", "333333"):
        await tell(house, phone, code)
    async with house.database.reading() as db:
        assert [found.facts["code"] for found in await messages.outbox(db, phone)] == ["333333", "222222", "111111"]
        newest = (await messages.outbox(db))[0]
    assert (newest.phone, newest.template) == (phone, "sign_in_code")


async def test_many_at_once_are_written_like_one_and_once(house: House) -> None:
    """Above some hundreds another way is taken into the table: what lies there is the same."""
    accounts = [uuid7() for _ in range(1_200)]
    facts = {"sender": "西岑村 林芳", "day": "2026-11-23", "number": "1123-7K4Q"}
    key = uuid7()
    many = [Telling(To(account=name), facts, About(key=f"{key}/{name}")) for name in accounts]
    async with house.database.writing() as db:
        names = await messages.tell_many(db, "direct_message", many)
    async with house.database.writing() as db:
        assert await messages.tell_many(db, "direct_message", many[:700]) == names[:700]
        few = await messages.tell_many(db, "direct_message", [Telling(To(account=accounts[0]), facts)])
    async with house.database.reading() as db:
        rows = {row.id: row for row in await db.exec(select(Message).where(col(Message.id).in_([*names, *few])))}
        assert len(rows) == 1_201
        for row in (rows[names[0]], rows[names[-1]]):
            assert messages.facts_of(db, row) == facts
            alike = rows[few[0]].model_dump(exclude={"id", "created_at", "account_id", "facts_sealed", "due_at"})
            assert row.model_dump(include=set(alike) - {"expires_at"}) == {
                name: value for name, value in alike.items() if name != "expires_at"
            }
            assert "林芳".encode() not in row.facts_sealed


async def test_one_that_does_not_fit_among_many_and_none_is_written(house: House) -> None:
    person = uuid7()
    good = {"sender": "西岑村 林芳", "day": "2026-11-23", "number": "1"}
    many = [Telling(To(account=uuid7()), good, About(person_id=person)) for _ in range(900)]
    many[700] = Telling(To(account=uuid7()), good | {"day": "soon"}, About(person_id=person))
    async with house.database.writing() as db:
        with pytest.raises(messages.Unfit):
            await messages.tell_many(db, "direct_message", many)
        found = await db.exec(select(Message.id).where(Message.person_id == person))
        assert found.all() == []


@pytest.mark.proves("T07")
async def test_a_message_is_dropped_after_a_day(house: House) -> None:
    old, young = cast.fresh_phone(), cast.fresh_phone()
    for phone, age in ((old, timedelta(hours=24, minutes=1)), (young, timedelta(hours=23))):
        await tell(house, phone, "111111")
        async with house.database.writing() as db:
            index = vault.ring_of(db).blind_index("phone", phone)
            aged = update(Message).where(col(Message.phone_index) == index)
            await db.exec(aged.values(created_at=clock.now() - age))
    async with house.database.writing() as db:
        assert await messages.purge(db) >= 1
    async with house.database.reading() as db:
        assert await messages.outbox(db, old) == []
        assert len(await messages.outbox(db, young)) == 1
        assert (await db.exec(text("SELECT 1"))).scalar_one() == 1
