"""The ledger: what was done about a person stands in it, or it was not done; and the person reads it."""

import random
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rigour
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col

from app import audit, residents
from app.audit.recording import _spelled
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from models.audit import Act, AuditEvent, Purpose
from models.staff import Right
from tests import cast
from tests.app.ledger import sealer_of
from tests.cast import Village

pytestmark = pytest.mark.anyio


async def look(house: House, viewer: Viewer, person_id: UUID | None) -> None:
    assert person_id is not None
    async with house.database.writing() as db:
        await residents.open_record(db, viewer, person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)


async def call_the_roll(house: House, viewer: Viewer, place: int) -> None:
    async with house.database.writing() as db:
        deed = audit.Deed(Act.SAW_LIST, Purpose.PEOPLE, place_code=place, facts={"people": 4})
        await audit.record(db, viewer, deed, viewer.post_over(place))


async def seal_all(house: House, tmp_path: Path) -> None:
    sealer = sealer_of(house, tmp_path / "heads.jsonl")
    while await sealer.seal():
        pass
    await sealer.close()


@pytest.mark.proves("T31")
async def test_an_act_that_was_undone_leaves_no_line(house: House, village: Village) -> None:
    li = await cast.on_duty(house, village.li)
    with pytest.raises(ZeroDivisionError):
        async with house.database.writing() as db:
            await residents.open_record(db, li, village.mei.person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)
            raise ZeroDivisionError
    async with house.database.reading() as db:
        assert await audit.about(db, [village.mei.person_id]) == []


@pytest.mark.proves("T31")
async def test_a_look_that_cannot_be_written_down_is_not_allowed(house: House, village: Village) -> None:
    li = await cast.on_duty(house, village.li)
    with pytest.raises(Exception, match="read-only"):
        async with house.database.reading() as db:
            await residents.open_record(db, li, village.mei.person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)


@pytest.mark.proves("T31")
async def test_a_person_sees_every_look_newest_first_and_nobody_elses(house: House, village: Village) -> None:
    li, chen = await cast.on_duty(house, village.li), await cast.on_duty(house, village.chen)
    for viewer, person in ((li, village.mei), (chen, village.mei), (chen, village.qian)):
        await look(house, viewer, person.person_id)
    async with house.database.reading() as db:
        mine = await audit.about(db, [village.mei.person_id])
        assert [(read.who, read.role, read.purpose) for read in mine] == [
            ("陈国平", "village_cadre", "person_page"), ("李桂芳", "grid_worker", "person_page"),
        ]  # fmt: skip
        assert len(await audit.about(db, [village.mei.person_id, village.qian.person_id])) == 3
        assert await audit.about(db, [uuid7()]) == []
        assert await audit.about(db, []) == []


@pytest.mark.proves("T31")
async def test_every_reveal_is_counted_sealed_or_not(house: House, village: Village, tmp_path: Path) -> None:
    viewers = [await cast.on_duty(house, one) for one in (village.li, village.chen)]
    random.seed(31)
    made = {viewer.posts[0].name: 0 for viewer in viewers}
    for step in range(40):
        viewer = random.choice(viewers)
        made[viewer.posts[0].name] += 1
        await look(house, viewer, village.mei.person_id)
        if step % 7 == 0:
            await seal_all(house, tmp_path)
    async with house.database.reading() as db:
        reads = await audit.about(db, [village.mei.person_id])
    told: dict[str, int] = {}
    for read in reads:  # two lines a person when the test runs over midnight
        told[read.who] = told.get(read.who, 0) + read.count
    assert told == made


@pytest.mark.proves("T31")
async def test_looks_of_one_actor_and_kind_on_one_day_are_one_line(house: House, village: Village) -> None:
    li = await cast.on_duty(house, village.li)
    for _ in range(3):
        await look(house, li, village.mei.person_id)
    async with house.database.writing() as db:
        await residents.open_record(db, li, village.mei.person_id, Act.REVEALED_PHONE, Purpose.CALL)
        mine = col(AuditEvent.person_id) == village.mei.person_id
        noon = clock.midnight(clock.today()) - timedelta(hours=12)
        await db.exec(update(AuditEvent).where(mine).values(at=noon))
    await look(house, li, village.mei.person_id)
    async with house.database.reading() as db:
        reads = await audit.about(db, [village.mei.person_id])
    assert sorted((read.act, read.count) for read in reads) == [
        ("revealed_phone", 1), ("saw_person", 1), ("saw_person", 3),
    ]  # fmt: skip
    assert len({read.id for read in reads}) == 3


@pytest.mark.proves("T31")
async def test_a_look_at_the_list_of_my_place_is_a_look_at_me(house: House, village: Village, tmp_path: Path) -> None:
    li, chen = await cast.on_duty(house, village.li), await cast.on_duty(house, village.chen)
    wu = await cast.on_duty(house, village.wu)
    for viewer, place in ((li, village.grid), (li, village.grid), (chen, village.code), (wu, village.other_grid)):
        await call_the_roll(house, viewer, place)
    await seal_all(house, tmp_path)
    await call_the_roll(house, li, village.grid)
    long_ago, later = clock.now() - timedelta(days=1), clock.now() + timedelta(days=1)
    async with house.database.reading() as db:
        reads = await audit.about(db, [village.mei.person_id], {village.grid: long_ago})
        assert sorted((read.who, read.act, read.count) for read in reads) == [
            ("李桂芳", "saw_list", 3), ("陈国平", "saw_list", 1),
        ]  # fmt: skip
        assert {read.place[-1] for read in reads if read.place and read.who == "李桂芳"} == {"第一网格"}
        assert (
            await audit.about(db, [village.mei.person_id], {village.grid: later}) == []
        )  # who came later was not in it


async def test_an_act_of_the_account_itself_needs_no_post(house: House, village: Village) -> None:
    async with house.database.writing() as db:
        deed = audit.Deed(Act.COPIED_OWN_DATA, Purpose.OWN_DATA, person_id=village.mei.person_id)
        await audit.record(db, village.mei.viewer, deed)
        erased = audit.Deed(Act.ERASED, Purpose.POLICY, person_id=village.mei.person_id, facts={"rows": 7})
        await audit.record(db, audit.operator(), erased)
    async with house.database.reading() as db:
        reads = await audit.about(db, [village.mei.person_id])
    assert [(read.who, read.role, read.act) for read in reads] == [
        ("", "operator", "erased"), ("", "resident", "copied_own_data"),
    ]  # fmt: skip


# --- facts -----------------------------------------------------------------------------------------------------------


def test_facts_are_small_words_and_numbers_in_one_spelling() -> None:
    assert _spelled({"rows": 3, "format": "csv"}) == '{"format":"csv","rows":3}'
    assert _spelled({}) is None


@pytest.mark.proves("T12")
@pytest.mark.parametrize(
    "value",
    [
        "王小梅",
        "13800008000",
        13800008000,
        "110101198502140013",
        "01a204cd-885f-7353-a2e4-2db8cdb27985",
        "x" * 32,
        "a\nb",
        10**14,
        "桃园路 18 号",
    ],
)
def test_neither_a_name_nor_a_number_of_a_person_gets_into_the_facts(value: str | int) -> None:
    with pytest.raises(ValueError, match="does not belong"):
        _spelled({"what": value})


def test_too_many_facts_are_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        _spelled({f"fact_{number}": 1 for number in range(60)})


@rigour(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text(max_size=8), st.text(max_size=40) | st.integers(), max_size=4))
def test_whatever_comes_as_facts_is_stored_without_chinese_and_without_long_numbers(
    facts: dict[str, str | int],
) -> None:
    try:
        text = _spelled(facts)
    except ValueError:
        return
    assert text is None or (text.isascii() and not any(len(word) >= 11 and word.isdigit() for word in text.split('"')))


def test_every_right_of_a_post_is_a_purpose() -> None:
    assert {str(right) for right in Right} <= {str(purpose) for purpose in Purpose}
    assert all(len(act) <= 20 for act in Act)
    assert all(len(purpose) <= 40 for purpose in Purpose)
