"""Break-glass: one person, for hours, with a reason, never silent, never a list."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from app import audit, checkins, glass, notices, residents, staff, vault
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound, QuotaSpent
from app.kit.viewer import Viewer
from models.audit import Act, AuditEvent, AuditLedger, Purpose
from models.glass import Glass, GlassCreate, GlassPublic
from models.notices import DirectMessage
from models.staff import Dismissal, Post, Role
from tests import cast
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio


def asked(**changes: object) -> GlassCreate:
    words = {"purpose": "medical_emergency", "words": "患者在急诊，昏迷，需要核实接触史。", "hours": 2}
    return GlassCreate.model_validate(words | changes)


@pytest.fixture
async def doctor(house: House) -> Person:
    """A doctor of another county: 330881, Jiangshan."""
    return await cast.appoint(house, "徐敏", Role.DOCTOR, 330881 * 10**9)


async def opened(house: House, me: Viewer, form: GlassCreate) -> GlassPublic:
    async with house.database.writing() as db:
        return await glass.open_glass(db, me, form)


async def through(house: House, me: Viewer) -> Viewer:
    """The viewer as the next request sees them."""
    async with house.database.reading() as db:
        return replace(me, glass=await glass.in_force(db, me.account_id))


async def number_of(house: House, someone: Person) -> str:
    async with house.database.reading() as db:
        return vault.of(db).open(someone.household[0].id_sealed, "resident|id", someone.person_id)


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.proves("T01")
async def test_without_the_right_there_is_no_glass_to_break(house: House, village: Village) -> None:
    for someone in (village.mei, village.qian, village.li, village.wu, village.chen):
        me = await cast.on_duty(house, someone)
        with pytest.raises(NotFound):
            await opened(house, me, asked(person_id=village.zhou.person_id))


@pytest.mark.proves("T20")
async def test_an_unknown_number_and_an_unknown_person_get_one_answer_and_are_written_down(
    house: House, doctor: Person, village: Village
) -> None:
    me, said = await cast.on_duty(house, doctor), set()
    for form in (asked(id_type="resident_id", id_number=cast.fresh_id()), asked(person_id=cast.uuid7())):
        began = clock.now()
        with pytest.raises(glass.NobodyThere) as refused:
            await opened(house, me, form)
        assert clock.now() - began >= timedelta(seconds=glass.CALM_S)
        said.add((refused.value.status, refused.value.detail))
    assert len(said) == 1
    async with house.database.reading() as db:
        tries = await db.exec(select(AuditEvent.facts).where(AuditEvent.account_id == doctor.token.account,
                                                             AuditEvent.act == Act.GLASS_TRIED))  # fmt: skip
        sealed = await db.exec(select(AuditLedger.facts).where(AuditLedger.account_id == doctor.token.account,
                                                               AuditLedger.act == Act.GLASS_TRIED))  # fmt: skip
        assert len([*tries, *sealed]) == 2


async def test_look_ups_are_counted_whatever_they_find_and_end_at_twenty(
    house: House, doctor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glass, "CALM_S", 0)
    me = await cast.on_duty(house, doctor)
    for number in range(glass.A_DAY):
        wrong = asked(id_type="resident_id", id_number="11010519491231002" + str(number % 10))
        with pytest.raises((Invalid, NotFound)):
            await opened(house, me, wrong)
    with pytest.raises(QuotaSpent):
        await opened(house, me, asked(id_type="resident_id", id_number=cast.fresh_id()))


async def test_a_document_and_hours_and_words_are_asked_for(house: House, doctor: Person) -> None:
    me = await cast.on_duty(house, doctor)
    for form in (asked(), asked(id_type="none"), asked(id_type="resident_id", id_number="123")):
        with pytest.raises(Invalid):
            await opened(house, me, form)
    for wrong in ({"hours": 5}, {"hours": 0}, {"words": "急"}, {"purpose": "curiosity"}):
        with pytest.raises(ValueError, match="validation error"):
            asked(person_id=cast.uuid7(), **wrong)


async def test_of_ones_own_region_there_is_nothing_to_break(house: House, village: Village) -> None:
    county = village.code - village.code % 10**9
    doctor = await cast.on_duty(house, await cast.appoint(house, "本县医生", Role.DOCTOR, county))
    with pytest.raises(glass.OpenAlready):
        await opened(house, doctor, asked(person_id=village.mei.person_id))
    async with house.database.reading() as db:  # the number was looked up all the same
        (read,) = await audit.about(db, [village.mei.person_id])
        assert await glass.about(db, [village.mei.person_id]) == []
    assert (read.who, read.act) == ("本县医生", "glass_tried")


async def test_another_reason_for_what_stands_open_is_refused_and_the_same_again_is_the_first(
    house: House, doctor: Person, village: Village
) -> None:
    me = await cast.on_duty(house, doctor)
    first = await opened(house, me, asked(person_id=village.mei.person_id))
    assert (await opened(house, me, asked(person_id=village.mei.person_id))).id == first.id
    for other in ({"purpose": "missing_person"}, {"words": "换了一个完全不同的理由再来一次。"}):
        with pytest.raises(glass.OpenForAnotherReason):
            await opened(house, me, asked(person_id=village.mei.person_id, **other))
    with pytest.raises(ValueError, match="unseen"):
        asked(person_id=village.mei.person_id, words="\u200b" * 12)


async def test_the_person_is_told_where_they_look_every_day(house: House, doctor: Person, village: Village) -> None:
    async with house.database.reading() as db:
        assert await glass.lately(db, [village.mei.person_id]) == 0
    await opened(house, await cast.on_duty(house, doctor), asked(person_id=village.mei.person_id))
    async with house.database.reading() as db:
        assert await glass.lately(db, [village.mei.person_id]) == 1


# --- what it opens ---------------------------------------------------------------------------------------------------


@pytest.mark.proves("T03")
async def test_it_opens_one_person_and_no_list_and_nobody_else(house: House, doctor: Person, village: Village) -> None:
    me = await cast.on_duty(house, doctor)
    number = await number_of(house, village.mei)
    shown = await opened(house, me, asked(id_type="resident_id", id_number=number))
    assert (shown.person_id, shown.person) == (village.mei.person_id, "王＊")
    me = await through(house, me)
    assert me.glass == {village.mei.person_id}
    async with house.database.writing() as db:
        row = await residents.open_record(db, me, village.mei.person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)
        _, phone = await residents.reveal_phone(db, me, village.mei.person_id)
        assert (row.name, phone) == ("王小梅", village.mei.phone)
        assert await residents.living_with(db, me, row) == []
        for other in (village.father.person_id, village.zhou.person_id, village.qian.person_id):
            with pytest.raises(NotFound):
                await residents.covered(db, me, other)
        for code in (village.grid, village.code):
            with pytest.raises(NotFound):
                await checkins.roll_call(db, me, code, None)
        with pytest.raises(NotFound):
            await residents.open_record(db, me, village.mei.person_id, Act.REPORTED_FOR, Purpose.REPORT_FOR)
    with pytest.raises(NotFound):
        await checkins.submit(house.writer, me, cast.report(person_id=village.mei.person_id))


@pytest.mark.proves("T31")
async def test_both_sides_are_told(house: House, doctor: Person, village: Village) -> None:
    me = await cast.on_duty(house, doctor)
    shown = await opened(house, me, asked(person_id=village.mei.person_id))
    again = await opened(house, me, asked(person_id=village.mei.person_id))
    assert again.id == shown.id  # a second tap is not a second opening
    township = village.code - village.code % 10**6
    async with house.database.writing() as db:
        told = await db.exec(
            select(DirectMessage.region_code).where(
                col(DirectMessage.region_code).in_([village.code, township]),
                col(DirectMessage.from_post_id).is_(None), DirectMessage.created_at >= shown.opened_at,
            )
        )  # fmt: skip
        assert sorted(told) == [township, village.code]
        (about,) = await glass.about(db, [village.mei.person_id])
        assert (about.who, about.purpose, about.role) == ("徐敏", "medical_emergency", Role.DOCTOR)
        await residents.open_record(db, await through(house, me), village.mei.person_id, Act.SAW_PERSON,
                                    Purpose.PERSON_PAGE)  # fmt: skip
        reads = await audit.about(db, [village.mei.person_id])
    assert {(read.who, read.act, read.purpose) for read in reads} == {
        ("徐敏", "broke_glass", "break_glass"), ("徐敏", "saw_person", "break_glass"),
    }  # fmt: skip
    async with house.database.reading() as db:
        sealed = await db.exec(select(Glass.words_sealed).where(Glass.id == shown.id))
        assert "急诊".encode() not in sealed.one()


async def test_what_waits_for_an_empty_village_is_read_one_level_up(
    house: House, doctor: Person, village: Village
) -> None:
    (post,) = (await cast.on_duty(house, village.chen)).posts
    async with house.database.writing() as db:
        row = await db.get_one(Post, post.id)
        row.ended_at = clock.now()
        db.add(row)
    await opened(house, await cast.on_duty(house, doctor), asked(person_id=village.mei.person_id))
    township, county = village.code - village.code % 10**6, village.code - village.code % 10**9
    for code, waiting in ((township, {village.code, township}), (county, {township})):
        me = await cast.on_duty(house, await cast.appoint(house, "督导", Role.SUPERVISOR, code))
        async with house.database.writing() as db:
            found = await notices.unit(db, me)
            ids = [item.id for item in found.items if item.facts.get("who") == "徐敏"]
            codes = await db.exec(select(DirectMessage.region_code).where(col(DirectMessage.id).in_(ids)))
            assert waiting <= set(codes)


async def test_openings_of_a_region_are_seen_by_who_answers_for_it_and_by_its_auditor(
    house: House, doctor: Person, village: Village
) -> None:
    shown = await opened(house, await cast.on_duty(house, doctor), asked(person_id=village.mei.person_id))
    county = village.code - village.code % 10**9
    auditor = await cast.appoint(house, "审计员", Role.AUDITOR, county)
    supervisor = await cast.appoint(house, "督导", Role.SUPERVISOR, village.code - village.code % 10**6)
    elsewhere = await cast.appoint(house, "外县审计", Role.AUDITOR, 330881 * 10**9)
    for someone, sees in ((auditor, True), (supervisor, True), (village.chen, True), (elsewhere, False)):
        me = await cast.on_duty(house, someone)
        async with house.database.reading() as db:
            found = await glass.of_region(db, me)
        assert (shown.id in [item.id for item in found.items]) is sees
        assert all(item.person is None for item in found.items)
    for someone in (village.li, village.mei, doctor):
        me = await cast.on_duty(house, someone)
        async with house.database.reading() as db:
            with pytest.raises(NotFound):
                await glass.of_region(db, me)


# --- how it ends -----------------------------------------------------------------------------------------------------


async def test_it_ends_by_itself_and_by_hand_and_with_the_post(
    house: House, doctor: Person, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = await cast.on_duty(house, doctor)
    first = await opened(house, me, asked(person_id=village.mei.person_id, hours=1))
    await opened(house, me, asked(person_id=village.zhou.person_id, hours=4))
    async with house.database.writing() as db:
        await glass.end_glass(db, me, first.id)
        await glass.end_glass(db, me, first.id)
        with pytest.raises(NotFound):
            await glass.end_glass(db, await cast.on_duty(house, village.chen), first.id)
    assert (await through(house, me)).glass == {village.zhou.person_id}
    at = clock.now() + timedelta(hours=4, seconds=1)
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: at)
        assert (await through(house, me)).glass == frozenset()
    assert (await through(house, me)).glass == {village.zhou.person_id}
    async with house.database.reading() as db:
        (post,) = (await db.exec(select(Post).where(Post.account_id == doctor.token.account))).all()
    chief = await cast.on_duty(house, await cast.appoint(house, "县管理员", Role.ADMINISTRATOR, post.region_code))
    async with house.database.writing() as db:
        await staff.dismiss(db, chief, post.id, Dismissal())
    assert (await through(house, me)).glass == frozenset()
    async with house.database.reading() as db:  # and its record says so
        left = await glass.about(db, [village.zhou.person_id])
    assert [opening.ended_at is None for opening in left] == [False]
