"""What the rows about messages are asked of: a message and a browser of the guardian, a robot, a delivery set aside."""

from secrets import token_hex
from typing import Any
from uuid import UUID

from sqlmodel import col, select, update

from app import messages
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from app.messages import About, To
from models.messages import Delivery, Robot, State
from models.messages.keeping import RobotCreate
from models.messages.schemas import SubscriptionCreate
from models.regions import Level
from tests import cast
from tests.organisation import Organisation

# A point of the curve, as a browser would give it: the generator itself.
POINT = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
AUTH = "AAAAAAAAAAAAAAAAAAAAAA"


def browser() -> dict[str, str]:
    """A subscription that nobody has given yet."""
    return {"endpoint": f"https://push.example.org/{token_hex(16)}", "p256dh": POINT, "auth": AUTH}


def robot(code: int = 0) -> dict[str, str]:
    """A robot that nobody has added yet."""
    address = f"https://oapi.dingtalk.com/robot/send?access_token={token_hex(32)}"
    where = {"region_code": str(code)} if code else {}
    return {"name": "指挥部群", "webhook": address, "secret": f"SEC{token_hex(32)}", "lang": "zh"} | where


def words() -> dict[str, dict[str, Any]]:
    """Bodies about messages, as the fields of a form."""
    return {
        "preferences": {"lang": "zh", "quiet_from": "22:00", "quiet_until": "07:00", "push": True, "sms": True},
        "browser": browser(),
        "approval": {"provider": "aliyun", "lang": "zh", "code": "SMS_154950909"},
        "trial": {"channel": "sms"},
        "failures": {"template": "notice", "channel": "sms", "code": "no-template-code"},
    }


async def told(house: House, org: Organisation) -> UUID:
    """A message to the guardian."""
    facts = {"day": clock.today().isoformat(), "slot": "day", "number": "1122-7B04E1"}
    about = About(org.child.person_id, org.places[Level.GRID], uuid7(), reason="missing_report/1/1")
    async with house.database.writing() as db:
        to = To(account=org.guardian.token.account)
        return await messages.tell(db, to, "report_missing_household", facts, about)


async def subscribed(house: House, org: Organisation) -> UUID:
    """A browser of the guardian."""
    async with house.database.writing() as db:
        found = await messages.subscribe(db, org.guardian.viewer, SubscriptionCreate.model_validate(browser()))
    return found.id


async def aside(house: House, org: Organisation) -> UUID:
    """A delivery that was set aside, about somebody of grid 1."""
    message, now = await told(house, org), clock.now()
    row = Delivery(
        id=uuid7(), message_id=message, channel="sms", state=State.TECHNICAL_FAILURE, state_at=now, created_at=now,
        attempts=3, provider="aliyun", code="worker-died", set_aside_at=now,
    )  # fmt: skip
    async with house.database.writing() as db:
        db.add(row)
    return row.id


async def called(house: House, org: Organisation) -> UUID:
    """A call about the child, which everybody who looks after them may make."""
    facts, now = {"day": clock.today().isoformat(), "slot": "day", "number": "1122-7B04E1"}, clock.now()
    async with house.database.writing() as db:
        message = await messages.tell(db, To(), "report_missing", facts, About(org.child.person_id))
        row = Delivery(
            id=uuid7(), message_id=message, channel="call", state=State.PENDING, state_at=now, created_at=now
        )
        db.add(row)
    return row.id


async def added(house: House, org: Organisation) -> UUID:
    """A robot of the village. Those that nobody ended, of many earlier askings, make room; the first one stays."""
    boss, village = org.actors["administrator@village"].person, org.places[Level.VILLAGE]
    assert boss is not None
    me, form = await cast.on_duty(house, boss), RobotCreate.model_validate(robot(village))
    async with house.database.writing() as db:
        at_work = select(Robot.id).where(Robot.region_code == village, col(Robot.ended_at).is_(None))
        spent = (await db.exec(at_work.order_by(col(Robot.created_at)).offset(1))).all()
        await db.exec(update(Robot).where(col(Robot.id).in_(spent)).values(ended_at=clock.now()))
        return (await messages.add_robot(db, me, form)).id


async def laid(house: House, org: Organisation) -> dict[str, UUID]:
    """One of each, by the name that a path has for it."""
    return {
        "message_id": await told(house, org), "browser_id": await subscribed(house, org),
        "robot_id": await added(house, org), "delivery_id": await aside(house, org),
        "call_id": await called(house, org),
    }  # fmt: skip
