"""Writing down: what cannot be written down does not happen."""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import json
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import asking, clock
from app.kit.ids import uuid7
from app.kit.tokens import Token
from app.kit.viewer import Held, Viewer
from models.audit import Act, AuditEvent, Purpose

MOST_FACTS = 500
# Shorter than a UUID, in ASCII, without eleven digits in a row, and numbers below eleven digits: neither a name nor a
# phone nor a document number can be written into the facts by mistake.
_WORD = re.compile(r"(?!.*\d{11})[A-Za-z0-9_ .,:/+*-]{0,31}")
_NUMBERS_BELOW = 10**10


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done: to whom or what, where, and why. `facts` are small words and numbers about how."""

    act: Act
    purpose: Purpose
    person_id: UUID | None = None
    subject: UUID | None = None
    place_code: int | None = None
    facts: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


def operator() -> Viewer:
    """Who acts when a command on the machine itself or the worker does: nobody's account, nowhere."""
    return Viewer(Token(UUID(int=0), None, bytes(8), 0, 0, 0, 0))


def _spelled(facts: Mapping[str, str | int]) -> str | None:
    """Facts as they are stored. Raises ValueError for what could name a person: that is a bug of the caller."""
    for name, value in facts.items():
        fits = abs(value) < _NUMBERS_BELOW if isinstance(value, int) else _WORD.fullmatch(value)
        if not (fits and _WORD.fullmatch(name)):
            raise ValueError(f"{name!r} does not belong into the facts of the ledger")
    text = json.encode(dict(facts), order="sorted").decode()
    if len(text) > MOST_FACTS:
        raise ValueError("too many facts for the ledger")
    return text if facts else None


async def record(db: AsyncSession, me: Viewer, deed: Deed, post: Held | None = None) -> None:
    """Write a deed down in the caller's transaction. Without a post it is an act of the account itself."""
    await record_all(db, me, [deed], post)


async def record_all(db: AsyncSession, me: Viewer, deeds: Iterable[Deed], post: Held | None = None) -> None:
    """Write down several deeds of one moment: each stands for itself, and its person finds it."""
    here = asking.now()
    itself = "operator" if me.account_id.int == 0 else "resident"
    db.add_all(
        AuditEvent(
            id=uuid7(), at=clock.now(), account_id=me.account_id, post_id=post.id if post else None,
            actor_name=post.name if post else "", role=post.role if post else itself,
            region_code=post.region_code if post else me.token.region, person_id=deed.person_id, subject=deed.subject,
            place_code=deed.place_code, act=deed.act, purpose=deed.purpose, facts=_spelled(deed.facts),
            origin=here.origin or None, request_id=here.request_id,
        )
        for deed in deeds
    )  # fmt: skip
    await db.flush()


async def unsealed(db: AsyncSession) -> tuple[int, float]:
    """How many acts wait to be sealed into the ledger, and for how many seconds the oldest has waited."""
    found = await db.exec(select(func.count(), func.min(col(AuditEvent.at))))
    count, oldest = found.one()
    return count, _age(oldest)


def _age(oldest: datetime | None) -> float:
    return 0.0 if oldest is None else max(0.0, (clock.now() - oldest).total_seconds())
