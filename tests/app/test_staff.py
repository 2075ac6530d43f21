"""Posts: the post gives the right, from its first day to its last, and not a day longer."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app import staff
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from models.regions import SPAN, Level
from models.staff import Post, Role
from tests import cast
from tests.cast import Village

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def date_post(house: House, someone: cast.Person, first: int, last: int | None) -> None:
    """Let the post of somebody run from `first` to `last`, in days from today."""
    async with house.database.writing() as db:
        for post in await db.exec(select(Post).where(Post.account_id == someone.token.account)):
            post.valid_from = clock.today() + first * DAY
            post.valid_to = None if last is None else clock.today() + last * DAY
            db.add(post)


@pytest.mark.parametrize(
    ("role", "level"),
    [(Role.GRID_WORKER, Level.VILLAGE), (Role.GRID_WORKER, Level.COUNTY), (Role.GRID_WORKER, Level.PROVINCE),
     (Role.VILLAGE_CADRE, Level.GRID), (Role.VILLAGE_CADRE, Level.TOWNSHIP), (Role.VILLAGE_CADRE, Level.CITY)],
)  # fmt: skip
async def test_nobody_is_appointed_above_or_below_the_level_of_the_role(
    house: House, village: Village, role: Role, level: Level
) -> None:
    code = village.grid - village.grid % SPAN[level]
    async with house.database.writing() as db:
        with pytest.raises(Invalid) as refused:
            await staff.appoint(db, cast.fresh_phone(), "某某", role, code)
    assert [fault.field for fault in refused.value.faults] == ["region"]


async def test_nobody_is_appointed_where_nothing_is_or_without_a_phone(house: House, village: Village) -> None:
    async with house.database.writing() as db:
        with pytest.raises(NotFound):
            await staff.appoint(db, cast.fresh_phone(), "某某", Role.GRID_WORKER, village.code + 900)
        with pytest.raises(Invalid):
            await staff.appoint(db, "12345", "某某", Role.GRID_WORKER, village.grid)


@pytest.mark.proves("T04")
@pytest.mark.parametrize(
    ("first", "last", "held"),
    [(0, None, True), (-400, None, True), (0, 0, True), (-9, 0, True), (-9, 9, True), (1, None, False),
     (-9, -1, False), (1, 9, False)],
)  # fmt: skip
async def test_a_post_is_held_on_its_days_only(
    house: House, village: Village, first: int, last: int | None, *, held: bool
) -> None:
    await date_post(house, village.li, first, last)
    assert bool((await cast.on_duty(house, village.li)).posts) is held
    async with house.database.reading() as db:
        answers = await staff.worker_of(db, village.grid)
    # Where the grid has nobody, the village answers.
    assert answers is not None
    assert answers.name == ("李桂芳" if held else "陈国平")


async def test_the_day_of_a_post_is_shanghais(house: House, village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    tomorrow = clock.today() + DAY
    await date_post(house, village.li, 1, None)
    for at, held in ((clock.midnight(tomorrow) - timedelta(seconds=1), False), (clock.midnight(tomorrow), True)):
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        async with house.database.reading() as db:
            assert bool(await staff.posts_of(db, village.li.token.account)) is held


async def test_a_grid_nobody_serves_has_nobody_to_call(house: House, village: Village) -> None:
    for someone in (village.wu, village.chen):
        await date_post(house, someone, -9, -1)
    async with house.database.reading() as db:
        assert await staff.worker_of(db, village.other_grid) is None


async def test_the_same_post_twice_is_one_post_and_a_phone_may_hold_two(house: House, village: Village) -> None:
    async with house.database.writing() as db:
        again = await staff.appoint(db, village.li.phone, "李桂芳", Role.GRID_WORKER, village.grid)
        await staff.appoint(db, village.li.phone, "李桂芳", Role.GRID_WORKER, village.other_grid)
        await staff.appoint(db, village.li.phone, "李桂芳", Role.VILLAGE_CADRE, village.code)
        assert again.region_code == village.grid
    me = await cast.on_duty(house, village.li)
    assert [(post.role, post.region_code) for post in me.posts] == [
        ("village_cadre", village.code), ("grid_worker", village.grid), ("grid_worker", village.other_grid),
    ]  # fmt: skip
    narrowest = me.post_over(village.grid)
    assert narrowest is not None
    assert narrowest.role == "grid_worker"
    assert me.post_over(village.grid + 7).role == "village_cadre"
    assert me.post_over(village.code + 1000) is None


async def test_the_duty_phone_is_masked_until_it_is_asked_for(house: House, village: Village) -> None:
    async with house.database.reading() as db:
        duty = await staff.worker_of(db, village.grid)
    assert duty is not None
    phone = village.li.phone
    assert (duty.name, duty.phone, duty.phone_masked) == ("李桂芳", phone, f"{phone[:3]}****{phone[-4:]}")
