"""Telling people things in tests."""

from datetime import timedelta
from uuid import UUID

from app import messages
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from app.messages import About, To
from models.messages import Channel, Delivery, DeliveryAttempt, State
from tests.cast import Person

REASON = "missing_report/1/0"


async def tell(house: House, someone: Person, template: str = "report_missing", about: About | None = None) -> UUID:
    """Write a message to somebody."""
    day = clock.today().isoformat()
    facts = {
        "report_missing": {"day": day, "slot": "day", "number": "1122-7B04E1"},
        "report_missing_household": {"day": day, "slot": "am", "number": "1122-7B04E1"},
        "factor_reset": {},
        "notice": {"day": day, "number": "1122-7B04E1"},
        "direct_message": {"sender": "金丝雀的名字", "day": day, "number": "1122-7B04E1"},
    }[template]
    about = about or About(person_id=someone.person_id, region_code=None, reason=REASON)
    async with house.database.writing() as db:
        return await messages.tell(db, To(account=someone.token.account), template, facts, about)


async def sent(house: House, message_id: UUID, *tries: tuple[State, str], channel: Channel = Channel.SMS) -> UUID:
    """One way of a message, with how each of its tries ended."""
    now, name = clock.now(), uuid7()
    state, code = tries[-1] if tries else (State.CREATED, "")
    row = Delivery(
        id=name, message_id=message_id, channel=channel, state=state, state_at=now, created_at=now, code=code,
        attempts=len(tries), provider="aliyun", next_at=now + timedelta(minutes=2) if tries else now,
    )  # fmt: skip
    if state not in {State.CREATED, State.TEMPORARY_FAILURE}:
        row.next_at = None
    async with house.database.writing() as db:
        db.add(row)
        await db.flush()
        for number, (ended, word) in enumerate(tries, 1):
            db.add(DeliveryAttempt(delivery_id=name, number=number, started_at=now, ended_at=now, provider="aliyun",
                                   state=ended, code=word))  # fmt: skip
    return name
