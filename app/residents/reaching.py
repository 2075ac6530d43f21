"""Whom to ring up about a person: themselves, or who reports for them."""

from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, audit
from app.audit import Deed
from app.kit.viewer import Viewer
from app.residents.people import reveal_phone, seen_by
from models.accounts import Account
from models.audit import Act, Purpose
from models.residents import Dependant, Resident
from models.staff import Right


@dataclass(frozen=True)
class Callee:
    """A number to ring up, and who will answer."""

    name: str
    whose: Literal["own", "reporter", "nobody"] = "nobody"
    phone: str | None = None
    reporter: str | None = None  # only whom the viewer looks after as well is named


async def whom_to_call(db: AsyncSession, viewer: Viewer, person_id: UUID) -> Callee:
    """Their own phone, else that of who has reported for them longest. The look is logged, and shown to the person
    and to whoever's number it is. Raises NotFound."""
    person, phone = await reveal_phone(db, viewer, person_id)
    found = Callee(person.name)
    _, own = await _first(db, select(Account).where(Account.person_id == person_id))
    linked = select(Account).join(Dependant, col(Dependant.account_id) == Account.id)
    other, theirs = await _first(db, linked.where(Dependant.person_id == person_id).order_by(col(Dependant.since)))
    # A family is registered with one number: then it is not their own that rings.
    if phone is not None and phone == theirs:
        phone = None
    if phone or own:
        return replace(found, whose="own", phone=phone or own)
    if other is None:
        return found
    return replace(found, whose="reporter", phone=theirs, reporter=await _looked_up(db, viewer, person, other))


async def _first(db: AsyncSession, statement: Any) -> tuple[Account | None, str | None]:  # noqa: ANN401  (a select)
    """The first account with a number that can still be read, and that number."""
    account: Account | None = (await db.exec(statement.where(Account.phone_sealed != b"").limit(1))).first()
    return account, accounts.phone_in(db, account) if account else None


async def _looked_up(db: AsyncSession, viewer: Viewer, person: Resident, other: Account) -> str | None:
    """Write down that the number of who reports was looked up as well. Returns their name where the viewer may know."""
    if other.person_id is None:
        return None
    post = viewer.post_over(person.region_code, Right.CALL) or viewer.post_over(person.place_code, Right.CALL)
    deed = Deed(Act.REVEALED_PHONE, Purpose.CALL, person_id=other.person_id, place_code=person.region_code)
    await audit.record(db, viewer, deed, post)
    named = seen_by(viewer, select(Resident).where(Resident.person_id == other.person_id))
    row = (await db.exec(named)).one_or_none()
    return row.name if row else None
