"""Second factors: which an account has, when one may be added or taken away, and how a proof is given without any."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import messages
from app.accounts.codes import CodeGone, WrongCode, send_code, spend_code
from app.accounts.known import account_of, phone_in
from app.accounts.sessions import StepUpNeeded, asks_second, end_sittings, failed, prove, stepped_up, wrote
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, Refusal
from app.kit.viewer import Viewer
from app.messages import To
from models.accounts import (
    Account,
    Authenticator,
    Ceremony,
    FactorsPublic,
    Passkey,
    PasskeyPublic,
    SecondFactor,
    StaffSession,
)
from models.audit import Act, Purpose

ENROL_WITHIN = timedelta(minutes=10)


class LastFactor(Refusal):
    """A guarded post is never left without a second factor."""

    detail = N_("Your post asks for a second proof, and this is the last one. Add another one first, then remove it.")


async def factors_of(db: AsyncSession, account_id: UUID) -> FactorsPublic:
    """The second factors of an account."""
    rows = await db.exec(select(Passkey).where(Passkey.account_id == account_id).order_by(col(Passkey.created_at)))
    passkeys = [PasskeyPublic(id=row.id, name=row.name, created_at=row.created_at, used_at=row.used_at) for row in rows]
    since = await db.exec(select(Authenticator.confirmed_at).where(Authenticator.account_id == account_id))
    return FactorsPublic(passkeys=passkeys, authenticator_since=since.one_or_none())


async def methods_of(db: AsyncSession, account_id: UUID) -> list[str]:
    """With what a proof can be given: the factors there are; only where there is none, a code by text message."""
    factors = await factors_of(db, account_id)
    found = ["passkey"] if factors.passkeys else []
    if factors.authenticator_since:
        found.append("totp")
    return found or ["code"]


async def standing(db: AsyncSession, me: Viewer) -> SecondFactor:
    """Where a staff session stands with its second factor."""
    if me.sitting is not None and me.sitting.second_at is not None:
        return SecondFactor.GIVEN
    if not asks_second(me.posts):
        return SecondFactor.NOT_NEEDED
    return SecondFactor.ENROL if await methods_of(db, me.account_id) == ["code"] else SecondFactor.NEEDED


async def step_up_needed(db: AsyncSession, me: Viewer) -> StepUpNeeded:
    """The refusal of a grave act, with the ways to a fresh proof."""
    return StepUpNeeded(extra={"methods": await methods_of(db, me.account_id)})


async def may_enrol(db: AsyncSession, me: Viewer) -> None:
    """A first factor in a session of the last ten minutes, a further one after a fresh proof. Raises StepUpNeeded."""
    if stepped_up(me):
        return
    since = None
    if me.sitting is not None and await methods_of(db, me.account_id) == ["code"]:
        since = (await db.exec(select(StaffSession.created_at).where(StaffSession.id == me.sitting.id))).one_or_none()
    if since is None or since <= clock.now() - ENROL_WITHIN:
        raise await step_up_needed(db, me)


async def added(db: AsyncSession, me: Viewer, how: str) -> None:
    """A factor was added: it was just used, so it is proved in this session as well."""
    assert me.sitting is not None
    await wrote(db, me, Deed(Act.SECOND_FACTOR_ADDED, Purpose.OWN_DATA, facts={"how": how}))
    if me.sitting.second_at is None:
        await prove(db, me, Ceremony.ENROL, how)


async def removing(db: AsyncSession, me: Viewer, how: str) -> None:
    """Before a factor goes: a fresh proof, and another factor while a guarded post is held. Raises LastFactor."""
    if not stepped_up(me):
        raise await step_up_needed(db, me)
    # Two removals at once must not each count on the factor that the other takes away.
    await db.exec(select(Account.id).where(Account.id == me.account_id).with_for_update())
    factors = await factors_of(db, me.account_id)
    if asks_second(me.posts) and len(factors.passkeys) + bool(factors.authenticator_since) <= 1:
        raise LastFactor
    await wrote(db, me, Deed(Act.SECOND_FACTOR_REMOVED, Purpose.OWN_DATA, facts={"how": how}))


async def reset_factors(db: AsyncSession, me: Viewer, account_id: UUID) -> None:
    """Everything was lost: all factors go and every session ends; the next sign-in by code may add a new one.

    The person is told by a message. For an administrator above; who that is, the caller has judged.
    """
    await forget(db, account_id)
    await end_sittings(db, account_id)
    await wrote(db, me, Deed(Act.SECOND_FACTOR_RESET, Purpose.APPOINT, subject=account_id))
    await messages.tell(db, To(account=account_id), "factor_reset", {})


async def forget(db: AsyncSession, account_id: UUID) -> int:
    """Delete all second factors of an account. Returns how many there were."""
    passkeys = await db.exec(delete(Passkey).where(col(Passkey.account_id) == account_id))
    apps = await db.exec(delete(Authenticator).where(col(Authenticator.account_id) == account_id))
    return passkeys.rowcount + apps.rowcount


async def send_proof_code(db: AsyncSession, me: Viewer, address: str) -> str:
    """Send a code to one's own phone for a step-up; the phone, masked by nobody yet. Raises StepUpNeeded."""
    if await methods_of(db, me.account_id) != ["code"]:
        raise await step_up_needed(db, me)
    phone = phone_in(db, await account_of(db, me.account_id))
    await send_code(db, phone, address)
    return phone


async def confirm_by_code(db: AsyncSession, me: Viewer, code: str) -> None:
    """A fresh proof by text message: only for who has no second factor. Raises StepUpNeeded, WrongCode, CodeGone."""
    if await methods_of(db, me.account_id) != ["code"]:
        raise await step_up_needed(db, me)
    try:
        await spend_code(db, phone_in(db, await account_of(db, me.account_id)), code)
    except (WrongCode, CodeGone):
        await failed(db, me, Ceremony.STEP_UP, "code")
        raise
    await prove(db, me, Ceremony.STEP_UP, "code")
