"""Messages to phones: written in the transaction of the fact they tell of; the table is the truth.

No gateway to a telephone network is connected yet: messages are read at /dev/outbox, in development only.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.kit import clock
from app.kit.ids import uuid7
from app.kit.settings import Settings
from models.messages import Message

log = logging.getLogger("shouwang.messages")

KEPT = timedelta(hours=24)
SHOWN = 50


@dataclass(frozen=True)
class Waiting:
    """A message as the development outbox shows it."""

    at: datetime
    phone: str
    template: str
    facts: dict[str, str]


def connected(settings: Settings) -> bool:
    """Can a message reach a phone from here? In development the outbox page is the phone."""
    return settings.development


async def tell(db: AsyncSession, phone: str, template: str, facts: dict[str, str]) -> None:
    """Write one message to a phone in the caller's transaction; number and facts lie sealed."""
    keys = vault.of(db)
    name = uuid7()
    if db.info.get("echo"):
        log.info("message to %s: %s %s", phone, template, facts)
    db.add(
        Message(
            id=name,
            created_at=clock.now(),
            template=template,
            phone_index=keys.ring.blind_index("phone", phone),
            phone_sealed=keys.seal(phone, "message|phone", name),
            facts_sealed=keys.seal(json.dumps(facts), "message|facts", name),
        )
    )
    await db.flush()


async def outbox(db: AsyncSession, phone: str | None = None) -> list[Waiting]:
    """The newest messages, opened: for the development outbox, which exists nowhere else."""
    keys = vault.of(db)
    statement = select(Message).order_by(col(Message.created_at).desc(), col(Message.id).desc()).limit(SHOWN)
    if phone is not None:
        statement = statement.where(Message.phone_index == keys.ring.blind_index("phone", phone))
    return [
        Waiting(
            row.created_at,
            keys.open(row.phone_sealed, "message|phone", row.id),
            row.template,
            json.loads(keys.open(row.facts_sealed, "message|facts", row.id)),
        )
        for row in await db.exec(statement)
    ]


async def purge(db: AsyncSession) -> int:
    """Drop messages older than a day."""
    done = await db.exec(delete(Message).where(col(Message.created_at) < clock.now() - KEPT))
    return done.rowcount
