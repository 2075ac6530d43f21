"""Registration: oneself and the household, once, in words that reveal nothing about anybody else."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import literal
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, regions, vault
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound, Refusal
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from app.residents import identity
from app.residents.identity import DOCUMENT_WORDS, Identity
from app.residents.people import address_of, household_of, own
from models.accounts import Account
from models.regions import SPAN, Level, level_of
from models.residents import Dependant, IdentityClaim, IdentityKey, IdType, MemberCreate, Resident, ResidentCreate

MOST_MEMBERS = 12


class AlreadyRegistered(Refusal):
    """One's own record exists, with another document."""

    type = "already-registered"
    title = N_("You are registered already")
    detail = N_(
        "This phone is registered with another document. If something is wrong, your grid worker can correct it."
    )


@dataclass(frozen=True)
class _Home:
    """Where a household lives and is called."""

    region_code: int
    address: str
    phone: str


async def register(db: AsyncSession, me: Viewer, form: ResidentCreate) -> None:
    """Register oneself and household members. Sending the same again changes nothing.

    A number that another record holds already is accepted in the same words, status and time: the new record
    stands beside the old one, and the officials above both settle it. Raises Invalid, AlreadyRegistered.
    """
    account = await locked(db, me.account_id)
    own_identity, faults = identity.read(IdType(form.id_type), form.id_number, form.birth_date)
    if form.id_type is IdType.NONE:
        faults = [Fault("id_type", DOCUMENT_WORDS["unknown_type"])]
    members = []
    for place, member in enumerate(form.household):
        kept, wrong = identity.read(IdType(member.id_type), member.id_number, member.birth_date, f"household/{place}/")
        faults += wrong
        members.append((member, kept))
    phone, wrong = phone_given(accounts.phone_in(db, account), form.phone)
    faults += wrong + await grid_faults(db, form.region_code)
    if faults:
        raise Invalid(faults=tuple(faults))
    home = _Home(form.region_code, form.address, phone)
    if account.person_id is None:
        account.person_id = await _create(db, me, (form.name, own_identity), home)
        db.add(account)
    elif not await _is_own(db, account.person_id, own_identity):
        raise AlreadyRegistered
    for member, kept in members:
        await _add(db, me, (member, kept), home)
    await accounts.refresh(db, account.id)


async def add_member(db: AsyncSession, me: Viewer, form: MemberCreate) -> None:
    """Add a household member without a phone to those one reports for. Raises Invalid, NotFound."""
    await locked(db, me.account_id)
    household = await household_of(db, me)
    if not household or household[0].relation is not None:
        raise NotFound
    if len(household) > MOST_MEMBERS:
        words = N_("You already report for %(count)s people. Your grid worker can help with more.")
        raise Invalid(words, count=MOST_MEMBERS)
    kept, faults = identity.read(IdType(form.id_type), form.id_number, form.birth_date)
    if faults:
        raise Invalid(faults=tuple(faults))
    mine, keys = household[0].row, vault.of(db)
    phone = keys.open(mine.phone_sealed, "resident|phone", mine.person_id) if mine.phone_sealed else ""
    await _add(db, me, (form, kept), _Home(mine.region_code, address_of(db, mine), phone))


async def change_phone(db: AsyncSession, me: Viewer, raw_phone: str, code: str) -> None:
    """Sign in with another phone from now on; where the old one was given for calls, the new one takes its place."""
    before = accounts.phone_in(db, await accounts.account_of(db, me.account_id))
    await accounts.change_phone(db, me.account_id, raw_phone, code)
    phone, keys = accounts.phone_of(raw_phone), vault.of(db)
    for row in (person.row for person in await household_of(db, me)):
        if row.phone_sealed and keys.open(row.phone_sealed, "resident|phone", row.person_id) == before:
            row.phone_sealed = keys.seal(phone, "resident|phone", row.person_id, row.region_code)
            db.add(row)


async def locked(db: AsyncSession, account_id: UUID) -> Account:
    # One registration of an account at a time, so that two taps cannot make two people.
    return (await db.exec(select(Account).where(Account.id == account_id).with_for_update())).one()


def phone_given(own_phone: str, given: str | None) -> tuple[str, list[Fault]]:
    if not given:
        return own_phone, []
    try:
        return accounts.phone_of(given), []
    except Invalid as wrong:
        return own_phone, list(wrong.faults)


async def grid_faults(db: AsyncSession, code: int) -> list[Fault]:
    if level_of(code) is not Level.GRID:
        return [Fault("region_code", N_("Please choose your grid: a village or town is too large to be looked after."))]
    region = await regions.known(db, code)
    if region is None or region.valid_to is not None:
        return [Fault("region_code", N_("We do not know this grid. Please search for your village and choose again."))]
    return []


async def _is_own(db: AsyncSession, person_id: UUID, claimed: Identity) -> bool:
    row = (await db.exec(own(select(Resident), [person_id]))).one()
    if row.id_sealed is None or row.id_type != claimed.kind:
        return False
    return vault.of(db).open(row.id_sealed, "resident|id", person_id) == claimed.number


async def _create(db: AsyncSession, me: Viewer, who: tuple[str, Identity], home: _Home) -> UUID:
    (name, document), person_id, keys = who, uuid7(), vault.of(db)
    region = home.region_code
    db.add(
        Resident(
            person_id=person_id, region_code=region, registered_code=await register_of(db, document), name=name,
            id_type=document.kind,
            id_sealed=keys.seal(document.number, "resident|id", person_id, region) if document.number else None,
            phone_sealed=keys.seal(home.phone, "resident|phone", person_id, region) if home.phone else None,
            address_sealed=keys.seal(home.address, "resident|address", person_id, region) if home.address else None,
            birth_date=document.birth, registered_by=me.account_id, created_at=clock.now(),
        )
    )  # fmt: skip
    await db.flush()
    if (blind := document.blind_index(db)) is not None:
        await claim(db, blind, person_id)
    return person_id


async def register_of(db: AsyncSession, document: Identity) -> int | None:
    """The county in a resident ID, where our table knows it, retired ones included; not knowing it means nothing."""
    if document.kind is not IdType.RESIDENT_ID or document.number is None:
        return None
    county = int(document.number[:6]) * SPAN[Level.COUNTY]
    known = await regions.known(db, county)
    return county if known is not None and known.level == Level.COUNTY else None


async def claim(db: AsyncSession, blind: bytes, person_id: UUID) -> None:
    """The first record holds the number, a later one is noted: two statements either way, so time tells nothing."""
    held = insert(IdentityKey).values(blind_index=blind, person_id=person_id)
    taken = await db.exec(held.on_conflict_do_nothing().returning(col(IdentityKey.person_id)))
    noted = select(literal(person_id), literal(blind), literal(clock.now())).where(literal(taken.first() is None))
    await db.exec(insert(IdentityClaim).from_select(["person_id", "blind_index", "created_at"], noted))


async def _add(db: AsyncSession, me: Viewer, who: tuple[MemberCreate, Identity], home: _Home) -> None:
    member, document = who
    blind = document.blind_index(db)
    if await _added_before(db, me, member, blind):
        return
    person_id = await _create(db, me, (member.name, document), home)
    link = Dependant(
        account_id=me.account_id, person_id=person_id, relation=member.relation, identity_index=blind, since=clock.now()
    )
    db.add(link)
    await db.flush()


async def _added_before(db: AsyncSession, me: Viewer, member: MemberCreate, blind: bytes | None) -> bool:
    if blind is not None:
        mine = select(Dependant).where(Dependant.account_id == me.account_id, Dependant.identity_index == blind)
        return (await db.exec(mine)).first() is not None
    return any(
        person.relation is not None and (person.row.name, person.row.birth_date) == (member.name, member.birth_date)
        for person in await household_of(db, me)
    )
