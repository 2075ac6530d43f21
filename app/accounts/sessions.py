"""Staff sessions: kept by the server, looked up on every request, over when idle, at their end, or when ended."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit
from app.accounts.devices import Device
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, NotFound, Refusal
from app.kit.ids import uuid7
from app.kit.viewer import Held, Sitting, Viewer
from models.accounts import Ceremony, StaffSession, StaffSessionPublic
from models.audit import Act, Purpose
from models.staff import guarded

WRITTEN_EVERY = timedelta(minutes=1)
STEP_UP = timedelta(minutes=10)


class SessionOver(Refusal):
    """Staff work without a live session of the same account."""

    status, type = 401, "session-over"
    title = N_("Please sign in for staff work")
    detail = N_("Your staff session has ended, or was never begun on this device. Sign in with your phone once more.")


class SecondFactorNeeded(Refusal):
    """A guarded post, and no second factor given in this session yet."""

    status, type = 401, "second-factor"
    title = N_("One more proof is needed")
    detail = N_("Your post asks for a second proof: a passkey, or a code from your authenticator app.")


class StepUpNeeded(Refusal):
    """A grave act, and no proof within the last ten minutes. `methods` says with what it can be given."""

    status, type = 403, "step-up"
    title = N_("Please confirm that it is you")
    detail = N_("This needs a fresh proof, not older than ten minutes. Nothing was done; confirm and try again.")


@dataclass(frozen=True)
class Begun:
    """A session just begun. Its secret exists here and in the hands of its owner, nowhere else."""

    secret: str
    row: StaffSession


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()


def asks_second(posts: tuple[Held, ...]) -> bool:
    """Does any of these posts ask for a second factor?"""
    return any(guarded(post.role, post.level) for post in posts)


def sitting(row: StaffSession) -> Sitting:
    """A session as a viewer carries it."""
    return Sitting(row.id, row.second_at, row.step_up_at)


def proved(me: Viewer) -> bool:
    """Was the second factor given in this session, where a post asks for one?"""
    return me.sitting is not None and (me.sitting.second_at is not None or not asks_second(me.posts))


def stepped_up(me: Viewer) -> bool:
    """Was a fresh proof given within the last ten minutes?"""
    at = me.sitting.step_up_at if me.sitting else None
    return at is not None and at > clock.now() - STEP_UP


async def wrote(db: AsyncSession, me: Viewer, deed: Deed) -> None:
    """A row of the ledger about one's own account, in the region of one's post, so that its auditor finds it."""
    await audit.record(db, me, deed, me.posts[0] if me.posts else None)


async def begin(db: AsyncSession, me: Viewer, device: Device, lasts: timedelta) -> Begun:
    """A new session after a sign-in; its secret is always made here, never taken from a request."""
    now = clock.now()
    secret = secrets.token_urlsafe(32)
    row = StaffSession(
        id=uuid7(), secret_digest=_digest(secret), account_id=me.account_id, created_at=now, seen_at=now,
        expires_at=now + lasts, agent=device.agent, address=device.address,
    )  # fmt: skip
    db.add(row)
    await db.flush()
    await wrote(db, me, Deed(Act.SIGNED_IN_STAFF, Purpose.OWN_DATA, subject=row.id))
    return Begun(secret, row)


async def session_of(db: AsyncSession, secret: str, account_id: UUID, idle: timedelta) -> StaffSession | None:
    """The live session behind a secret, if it belongs to this account."""
    now = clock.now()
    found = await db.exec(
        select(StaffSession).where(
            StaffSession.secret_digest == _digest(secret),
            StaffSession.account_id == account_id,
            col(StaffSession.ended_at).is_(None),
            col(StaffSession.expires_at) > now,
            col(StaffSession.seen_at) > now - idle,
        )
    )
    return found.one_or_none()


def due(row: StaffSession) -> bool:
    """Has it been a minute since this session was last written as seen?"""
    return row.seen_at <= clock.now() - WRITTEN_EVERY


async def seen(db: AsyncSession, row: StaffSession) -> None:
    """Write down that a session is in use; of many requests at once only one writes."""
    now = clock.now()
    live = col(StaffSession.id) == row.id, col(StaffSession.seen_at) <= now - WRITTEN_EVERY
    await db.exec(update(StaffSession).where(*live, col(StaffSession.ended_at).is_(None)).values(seen_at=now))


async def prove(db: AsyncSession, me: Viewer, what: Ceremony, how: str) -> None:
    """A proof was given in this session: the second factor, or a fresh one for a grave act. Raises SessionOver."""
    if me.sitting is None:
        raise SessionOver
    now = clock.now()
    change = {"step_up_at": now} if what is Ceremony.STEP_UP else {"second_at": now}
    live = col(StaffSession.id) == me.sitting.id, col(StaffSession.ended_at).is_(None)
    done = await db.exec(update(StaffSession).where(*live).values(**change))
    if done.rowcount != 1:
        raise SessionOver
    facts = {"what": what.value, "how": how}
    await wrote(db, me, Deed(Act.STEPPED_UP, Purpose.OWN_DATA, subject=me.sitting.id, facts=facts))


async def failed(db: AsyncSession, me: Viewer, what: Ceremony, how: str) -> None:
    """A proof was refused: a row of the ledger, kept although the request is refused."""
    subject = me.sitting.id if me.sitting else None
    facts = {"what": what.value, "how": how}
    await wrote(db, me, Deed(Act.REFUSED_STEP_UP, Purpose.OWN_DATA, subject=subject, facts=facts))


async def sittings_of(db: AsyncSession, me: Viewer, idle: timedelta) -> list[StaffSessionPublic]:
    """The open sessions of one's account, this one first, then the newest."""
    now = clock.now()
    rows = await db.exec(
        select(StaffSession)
        .where(
            StaffSession.account_id == me.account_id, col(StaffSession.ended_at).is_(None),
            col(StaffSession.expires_at) > now, col(StaffSession.seen_at) > now - idle,
        )
        .order_by(col(StaffSession.created_at).desc())
        .limit(100)
    )  # fmt: skip
    here = me.sitting.id if me.sitting else None
    items = [
        StaffSessionPublic(
            id=row.id, agent=row.agent, address=row.address, created_at=row.created_at, seen_at=row.seen_at,
            current=row.id == here,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(items, key=lambda each: not each.current)


async def end_sitting(db: AsyncSession, me: Viewer, session_id: UUID) -> None:
    """End one session of one's own account, and write it down. Raises NotFound for others; once ended it stays so."""
    own = col(StaffSession.id) == session_id, col(StaffSession.account_id) == me.account_id
    if (await db.exec(select(StaffSession.id).where(*own))).one_or_none() is None:
        raise NotFound
    live = *own, col(StaffSession.ended_at).is_(None)
    done = await db.exec(update(StaffSession).where(*live).values(ended_at=clock.now()))
    if done.rowcount:
        await signed_out(db, me, 1, session_id)


async def end_others(db: AsyncSession, me: Viewer) -> int:
    """End every session of one's own account but this one, and write it down. Returns how many."""
    ended = await end_sittings(db, me.account_id, me.sitting.id if me.sitting else None)
    if ended:
        await signed_out(db, me, ended)
    return ended


async def signed_out(db: AsyncSession, me: Viewer, sessions: int, subject: UUID | None = None) -> None:
    """A row of the ledger: so many staff sessions ended at their owner's wish."""
    facts = {"sessions": sessions}
    await wrote(db, me, Deed(Act.SIGNED_OUT_STAFF, Purpose.OWN_DATA, subject=subject, facts=facts))


async def end_sittings(db: AsyncSession, account_id: UUID, but: UUID | None = None) -> int:
    """End every session of an account, or every other one than `but`, from the next request on. Returns how many."""
    open_ones = update(StaffSession).where(
        col(StaffSession.account_id) == account_id, col(StaffSession.ended_at).is_(None)
    )
    if but is not None:
        open_ones = open_ones.where(col(StaffSession.id) != but)
    return (await db.exec(open_ones.values(ended_at=clock.now()))).rowcount


async def end_secret(db: AsyncSession, secret: str, account_id: UUID) -> int:
    """End the session behind a secret: signing out, or signing in once more in the same browser. Returns how many."""
    own = col(StaffSession.secret_digest) == _digest(secret), col(StaffSession.account_id) == account_id
    live = *own, col(StaffSession.ended_at).is_(None)
    return (await db.exec(update(StaffSession).where(*live).values(ended_at=clock.now()))).rowcount
