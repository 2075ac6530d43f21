"""The board of a stand-up, hour by hour: gaps close, open again and are counted where they were; villages without
grids are seen."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from app import regions, staff
from app.house import House
from app.kit import clock
from models.regions import Region
from models.staff import Board, Dismissal, Hour, Post, Role, Transfer
from tests import cast
from tests.app.staffing import administrator, post_of, town, wanted
from tests.cast import Village

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


async def board(house: House, code: int) -> Board:
    # Of the township at the least: the villages beside belong to other tests.
    _, me = await administrator(house, code - code % 10**6)
    async with house.database.reading() as db:
        return await staff.board(db, me, code)


async def changed(house: House, post: UUID, **columns: object) -> None:
    async with house.database.writing() as db:
        row = await db.get_one(Post, post)
        for name, value in columns.items():
            setattr(row, name, value)
        db.add(row)


def ago(hours: float) -> datetime:
    """A moment in the middle of an hour: so many hours before the running one."""
    return clock.now().replace(minute=30, second=0, microsecond=0) - HOUR * hours


async def worked(house: House, post: UUID, began: float, ended: float | None = None) -> None:
    """Somebody took a post up so many hours ago, and perhaps left it since."""
    await changed(
        house, post, created_at=ago(began), activated_at=ago(began), valid_from=clock.local_day(ago(began)),
        ended_at=None if ended is None else ago(ended),
    )  # fmt: skip


def grids(found: Board) -> list[int]:
    """Grids without a worker, by how many hours ago: the running hour first."""
    return [hour.grids_without_worker for hour in reversed(found.hours)]


def units(found: Board) -> list[int]:
    return [hour.units_without_lead for hour in reversed(found.hours)]


async def both_for_days(house: House, village: Village) -> tuple[UUID, UUID]:
    """The workers of both grids, as if they had been there for a week."""
    li, wu = (await post_of(house, village.li)).id, (await post_of(house, village.wu)).id
    for post in (li, wu):
        await worked(house, post, 7 * 24)
    return li, wu


async def test_a_gap_closes_in_the_hour_in_which_a_post_is_taken_up(house: House, village: Village) -> None:
    li, wu = await both_for_days(house, village)
    await worked(house, li, 3)
    await worked(house, wu, 10)
    found = await board(house, village.code)
    assert grids(found) == [0] * 4 + [1] * 7 + [2] * 37
    assert found.hours[-1].grids_without_worker == found.region.grids_without_worker


async def test_a_post_that_ends_opens_the_gap_again_in_that_hour(house: House, village: Village) -> None:
    li, _ = await both_for_days(house, village)
    assert grids(await board(house, village.code)) == [0] * 48
    await worked(house, li, 7 * 24, 5)
    assert grids(await board(house, village.code)) == [1] * 6 + [0] * 42
    # A successor after two hours closes it; the two hours stay to be seen.
    heir = await post_of(house, await cast.appoint(house, "丙", Role.GRID_WORKER, village.grid))
    await worked(house, heir.id, 3)
    assert grids(await board(house, village.code)) == [0] * 4 + [1] * 2 + [0] * 42


async def test_a_dismissal_of_now_opens_the_running_hour_alone(house: House, village: Village) -> None:
    li, _ = await both_for_days(house, village)
    _, me = await administrator(house, town(village))
    async with house.database.writing() as db:
        await staff.dismiss(db, me, li, Dismissal())
    found = await board(house, village.code)
    assert grids(found) == [1] + [0] * 47
    assert found.region.grids_without_worker == 1


async def test_overlapping_posts_that_all_ended_are_one_while(house: House, village: Village) -> None:
    li, _ = await both_for_days(house, village)
    await worked(house, li, 30, 10)
    for name, began, ended in (("乙", 28, 20), ("丙", 25, 8), ("丁", 4, 2)):
        post = await post_of(house, await cast.appoint(house, name, Role.GRID_WORKER, village.grid))
        await worked(house, post.id, began, ended)
    empty = [1] * 3 + [0] * 2 + [1] * 4 + [0] * 22 + [1] * 17
    assert grids(await board(house, village.code)) == empty
    # Somebody who stays: what was answered for before stays answered, and is counted once.
    post = await post_of(house, await cast.appoint(house, "戊", Role.GRID_WORKER, village.grid))
    await worked(house, post.id, 9)
    assert grids(await board(house, village.code)) == [0] * 31 + [1] * 17


async def test_who_left_before_the_48_hours_closed_no_gap_in_them(house: House, village: Village) -> None:
    li, _ = await both_for_days(house, village)
    await worked(house, li, 7 * 24, 60)
    assert grids(await board(house, village.code)) == [1] * 48


async def test_a_post_runs_out_at_the_midnight_after_its_last_day(house: House, village: Village) -> None:
    li, _ = await both_for_days(house, village)
    await changed(house, li, valid_to=clock.today() - timedelta(days=1))
    found = await board(house, village.code)
    midnight = clock.midnight(clock.today())
    assert {hour.at: hour.grids_without_worker for hour in found.hours} == {
        hour.at: int(hour.at >= midnight) for hour in found.hours
    }
    # The worker that ends it comes later; the gap is as old as it was.
    await changed(house, li, ended_at=clock.now())
    assert grids(await board(house, village.code)) == grids(found)


async def test_a_post_of_a_later_day_begins_on_that_day(house: House, village: Village) -> None:
    li, _ = await both_for_days(house, village)
    await changed(house, li, valid_from=clock.today())
    found = await board(house, village.code)
    midnight = clock.midnight(clock.today())
    assert all(hour.grids_without_worker == int(hour.at < midnight) for hour in found.hours)
    await changed(house, li, valid_from=clock.today() + timedelta(days=1))
    assert grids(await board(house, village.code)) == [1] * 48


async def test_who_was_transferred_was_not_there_before(house: House, village: Village) -> None:
    li, wu = await both_for_days(house, village)
    await worked(house, wu, 7 * 24, 20)
    _, me = await administrator(house, town(village))
    async with house.database.writing() as db:
        await staff.transfer(db, me, li, Transfer(role=Role.GRID_WORKER, region_code=village.other_grid))
    # The new post carries the old activation: it closes the gap now, and leaves one where they came from.
    assert grids(await board(house, village.code)) == [1] * 21 + [0] * 27


async def test_only_who_answers_by_office_and_has_taken_it_up_closes_a_gap(house: House, village: Village) -> None:
    li, _ = await both_for_days(house, village)
    await worked(house, li, 7 * 24, 5)
    doctor = await post_of(house, await cast.appoint(house, "方敏", Role.DOCTOR, village.code))
    _, me = await administrator(house, town(village))
    async with house.database.writing() as db:
        await staff.invite(db, me, wanted(village.grid))
    cadre = await post_of(house, village.chen)
    await worked(house, cadre.id, 7 * 24, 2)
    found = await board(house, village.code)
    assert grids(found) == [1] * 6 + [0] * 42
    assert units(found) == [1] * 3 + [0] * 45
    # A doctor who leads answers for the village.
    await worked(house, doctor.id, 1)
    await changed(house, doctor.id, lead=True)
    assert units(await board(house, village.code)) == [0] * 2 + [1] + [0] * 45


async def test_the_hours_of_the_parts_add_up_and_retired_regions_count_nowhere(house: House, village: Village) -> None:
    await both_for_days(house, village)
    before = await board(house, town(village))
    async with house.database.writing() as db:
        (grid,) = await regions.mint(db, village.code, 1)
    assert grids(await board(house, town(village))) == [count + 1 for count in grids(before)]
    assert units(before)[0] == before.region.units_without_lead
    async with house.database.writing() as db:
        (await db.get_one(Region, grid.code)).valid_to = clock.today()
    after = await board(house, town(village))
    assert (grids(after), units(after)) == (grids(before), units(before))
    below = [await board(house, part.region_code) for part in after.parts]
    assert [sum(each) for each in zip(*map(grids, below), strict=True)] == grids(after)
    # The township itself is one more unit.
    sums = [sum(each) for each in zip(*map(units, below), strict=True)]
    assert {whole - each for whole, each in zip(units(after), sums, strict=True)} <= {0, 1}


async def test_the_hours_agree_with_a_count_of_every_hour_by_itself(house: House, village: Village) -> None:
    """What the statement answers at once, asked again for each hour and each region, the slow way."""
    li, wu = await both_for_days(house, village)
    for post, span in ((li, (47, 46)), (wu, (60, 47))):
        await worked(house, post, *span)
    for name, began, ended in (("乙", 40, 30), ("丙", 35, 33), ("丁", 30, 12), ("戊", 6, None), ("己", 14, 7)):
        post = await post_of(house, await cast.appoint(house, name, Role.GRID_WORKER, village.other_grid))
        await worked(house, post.id, began, ended)
    found = await board(house, village.code)
    async with house.database.reading() as db:
        posts = (await db.exec(select(Post).where(col(Post.region_code).in_([village.grid, village.other_grid])))).all()

    def missing(hour: Hour) -> int:
        end = hour.at + HOUR
        there = {
            post.region_code for post in posts
            if post.activated_at and post.activated_at < end and (post.ended_at is None or post.ended_at >= end)
        }  # fmt: skip
        return 2 - len(there)

    assert [hour.grids_without_worker for hour in found.hours] == [missing(hour) for hour in found.hours]


# --- villages without grids ------------------------------------------------------------------------------------------


async def test_a_village_without_grids_is_counted_until_the_operator_makes_one(house: House, village: Village) -> None:
    async with house.database.reading() as db:
        bare = (
            await db.exec(
                select(Region.code).where(col(Region.level) == "village", col(Region.valid_to).is_(None))
                .order_by(col(Region.code).desc()).limit(1)
            )
        ).one()  # fmt: skip
    township = bare - bare % 10**6
    before = await board(house, township)
    assert (await board(house, bare)).region.villages_without_grids == 1
    assert before.region.villages_without_grids == sum(part.villages_without_grids for part in before.parts)
    async with house.database.writing() as db:
        (grid,) = await regions.mint(db, bare, 1)
    own, after = await board(house, bare), await board(house, township)
    assert own.region.villages_without_grids == 0
    assert [part.region_code for part in own.parts] == [grid.code]
    assert after.region.villages_without_grids == before.region.villages_without_grids - 1
    assert next(part for part in after.parts if part.region_code == bare) == own.region
    # Retired, it is no grid any more.
    async with house.database.writing() as db:
        (await db.get_one(Region, grid.code)).valid_to = clock.today()
    assert (await board(house, bare)).region.villages_without_grids == 1
    assert (await board(house, village.code)).region.villages_without_grids == 0
    assert (await board(house, village.grid)).region.villages_without_grids == 0


async def test_villages_without_grids_add_up_at_every_level(house: House, village: Village) -> None:
    province = village.code - village.code % 10**13
    for code in (province, village.code - village.code % 10**11, village.code - village.code % 10**9, town(village)):
        found = await board(house, code)
        assert found.region.villages_without_grids == sum(part.villages_without_grids for part in found.parts)
        assert found.hours[-1].grids_without_worker <= found.region.grids
        assert found.hours[-1].units_without_lead <= found.region.units  # others' leave and shifts are not in the hours
