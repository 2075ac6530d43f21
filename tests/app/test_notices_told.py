"""Notices on the way to phones: everybody once, nothing of what they say, and nothing of what was taken back."""

from uuid import UUID

import pytest
from sqlmodel import select

from app import notices
from app.house import House
from models.messages import Message
from tests import cast
from tests.app.test_notices import notice, sent
from tests.cast import Village

pytestmark = pytest.mark.anyio


async def told(house: House, subject: UUID) -> list[Message]:
    """What phones are told about something, after the worker has looked twice."""
    more = 1
    while more:
        async with house.database.writing() as db:
            more = await notices.tell(db)
    async with house.database.reading() as db:
        return list((await db.exec(select(Message).where(Message.subject == subject))).all())


async def test_a_notice_goes_to_the_phone_of_everybody_it_names_once_and_says_nothing_of_itself(
    house: House, village: Village
) -> None:
    form = notice(village.code, title="今晚清点口罩")
    await sent(house, village.chen, form)
    messages = await told(house, form.id)
    accounts = {person.token.account for person in (village.li, village.wu)}
    assert accounts <= {message.account_id for message in messages}
    assert village.chen.token.account not in {message.account_id for message in messages}
    assert len({message.account_id for message in messages}) == len(messages)
    assert all(message.due_at and "口罩" not in (message.facts or "") for message in messages)


async def test_a_notice_that_is_taken_back_does_not_go_to_phones_any_more(house: House, village: Village) -> None:
    form = notice(village.code)
    await sent(house, village.chen, form)
    assert await told(house, form.id)
    async with house.database.writing() as db:
        await notices.withdraw(db, await cast.on_duty(house, village.chen), form.id)
    assert all(message.cancelled_at and message.due_at is None for message in await told(house, form.id))
    late = notice(village.code)
    await sent(house, village.chen, late)
    async with house.database.writing() as db:
        await notices.withdraw(db, await cast.on_duty(house, village.chen), late.id)
    assert await told(house, late.id) == []
