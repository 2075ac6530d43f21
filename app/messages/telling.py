"""Telling: a message is written in the transaction of the fact it tells of. Nothing leaves the house here."""

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, Uuid, func, literal, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.kit import clock
from app.kit.db import pour
from app.kit.ids import named, uuid7
from app.messages import wording
from app.vault import Vault
from models.messages import OVER, Channel, Delivery, Message, State
from models.messages.templates import Template, newest

log = logging.getLogger("shouwang.messages")

PHONE, FACTS = "message|phone", "message|facts"
A_FEW = 500
# What is written of a message, in the order of `_Writing.row`.
COLUMNS = (
    "id", "created_at", "template", "version", "account_id", "phone_index", "phone_sealed", "robot_id", "post_id",
    "person_id", "region_code", "subject", "day", "slot", "reason", "facts", "facts_sealed", "lang", "urgent",
    "channels", "due_at", "expires_at",
)  # fmt: skip


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
    day: date | None = None
    slot: int | None = None
    reason: str = ""  # rule/version/step
    key: str | None = None
    not_before: datetime | None = None
    urgent: bool = False  # passes the quiet hours, whatever its template says
    until: datetime | None = None  # nobody wants it after this; as long as its template says, when left out


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
    writing = _Writing(newest(template), vault.of(db), clock.now(), echo=bool(db.info.get("echo")))
    rows = []
    for number, one in enumerate(many, 1):
        rows.append(writing.row(one))
        if number % A_FEW == 0:
            await asyncio.sleep(0)  # sealing a hundred thousand takes seconds, in which others want their turn
    await pour(db, Message, COLUMNS, rows, known=True)
    return [row[0] for row in rows]


class _Writing:
    """Rows of messages of one template, written at one moment."""

    def __init__(self, kind: Template, keys: Vault, now: datetime, *, echo: bool) -> None:
        self._kind, self._keys, self._now, self._echo = kind, keys, now, echo
        self._personal = [name for name in kind.params if name in kind.personal]
        self._plain = [name for name in kind.params if name not in kind.personal]
        self._ways: dict[tuple[bool, bool, bool, Channel | None], str] = {}

    def row(self, one: Telling) -> tuple[Any, ...]:
        """One message, in the order of COLUMNS."""
        to, about, kind, keys, now = one.to, one.about, self._kind, self._keys, self._now
        facts = wording.checked(kind, one.facts)
        if self._echo and to.phone:
            log.info("message to %s: %s %s", to.phone, kind.name, facts)
        name = named(about.key) if about.key else uuid7()
        begins = max(now, about.not_before or now)
        able = to.account is not None, bool(to.phone), to.robot is not None, to.by
        if (channels := self._ways.get(able)) is None:
            channels = self._ways[able] = ",".join(ways(kind, to))
        return (
            name, now, kind.name, kind.version, to.account,
            keys.ring.blind_index("phone", to.phone) if to.phone else b"",
            keys.seal(to.phone, PHONE, name) if to.phone else b"", to.robot, to.post, about.person_id,
            about.region_code, about.subject, about.day, about.slot, about.reason,
            spelled({key: facts[key] for key in self._plain}),
            keys.seal(encoded({key: facts[key] for key in self._personal}), FACTS, name) if self._personal else b"",
            to.lang, kind.urgent or about.urgent, channels, begins if channels else None,
            about.until or begins + kind.lasts,
        )  # fmt: skip


def encoded(facts: Mapping[str, str]) -> str:
    """Parameters as JSON."""
    return msgspec.json.encode(facts).decode()


def spelled(facts: Mapping[str, str]) -> str | None:
    """Parameters that name nobody, as they are stored."""
    return encoded(facts) if facts else None


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


async def cancel(db: AsyncSession, names: Sequence[UUID]) -> None:
    """The reason has gone: what has not left the house does not leave it any more. What has left stays true."""
    now = clock.now()
    # One parameter, however many there are: a whole province may have reported since the last look.
    messages = select(func.unnest(literal(list(names), ARRAY(Uuid()))))
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
