"""One's own record: saying where one is now, and correcting what is wrong; every change is a row of the ledger."""

from datetime import timedelta

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, audit, vault
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound
from app.kit.viewer import Viewer
from app.residents.people import Person, household_of
from app.residents.registration import grid_faults, locked
from models.audit import Act, Purpose
from models.regions import county_of
from models.residents import PlaceChange, Resident, ResidentChange

LONGEST_AWAY = timedelta(days=366)
SEALED = ("id", "phone", "address")


async def stay(db: AsyncSession, me: Viewer, form: PlaceChange) -> None:
    """Say where oneself or a household member is now; staff of both places see them. Raises Invalid, NotFound."""
    people = await _meant(db, me, form)
    faults = [] if form.region_code is None else await grid_faults(db, form.region_code)
    today = clock.today()
    if form.until is not None and not today <= form.until <= today + LONGEST_AWAY:
        words = N_("Please give a day from today on, at most a year ahead, or leave it out.")
        faults.append(Fault("until", words))
    if faults:
        raise Invalid(faults=tuple(faults))
    row = people[0].row
    away = form.region_code if form.region_code != row.region_code else None
    if (row.current_code, row.current_until) == (away, form.until if away else None):
        return
    if row.current_code != away:
        row.current_since = clock.now() if away else None
    row.current_code, row.current_until = away, form.until if away else None
    db.add(row)
    await _note(db, me, row, ["place"])


async def come_home(db: AsyncSession) -> int:
    """Whose time elsewhere has run out is back where they are looked after. Returns how many; due once a day."""
    over = update(Resident).where(col(Resident.current_until) < clock.today())
    done = await db.exec(
        over.values(current_code=None, current_until=None, current_since=None),
        execution_options={"scope": "upkeep", "synchronize_session": False},
    )
    return done.rowcount


async def correct(db: AsyncSession, me: Viewer, form: ResidentChange) -> None:
    """Correct name, address, phone or grid of oneself or a household member; `together`, what they share, of all.

    A new grid looks after the person from now on, and the old one no longer does. Raises Invalid, NotFound.
    """
    people = await _meant(db, me, form)
    phone, faults = None, list[Fault]()
    if form.phone:
        try:
            phone = accounts.phone_of(form.phone)
        except Invalid as wrong:
            faults += wrong.faults
    if form.region_code is not None and form.region_code != people[0].row.region_code:
        faults += await grid_faults(db, form.region_code)
    if faults:
        raise Invalid(faults=tuple(faults))
    moved = False
    for place, person in enumerate(people):
        row = person.row
        changed = _renamed(row, form.name if place == 0 else None)
        changed += _resealed(db, row, {"address": form.address, "phone": phone})
        if form.region_code is not None and form.region_code != row.region_code:
            _move(db, row, form.region_code)
            changed.append("region")
            moved = True
        if changed:
            db.add(row)
            await _note(db, me, row, changed)
    if moved:  # tokens claim the grid
        await accounts.refresh(db, me.account_id)


async def _meant(db: AsyncSession, me: Viewer, form: ResidentChange | PlaceChange) -> list[Person]:
    """The person a change is about, first; with `together` the rest of the household after them."""
    await locked(db, me.account_id)  # two changes at once must not each work on the other's past
    household = await household_of(db, me)
    wanted = form.person_id or me.person_id
    meant = [person for person in household if person.row.person_id == wanted]
    if not meant:
        raise NotFound
    rest = [person for person in household if person.row.person_id != wanted]
    return meant + rest if isinstance(form, ResidentChange) and form.together else meant


def _renamed(row: Resident, name: str | None) -> list[str]:
    if not name or name == row.name:
        return []
    row.name = name
    return ["name"]


def _resealed(db: AsyncSession, row: Resident, words: dict[str, str | None]) -> list[str]:
    """Seal the words that differ from what is there; returns which."""
    keys, changed = vault.of(db), []
    for name, text in words.items():
        sealed = getattr(row, f"{name}_sealed")
        before = keys.open(sealed, f"resident|{name}", row.person_id) if sealed else None
        if text and text != before:
            setattr(row, f"{name}_sealed", keys.seal(text, f"resident|{name}", row.person_id, row.region_code))
            changed.append(name)
    return changed


def _move(db: AsyncSession, row: Resident, region_code: int) -> None:
    """Into another grid; in another county everything sealed goes under that county's key."""
    keys = vault.of(db)
    if county_of(region_code) != county_of(row.region_code):
        for name in SEALED:
            if sealed := getattr(row, f"{name}_sealed"):
                text = keys.open(sealed, f"resident|{name}", row.person_id)
                setattr(row, f"{name}_sealed", keys.seal(text, f"resident|{name}", row.person_id, region_code))
    row.region_code, row.moved_at = region_code, clock.now()
    if row.current_code == region_code:
        row.current_code = row.current_until = row.current_since = None


async def _note(db: AsyncSession, me: Viewer, row: Resident, fields: list[str]) -> None:
    facts = {"fields": ",".join(fields)}
    deed = Deed(Act.CORRECTED, Purpose.OWN_DATA, person_id=row.person_id, place_code=row.place_code, facts=facts)
    await audit.record(db, me, deed)
