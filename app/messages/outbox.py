"""What was told to phones: the development outbox, and the end of what was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.kit import clock
from app.kit.settings import Settings
from app.messages import wording
from app.messages.telling import PHONE, facts_of
from models.accounts import Account
from models.messages import Channel, Delivery, DeliveryAttempt, Message, Receipt, RobotPosting
from models.messages.templates import TEMPLATES, as_written

KEPT = timedelta(hours=24)  # of a message with a code; the others say themselves how long
SHOWN = 50


@dataclass(frozen=True)
class Waiting:
    """A message as the development outbox shows it."""

    at: datetime
    phone: str
    template: str
    facts: dict[str, str]
    text: str


def connected(settings: Settings) -> bool:
    """Can a text message reach a phone from here? In development the outbox page is the phone."""
    return settings.development or settings.sms_connected


def ways_open(settings: Settings) -> frozenset[Channel]:
    """The ways out of the house that the settings connect; a robot's unit enters its address itself."""
    ways = {
        Channel.PUSH: bool(settings.push_contact), Channel.SMS: connected(settings),
        Channel.WORK: bool(settings.dingtalk_app_key), Channel.ROBOT: True,
    }  # fmt: skip
    return frozenset(way for way, there in ways.items() if there)


async def outbox(db: AsyncSession, phone: str | None = None, lang: str = "zh") -> list[Waiting]:
    """The newest text messages, opened: for the development outbox, which exists nowhere else."""
    keys = vault.of(db)
    number = or_(col(Message.phone_sealed) != b"", col(Account.phone_index).is_not(None))
    texts = [name for name, versions in TEMPLATES.items() if Channel.SMS in versions[-1].channels]
    statement = (
        select(Message, Account)
        .outerjoin(Account, col(Account.id) == Message.account_id)
        .where(
            number,
            col(Message.template).in_(texts),
        )
        .order_by(col(Message.created_at).desc(), col(Message.id).desc())
        .limit(SHOWN)
    )
    if phone is not None:
        index = keys.ring.blind_index("phone", phone)
        statement = statement.where(or_(col(Message.phone_index) == index, col(Account.phone_index) == index))
    return [_waiting(db, row, account, lang) for row, account in await db.exec(statement)]


def _waiting(db: AsyncSession, row: Message, account: Account | None, lang: str) -> Waiting:
    facts = facts_of(db, row)
    text = wording.written(as_written(row.template, row.version), facts, wording.language(row.lang or lang)).sms
    return Waiting(row.created_at, phone_of(db, row, account), row.template, facts, text)


def phone_of(db: AsyncSession, row: Message, account: Account | None) -> str:
    """The number a message goes to, opened; empty when there is none."""
    keys = vault.of(db)
    if row.phone_sealed:
        return keys.open(row.phone_sealed, PHONE, row.id)
    return keys.open(account.phone_sealed, "account|phone", account.id) if account else ""


async def purge(db: AsyncSession) -> int:
    """Drop messages whose time is over, with all that became of them: codes after a day, the others as they say."""
    now = clock.now()
    old: list[ColumnElement[bool]] = [
        and_(col(Message.template) == name, col(Message.created_at) < now - versions[-1].kept)
        for name, versions in TEMPLATES.items()
    ]
    gone = (await db.exec(select(Message.id).where(or_(*old)).limit(10_000))).all()
    await _drop(db, gone)
    await db.exec(delete(Receipt).where(col(Receipt.at) < now - timedelta(days=28)))
    await db.exec(delete(RobotPosting).where(col(RobotPosting.at) < now - timedelta(hours=1)))
    return len(gone)


async def _drop(db: AsyncSession, names: Sequence[Any]) -> None:
    deliveries = select(Delivery.id).where(col(Delivery.message_id).in_(names))
    await db.exec(delete(DeliveryAttempt).where(col(DeliveryAttempt.delivery_id).in_(deliveries)))
    await db.exec(delete(Delivery).where(col(Delivery.message_id).in_(names)))
    await db.exec(delete(Message).where(col(Message.id).in_(names)))
