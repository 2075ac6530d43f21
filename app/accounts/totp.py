"""The authenticator app: six digits that change every 30 seconds (RFC 6238), each good once."""

import hmac
import time
from datetime import timedelta
from uuid import UUID

import pyotp
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.accounts.codes import digits
from app.accounts.factors import added, may_enrol, removing
from app.accounts.known import account_of, phone_in
from app.accounts.sessions import failed, prove
from app.kit import clock, limits, masks
from app.kit.errors import N_, Fault, Invalid, NotFound, QuotaSpent, Refusal
from app.kit.viewer import Viewer
from models.accounts import Authenticator, AuthenticatorSecret, Ceremony, RateWindow

STEP_S = 30
# A wrong try is one of three codes out of a million: fifty a day stay far below what is worth trying.
WINDOWS = ((900, 5), (86_400, 50))
OFFER = timedelta(minutes=10)
ISSUER = "Shouwang"
PLACE = "authenticator|secret"
NOT_RIGHT = N_("This code is not right. Take the newest one, and check that the clock of your phone is right.")


class TooManyTries(QuotaSpent):
    """Five wrong codes in a quarter of an hour, or fifty in a day."""

    keep = True
    detail = N_("Too many wrong codes. Please wait %(minutes)s minutes, then try again.")


class WrongOneTimeCode(Invalid):
    """Not the code of now, or one that was used before. The try stays counted."""

    keep = True


class OfferGone(Refusal):
    """The secret that was shown is no longer good."""

    detail = N_("This took too long. Please start again: scan the new code with your authenticator app.")


def _subjects(db: AsyncSession, account_id: UUID) -> list[bytes]:
    ring = vault.ring_of(db)
    return [ring.digest("totp", str(span), str(account_id)) for span, _ in WINDOWS]


async def _count(db: AsyncSession, account_id: UUID) -> None:
    """Count a try before it is judged; the row locks line up simultaneous ones."""
    for subject, (span, most) in zip(_subjects(db, account_id), WINDOWS, strict=True):
        if await limits.count(db, subject, span) > most:
            wait = int(span - time.time() % span) + 1
            raise TooManyTries(retry_after=wait, minutes=-(-wait // 60))


async def _uncount(db: AsyncSession, account_id: UUID) -> None:
    await db.exec(delete(RateWindow).where(col(RateWindow.subject).in_(_subjects(db, account_id))))


def _six(raw: str) -> str:
    code = digits(raw)
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        raise Invalid(faults=(Fault("code", N_("The code has 6 digits.")),))
    return code


def _step(secret: str, code: str) -> int | None:
    """The step whose code this is: the present one, or one beside it for clocks that differ. All three are compared."""
    present, app = int(clock.now().timestamp()) // STEP_S, pyotp.TOTP(secret)
    found = [step for step in (present - 1, present, present + 1) if hmac.compare_digest(app.generate_otp(step), code)]
    return found[-1] if found else None


def _wrong(words: str) -> WrongOneTimeCode:
    return WrongOneTimeCode(faults=(Fault("code", words),))


async def _spend(db: AsyncSession, me: Viewer, code: str) -> None:
    """Use up the code of now. Exactly one of many simultaneous tries with the same code succeeds, on any process."""
    await _count(db, me.account_id)
    row = await db.get(Authenticator, me.account_id)
    step = None
    if row is not None and row.secret_sealed is not None:
        step = _step(vault.of(db).open(row.secret_sealed, PLACE, me.account_id), code)
    if step is None:
        raise _wrong(NOT_RIGHT)
    fresh = col(Authenticator.account_id) == me.account_id, col(Authenticator.last_step) < step
    done = await db.exec(update(Authenticator).where(*fresh).values(last_step=step))
    if done.rowcount != 1:
        raise _wrong(N_("This code was used already. Wait for the next one."))
    await _uncount(db, me.account_id)


async def give_totp(db: AsyncSession, me: Viewer, what: Ceremony, code: str) -> None:
    """Prove oneself with the code of the authenticator app. Raises Invalid, WrongOneTimeCode, TooManyTries."""
    six = _six(code)
    try:
        await _spend(db, me, six)
    except (WrongOneTimeCode, TooManyTries):
        await failed(db, me, what, "totp")
        raise
    await prove(db, me, what, "totp")


def _shown(secret: str, phone: str) -> AuthenticatorSecret:
    uri = pyotp.TOTP(secret).provisioning_uri(name=masks.mask_phone(phone), issuer_name=ISSUER)
    return AuthenticatorSecret(secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), uri=uri)


async def offer_totp(db: AsyncSession, me: Viewer) -> AuthenticatorSecret:
    """A new secret for the authenticator app. It counts once a code has confirmed it; until then the old one does."""
    await may_enrol(db, me)
    secret, now = pyotp.random_base32(), clock.now()
    sealed = vault.of(db).seal(secret, PLACE, me.account_id)
    await db.exec(
        insert(Authenticator)
        .values(account_id=me.account_id, last_step=0, next_sealed=sealed, next_at=now)
        .on_conflict_do_update(index_elements=["account_id"], set_={"next_sealed": sealed, "next_at": now})
    )
    return _shown(secret, phone_in(db, await account_of(db, me.account_id)))


async def _offered(db: AsyncSession, me: Viewer) -> tuple[Authenticator, str]:
    row = await db.get(Authenticator, me.account_id, with_for_update=True, populate_existing=True)
    if row is None or row.next_sealed is None or row.next_at is None or row.next_at <= clock.now() - OFFER:
        raise OfferGone
    return row, vault.of(db).open(row.next_sealed, PLACE, me.account_id)


async def offered_totp(db: AsyncSession, me: Viewer) -> AuthenticatorSecret:
    """The secret that waits for its first code, once more. Raises OfferGone."""
    await may_enrol(db, me)
    _, secret = await _offered(db, me)
    return _shown(secret, phone_in(db, await account_of(db, me.account_id)))


async def confirm_totp(db: AsyncSession, me: Viewer, code: str) -> None:
    """The first code of the new secret: from now on it counts. Raises OfferGone, WrongOneTimeCode, TooManyTries."""
    six = _six(code)
    await may_enrol(db, me)
    row, secret = await _offered(db, me)
    await _count(db, me.account_id)
    step = _step(secret, six)
    if step is None:
        raise _wrong(NOT_RIGHT)
    row.secret_sealed, row.confirmed_at, row.last_step = row.next_sealed, clock.now(), step
    row.next_sealed = row.next_at = None
    db.add(row)
    await _uncount(db, me.account_id)
    await added(db, me, "totp")


async def remove_totp(db: AsyncSession, me: Viewer) -> None:
    """Take the authenticator app away. Raises NotFound, StepUpNeeded, LastFactor."""
    found = await db.exec(select(Authenticator.confirmed_at).where(Authenticator.account_id == me.account_id))
    if found.one_or_none() is None:
        raise NotFound
    await removing(db, me, "totp")
    await db.exec(delete(Authenticator).where(col(Authenticator.account_id) == me.account_id))
