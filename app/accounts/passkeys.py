"""Passkeys (WebAuthn level 2): challenges good once, public keys, and counts that never go back.

Functions that hold a ceremony import its library themselves: most workers never see a passkey, and it is 13 MB.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.accounts.factors import added, may_enrol, removing
from app.accounts.known import account_of, phone_in
from app.accounts.sessions import failed, prove
from app.kit import asking, clock, masks
from app.kit.errors import N_, NotFound, QuotaSpent, Refusal
from app.kit.ids import uuid7
from app.kit.limits import Bucket
from app.kit.settings import Settings
from app.kit.viewer import Viewer
from models.accounts import PASSKEYS, Account, Ceremony, CeremonyOptions, FactorChallenge, Passkey, PasskeyCreate

log = logging.getLogger("shouwang.accounts")

CHALLENGE = timedelta(minutes=5)
TIMEOUT_MS = int(CHALLENGE.total_seconds() * 1000)
Answer = dict[str, Any]  # a credential in WebAuthn's JSON form

_burst_by_address = Bucket(rate=20, burst=200)


class PasskeyRefused(Refusal):
    """Forged, too late, used, of another site or account: one answer for all. The challenge stays used."""

    status, type = 422, "passkey-refused"
    keep = True
    title = N_("This passkey was not accepted")
    detail = N_("It could not be checked, or it took too long. Please try again, or use another way.")


class PasskeyCopied(PasskeyRefused):
    """The count of signatures went back, as it does when a key was copied."""

    detail = N_("This passkey answered as a copy would. It was refused and noted. Use another way, and remove it.")


class TooManyPasskeys(Refusal):
    """Ten of one account."""

    detail = N_("You have ten passkeys already. Remove one that you no longer use.")


@dataclass(frozen=True)
class Site:
    """Whom a passkey is for: the host of the configured origin, never the Host header."""

    rp_id: str
    origins: list[str]

    @classmethod
    def of(cls, settings: Settings) -> "Site":
        """In development the host is localhost: no browser makes passkeys for an address of numbers."""
        host = urlsplit(settings.origin).hostname if settings.origin else None
        return cls(host or "localhost", sorted(settings.origins))


async def _challenge(db: AsyncSession, purpose: Ceremony, account_id: UUID | None) -> bytes:
    now, challenge = clock.now(), secrets.token_bytes(32)
    db.add(FactorChallenge(
        id=uuid7(), account_id=account_id, challenge=challenge, purpose=purpose, created_at=now,
        expires_at=now + CHALLENGE,
    ))  # fmt: skip
    await db.flush()
    return challenge


async def _spend(db: AsyncSession, challenge: bytes, purpose: Ceremony, account_id: UUID | None) -> bool:
    """Use up a challenge; False when it is not ours, used, too old, or for something or somebody else."""
    now = clock.now()
    whose = col(FactorChallenge.account_id)
    done = await db.exec(
        update(FactorChallenge)
        .where(
            col(FactorChallenge.challenge) == challenge, col(FactorChallenge.purpose) == purpose,
            whose.is_(None) if account_id is None else whose == account_id,
            col(FactorChallenge.used_at).is_(None), col(FactorChallenge.expires_at) > now,
        )
        .values(used_at=now)
    )  # fmt: skip
    return done.rowcount == 1


async def _passkeys(db: AsyncSession, account_id: UUID) -> list[Passkey]:
    found = await db.exec(select(Passkey).where(Passkey.account_id == account_id).order_by(col(Passkey.created_at)))
    return list(found)


async def ask_passkey(db: AsyncSession, me: Viewer | None, site: Site, purpose: Ceremony) -> CeremonyOptions:
    """A challenge for one's passkeys; with `me` None for whichever passkey of this site somebody signs in with."""
    from app.accounts import ceremonies

    account_id = me.account_id if me else None
    known = [row.credential_id for row in await _passkeys(db, account_id)] if account_id else []
    asked = ceremonies.Asked(await _challenge(db, purpose, account_id), TIMEOUT_MS, known)
    return CeremonyOptions(public_key=ceremonies.to_prove(site, asked))


def within_rate(address: str) -> None:
    """Challenges for nobody in particular cost a row each. Raises QuotaSpent."""
    if not _burst_by_address.take(address):
        raise QuotaSpent(retry_after=30)


async def _checked(
    db: AsyncSession, site: Site, purpose: Ceremony, what: tuple[UUID | None, dict[str, Any]]
) -> Passkey:
    """The passkey that signed our challenge. Raises PasskeyRefused; PasskeyCopied when its count went back."""
    from app.accounts import ceremonies

    account_id, answer = what
    try:
        credential, challenge = ceremonies.read_proof(answer)
    except ceremonies.Malformed:
        raise PasskeyRefused from None
    if not await _spend(db, challenge, purpose, account_id):
        raise PasskeyRefused
    row = (await db.exec(select(Passkey).where(Passkey.credential_id == credential.raw_id))).one_or_none()
    if row is None or account_id not in {None, row.account_id}:
        raise PasskeyRefused
    if credential.response.user_handle not in {None, b"", row.account_id.bytes}:
        raise PasskeyRefused
    try:
        count = ceremonies.proved(site, credential, challenge, row.public_key)
    except ceremonies.Malformed:
        raise PasskeyRefused from None
    await _forward(db, row, count)
    return row


async def _forward(db: AsyncSession, row: Passkey, count: int) -> None:
    """The count of signatures moves on, or the key was copied. Zero for ever is a key that does not count."""
    ahead = col(Passkey.sign_count) < count if count else col(Passkey.sign_count) == 0
    done = await db.exec(
        update(Passkey).where(col(Passkey.id) == row.id, ahead).values(sign_count=count, used_at=clock.now())
    )
    if done.rowcount != 1:
        log.warning("a passkey answered out of order: %s", row.id)
        raise PasskeyCopied


async def give_passkey(db: AsyncSession, me: Viewer, what: tuple[Site, Ceremony], answer: Answer) -> None:
    """Prove oneself with a passkey of one's own. Raises PasskeyRefused."""
    site, purpose = what
    try:
        await _checked(db, site, purpose, (me.account_id, answer))
    except PasskeyRefused as refusal:
        await failed(db, me, purpose, "passkey copied" if isinstance(refusal, PasskeyCopied) else "passkey")
        raise
    await prove(db, me, purpose, "passkey")


async def sign_in_with_passkey(db: AsyncSession, site: Site, answer: Answer) -> Account:
    """The account whose passkey signed: what one has and what one is or knows, both factors. Raises PasskeyRefused."""
    row = await _checked(db, site, Ceremony.SIGN_IN, (None, answer))
    return await account_of(db, row.account_id)


async def offer_passkey(db: AsyncSession, me: Viewer, site: Site) -> CeremonyOptions:
    """What the browser needs to make a new passkey. Raises StepUpNeeded, TooManyPasskeys."""
    from app.accounts import ceremonies

    await may_enrol(db, me)
    rows = await _passkeys(db, me.account_id)
    if len(rows) >= PASSKEYS:
        raise TooManyPasskeys
    name = masks.mask_phone(phone_in(db, await account_of(db, me.account_id)))
    known = [row.credential_id for row in rows]
    asked = ceremonies.Asked(await _challenge(db, Ceremony.ENROL, me.account_id), TIMEOUT_MS, known)
    return CeremonyOptions(public_key=ceremonies.to_make(site, asked, me.account_id.bytes, name))


async def add_passkey(db: AsyncSession, me: Viewer, site: Site, form: PasskeyCreate) -> Passkey:
    """Keep a new passkey; it is proved in this session as well. Raises StepUpNeeded, PasskeyRefused."""
    from app.accounts import ceremonies

    await may_enrol(db, me)
    try:
        credential, challenge = ceremonies.read_made(form.credential)
    except ceremonies.Malformed:
        raise PasskeyRefused from None
    if not await _spend(db, challenge, Ceremony.ENROL, me.account_id):
        raise PasskeyRefused
    try:
        name, public_key, count = ceremonies.made(site, credential, challenge)
    except ceremonies.Malformed:
        raise PasskeyRefused from None
    row = Passkey(
        id=uuid7(), account_id=me.account_id, credential_id=name, public_key=public_key, sign_count=count,
        name=form.name or asking.now().origin.rpartition(", ")[2][:40] or "Passkey",
        created_at=clock.now(),
    )  # fmt: skip
    kept = insert(Passkey).values(**row.model_dump()).on_conflict_do_nothing(index_elements=["credential_id"])
    if (await db.exec(kept.returning(col(Passkey.id)))).one_or_none() is None:
        raise PasskeyRefused
    await added(db, me, "passkey")
    return row


async def remove_passkey(db: AsyncSession, me: Viewer, passkey_id: UUID) -> None:
    """Take a passkey of one's own away. Raises NotFound, StepUpNeeded, LastFactor."""
    own = col(Passkey.id) == passkey_id, col(Passkey.account_id) == me.account_id
    if (await db.exec(select(Passkey.id).where(*own))).one_or_none() is None:
        raise NotFound
    await removing(db, me, "passkey")
    await db.exec(delete(Passkey).where(*own))
