"""One-time codes: sent to a phone, kept as a keyed digest, good once."""

import hmac
import secrets
import unicodedata
from datetime import timedelta

from sqlalchemy import text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import messages, vault
from app.kit import clock, limits
from app.kit.errors import N_, Fault, Invalid, Overloaded, QuotaSpent, Refusal
from app.kit.identifiers import BadIdentifier, mobile
from app.kit.ids import uuid7
from app.kit.limits import Bucket
from app.messages import To
from models.accounts import CODE_MINUTES, CODE_TRIES, SignInCode

RESEND_S = 60
AN_HOUR, A_DAY = 5, 10
BY_ADDRESS = 600  # in five minutes; mobile operators put thousands of phones behind one address
ALL_IN_A_MINUTE = 6000

_burst_by_address = Bucket(rate=20, burst=200)


class CodeTooSoon(QuotaSpent):
    """A code was sent a moment ago, or too many were asked for."""

    keep = True
    detail = N_("A code was sent to this number a moment ago. You can ask for a new one in %(seconds)s seconds.")


class TooManyCodes(QuotaSpent):
    """The hour or the day of this phone is spent."""

    keep = True
    detail = N_("Too many codes were asked for. Please try again later, or call your grid worker for help.")


class NoChannel(Overloaded):
    """This installation has no gateway that could carry a code."""

    type = "no-code-channel"
    title = N_("Codes cannot be sent yet")
    detail = N_("This installation is not connected to a message gateway yet. Please call your grid worker.")


class WrongCode(Invalid):
    """The try is counted even though the request is refused."""

    keep = True
    detail = N_("This code is not right. Tries left: %(left)s.")


class CodeGone(Refusal):
    """Run out, used, tried too often, or never sent: one answer for all."""

    status, type = 422, "code-gone"
    keep = True
    title = N_("Please ask for a new code")
    detail = N_("This code has run out, was used, or was tried too often. Ask for a new one.")


def phone_of(raw: str) -> str:
    """Eleven digits of a mainland mobile number. Raises Invalid, naming the field."""
    try:
        return mobile(raw)
    except BadIdentifier:
        words = N_("This is not a mobile number. It has 11 digits, for example 138 5700 1234.")
        raise Invalid(faults=(Fault("phone", words),)) from None


async def send_code(db: AsyncSession, raw_phone: str, address: str) -> None:
    """Send a one-time code. The same reply, work and time for known and unknown phones: accounts are not asked.

    Limits: one a minute, 5 an hour, 10 a day for a phone; 600 in five minutes for an address; a global cap.
    """
    phone = phone_of(raw_phone)
    if not _burst_by_address.take(address):
        raise TooManyCodes(retry_after=30)
    ring = vault.ring_of(db)
    index = ring.blind_index("phone", phone)
    # One at a time for a phone, so that two requests in the same instant cannot both be the first.
    await db.exec(text("SELECT pg_advisory_xact_lock(:key)"), params={"key": int.from_bytes(index[:8], signed=True)})  # type: ignore[call-overload]
    await _within_limits(db, index, address)
    code = f"{secrets.randbelow(1_000_000):06d}"
    now = clock.now()
    name = uuid7()
    db.add(
        SignInCode(
            id=name, phone_index=index, code_digest=ring.digest("code", str(name), code),
            created_at=now, expires_at=now + timedelta(minutes=CODE_MINUTES),
        )
    )  # fmt: skip
    await messages.tell(db, To(phone=phone), "sign_in_code", {"code": code})


async def _within_limits(db: AsyncSession, index: bytes, address: str) -> None:
    now = clock.now()
    rows = await db.exec(
        select(SignInCode.created_at).where(
            SignInCode.phone_index == index, col(SignInCode.created_at) > now - timedelta(days=1)
        )
    )
    sent = sorted(rows)
    if sent and (wait := RESEND_S - int((now - sent[-1]).total_seconds())) > 0:
        raise CodeTooSoon(retry_after=wait, seconds=wait)
    hour = [at for at in sent if at > now - timedelta(hours=1)]
    for span, most, times in ((3600, AN_HOUR, hour), (86400, A_DAY, sent)):
        if len(times) >= most:
            raise TooManyCodes(retry_after=int(span - (now - times[-most]).total_seconds()) + 1)
    ring = vault.ring_of(db)
    if await limits.count(db, ring.digest("codes-by-address", address), 300) > BY_ADDRESS:
        raise TooManyCodes(retry_after=300)
    if await limits.count(db, ring.digest("codes", "all"), 60) > ALL_IN_A_MINUTE:
        raise TooManyCodes(retry_after=60)


def digits(raw: str) -> str:
    """A code as phones type it: full-width and spaced digits are digits."""
    return "".join(unicodedata.normalize("NFKC", raw).split())


async def spend_code(db: AsyncSession, phone: str, raw_code: str) -> None:
    """Use up the newest code of a phone. Exactly one of many simultaneous right tries succeeds."""
    code = digits(raw_code)
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        raise Invalid(faults=(Fault("code", N_("The code has 6 digits."), {}),))
    ring, now = vault.ring_of(db), clock.now()
    index = ring.blind_index("phone", phone)
    newest = (
        select(SignInCode.id)
        .where(SignInCode.phone_index == index)
        .order_by(col(SignInCode.created_at).desc())
        .limit(1)
        .scalar_subquery()
    )
    live = (col(SignInCode.used_at).is_(None), col(SignInCode.expires_at) > now, col(SignInCode.tries) < CODE_TRIES)
    # The try is counted before the code is looked at; the row lock lines up simultaneous tries.
    tried = await db.exec(
        update(SignInCode)
        .where(col(SignInCode.id) == newest, *live)
        .values(tries=SignInCode.tries + 1)
        .returning(col(SignInCode.id), col(SignInCode.code_digest), col(SignInCode.tries))
    )
    row = tried.one_or_none()
    if row is None:
        raise CodeGone
    name, digest, tries = row
    if not hmac.compare_digest(digest, ring.digest("code", str(name), code)):
        if tries >= CODE_TRIES:
            raise CodeGone
        words = N_("This code is not right. Tries left: %(left)s.")
        raise WrongCode(faults=(Fault("code", words, {"left": CODE_TRIES - tries}),), left=CODE_TRIES - tries)
    await db.exec(update(SignInCode).where(col(SignInCode.id) == name).values(used_at=now))
