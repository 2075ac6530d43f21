"""A copy of one's own data, after a fresh proof: everything the house holds about a household, nothing masked."""

import hmac
from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, appeals, audit, checkins, glass, regions, residents, vault
from app.accounts.codes import spend_code
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound
from app.kit.viewer import Viewer
from app.residents import Person
from models.audit import Act, Purpose
from models.checkins import CheckinPublic
from models.copies import CopyPublic, PersonCopy
from models.residents import IdType, Programme

SLIP = timedelta(minutes=10)
A_STRETCH = timedelta(days=91)  # what the room of check-ins answers at once
LONGEST = timedelta(days=400)  # no report is kept for longer


async def send_code(db: AsyncSession, me: Viewer, address: str) -> str:
    """Send a code to one's own sign-in phone; returns the phone. Raises NotFound before registration, QuotaSpent."""
    if me.person_id is None:
        raise NotFound
    phone = accounts.phone_in(db, await accounts.account_of(db, me.account_id))
    await accounts.send_code(db, phone, address)
    return phone


async def prove(db: AsyncSession, me: Viewer, code: str | None) -> str:
    """Spend a code of one's own phone; staff at work step up instead. Returns a slip that copies for ten minutes.

    Raises NotFound before registration, StepUpNeeded, Invalid, WrongCode, CodeGone.
    """
    if me.person_id is None:
        raise NotFound
    if me.posts:
        if not accounts.stepped_up(me):
            raise await accounts.step_up_needed(db, me)
    elif not code:
        words = N_("Please enter the code from the text message: a copy is only for you.")
        raise Invalid(faults=(Fault("code", words),))
    else:
        await spend_code(db, accounts.phone_in(db, await accounts.account_of(db, me.account_id)), code)
    until = int((clock.now() + SLIP).timestamp())
    return f"{until}.{_seal(db, me, until)}"


def _seal(db: AsyncSession, me: Viewer, until: int) -> str:
    """Bound to the account, this very sign-in and a moment: of no use to anybody else, nor for anything else."""
    return vault.ring_of(db).digest("copy", str(me.account_id), me.token.device.hex(), str(until)).hex()


def holds(db: AsyncSession, me: Viewer, slip: str) -> bool:
    """Is this a slip of `prove`, of this sign-in, not older than ten minutes?"""
    until, _, seal = slip.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 12) or int(until) < clock.now().timestamp():
        return False
    return hmac.compare_digest(seal.encode("utf-8", "replace"), _seal(db, me, int(until)).encode())


async def copy(db: AsyncSession, me: Viewer) -> CopyPublic:
    """Everything, after `prove`; a row of the ledger for each person. Raises NotFound before registration."""
    household = await residents.household_of(db, me)
    if not household:
        raise NotFound
    ids = [person.row.person_id for person in household]
    made = CopyPublic(
        made_at=clock.now(), account_id=me.account_id,
        sign_in_phone=accounts.phone_in(db, await accounts.account_of(db, me.account_id)),
        people=[await _person(db, person) for person in household], appeals=(await appeals.mine(db, me)).items,
        looks=await audit.about(db, ids, residents.places_of(household)), openings=await glass.about(db, ids),
    )  # fmt: skip
    for person_id in ids:
        await audit.record(db, me, Deed(Act.COPIED_OWN_DATA, Purpose.OWN_DATA, person_id))
    return made


async def _person(db: AsyncSession, person: Person) -> PersonCopy:
    row, keys = person.row, vault.of(db)

    def opened(name: str, sealed: bytes | None) -> str | None:
        return keys.open(sealed, f"resident|{name}", row.person_id) if sealed else None

    shown = await residents.public(db, person)
    return PersonCopy(
        person_id=row.person_id, relation=person.relation, name=row.name, id_type=IdType(row.id_type),
        id_number=opened("id", row.id_sealed), birth_date=row.birth_date, phone=opened("phone", row.phone_sealed),
        address=residents.address_of(db, row), region_code=row.region_code,
        chain=await regions.chain_of(db, row.region_code), current=shown.current, registered=shown.registered,
        programme=Programme(row.programme), registered_at=row.created_at,
        checkins=[report for stretch in await _stretches(db, row.person_id) for report in stretch],
    )  # fmt: skip


async def _stretches(db: AsyncSession, person_id: UUID) -> list[list[CheckinPublic]]:
    last, oldest, found = clock.today(), clock.today() - LONGEST, []
    while last > oldest:
        first = last - A_STRETCH
        found.append(await checkins.reports_of(db, person_id, first, last))
        last = first - timedelta(days=1)
    return found
