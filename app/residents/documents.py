"""Putting a document number right: by an official who has seen the document, in the answer to an appeal."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.kit.errors import N_, Fault, Invalid, NotFound
from app.residents import identity
from app.residents.people import own
from app.residents.registration import claim, register_of
from models.residents import Dependant, IdentityClaim, IdentityKey, IdType, Resident

Given = tuple[IdType | None, str | None]


async def put_document_right(db: AsyncSession, person_id: UUID, given: Given) -> Resident:
    """Seal another document (kind, number) into a record and move the look-up by number to it.

    A number that somebody else holds is noted as a second claim, as registration does, and the answer is the same.
    Raises NotFound, Invalid for a number that cannot be one or stands there already.
    """
    row = (await db.exec(own(select(Resident), [person_id]).with_for_update())).one_or_none()
    if row is None:
        raise NotFound
    keys = vault.of(db)
    document = _read(row, given)
    before = keys.open(row.id_sealed, "resident|id", person_id) if row.id_sealed else None
    if document.number is None or (document.kind, document.number) == (row.id_type, before):
        raise Invalid(faults=(Fault("id_number", N_("This is the number that stands there already.")),))
    if before is not None:
        former = identity.Identity(IdType(row.id_type), before, row.birth_date).blind_index(db)
        assert former is not None
        await _let_go(db, former, person_id)
    row.id_type, row.birth_date = document.kind, document.birth
    row.id_sealed = keys.seal(document.number, "resident|id", person_id, row.region_code)
    row.registered_code = await register_of(db, document)
    db.add(row)
    blind = document.blind_index(db)
    assert blind is not None
    await claim(db, blind, person_id)
    await db.exec(update(Dependant).where(col(Dependant.person_id) == person_id).values(identity_index=blind))
    return row


def _read(row: Resident, given: Given) -> identity.Identity:
    kind, number = given
    if kind is None or kind is IdType.NONE or not number:
        words = N_("Please give the kind and number of the document.")
        raise Invalid(faults=(Fault("id_type" if kind in (None, IdType.NONE) else "id_number", words),))
    born = None if kind is IdType.RESIDENT_ID else row.birth_date
    document, faults = identity.read(kind, number, born)
    if faults:
        raise Invalid(faults=tuple(faults))
    return document


async def _let_go(db: AsyncSession, former: bytes, person_id: UUID) -> None:
    """The former number is free again: whoever claimed it next holds it now."""
    await db.exec(delete(IdentityClaim).where(col(IdentityClaim.person_id) == person_id))
    held = delete(IdentityKey).where(col(IdentityKey.blind_index) == former, col(IdentityKey.person_id) == person_id)
    if (await db.exec(held)).rowcount == 0:
        return
    waiting = select(IdentityClaim).where(col(IdentityClaim.blind_index) == former)
    next_one = (await db.exec(waiting.order_by(col(IdentityClaim.created_at)).limit(1).with_for_update())).first()
    if next_one is not None:
        await db.exec(insert(IdentityKey).values(blind_index=former, person_id=next_one.person_id))
        await db.delete(next_one)
        await db.flush()
