"""Who may be reached: oneself, one's household, and for staff the people of their grids."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, Uuid, and_, bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions, vault
from app.audit import Deed
from app.kit import masks
from app.kit.errors import NotFound
from app.kit.viewer import Held, Viewer
from models.audit import Act, Purpose
from models.residents import (
    Dependant,
    IdType,
    PersonPublic,
    PlacePublic,
    Programme,
    Relation,
    Resident,
    ResidentPublic,
)  # fmt: skip
from models.staff import Right

# The right that an act about a person asks of a post; every other look asks for PEOPLE.
ASKS = {Act.REVEALED_PHONE: Right.CALL, Act.REPORTED_FOR: Right.REPORT_FOR}
# What a break-glass access is good for: to look, and to call.
THROUGH_GLASS = frozenset({Right.PEOPLE, Right.CALL})

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True)
class Person:
    """A resident's row with what is needed to show it: relation to the viewer, opened numbers stay masked."""

    row: Resident
    relation: Relation | None


async def reachable(db: AsyncSession, me: Viewer, person_id: UUID) -> Person:
    """The person, if it is oneself or somebody one reports for. Raises NotFound."""
    for person in await household_of(db, me):
        if person.row.person_id == person_id:
            return person
    raise NotFound


async def covered(db: AsyncSession, me: Viewer, person_id: UUID, right: Right = Right.PEOPLE) -> Resident:
    """The person, if a post of the viewer gives the right where they are looked after or where they are now.

    A break-glass access in force reaches its one person as well. Raises NotFound.
    """
    statement = select(Resident).where(Resident.person_id == person_id)
    if person_id in me.glass and right in THROUGH_GLASS:
        person = (await db.exec(own(statement, [person_id]))).one_or_none()
    else:
        person = (await db.exec(seen_by(me, statement, right))).one_or_none()
    if person is None:
        raise NotFound
    return person


def seen_by(me: Viewer, statement: S, right: Right = Right.PEOPLE, at: int | None = None) -> S:
    """A statement about residents, narrowed to those in a region where the viewer holds the right. Raises NotFound.

    `at`: to those looked after in this one region, which a post of the viewer must cover whole.
    """
    return regions.within(me, statement, Resident.region_code, Resident.current_code, right=right, at=at)


def own(statement: S, ids: list[UUID]) -> S:
    """The statement, narrowed to these very persons (oneself, linked dependants), and marked as scoped."""
    return statement.where(col(Resident.person_id).in_(ids)).execution_options(scope="own")


async def household_of(db: AsyncSession, me: Viewer) -> list[Person]:
    """Oneself first, then those one reports for, in the order in which they were added."""
    asked = {"account": me.account_id, "me": me.person_id}
    found = (await db.exec(_household(), params=asked)).all()
    people = [(since, row, relation) for row, relation, since in found if relation or row.person_id == me.person_id]
    people.sort(key=lambda each: (each[0] is not None, each[0]))
    return [Person(row, Relation(relation) if relation else None) for _, row, relation in people]


@cache
def _household() -> Any:  # noqa: ANN401  (three typed columns)
    """Oneself and linked dependants, in one statement, built once."""
    account, me = bindparam("account", type_=Uuid()), bindparam("me", type_=Uuid())
    linked = select(Dependant.person_id).where(col(Dependant.account_id) == account)
    link = and_(col(Dependant.person_id) == Resident.person_id, col(Dependant.account_id) == account)
    return (
        select(Resident, col(Dependant.relation), col(Dependant.since))
        .outerjoin(Dependant, link)
        .where(col(Resident.person_id).in_(linked.union_all(select(me))))
        .execution_options(scope="own")
    )


def places_of(people: list[Person]) -> dict[int, datetime]:
    """The grids of these people, and since when: a look at the list of one of them was a look at somebody here."""
    found: dict[int, datetime] = {}
    for row in (person.row for person in people):
        places = [(row.region_code, row.moved_at or row.created_at)]
        if row.current_code is not None and row.current_since is not None:
            places.append((row.current_code, row.current_since))
        for code, since in places:
            found[code] = min(since, found.get(code, since))
    return found


def id_mask(db: AsyncSession, row: Resident) -> str | None:
    """First two and last two characters of the document."""
    return masks.mask_id(vault.of(db).open(row.id_sealed, "resident|id", row.person_id)) if row.id_sealed else None


def phone_mask(db: AsyncSession, row: Resident) -> str | None:
    """138****1234."""
    return masks.mask_phone(_phone(db, row)) if row.phone_sealed else None


def _phone(db: AsyncSession, row: Resident) -> str:
    assert row.phone_sealed is not None
    return vault.of(db).open(row.phone_sealed, "resident|phone", row.person_id)


def address_of(db: AsyncSession, row: Resident) -> str:
    """The address in full: for the person themselves."""
    return vault.of(db).open(row.address_sealed, "resident|address", row.person_id) if row.address_sealed else ""


async def public(db: AsyncSession, person: Person) -> PersonPublic:
    """A person as their own household sees them."""
    row = person.row
    return PersonPublic(
        person_id=row.person_id, name=row.name, id_type=IdType(row.id_type), id_number=id_mask(db, row),
        phone=phone_mask(db, row), region_code=row.region_code, chain=await regions.chain_of(db, row.region_code),
        current=await current(db, row), registered=await _register(db, row), programme=Programme(row.programme),
        relation=person.relation,
    )  # fmt: skip


async def current(db: AsyncSession, row: Resident) -> PlacePublic | None:
    """Where a person said they are for the time being; None: where they are looked after."""
    if row.current_code is None:
        return None
    chain = await regions.chain_of(db, row.current_code)
    return PlacePublic(region_code=row.current_code, chain=chain, until=row.current_until)


async def _register(db: AsyncSession, row: Resident) -> list[str] | None:
    return await regions.chain_of(db, row.registered_code) if row.registered_code else None


async def me(db: AsyncSession, viewer: Viewer) -> ResidentPublic:
    """Oneself and household. Raises NotFound before registration."""
    household = [await public(db, person) for person in await household_of(db, viewer)]
    if not household or viewer.person_id is None:
        raise NotFound
    return ResidentPublic(**household[0].model_dump(), household=household[1:])


async def open_record(db: AsyncSession, viewer: Viewer, person_id: UUID, act: Act, purpose: Purpose) -> Resident:
    """A person's record for a member of staff, with the look written into the ledger in the same transaction."""
    right = ASKS.get(act, Right.PEOPLE)
    row = await covered(db, viewer, person_id, right)
    post = viewer.post_over(row.region_code, right) or viewer.post_over(row.place_code, right)
    if post is None:
        post, purpose = _broke(viewer), Purpose.BREAK_GLASS
    # The place as well: whoever audits the person's own region finds looks from outside.
    await audit.record(db, viewer, Deed(act, purpose, person_id=person_id, place_code=row.region_code), post)
    return row


def allowed(viewer: Viewer, row: Resident, right: Right) -> bool:
    """Would an act that asks for this right be let through? For pages that offer only what can be done."""
    if row.person_id in viewer.glass and right in THROUGH_GLASS:
        return True
    return any(viewer.post_over(code, right) for code in (row.region_code, row.place_code))


def _broke(viewer: Viewer) -> Held:
    """The post by which a glass was broken. Raises NotFound when the access outlived it."""
    for post in viewer.with_right(Right.BREAK_GLASS):
        return post
    raise NotFound


async def reveal_phone(db: AsyncSession, viewer: Viewer, person_id: UUID) -> tuple[Resident, str | None]:
    """The number to call. Logged, and shown to the person."""
    row = await open_record(db, viewer, person_id, Act.REVEALED_PHONE, Purpose.CALL)
    return row, _phone(db, row) if row.phone_sealed else None


async def living_with(db: AsyncSession, viewer: Viewer, row: Resident) -> list[Person]:
    """The rest of a person's household that the viewer covers: who registered them, and whom they registered."""
    if not viewer.with_right(Right.PEOPLE):
        return []  # here by break-glass: for one person, not for the family
    statement = select(Resident).where(
        Resident.region_code == row.region_code,
        Resident.registered_by == row.registered_by,
        Resident.person_id != row.person_id,
    )
    rows = await db.exec(seen_by(viewer, statement.order_by(col(Resident.created_at))))
    links = await db.exec(select(Dependant).where(Dependant.account_id == row.registered_by))
    relations = {link.person_id: Relation(link.relation) for link in links}
    return [Person(other, relations.get(other.person_id)) for other in rows]
