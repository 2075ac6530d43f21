"""Browsers that may be pushed to: their addresses come from strangers, and belong to whoever gave them last."""

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Collection
from functools import cache
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.kit import clock
from app.kit.addresses import leads_out
from app.kit.errors import N_, Fault, Invalid, NotFound
from app.kit.settings import Settings
from app.kit.vapid import Vapid
from app.kit.viewer import Viewer
from models.messages import Subscription
from models.messages.schemas import BrowserPublic, PushKey, SubscriptionCreate

PLACE = "push_subscription|keys"
MOST = 5  # browsers of one account; of more the one that was seen longest ago goes


@cache
def _vapid(keys: Path) -> Vapid:
    return Vapid.load(keys)


def push_key(settings: Settings) -> PushKey:
    """What a browser needs to subscribe; no key where push is not connected."""
    key = _vapid(settings.keys).public if settings.push_contact else None
    return PushKey(connected=key is not None, key=key)


async def subscribe(
    db: AsyncSession, me: Viewer, form: SubscriptionCreate, agent: str | None = None, private: Collection[str] = ()
) -> BrowserPublic:
    """Keep a browser's subscription. The same address again is the same row, and belongs to who gave it last.

    `agent`: kind of browser and system, in our own words. `private`: origins that may be called although they are not
    public. Raises Invalid, naming what is no subscription.
    """
    faults = tuple(_faults(form, private))
    if faults:
        raise Invalid(faults=faults)
    keys, now = vault.of(db), clock.now()
    index = keys.ring.blind_index("push_endpoint", form.endpoint)
    name = _named(index)
    said = json.dumps({"endpoint": form.endpoint, "p256dh": form.p256dh, "auth": form.auth})
    words = {"account_id": me.account_id, "keys_sealed": keys.seal(said, PLACE, name), "agent": agent, "seen_at": now}
    row = insert(Subscription).values(id=name, endpoint_index=index, created_at=now, **words)
    kept = row.on_conflict_do_update(index_elements=["id"], set_=words).returning(col(Subscription.created_at))
    created_at = (await db.exec(kept)).scalar_one()
    await _only_the_newest(db, me)
    return BrowserPublic(id=name, agent=agent, created_at=created_at, seen_at=now)


async def unsubscribe(db: AsyncSession, me: Viewer, subscription_id: UUID) -> None:
    """Forget a browser of one's own. Raises NotFound."""
    mine = Subscription.id == subscription_id, Subscription.account_id == me.account_id
    gone = await db.exec(delete(Subscription).where(*mine).returning(col(Subscription.id)))  # type: ignore[arg-type]
    if gone.first() is None:
        raise NotFound


async def _only_the_newest(db: AsyncSession, me: Viewer) -> None:
    mine = select(Subscription.id).where(Subscription.account_id == me.account_id)
    newest = mine.order_by(col(Subscription.seen_at).desc(), col(Subscription.id)).limit(MOST)
    old = Subscription.account_id == me.account_id, col(Subscription.id).not_in(newest)
    await db.exec(delete(Subscription).where(*old))  # type: ignore[arg-type]


def _named(index: bytes) -> UUID:
    """A name that follows from the address: what is sealed for a row opens in it, however often it comes again."""
    value = int.from_bytes(index[:16])
    return UUID(int=value & ~(0xF000 << 64) & ~(0xC000 << 48) | (0x8000 << 64) | (0x8000 << 48))


def _faults(form: SubscriptionCreate, private: Collection[str]) -> list[Fault]:
    faults = []
    # Where it really leads is judged again at each sending (`Outgoing`).
    if not leads_out(form.endpoint, private):
        faults.append(
            Fault("endpoint", N_("This is not the address of a push service: https, a public name, the usual port."))
        )
    if not _point(form.p256dh):
        faults.append(Fault("p256dh", N_("This is not the public key of a subscription: 65 bytes as base64url.")))
    if len(_bytes(form.auth)) != 16:
        faults.append(Fault("auth", N_("This is not the secret of a subscription: 16 bytes as base64url.")))
    return faults


def _bytes(text: str) -> bytes:
    bare = text.rstrip("=")
    if not (bare.isascii() and bare.replace("-", "a").replace("_", "a").isalnum()):
        return b""
    try:
        return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return b""


def _point(text: str) -> bool:
    point = _bytes(text)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return len(point) == 65
