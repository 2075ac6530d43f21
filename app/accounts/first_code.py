"""The first code that comes back from a phone: until then only paper, or somebody's list, said whose account it is."""

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit
from app.accounts.codes import phone_of, spend_code
from app.accounts.endings import end_all
from app.accounts.factors import forget
from app.accounts.known import account_made
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, Refusal
from app.kit.tokens import Token
from app.kit.viewer import Viewer
from models.accounts import Account
from models.audit import Act, Purpose
from models.staff import Post


class PhoneUnproved(Refusal):
    """An account that nobody has signed in to with a code does not leave its phone."""

    detail = N_("First sign in once with a code sent to the phone you have now; then it can be changed.")


async def sign_in(db: AsyncSession, raw_phone: str, code: str) -> Account:
    """Spend the code of a phone; the account it opens, made on the first sign-in.

    The first code ever of an account ends whatever was opened before it: whoever held only the paper keeps nothing.
    """
    phone = phone_of(raw_phone)
    await spend_code(db, phone, code)
    account, made = await account_made(db, phone)
    if account.phone_proved_at is None:
        first = col(Account.id) == account.id, col(Account.phone_proved_at).is_(None)
        done = await db.exec(update(Account).where(*first).values(phone_proved_at=clock.now()))
        if done.rowcount == 1 and not made:
            await _begin_anew(db, account)
    return account


async def _begin_anew(db: AsyncSession, account: Account) -> None:
    factors = await forget(db, account.id)
    sessions = await end_all(db, account.id)
    if not factors and not sessions:
        return
    post = select(Post.region_code).where(Post.account_id == account.id, col(Post.ended_at).is_(None)).limit(1)
    facts: dict[str, str | int] = {"by": "first_code", "factors": factors, "sessions": sessions}
    place = (await db.exec(post)).one_or_none()
    deed = Deed(Act.SECOND_FACTOR_RESET, Purpose.OWN_DATA, subject=account.id, place_code=place, facts=facts)
    await audit.record(db, Viewer(Token(account.id, account.person_id, bytes(8), 0, 0, 0, 0)), deed)
