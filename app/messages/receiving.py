"""Receiving: what providers say afterwards moves deliveries, forward only. Every claim is kept, whatever it changed."""

import hmac
import importlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.kit import clock
from app.kit.crypto import Keyring
from app.kit.db import among
from app.messages import receipts
from app.messages.desk import LOST, spelled
from app.messages.gateways.references import names
from app.messages.judging import judge
from app.messages.letters import Ended, Fate, Outcome
from app.messages.receipts import Receipt as Claim
from models.messages import FORWARD, Receipt, State

PROVIDERS = ("aliyun", "tencent")  # who calls us

_OF = """
SELECT d.id, d.message_id, d.state, d.provider, d.provider_id, d.attempts, d.created_at, d.doubt, m.expires_at,
       m.phone_index, a.phone_index AS account_index
FROM delivery d JOIN message m ON m.id = d.message_id LEFT JOIN account a ON a.id = m.account_id
WHERE d.channel = 'sms' AND {these}
"""
_BY_NAME = _OF.format(these="d.provider = :provider AND d.provider_id = ANY(:ids)")
_BY_MESSAGE = _OF.format(these="d.message_id = ANY(:messages)")
# Quicker than the gateway's own answer, or after a worker died between the two: no name is written down yet.
_NAMELESS = _OF.format(
    these="(d.state = 'sending' OR d.state IN ('temporary_failure', 'pending') AND (d.doubt OR d.provider_id IS NULL))"
    " AND (m.phone_index = ANY(:phones) OR a.phone_index = ANY(:phones))"
)
_SETTLE = """
UPDATE delivery d SET state = v.state, state_at = :now, next_at = v.next_at, queued_at = NULL, code = v.code,
       doubt = false, provider = v.provider, provider_id = COALESCE(v.provider_id, d.provider_id)
FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:times AS timestamptz[]), CAST(:codes AS text[]),
            CAST(:providers AS text[]), CAST(:names AS text[]), CAST(:froms AS text[]), CAST(:tries AS int2[]))
     AS v (id, state, next_at, code, provider, provider_id, froms, attempts)
WHERE d.id = v.id AND d.attempts = v.attempts AND d.state = ANY(string_to_array(v.froms, ','))
RETURNING d.id, d.message_id, d.channel, d.state
"""
_NOTED = """
UPDATE receipt r SET delivery_id = v.id, moved = v.moved
FROM unnest(CAST(:digests AS bytea[]), CAST(:ids AS uuid[]), CAST(:moved AS bool[])) AS v (digest, id, moved)
WHERE r.digest = v.digest
"""
_NEXT_WAY = """
UPDATE message SET due_at = :now WHERE id = ANY(:messages) AND channels <> '' AND cancelled_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of the receipts of one callback; each of them is one of these."""

    moved: int = 0  # it moved a delivery forward
    unchanged: int = 0  # of a delivery of ours, of which we knew as much already or more
    unknown: int = 0  # of a message that we do not know
    replayed: int = 0  # the same had been said before
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """News about one delivery."""

    delivery: Any  # a row with id, attempts, created_at, expires_at
    fate: Fate
    code: str
    provider: str
    provider_id: str | None


def token(ring: Keyring, provider: str, key_id: int | None = None) -> str:
    """What stands in the address that a provider calls: neither of them signs, so the address is the secret."""
    return urlsafe_b64encode(hmac.digest(ring.derived("receipts", key_id), provider.encode(), "sha256")[:24]).decode()


def genuine(ring: Keyring, provider: str, said: str) -> bool:
    """Is this the address that was given to a provider, under any key that is still in use?"""
    known = [hmac.compare_digest(token(ring, provider, key_id).encode(), said.encode()) for key_id in ring.roots]
    return provider in PROVIDERS and any(known)


async def receive(db: AsyncSession, provider: str, raw: bytes) -> Received:
    """Take a callback's body; returns what became of its receipts. Raises ValueError when none of it can be read.

    What was said before changes nothing; what is about a message that we do not know is kept as such.
    """
    said, unreadable = _read(provider, raw)
    ring = vault.ring_of(db)
    phones = {one.phone: ring.blind_index("phone", one.phone) for one in said}
    keyed = {_digest(one, phones[one.phone]): one for one in said}
    news = {digest: keyed[digest] for digest in await _kept(db, keyed)}
    found = await _found(db, provider, news, phones)
    moved = await settle(
        db, [_news(row, news[digest]) for digest, row in found.items() if _believable(row, news[digest])]
    )
    if found:
        truths = [news[digest].arrived == (moved.get(row.id) is State.DELIVERED) for digest, row in found.items()]
        params = {
            "digests": list(found), "ids": [row.id for row in found.values()],
            "moved": [row.id in moved and true for row, true in zip(found.values(), truths, strict=True)],
        }  # fmt: skip
        await db.exec(text(_NOTED), params=params)  # type: ignore[call-overload]
    return Received(
        moved=len(moved), unchanged=len(found) - len(moved), unknown=len(news) - len(found),
        replayed=len(said) - len(news), unreadable=unreadable,
    )  # fmt: skip


async def _kept(db: AsyncSession, keyed: dict[bytes, Claim]) -> set[bytes]:
    """Keep every claim. Returns those that are new; of the others it is noted that they came again."""
    if not keyed:
        return set()
    now = clock.now()
    rows = [
        {"digest": digest, "at": now, "provider": one.provider, "arrived": one.arrived, "code": one.code[:60],
         "moved": False, "delivery_id": None}
        for digest, one in sorted(keyed.items())
    ]  # fmt: skip
    new = insert(Receipt).values(rows).on_conflict_do_nothing().returning(col(Receipt.digest))
    fresh = set((await db.exec(new)).scalars())
    if again := sorted(keyed.keys() - fresh):
        await db.exec(update(Receipt).where(among(col(Receipt.digest), again)).values(repeated_at=now))
    return fresh


async def settle(db: AsyncSession, news: Iterable[Said]) -> dict[UUID, State]:
    """Move deliveries by what is known of them now, where that is forward. Returns those that moved, with their state.

    Failed for good: the message takes its next way. Of several claims about one delivery the happiest counts.
    """
    now = clock.now()
    best: dict[UUID, Said] = {}
    for one in news:
        if one.delivery.id not in best or one.fate is Fate.DELIVERED:
            best[one.delivery.id] = one
    if not best:
        return {}
    ends = [(one, _ended(one, now)) for one in best.values()]
    params = {
        "now": now, "ids": [one.delivery.id for one, _ in ends], "states": [end.state for _, end in ends],
        "times": [end.next_at for _, end in ends], "codes": [end.code for _, end in ends],
        "providers": [one.provider for one, _ in ends], "names": [one.provider_id for one, _ in ends],
        "froms": [_before(end.state) for _, end in ends], "tries": [one.delivery.attempts for one, _ in ends],
    }  # fmt: skip
    moved = (await db.exec(text(_SETTLE), params=params)).all()  # type: ignore[call-overload]
    failed = [row.message_id for row in moved if row.state in LOST and row.channel != "push"]
    if failed:
        await db.exec(text(_NEXT_WAY), params={"now": now, "messages": failed})  # type: ignore[call-overload]
    return {row.id: State(row.state) for row in moved}


def _ended(one: Said, now: datetime) -> Ended:
    return judge(one.delivery, Outcome(one.fate, one.code), one.provider, now)


def _before(state: State) -> str:
    return ",".join(before for before, after in FORWARD.items() if state in after)


def _read(provider: str, raw: bytes) -> tuple[list[Claim], int]:
    """The receipts of a body, and how many cannot be read: those do not take the others along."""
    # Imported where it is used: most web processes never hear from a provider.
    of = importlib.import_module(f"app.messages.gateways.{provider}").receipts_of
    try:
        return list(of(raw)), 0
    except ValueError:
        if len(raw) > receipts.MOST_BYTES:
            raise
    items = list[Claim]()
    try:
        parts = msgspec.json.decode(raw, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("the receipts are not a JSON list") from None
    unreadable = len(parts[receipts.MOST :])
    for part in parts[: receipts.MOST]:
        try:
            items += of(b"[" + bytes(part) + b"]")
        except ValueError:
            unreadable += 1
    if not items:
        raise ValueError("no receipt of these can be read")
    return items, unreadable


def _digest(one: Claim, phone_index: bytes) -> bytes:
    parts = (one.provider, one.provider_id, phone_index.hex(), one.code, str(one.arrived))
    return sha256("\x00".join(parts).encode()).digest()


async def _found(
    db: AsyncSession, provider: str, news: dict[bytes, Claim], phones: dict[str, bytes]
) -> dict[bytes, Any]:
    """The delivery of each receipt: by the provider's name for it, else by ours, else by the phone it goes to."""
    by_name = await _rows(db, _BY_NAME, provider=provider, ids=[spelled(one.provider_id) for one in news.values()])
    found = _matched(news, by_name, phones)
    left = {digest: one for digest, one in news.items() if digest not in found}
    if ours := [one.out_id for one in left.values() if one.out_id]:
        found |= _matched(left, await _rows(db, _BY_MESSAGE, messages=ours), phones)
        left = {digest: one for digest, one in left.items() if digest not in found}
    if left := {digest: one for digest, one in left.items() if one.reference}:
        indexes = [phones[one.phone] for one in left.values()]
        found |= _matched(left, await _rows(db, _NAMELESS, phones=indexes), phones)
    return found


def _matched(news: dict[bytes, Claim], rows: Sequence[Any], phones: dict[str, bytes]) -> dict[bytes, Any]:
    found: dict[bytes, Any] = {}
    for digest, one in news.items():
        for row in rows:
            named = _named(row, one)
            ours = one.out_id == row.message_id or (bool(one.reference) and names(one.reference, row.message_id))
            same = phones[one.phone] in (row.phone_index, row.account_index)
            # An account may have another phone by now: then both names must be right.
            if (named and (same or one.out_id == row.message_id)) or (ours and same):
                found[digest] = row
                break
    return found


def _believable(row: Any, one: Claim) -> bool:  # noqa: ANN401  (a row of _OF)
    """That it arrived is true whichever try it was. That it failed is told of one try: the present one?"""
    if one.arrived or _named(row, one):
        return True
    return row.state == State.SENDING and row.attempts == 1 and row.provider_id is None


def _news(row: Any, one: Claim) -> Said:  # noqa: ANN401  (a row of _OF)
    fate = Fate.DELIVERED if one.arrived else receipts.fate_of(one.code)
    return Said(row, fate, one.code[:60], one.provider, spelled(one.provider_id))


def _named(row: Any, one: Claim) -> bool:  # noqa: ANN401  (a row of _OF)
    return (row.provider, row.provider_id) == (one.provider, spelled(one.provider_id))


async def _rows(db: AsyncSession, statement: str, **params: object) -> Sequence[Any]:
    done = await db.exec(text(statement), params=params)  # type: ignore[call-overload]
    rows: Sequence[Any] = done.all()
    return rows
