"""A post office over a database of its own, with stand-ins of all providers: what tests of delivering begin with."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from app import accounts, messages
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from app.kit.settings import Settings
from app.kit.tokens import Token
from app.kit.viewer import Held, Viewer
from app.messages import About, To, receiving
from app.messages.connecting import Connected, carriers_of
from app.messages.office import Office
from app.messages.robots import PLACE as ROBOT
from app.messages.subscriptions import PLACE as SUBSCRIPTION
from app.vault import NOWHERE
from models.accounts import Account
from models.messages import Delivery, DeliveryAttempt, Message, Preference, Robot, Subscription, TemplateCode
from models.staff import Role
from tests.cast import fresh_phone
from tests.gateways import aliyun as aliyun_stand
from tests.gateways import tencent as tencent_stand
from tests.gateways.push_service import Browser, PushService

TABLES = ("receipt", "delivery_attempt", "delivery", "message", "message_preference", "push_subscription",
          "robot_posting", "robot", "template_code", "pgqueuer")  # fmt: skip
CODES = {
    ("aliyun", "sign_in_code"): aliyun_stand.CODE, ("aliyun", "report_missing"): aliyun_stand.MISSING,
    ("tencent", "sign_in_code"): tencent_stand.CODE, ("tencent", "report_missing"): tencent_stand.MISSING,
}  # fmt: skip
AT_ALIYUN = {
    "aliyun_sms_id": aliyun_stand.KEY_ID, "aliyun_sms_secret": aliyun_stand.SECRET,
    "aliyun_sms_sign": aliyun_stand.SIGN,
}  # fmt: skip
AT_TENCENT = {
    "tencent_sms_id": tencent_stand.SECRET_ID, "tencent_sms_secret": tencent_stand.SECRET,
    "tencent_sms_app": tencent_stand.APP, "tencent_sms_sign": tencent_stand.SIGN,
}  # fmt: skip
NOTHING = About()
MISSING = {"day": "2026-11-23", "slot": "day", "number": "1123-7K4Q"}


@dataclass
class Clock:
    """The house's clock, moved by hand."""

    shift: timedelta = timedelta()
    fixed: datetime | None = None
    real: Any = field(default=clock.now)

    def now(self) -> datetime:
        return (self.fixed or self.real()) + self.shift

    def on(self, **by: float) -> None:
        """Let time pass."""
        self.shift += timedelta(**by)


@dataclass
class Post:
    """A house with a post office. Several offices may be at work in one database."""

    house: House
    settings: Settings
    carriers: Connected
    office: Office

    async def code(self, phone: str | None = None, code: str = "271828") -> UUID:
        """A sign-in code for a phone."""
        async with self.house.database.writing() as db:
            return await messages.tell(db, To(phone=phone or fresh_phone()), "sign_in_code", {"code": code})

    async def codes(self, phones: Sequence[str]) -> list[UUID]:
        return [await self.code(phone, f"{number:06d}") for number, phone in enumerate(phones)]

    async def missing(self, account: UUID, about: About = NOTHING, template: str = "report_missing") -> UUID:
        """A reminder to an account: push, text message, call list."""
        async with self.house.database.writing() as db:
            return await messages.tell(db, To(account=account), template, MISSING, about)

    async def account(self, phone: str | None = None, **wishes: Any) -> Account:
        """Somebody with an account, never quiet unless they wish it."""
        async with self.house.database.writing() as db:
            row = await accounts.account_for(db, phone or fresh_phone())
            quiet = {"quiet_from": 0, "quiet_until": 0} | wishes
            db.add(Preference(account_id=row.id, changed_at=clock.now(), **quiet))
            return row

    async def browser(self, account: UUID, service: PushService, house_key: str) -> Browser:
        """A browser of an account, subscribed."""
        browser, name = service.subscribe(house_key), uuid7()
        keys = {"endpoint": service.endpoint(browser), "p256dh": browser.p256dh, "auth": browser.auth}
        async with self.house.database.writing() as db:
            db.add(
                Subscription(
                    id=name, account_id=account, endpoint_index=name.bytes, created_at=clock.now(), seen_at=clock.now(),
                    keys_sealed=self.house.vault.seal(json.dumps(keys), SUBSCRIPTION, name, NOWHERE),
                )
            )  # fmt: skip
        return browser

    async def robot(self, token: str, secret: str) -> UUID:
        """A robot of a unit."""
        name = uuid7()
        sealed = self.house.vault.seal(json.dumps({"token": token, "secret": secret}), ROBOT, name)
        async with self.house.database.writing() as db:
            db.add(
                Robot(id=name, region_code=330822000000000, name="常山县", keys_sealed=sealed, by_account=uuid7(),
                      created_at=clock.now())
            )  # fmt: skip
        return name

    async def digest(self, robot: UUID, overdue: int = 1) -> UUID:
        """A line for a robot."""
        facts = {"place": "常山县", "offered": 3, "overdue": overdue, "unowned": 0}
        async with self.house.database.writing() as db:
            return await messages.tell(db, To(robot=robot), "unit_digest", facts)

    async def states(self, message: UUID) -> dict[str, tuple[str, str]]:
        """Channel -> (state, code) of the deliveries of a message."""
        async with self.house.database.reading() as db:
            rows = await db.exec(select(Delivery).where(Delivery.message_id == message))
            return {row.channel: (str(row.state), row.code) for row in rows}

    async def state(self, message: UUID, channel: str = "sms") -> str:
        return (await self.states(message))[channel][0]

    async def delivery(self, message: UUID, channel: str = "sms") -> Delivery:
        async with self.house.database.reading() as db:
            mine = Delivery.message_id == message, Delivery.channel == channel
            return (await db.exec(select(Delivery).where(*mine))).one()

    async def message(self, message: UUID) -> Message:
        async with self.house.database.reading() as db:
            return (await db.exec(select(Message).where(Message.id == message))).one()

    async def attempts(self, message: UUID) -> list[DeliveryAttempt]:
        async with self.house.database.reading() as db:
            statement = select(DeliveryAttempt).join(Delivery, col(Delivery.id) == DeliveryAttempt.delivery_id)
            mine = statement.where(Delivery.message_id == message).order_by(col(DeliveryAttempt.number))
            return list((await db.exec(mine)).all())

    async def sql(self, statement: str, **params: Any) -> Any:
        async with self.house.database.writing() as db:
            return await db.exec(text(statement), params=params)  # type: ignore[call-overload]

    def hasty(self, patience: float = 0.6) -> None:
        """Gateways that do not wait for long."""
        for provider in self.carriers.providers.values():
            gateway: Any = provider.gateway
            gateway._line = replace(gateway._line, patience=patience)


async def receive(office: Post, *bodies: bytes, provider: str = "aliyun") -> int:
    """Take bodies of a provider's callbacks; how many deliveries they moved."""
    moved = 0
    for body in bodies:
        async with office.house.database.writing() as db:
            moved += (await receiving.receive(db, provider, body)).moved
    return moved


def looking_after() -> Viewer:
    """Somebody who looks after messages: in a house of the post office alone nobody holds a post."""
    post = Held(uuid7(), Role.ADMINISTRATOR, 330822000000000, 330822999999999, "何光明")
    return Viewer(Token(uuid7(), None, b"", 0, 0, 0, 0), (post,))


def here(work: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[None]]:
    """Something that a stand-in, which lives in a thread of its own, has done in the test's own loop."""
    loop = asyncio.get_running_loop()

    async def done() -> Any:
        return await work()

    async def asked() -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(done(), loop))

    return asked


@asynccontextmanager
async def post(house: House, **settings: Any) -> AsyncIterator[Post]:
    """A post office with these gateways."""
    made = Settings(DATABASE_URL=house.database.dsn, data_dir=house.settings.data_dir, **settings)
    carriers = carriers_of(made, house.database, house.vault)
    office = Office(house.database, house.vault, carriers)
    try:
        yield Post(house, made, carriers, office)
    finally:
        await office.close()


async def empty(house: House) -> None:
    """Nothing waits from an earlier test; every text is approved everywhere."""
    async with house.database.writing() as db:
        for table in TABLES:
            await db.exec(text(f"DELETE FROM {table}"))  # type: ignore[call-overload]
        for (provider, template), code in CODES.items():
            for lang in ("zh", "en"):
                db.add(
                    TemplateCode(provider=provider, template=template, version=1, lang=lang, code=code,
                                 by_account=uuid7(), at=clock.now())
                )  # fmt: skip
