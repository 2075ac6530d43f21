"""A wrong document number is put right in the answer to an appeal, by whoever answers for the place."""

from uuid import UUID

import pytest
from sqlmodel import select

from app import appeals, audit, residents
from app.house import House
from app.kit.errors import Invalid, NotFound
from app.kit.ids import uuid7
from app.residents import identity
from models.appeals import AnswerCreate, AppealCreate
from models.residents import IdentityClaim, IdentityKey, IdType, Resident
from tests import cast
from tests.cast import Village

pytestmark = pytest.mark.anyio


async def appealed(house: House, someone: cast.Person, kind: str = "record") -> UUID:
    form = AppealCreate.model_validate({"id": uuid7(), "kind": kind, "words": "证件号最后一位不对。"})
    async with house.database.writing() as db:
        return (await appeals.file(db, someone.viewer, form)).id


async def answer(house: House, who: cast.Person, appeal_id: UUID, **changes: object) -> None:
    form = {"outcome": "corrected", "words": "已核对原件。", "id_type": "resident_id"} | changes
    me = await cast.on_duty(house, who)
    async with house.database.writing() as db:
        await appeals.answer(db, me, appeal_id, AnswerCreate.model_validate(form))


async def number_of(house: House, person_id: UUID) -> str:
    async with house.database.reading() as db:
        own = select(Resident).where(Resident.person_id == person_id).execution_options(scope="test")
        row = (await db.exec(own)).one()
        return house.vault.open(row.id_sealed, "resident|id", person_id)


async def holder_of(house: House, number: str) -> tuple[UUID | None, list[UUID]]:
    """Who holds a number, and who claims it besides."""
    async with house.database.reading() as db:
        blind = identity.Identity(IdType.RESIDENT_ID, number, None).blind_index(db)
        held = await db.exec(select(IdentityKey.person_id).where(IdentityKey.blind_index == blind))
        claims = await db.exec(select(IdentityClaim.person_id).where(IdentityClaim.blind_index == blind))
        return held.one_or_none(), list(claims)


async def test_no_number_is_changed_elsewhere_or_without_a_correction(house: House, village: Village) -> None:
    before, number = await number_of(house, village.mei.person_id), cast.fresh_id()
    record, other = await appealed(house, village.mei), await appealed(house, village.mei, "other")
    wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
    refused = (
        (other, {"id_number": number}), (record, {"outcome": "upheld", "id_number": number}),
        (record, {"id_number": wrong}), (record, {"id_number": before}), (record, {"id_number": None}),
        (record, {"id_type": None, "id_number": number}), (record, {"id_type": "none", "id_number": number}),
    )  # fmt: skip
    for appeal_id, changes in refused:
        with pytest.raises(Invalid):
            await answer(house, village.chen, appeal_id, **changes)
    with pytest.raises(NotFound):
        await answer(house, village.li, record, id_number=number)
    assert await number_of(house, village.mei.person_id) == before
    async with house.database.reading() as db:
        assert (await appeals.own(db, village.mei.viewer, record)).state == "owned"  # nothing half done


async def test_the_number_is_sealed_anew_and_found_again_and_told(house: House, village: Village) -> None:
    me, number = village.mei.person_id, cast.fresh_id()
    before = await number_of(house, me)
    await answer(house, village.chen, await appealed(house, village.mei), id_number=f" {number.lower()} ")
    assert await number_of(house, me) == number
    assert await holder_of(house, number) == (me, [])
    assert await holder_of(house, before) == (None, [])
    async with house.database.reading() as db:
        reads = await audit.about(db, [me])
        household = await residents.household_of(db, village.mei.viewer)
    assert ("陈国平", "corrected", "appeals") in [(read.who, read.act, read.purpose) for read in reads]
    assert len(household) == 3


async def test_a_number_held_by_somebody_else_is_noted_and_nobody_is_told(house: House, village: Village) -> None:
    mei, zhou = village.mei.person_id, village.zhou.person_id
    hers, his = await number_of(house, mei), await number_of(house, zhou)
    await answer(house, village.chen, await appealed(house, village.mei), id_number=his)
    assert await holder_of(house, his) == (zhou, [mei])
    assert await holder_of(house, hers) == (None, [])
    # He lets go of it: whoever claimed it next holds it.
    await answer(house, village.chen, await appealed(house, village.zhou), id_number=hers)
    assert await holder_of(house, his) == (mei, [])
    assert await holder_of(house, hers) == (zhou, [])
