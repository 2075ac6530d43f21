"""Random organisations against a brute-force oracle: who sees whom, who answers where, what an end leaves behind."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import checkins, glass, regions, residents, staff
from app.exports import rows as export_rows
from app.house import House
from app.kit import clock
from app.kit.errors import NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Held, Viewer
from models.notices import DirectMessage
from models.regions import Region, last_of
from models.residents import Resident
from models.staff import Dismissal, Post, Right, Role, Transfer
from tests.app.organisations import Dice, World, counts, token_of
from tests.entitled import gives, inside, level

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(3600)]

MANY = int(os.environ.get("SHOUWANG_MATRIX", "0")) or 80
FIRST = int(os.environ.get("SHOUWANG_SEED", "1"))
COUNTIES = (331126000000000, 331127000000000)
RIGHTS = {Right.PEOPLE: "people", Right.CALL: "call", Right.REPORT_FOR: "report_for"}


class _Away(Exception):
    """Ends the transaction of one organisation without keeping it."""


@pytest.fixture(scope="module")
async def places(house: House) -> list[int]:
    return await settled(house)


async def settled(house: House) -> list[int]:
    """Two counties with two townships of two villages of two grids each, and what lies above."""
    found = [330000000000000, 331100000000000]
    async with house.database.writing() as db:
        for county in COUNTIES:
            found.append(county)
            for township in (await regions.children_of(db, county))[:2]:
                found.append(township.code)
                for village in (await regions.children_of(db, township.code))[:2]:
                    found += [village.code, *(grid.code for grid in await regions.mint(db, village.code, 2))]
    return found


@asynccontextmanager
async def organisation(house: House, places: list[int], seed: int) -> AsyncIterator[tuple[AsyncSession, World]]:
    """One organisation in a transaction that is thrown away."""
    try:
        async with house.database.writing() as db:
            response = await staff.active(db)
            yield db, await Dice(seed, places, response.id).thrown(db)
            raise _Away
    except _Away:
        pass


async def viewer_of(db: AsyncSession, account: UUID) -> Viewer:
    """Somebody as a door that asks for staff sees them."""
    posts = await staff.posts_of(db, account)
    return Viewer(token_of(account), posts, glass=await glass.in_force(db, account))


async def sees(db: AsyncSession, me: Viewer, person: UUID, right: Right) -> bool:
    try:
        await residents.covered(db, me, person, right)
    except NotFound:
        return False
    return True


async def judged(house: House, places: list[int], seeds: range) -> None:
    """Every viewer of every organisation, against plain reading. Raises AssertionError."""
    for seed in seeds:
        async with organisation(house, places, seed) as (db, world):
            for account in world.accounts:
                me, now = await viewer_of(db, account.id), clock.now()
                await _lists(db, world, me, seed)
                for row in world.residents[seed % 5 :: 5]:
                    for right, word in RIGHTS.items():
                        said = world.sees(account.id, row, word, now)
                        assert await sees(db, me, row.person_id, right) == said, (seed, right, row)


@pytest.mark.proves("T03")
async def test_everybody_sees_exactly_whom_plain_reading_says(house: House, places: list[int]) -> None:
    await judged(house, places, range(FIRST, FIRST + MANY))


async def _lists(db: AsyncSession, world: World, me: Viewer, seed: int) -> None:
    """Every list of residents that a viewer can ask for: by right, by grid, as a file."""
    among = select(Resident.person_id).where(col(Resident.person_id).in_([row.person_id for row in world.residents]))
    held = world.held(me.account_id)
    for right, word in RIGHTS.items():
        expected = {
            row.person_id for row in world.residents
            if any(gives(post.role, post.region_code, word) and inside(code, post.region_code) for post in held
                   for code in (row.region_code, row.current_code) if code)
        }  # fmt: skip
        try:
            listed = set((await db.exec(residents.seen_by(me, among, right))).all())
        except NotFound:
            listed = set()
        assert listed == expected, (seed, right)
    await _glasses(db, world, me, seed)
    for row in world.residents[seed % 4 :: 4]:
        near = await residents.living_with(db, me, row)
        assert {person.row.person_id for person in near} == world.family(me.account_id, row), (seed, row)
    for grid in world.grids[seed % 4 :: 4]:
        await _roll_call(db, world, me, (seed, grid))
    # Not above the counties of this test: others live in the same city.
    for place in world.places[2 + seed % 5 :: 5]:
        await _file(db, world, me, (seed, place))


async def _glasses(db: AsyncSession, world: World, me: Viewer, seed: int) -> None:
    """Openings of records are listed for who audits the region or answers its appeals, and for nobody else."""
    watching = [
        post for post in world.held(me.account_id)
        if any(gives(post.role, post.region_code, right) for right in ("audit", "appeals"))
    ]  # fmt: skip
    try:
        found = {item.id for item in (await glass.of_region(db, me)).items}
    except NotFound:
        assert not watching, seed
        return
    said = {each.id for each in world.glasses if any(inside(each.region_code, post.region_code) for post in watching)}
    assert found & {each.id for each in world.glasses} == said, seed


async def _roll_call(db: AsyncSession, world: World, me: Viewer, where: tuple[int, int]) -> None:
    seed, grid = where
    mine = _looks_after(world, me, grid)
    try:
        roll = await checkins.roll_call(db, me, grid, None)
    except NotFound:
        assert not mine, where
        return
    here = {row.person_id for row in world.residents if row.region_code == grid}
    guests = {row.person_id for row in world.residents if row.current_code == grid != row.region_code}
    assert mine, where
    assert {person.person_id for person in roll.people or []} == here, where
    assert {guest.person_id for guest in roll.visitors or []} == guests, where
    village = grid - grid % 1000
    if _looks_after(world, me, village):
        table = await checkins.roll_call(db, me, village, None)
        assert table.counts.due == sum(inside(row.region_code, village) for row in world.residents), (seed, village)


def _looks_after(world: World, me: Viewer, place: int) -> bool:
    held = world.held(me.account_id)
    return any(gives(post.role, post.region_code, "people") and inside(place, post.region_code) for post in held)


async def _file(db: AsyncSession, world: World, me: Viewer, where: tuple[int, int]) -> None:
    _, place = where
    held = [post for post in world.held(me.account_id) if gives(post.role, post.region_code, "export")]
    try:
        count = await export_rows.count(db, me, (place, last_of(place)))
    except NotFound:
        assert not held, where
        return
    inside_both = [
        row for row in world.residents
        if inside(row.region_code, place) and any(inside(row.region_code, post.region_code) for post in held)
    ]  # fmt: skip
    assert count == len(inside_both), where


async def test_every_unit_has_an_answer_or_stands_on_the_list_of_gaps(house: House, places: list[int]) -> None:
    boss = administrator()
    for seed in range(FIRST, FIRST + MANY):
        async with organisation(house, places, seed) as (db, world):
            now = clock.now()
            for place in places[2:]:
                found = await staff.on_duty(db, place)
                said = world.answers(place, now)
                assert found.gap == (not said), (seed, place)
                if said:
                    assert {item.post_id for item in found.items} == said, (seed, place)
            for township in [code for code in places if level(code) == "T"]:
                units = await _units(db, township)
                gaps = await staff.gaps(db, boss, township)
                silent = {code for code in units if not world.answers(code, now)}
                assert gaps.total == len(silent), (seed, township)
                assert {gap.region_code for gap in gaps.items} <= silent, (seed, township)


def administrator() -> Viewer:
    """Somebody with the right to every board of the province."""
    account = uuid7()
    post = Held(uuid7(), Role.ADMINISTRATOR, 330000000000000, last_of(330000000000000), "总管")
    return Viewer(token_of(account), (post,))


async def _units(db: AsyncSession, place: int) -> set[int]:
    within = col(Region.code).between(place, last_of(place)), col(Region.valid_to).is_(None)
    return set((await db.exec(select(Region.code).where(*within))).all())


async def test_whatever_ends_leaves_no_work_and_no_unit_without_its_last_administrator(
    house: House, places: list[int]
) -> None:
    boss = administrator()
    for seed in range(FIRST, FIRST + MANY):
        async with organisation(house, places, seed) as (db, world):
            await _letters(db, world)
            for number, post in enumerate(world.posts[::2]):
                await _leave(db, world, boss, (post, number % 2 == 0))
                assert await _waiting(db) == [], (seed, post.id)


async def _letters(db: AsyncSession, world: World) -> None:
    for to in world.posts:
        if to.ended_at is None:
            db.add(DirectMessage(
                id=uuid7(), from_post_id=world.posts[0].id, sent_to_id=to.id, to_post_id=to.id, created_at=clock.now(),
                region_code=to.region_code, words_sealed=b"",
            ))  # fmt: skip
    await db.flush()


async def _leave(db: AsyncSession, world: World, boss: Viewer, what: tuple[Post, bool]) -> None:
    """Dismiss or transfer one post, and judge whether that was allowed."""
    post, moves = what
    # The city and the province are real ones: other tests may have left administrators of their own there.
    there = col(Post.role) == Role.ADMINISTRATOR, Post.region_code == post.region_code
    known = {each.id for each in world.posts}
    strangers = [each for each in await db.exec(select(Post).where(*there)) if each.id not in known]
    others = [
        each for each in (*world.posts, *strangers)
        if each.id != post.id and each.role == Role.ADMINISTRATOR and each.region_code == post.region_code
        and counts(each)
    ]  # fmt: skip
    last = post.role == Role.ADMINISTRATOR and post.account_id is not None and not others
    ended = post.ended_at is not None
    target = next(code for code in world.grids if code != post.region_code)
    try:
        if moves:
            form = Transfer(role=Role.GRID_WORKER, region_code=target)
            fresh = await staff.transfer(db, boss, post.id, form)
            world.posts.append(fresh)
        else:
            await staff.dismiss(db, boss, post.id, Dismissal())
    except staff.LastAdministrator:
        assert last, post
    except staff.AlreadyAppointed:
        assert moves
    except NotFound:
        assert ended, post
    else:
        assert not last, post
        assert not ended, post


async def _waiting(db: AsyncSession) -> list[object]:
    """Open work addressed to a post that has ended."""
    sql = (
        "SELECT m.id FROM direct_message m JOIN post p ON p.id = m.to_post_id WHERE m.read_at IS NULL"
        " AND p.ended_at IS NOT NULL UNION ALL SELECT a.id FROM appeal a JOIN post p ON p.id = a.owner_post_id"
        " WHERE a.closed_at IS NULL AND p.ended_at IS NOT NULL"
    )
    return list((await db.exec(text(sql), execution_options={"scope": "test"})).all())  # type: ignore[call-overload]
