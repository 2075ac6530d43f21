"""Papers that lie in the house when the organisation asks: an appeal, an export, a sheet, an opened record."""

from uuid import UUID

from app import appeals, appointments, exports, glass
from app.house import House
from app.kit.ids import uuid7
from models.appeals import AppealCreate, AppealKind
from models.exports import ExportCreate
from models.glass import GlassCreate
from models.regions import Level
from tests import cast
from tests.organisation import Organisation

SPARE = [AppealKind.RECORD, AppealKind.REFUSAL, AppealKind.OTHER]  # one open appeal of each kind; closed ones make room


async def laid(house: House, org: Organisation) -> dict[str, UUID]:
    """One of each, by the name that a path has for it."""
    return {
        "appeal_id": await objected(house, org, AppealKind.OTHER),
        "export_id": await asked(house, org),
        "sheet_id": await brought(house, org),
        "glass_id": await opened(house, org),
    }


async def objected(house: House, org: Organisation, kind: AppealKind | None = None) -> UUID:
    """An appeal of the guardian for the child, or a spare one for her grandfather; it lies with the village."""
    person = org.child if kind else org.guardian.household[2]
    if kind is None:
        kind = SPARE[0]
        SPARE.append(SPARE.pop(0))
    form = AppealCreate(id=uuid7(), kind=kind, person_id=person.person_id, words="请再看一看。")
    try:
        async with house.database.writing() as db:
            await appeals.file(db, org.guardian.viewer, form)
    except appeals.AlreadyAppealed as standing:
        return UUID(standing.extra["appeal_id"])
    return form.id


async def asked(house: House, org: Organisation) -> UUID:
    """The county's list clerk has asked for the phones of the village: a second person has to say yes."""
    form = ExportCreate.model_validate({
        "id": uuid7(), "region_code": str(org.places[Level.VILLAGE]), "columns": ["grid", "phone"],
        "purpose": "supplies", "words": "三网格断网，入户送药两天",
    })  # fmt: skip
    clerk = org.actors["list_clerk@county"].person
    assert clerk is not None
    me = await cast.on_duty(house, clerk)
    async with house.database.writing() as db:
        await exports.request(db, me, form)
    return form.id


async def brought(house: House, org: Organisation, *, applied: bool = False) -> UUID:
    """The township's administrator has pasted a sheet with one new post, and applied it."""
    boss = org.actors["administrator@township"].person
    assert boss is not None
    me = await cast.on_duty(house, boss)
    pasted = f"姓名\t手机号\t职务\t单位\n新人\t{cast.fresh_phone()}\t网格员\t{org.places[Level.GRID]}"
    async with house.database.writing() as db:
        sheet = await appointments.bring_paste(db, me, pasted)
        if applied:
            await appointments.apply(db, me, sheet.id)
        return sheet.id


async def opened(house: House, org: Organisation) -> UUID:
    """The supervisor of the other county has opened the record of a resident of the sibling grid."""
    far = org.actors["supervisor@elsewhere"].person
    assert far is not None
    me = await cast.on_duty(house, far)
    form = GlassCreate.model_validate({
        "person_id": org.stranger.person_id, "purpose": "transfer", "words": "患者转入我县医院观察。", "hours": 4,
    })  # fmt: skip
    async with house.database.writing() as db:
        return (await glass.open_glass(db, me, form)).id
