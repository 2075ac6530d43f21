"""Calls in tests: somebody stands on the list, and a colleague rings them up."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import select

from app import calls, messages
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from app.messages import About, To
from models.calls import CallFinish, CallFinished, CallOutcome
from models.messages import Channel, Delivery, Message, State
from tests import cast
from tests.cast import Person


async def on_list(
    house: House, person: UUID, *, account: UUID | None = None, hours: int = 0, **changes: object
) -> UUID:
    """Put somebody on the call list so many hours ago; `changes` are of the message. Returns the delivery."""
    facts = {"day": clock.today().isoformat(), "slot": "am", "number": "1122-7B04E1"}
    since = clock.now() - timedelta(hours=hours)
    async with house.database.writing() as db:
        name = await messages.tell(db, To(account=account), "report_missing", facts, About(person))
        message = await db.get_one(Message, name)
        message.channels, message.due_at = "", None
        for field, value in changes.items():
            setattr(message, field, value)
        row = Delivery(
            id=uuid7(), message_id=name, channel=Channel.CALL, state=State.PENDING, state_at=since, created_at=since
        )
        db.add_all([message, row])
    return row.id


async def finish(
    house: House, who: Person, call: UUID, outcome: CallOutcome = CallOutcome.TOLD, **words: object
) -> CallFinished:
    """Write down how a call went, as somebody on duty."""
    me = await cast.on_duty(house, who)
    act = CallFinish.model_validate({"id": uuid7(), "outcome": outcome} | words)
    async with house.database.writing() as db:
        return await calls.finish(db, me, call, act)


async def listed(house: House, who: Person, lang: str = "zh-Hans") -> list[UUID]:
    """The list of somebody on duty, as they see it."""
    me = await cast.on_duty(house, who)
    async with house.database.writing() as db:
        return [item.id for item in (await calls.listed(db, me, lang)).items]


async def as_told(house: House, call: UUID) -> tuple[Delivery, Message]:
    """A call and what it tells, as they are now."""
    async with house.database.reading() as db:
        row = (await db.exec(select(Delivery).where(Delivery.id == call))).one()
        return row, (await db.exec(select(Message).where(Message.id == row.message_id))).one()
