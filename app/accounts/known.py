"""The account behind a phone, and the phone of an account."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.kit import clock
from app.kit.ids import uuid7
from models.accounts import Account


async def account_for(db: AsyncSession, phone: str) -> Account:
    """The account of a phone, made when missing."""
    return (await account_made(db, phone))[0]


async def account_made(db: AsyncSession, phone: str) -> tuple[Account, bool]:
    """The account of a phone, and whether it was made just now."""
    keys = vault.of(db)
    index, name = keys.ring.blind_index("phone", phone), uuid7()
    sealed = keys.seal(phone, "account|phone", name)
    done = await db.exec(
        insert(Account)
        .values(id=name, phone_index=index, phone_sealed=sealed, created_at=clock.now())
        .on_conflict_do_nothing(index_elements=["phone_index"])
    )
    found = await db.exec(select(Account).where(Account.phone_index == index))
    return found.one(), done.rowcount == 1


async def account_of(db: AsyncSession, account_id: UUID) -> Account:
    """The account of a token. It exists: tokens are only made for accounts, and accounts are not deleted."""
    return (await db.exec(select(Account).where(Account.id == account_id))).one()


def phone_in(db: AsyncSession, account: Account) -> str:
    """The sign-in phone of an account, opened."""
    return vault.of(db).open(account.phone_sealed, "account|phone", account.id)
