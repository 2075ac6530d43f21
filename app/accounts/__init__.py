"""Accounts: a phone that signs in. Codes, signed tokens, and their end."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.accounts.codes import NoChannel, phone_of, send_code, spend_code
from app.accounts.endings import Endings, Standing, end, end_all, refresh
from app.kit import clock
from app.kit.errors import N_, Refusal
from app.kit.ids import uuid7
from app.kit.tokens import LIFETIME_MS, Token
from models.accounts import Account, RateWindow, Revocation, SignInCode
from models.residents import Resident
from models.staff import Post

__all__ = [
    "Endings", "NoChannel", "Standing", "account_for", "account_of", "change_phone", "claims_of", "end", "end_all",
    "fresh", "phone_in", "phone_of", "purge", "refresh", "send_code", "sign_in",
]  # fmt: skip


async def account_for(db: AsyncSession, phone: str) -> Account:
    """The account of a phone, made when missing."""
    keys = vault.of(db)
    index, name = keys.ring.blind_index("phone", phone), uuid7()
    sealed = keys.seal(phone, "account|phone", name)
    await db.exec(
        insert(Account)
        .values(id=name, phone_index=index, phone_sealed=sealed, created_at=clock.now())
        .on_conflict_do_nothing(index_elements=["phone_index"])
    )
    found = await db.exec(select(Account).where(Account.phone_index == index))
    return found.one()


def phone_in(db: AsyncSession, account: Account) -> str:
    """The sign-in phone of an account, opened."""
    return vault.of(db).open(account.phone_sealed, "account|phone", account.id)


async def sign_in(db: AsyncSession, raw_phone: str, code: str) -> Account:
    """Spend the code of a phone; the account it opens, made on the first sign-in."""
    phone = phone_of(raw_phone)
    await spend_code(db, phone, code)
    return await account_for(db, phone)


async def claims_of(db: AsyncSession, account_id: UUID, device: bytes) -> Token:
    """What a token issued now says: the person, their grid and programme, and whether a post is held."""
    account = await account_of(db, account_id)
    person = None
    if account.person_id is not None:
        own = select(Resident).where(Resident.person_id == account.person_id).execution_options(scope="own")
        person = (await db.exec(own)).one_or_none()
    today = clock.today()
    in_force = (col(Post.valid_to).is_(None) | (col(Post.valid_to) >= today), col(Post.valid_from) <= today)
    posts = await db.exec(select(func.count()).where(Post.account_id == account_id, *in_force))
    blank = Token(account.id, None, device, 0, 0, 0, 0, staff=posts.one() > 0)
    if person is not None:
        blank = replace(blank, person=person.person_id, region=person.region_code, programme=person.programme)
    return fresh(blank)


def fresh(token: Token) -> Token:
    """The same claims and device with a new term of 30 days, so that signing out ends the heirs as well."""
    now = int(clock.now().timestamp() * 1000)
    return replace(token, issued=now, expires=now + LIFETIME_MS)


async def account_of(db: AsyncSession, account_id: UUID) -> Account:
    """The account of a token. It exists: tokens are only made for accounts, and accounts are not deleted."""
    return (await db.exec(select(Account).where(Account.id == account_id))).one()


async def change_phone(db: AsyncSession, account_id: UUID, raw_phone: str, code: str) -> None:
    """Move an account to a new phone that has proved itself with a code; every sign-in ends."""
    phone = phone_of(raw_phone)
    await spend_code(db, phone, code)
    keys = vault.of(db)
    index = keys.ring.blind_index("phone", phone)
    other = (await db.exec(select(Account.id).where(Account.phone_index == index))).one_or_none()
    if other is not None and other != account_id:
        raise Refusal(N_("This number already signs in to another account. Sign out and sign in with it instead."))
    account = await account_of(db, account_id)
    account.phone_index = index
    account.phone_sealed = keys.seal(phone, "account|phone", account.id)
    db.add(account)
    await end_all(db, account_id)


async def purge(db: AsyncSession) -> int:
    """Drop codes older than a day, ended windows and revocations that no token can outlive."""
    now = clock.now()
    done = 0
    for statement in (
        delete(SignInCode).where(col(SignInCode.created_at) < now - timedelta(days=1)),
        delete(RateWindow).where(col(RateWindow.starts_at) < now - timedelta(hours=1)),
        delete(Revocation).where(col(Revocation.expires_at) < now),
    ):
        done += (await db.exec(statement)).rowcount
    return done
