"""Telling: a message is written in the transaction of the fact it tells of. Nothing leaves the house here."""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.kit import clock
from app.kit.ids import named, uuid7
from app.messages import wording
from models.messages import OVER, Channel, Delivery, Message, State
from models.messages.templates import Template, newest

log = logging.getLogger("shouwang.messages")

PHONE, FACTS = "message|phone", "message|facts"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class To:
    """Whom a message is for: an account, a phone that has none, or a robot. Nobody of these: whoever telephones."""

    account: UUID | None = None
    phone: str | None = None
    robot: UUID | None = None
    post: UUID | None = None  # the post by which an account is told
    lang: str | None = None  # as the account prefers, when left out
    by: Channel | None = None  # by this way and no other: a test, or once more what was set aside


@dataclass(frozen=True, slots=True)
class About:
    """What a message is about, and why it is written. `key`: the same key is the same message, whoever writes it."""

    person_id: UUID | None = None
    region_code: int | None = None
    subject: UUID | None = None
    reason: str = ""  # rule/version/step
    key: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """One message of many: `tell_many`."""

    to: To
    facts: Mapping[str, object] = field(default_factory=dict)
    about: About = About()


async def tell(db: AsyncSession, to: To, template: str, facts: Mapping[str, object], about: About = About()) -> UUID:
    """Write one message in the caller's transaction; the worker delivers it. Raises Unfit for a missing parameter."""
    return (await tell_many(db, template, [Telling(to, facts, about)]))[0]


async def tell_many(db: AsyncSession, template: str, many: Iterable[Telling]) -> list[UUID]:
    """Write many messages of one template in the caller's transaction. Raises Unfit, and then writes none of them."""
    kind = newest(template)
    rows = [_row(db, kind, one) for one in many]
    for start in range(0, len(rows), AT_ONCE):
        await db.exec(insert(Message).values(rows[start : start + AT_ONCE]).on_conflict_do_nothing())
    return [row["id"] for row in rows]


def _row(db: AsyncSession, kind: Template, one: Telling) -> dict[str, Any]:
    to, about, keys, now = one.to, one.about, vault.of(db), clock.now()
    facts = wording.checked(kind, one.facts)
    if db.info.get("echo") and to.phone:
        log.info("message to %s: %s %s", to.phone, kind.name, facts)
    name = named(about.key) if about.key else uuid7()
    personal = {key: value for key, value in facts.items() if key in kind.personal}
    plain = {key: value for key, value in facts.items() if key not in kind.personal}
    begins = max(now, about.not_before or now)
    channels = ways(kind, to)
    return {
        "id": name, "created_at": now, "template": kind.name, "version": kind.version, "account_id": to.account,
        "phone_index": keys.ring.blind_index("phone", to.phone) if to.phone else b"",
        "phone_sealed": keys.seal(to.phone, PHONE, name) if to.phone else b"", "robot_id": to.robot,
        "post_id": to.post, "person_id": about.person_id, "region_code": about.region_code, "subject": about.subject,
        "reason": about.reason, "facts": spelled(plain), "lang": to.lang, "urgent": kind.urgent,
        "facts_sealed": keys.seal(json.dumps(personal), FACTS, name) if personal else b"",
        "channels": ",".join(channels), "due_at": begins if channels else None, "expires_at": begins + kind.lasts,
    }  # fmt: skip


def spelled(facts: Mapping[str, str]) -> str | None:
    """Parameters that name nobody, as they are stored."""
    return json.dumps(dict(facts), ensure_ascii=False) if facts else None


def ways(kind: Template, to: To) -> tuple[Channel, ...]:
    """The ways out of the house that can lead to a recipient at all, in order."""
    if to.by is not None:
        return (to.by,)
    if to.account is not None:
        return kind.channels
    able = {Channel.SMS} if to.phone else {Channel.ROBOT} if to.robot else {Channel.CALL}
    return tuple(channel for channel in kind.channels if channel in able)


def facts_of(db: AsyncSession, row: Message) -> dict[str, str]:
    """All parameters of a message, opened."""
    facts: dict[str, str] = json.loads(row.facts) if row.facts else {}
    if row.facts_sealed:
        facts |= json.loads(vault.of(db).open(row.facts_sealed, FACTS, row.id))
    return facts


async def cancel(db: AsyncSession, messages: Any) -> None:  # noqa: ANN401  (ids, or a select of them)
    """The reason has gone: what has not left the house does not leave it any more. What has left stays true."""
    now = clock.now()
    mine = col(Message.id).in_(messages), col(Message.cancelled_at).is_(None), col(Message.read_at).is_(None)
    await db.exec(update(Message).where(*mine).values(cancelled_at=now, due_at=None))
    waiting = col(Delivery.message_id).in_(messages), col(Delivery.state).in_([State.CREATED, State.TEMPORARY_FAILURE])
    await db.exec(
        update(Delivery).where(*waiting).values(state=State.CANCELLED, state_at=now, next_at=None, queued_at=None)
    )
    called = col(Delivery.message_id).in_(messages), col(Delivery.channel) == Channel.CALL
    await db.exec(
        update(Delivery).where(*called, col(Delivery.state).not_in(OVER)).values(state=State.CANCELLED, state_at=now)
    )
