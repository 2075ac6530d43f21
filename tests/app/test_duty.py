"""Duty: every unit has an answer to who is on duty here, or stands on the list of gaps; and the board adds up."""

import itertools
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from app import staff
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound, Refusal
from app.kit.ids import uuid7
from models.regions import county_of
from models.staff import (
    Absence,
    AbsenceCreate,
    Dismissal,
    Post,
    Role,
    Shift,
    ShiftCreate,
)  # fmt: skip
from tests import cast
from tests.app.staffing import administrator, post_of, town
from tests.cast import Village

pytestmark = pytest.mark.anyio

# --- duty ------------------------------------------------------------------------------------------------------------


async def on_duty(house: House, code: int) -> tuple[list[str], bool, list[str]]:
    async with house.database.reading() as db:
        found = await staff.on_duty(db, code)
    return [person.name for person in found.items], found.gap, [person.why for person in found.items]


def away(post: Post, substitute: UUID | None = None, hours: int = 8) -> AbsenceCreate:
    now = clock.now()
    return AbsenceCreate(
        post_id=post.id, from_at=now - timedelta(minutes=1), until_at=now + timedelta(hours=hours),
        substitute_id=substitute,
    )  # fmt: skip


async def test_the_holder_answers_without_a_plan(house: House, village: Village) -> None:
    assert await on_duty(house, village.grid) == (["李桂芳"], False, ["post"])


async def test_a_substitute_answers_for_who_is_away_and_a_gap_is_seen_without_one(
    house: House, village: Village
) -> None:
    li, wu = await post_of(house, village.li), await post_of(house, village.wu)
    me = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        absence = await staff.leave(db, me, away(li, wu.id))
    assert await on_duty(house, village.grid) == (["吴秀英"], False, ["substitute"])
    # The substitute falls ill as well: the village answers, and the grid stands on the list of gaps.
    chief = await cast.on_duty(house, village.chen)
    async with house.database.writing() as db:
        await staff.leave(db, chief, away(wu))
    assert await on_duty(house, village.grid) == (["陈国平"], True, ["above"])
    async with house.database.reading() as db:
        gaps = await staff.gaps(db, chief, village.code)
    assert {(gap.region_code, gap.kind) for gap in gaps.items} >= {(village.grid, "away"), (village.other_grid, "away")}
    async with house.database.writing() as db:
        await staff.come_back(db, me, absence.id)
    assert (await on_duty(house, village.grid))[0] == ["李桂芳"]


async def test_three_in_turn_stand_in_and_a_fourth_is_a_gap_to_the_map_and_to_the_list(
    house: House, village: Village
) -> None:
    chief = await cast.on_duty(house, village.chen)
    people = [await cast.appoint(house, f"替班{n}", Role.GRID_WORKER, village.other_grid) for n in "甲乙丙丁"]
    line = [await post_of(house, someone) for someone in (village.li, *people)]
    async with house.database.writing() as db:
        for post, follower in itertools.pairwise(line):  # named once and for all, not for this absence
            (await db.merge(post)).substitute_id = follower.id
    for gone, (answers, gap) in enumerate(((["替班甲"], False), (["替班乙"], False), (["替班丙"], False),
                                           (["陈国平"], True))):  # fmt: skip
        async with house.database.writing() as db:
            await staff.leave(db, chief, away(line[gone]))
        found, is_gap, _ = await on_duty(house, village.grid)
        async with house.database.reading() as db:
            gaps = await staff.gaps(db, chief, village.grid)
        assert (found, is_gap, gaps.total) == (answers, gap, int(gap))


async def test_a_unit_is_served_by_its_plan_from_the_first_shift_to_the_last(house: House, village: Village) -> None:
    li, wu, now = await post_of(house, village.li), await post_of(house, village.wu), clock.now()
    chief = await cast.on_duty(house, village.chen)

    async def plan(post: Post, begins: float, ends: float) -> UUID:
        form = ShiftCreate(
            post_id=post.id, starts_at=now + timedelta(hours=begins), ends_at=now + timedelta(hours=ends)
        )
        async with house.database.writing() as db:
            return (await staff.plan(db, chief, form)).id

    later = await plan(li, 2, 8)
    # Before the first shift whoever holds the post answers.
    assert await on_duty(house, village.grid) == (["李桂芳"], False, ["post"])
    async with house.database.writing() as db:
        db.add(
            Shift(
                id=uuid7(), post_id=li.id, region_code=village.grid, starts_at=now - timedelta(hours=8),
                ends_at=now - timedelta(minutes=1), by_account=chief.account_id, created_at=now,
            )
        )  # fmt: skip
    # Between two shifts nobody does, and everybody sees it: in the answer, in the list, on the board.
    assert await on_duty(house, village.grid) == (["陈国平"], True, ["above"])
    async with house.database.reading() as db:
        assert (village.grid, "away") in {
            (gap.region_code, gap.kind) for gap in (await staff.gaps(db, chief, village.code)).items
        }
        assert (await staff.board(db, chief, village.code)).region.grids_without_worker == 1
    await plan(li, -0.01, 1)
    assert await on_duty(house, village.grid) == (["李桂芳"], False, ["shift"])
    async with house.database.writing() as db:
        with pytest.raises(Refusal):
            await staff.plan(
                db,
                chief,
                ShiftCreate(post_id=li.id, starts_at=now + timedelta(hours=3), ends_at=now + timedelta(hours=4)),
            )
        await staff.cancel(db, chief, later)
    assert await on_duty(house, village.other_grid) == ([wu.name], False, ["post"])


async def test_the_shifts_of_who_leaves_are_no_plan_any_more(house: House, village: Village) -> None:
    other = await cast.appoint(house, "丙", Role.GRID_WORKER, village.grid)
    _, me = await administrator(house, village.code)
    li, now = await post_of(house, village.li), clock.now()
    async with house.database.writing() as db:
        await staff.plan(
            db, me, ShiftCreate(post_id=li.id, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=3))
        )
        ending = await staff.dismiss(db, me, li.id, Dismissal())
    assert await on_duty(house, village.grid) == (["丙"], False, ["post"])
    assert ending.successor_id == (await post_of(house, other)).id


async def test_who_stands_in_sees_what_they_stand_in_for_and_only_meanwhile(house: House, village: Village) -> None:
    li, wu = await post_of(house, village.li), await post_of(house, village.wu)
    me = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        absence = await staff.leave(db, me, away(li, wu.id))
    stands_in = await cast.on_duty(house, village.wu)
    assert stands_in.post_over(village.grid) is not None
    assert stands_in.post_over(village.code) is None
    async with house.database.writing() as db:
        await staff.come_back(db, me, absence.id)
    assert (await cast.on_duty(house, village.wu)).post_over(village.grid) is None


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
async def test_who_looks_after_nobody_stands_in_for_nobody_who_does(house: House, village: Village, role: Role) -> None:
    li, me = await post_of(house, village.li), await cast.on_duty(house, village.li)
    county = county_of(village.code)
    other = await post_of(house, await cast.appoint(house, "严明", role, county))
    async with house.database.writing() as db:
        with pytest.raises(Invalid):
            await staff.leave(db, me, away(li, other.id))


async def test_only_who_plans_there_plans_and_anybody_notes_their_own_absence(house: House, village: Village) -> None:
    li, wu = await post_of(house, village.li), await post_of(house, village.wu)
    me, now = await cast.on_duty(house, village.wu), clock.now()
    async with house.database.writing() as db:
        with pytest.raises(NotFound):
            await staff.leave(db, me, away(li))
        with pytest.raises(NotFound):
            await staff.plan(db, me, ShiftCreate(post_id=wu.id, starts_at=now, ends_at=now + timedelta(hours=1)))
        assert (await staff.leave(db, me, away(wu))).name == "吴秀英"


async def test_why_somebody_is_away_is_read_by_who_plans_and_by_themselves(house: House, village: Village) -> None:
    li, wu = await post_of(house, village.li), await post_of(house, village.wu)
    chief = await cast.on_duty(house, village.chen)
    async with house.database.writing() as db:
        form = away(li, wu.id)
        await staff.leave(db, chief, form.model_copy(update={"reason": "住院"}))
    for someone, read in ((village.chen, "住院"), (village.li, "住院"), (village.wu, "")):
        async with house.database.reading() as db:
            found = await staff.absences_of(db, await cast.on_duty(house, someone), village.grid)
        assert [item.reason for item in found.items] == [read], someone.name


async def test_a_substitute_is_a_colleague_of_the_county_and_not_oneself(house: House, village: Village) -> None:
    li = await post_of(house, village.li)
    far = await cast.appoint(house, "远方", Role.VILLAGE_CADRE, 331102001001000)
    me = await cast.on_duty(house, village.li)
    for wrong in (li.id, (await post_of(house, far)).id, uuid7()):
        async with house.database.writing() as db:
            with pytest.raises(Invalid):
                await staff.leave(db, me, away(li, wrong))
    async with house.database.reading() as db:
        assert (await db.exec(select(Absence).where(col(Absence.post_id) == li.id))).all() == []


# --- the board -------------------------------------------------------------------------------------------------------


async def test_the_parts_of_the_board_add_up_to_the_whole(house: House, village: Village) -> None:
    _, me = await administrator(house, county_of(village.code))
    async with house.database.reading() as db:
        board = await staff.board(db, me, county_of(village.code))
        part = next(each for each in board.parts if each.region_code == town(village))
        below = await staff.board(db, me, town(village))
    whole = board.region
    # The county itself is one more unit, and has posts of its own.
    assert whole.units == 1 + sum(each.units for each in board.parts)
    assert whole.grids == sum(each.grids for each in board.parts)
    assert whole.grids_without_worker == sum(each.grids_without_worker for each in board.parts)
    assert part.model_dump() == below.region.model_dump()
    assert len(board.hours) == 48
    assert board.hours[-1].total == whole.activated


async def test_a_grid_whose_worker_left_is_counted_at_once(house: House, village: Village) -> None:
    _, me = await administrator(house, town(village))
    async with house.database.reading() as db:
        before = (await staff.board(db, me, village.code)).region.grids_without_worker
    li = await post_of(house, village.li)
    async with house.database.writing() as db:
        await staff.dismiss(db, me, li.id, Dismissal())
    async with house.database.reading() as db:
        after = (await staff.board(db, me, village.code)).region.grids_without_worker
        gaps = await staff.gaps(db, me, village.code)
    assert after == before + 1
    assert (village.grid, "nobody") in {(gap.region_code, gap.kind) for gap in gaps.items}


async def test_the_board_of_a_sibling_does_not_exist(house: House, village: Village) -> None:
    _, me = await administrator(house, village.code)
    async with house.database.reading() as db:
        for code in (town(village), village.code + 1000):
            with pytest.raises(NotFound):
                await staff.board(db, me, code)
            with pytest.raises(NotFound):
                await staff.gaps(db, me, code)
            with pytest.raises(NotFound):
                await staff.posts_in(db, me, code)
