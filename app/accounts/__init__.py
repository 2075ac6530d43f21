"""Accounts: a phone that signs in. Codes, signed tokens, and their end; for staff sessions and second factors."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.accounts.codes import NoChannel, phone_of, send_code, spend_code
from app.accounts.devices import Device, device_of
from app.accounts.endings import Endings, Standing, end, end_all, refresh
from app.accounts.factors import (
    LastFactor,
    confirm_by_code,
    factors_of,
    methods_of,
    reset_factors,
    send_proof_code,
    standing,
    step_up_needed,
)
from app.accounts.first_code import PhoneUnproved, sign_in
from app.accounts.known import account_for, account_of, phone_in
from app.accounts.passkeys import (
    PasskeyRefused,
    Site,
    add_passkey,
    ask_passkey,
    give_passkey,
    offer_passkey,
    remove_passkey,
    sign_in_with_passkey,
    within_rate,
)
from app.accounts.sessions import (
    Begun,
    SecondFactorNeeded,
    SessionOver,
    StepUpNeeded,
    asks_second,
    begin,
    due,
    end_others,
    end_secret,
    end_sitting,
    end_sittings,
    prove,
    proved,
    seen,
    session_of,
    signed_out,
    sitting,
    sittings_of,
    stepped_up,
)
from app.accounts.totp import confirm_totp, give_totp, offer_totp, offered_totp, remove_totp
from app.kit import clock
from app.kit.errors import N_, Refusal
from app.kit.tokens import LIFETIME_MS, Token
from models.accounts import Account, FactorChallenge, RateWindow, Revocation, SignInCode, StaffSession
from models.residents import Resident
from models.staff import Post

__all__ = [
    "Begun", "Device", "Endings", "LastFactor", "NoChannel", "PasskeyRefused", "PhoneUnproved",
    "SecondFactorNeeded", "SessionOver", "Site", "Standing", "StepUpNeeded", "account_for", "account_of",
    "add_passkey", "ask_passkey", "asks_second", "begin", "change_phone", "claims_of", "confirm_by_code",
    "confirm_totp", "device_of", "due", "end", "end_all", "end_others", "end_secret", "end_sitting", "end_sittings",
    "factors_of", "fresh", "give_passkey", "give_totp", "methods_of", "offer_passkey", "offer_totp", "offered_totp",
    "phone_in", "phone_of", "prove", "proved", "purge", "refresh", "remove_passkey", "remove_totp", "reset_factors",
    "seen", "send_code", "send_proof_code", "session_of", "sign_in", "sign_in_with_passkey", "signed_out",
    "sitting", "sittings_of", "standing", "step_up_needed", "stepped_up", "within_rate",
]  # fmt: skip


async def claims_of(db: AsyncSession, account_id: UUID, device: bytes) -> Token:
    """What a token issued now says: the person, their grid and programme, and whether a post is held."""
    account = await account_of(db, account_id)
    person = None
    if account.person_id is not None:
        own = select(Resident).where(Resident.person_id == account.person_id).execution_options(scope="own")
        person = (await db.exec(own)).one_or_none()
    today = clock.today()
    in_force = (
        col(Post.ended_at).is_(None), col(Post.valid_to).is_(None) | (col(Post.valid_to) >= today),
        col(Post.valid_from) <= today,
    )  # fmt: skip
    posts = await db.exec(select(func.count()).where(Post.account_id == account_id, *in_force))
    blank = Token(account.id, None, device, 0, 0, 0, 0, staff=posts.one() > 0)
    if person is not None:
        blank = replace(blank, person=person.person_id, region=person.region_code, programme=person.programme)
    return fresh(blank)


def fresh(token: Token) -> Token:
    """The same claims and device with a new term of 30 days, so that signing out ends the heirs as well."""
    now = int(clock.now().timestamp() * 1000)
    return replace(token, issued=now, expires=now + LIFETIME_MS)


async def change_phone(db: AsyncSession, account_id: UUID, raw_phone: str, code: str) -> None:
    """Move an account to a new phone that has proved itself with a code; every sign-in ends. Raises PhoneUnproved."""
    phone = phone_of(raw_phone)
    await spend_code(db, phone, code)
    keys = vault.of(db)
    index = keys.ring.blind_index("phone", phone)
    other = (await db.exec(select(Account.id).where(Account.phone_index == index))).one_or_none()
    if other is not None and other != account_id:
        raise Refusal(N_("This number already signs in to another account. Sign out and sign in with it instead."))
    account = await account_of(db, account_id)
    if account.phone_proved_at is None:
        raise PhoneUnproved
    account.phone_index = index
    account.phone_sealed = keys.seal(phone, "account|phone", account.id)
    db.add(account)
    await end_all(db, account_id)


async def purge(db: AsyncSession) -> int:
    """Drop codes and sessions older than a day, ended windows, challenges, revocations that no token can outlive."""
    now = clock.now()
    done = 0
    for statement in (
        delete(SignInCode).where(col(SignInCode.created_at) < now - timedelta(days=1)),
        delete(RateWindow).where(col(RateWindow.starts_at) < now - timedelta(hours=1)),
        delete(Revocation).where(col(Revocation.expires_at) < now),
        delete(StaffSession).where(col(StaffSession.expires_at) < now - timedelta(days=1)),
        delete(FactorChallenge).where(col(FactorChallenge.expires_at) < now - timedelta(hours=1)),
    ):
        done += (await db.exec(statement)).rowcount
    return done
