"""No orphan, ever: whoever leaves, falls ill, moves or goes off shift, every open task is somebody's who is there, or
stands in a queue that people see."""

import random
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from app import residents, staff
from app.house import House
from app.kit import clock
from app.kit.errors import Refusal
from app.kit.viewer import Viewer
from models.residents import PlaceChange, Resident
from models.staff import AbsenceCreate, Dismissal, Post, Role, ShiftCreate, Transfer
from tests import cast
from tests.app.staffing import administrator, town
from tests.app.tasks.work import opened, orphans, tend
from tests.cast import Village

pytestmark = pytest.mark.anyio
STEPS = 25


class Life:
    """What happens to the people of a village, at random and by a seed."""

    def __init__(self, house: House, village: Village, chief: Viewer, seed: int) -> None:
        self.house, self.village, self.chief, self.dice = house, village, chief, random.Random(seed)

    async def posts(self) -> list[Post]:
        first = town(self.village)
        async with self.house.database.reading() as db:
            found = select(Post).where(
                col(Post.region_code).between(first, first + 999_999), col(Post.ended_at).is_(None),
                col(Post.role) != Role.ADMINISTRATOR, col(Post.activated_at).is_not(None),
            )  # fmt: skip
            return list((await db.exec(found.order_by(col(Post.id)))).all())

    async def step(self) -> str:
        """One thing happens. A refusal (a substitute who does not fit, say) is one as well."""
        act = self.dice.choice(
            (self.open, self.open, self.open, self.leave, self.come_back, self.dismiss, self.appoint, self.plan,
             self.transfer, self.move, self.stay, self.deactivate)
        )  # fmt: skip
        try:
            await act()
        except Refusal as refused:
            return f"{act.__name__}: {refused.type}"
        return act.__name__

    async def open(self) -> None:
        people = (None, self.village.mei.person_id, self.village.qian.person_id)
        where = self.dice.choice((self.village.grid, self.village.other_grid))
        await opened(self.house, where, self.dice.choice(people))

    async def leave(self) -> None:
        posts = await self.posts()
        if not posts:
            return
        post, other = self.dice.choice(posts), self.dice.choice([None, *posts])
        now = clock.now()
        form = AbsenceCreate(
            post_id=post.id, from_at=now, until_at=now + timedelta(hours=9), substitute_id=other.id if other else None
        )
        async with self.house.database.writing() as db:
            await staff.leave(db, self.chief, form)

    async def come_back(self) -> None:
        async with self.house.database.writing() as db:
            found = (await staff.absences_of(db, self.chief, town(self.village))).items
            if found:
                await staff.come_back(db, self.chief, self.dice.choice(found).id)

    async def dismiss(self) -> None:
        posts = await self.posts()
        if posts:
            async with self.house.database.writing() as db:
                await staff.dismiss(db, self.chief, self.dice.choice(posts).id, Dismissal())

    async def appoint(self) -> None:
        role, code = self.dice.choice(
            ((Role.GRID_WORKER, self.village.grid), (Role.GRID_WORKER, self.village.other_grid),
             (Role.VILLAGE_CADRE, self.village.code), (Role.PARTY_MEMBER, self.village.grid))
        )  # fmt: skip
        await cast.appoint(self.house, f"新人{self.dice.randrange(99)}", role, code)

    async def plan(self) -> None:
        posts = await self.posts()
        if posts:
            start = clock.now() + timedelta(hours=self.dice.choice((0, 0, 3, 20)))
            form = ShiftCreate(post_id=self.dice.choice(posts).id, starts_at=start, ends_at=start + timedelta(hours=8))
            async with self.house.database.writing() as db:
                await staff.plan(db, self.chief, form)

    async def transfer(self) -> None:
        posts = [post for post in await self.posts() if post.role == Role.GRID_WORKER]
        if posts:
            where = self.dice.choice((self.village.grid, self.village.other_grid))
            async with self.house.database.writing() as db:
                await staff.transfer(
                    db, self.chief, self.dice.choice(posts).id, Transfer(role=Role.GRID_WORKER, region_code=where)
                )

    async def move(self) -> None:
        where = self.dice.choice((self.village.grid, self.village.other_grid))
        async with self.house.database.writing() as db:
            moved = update(Resident).where(col(Resident.person_id) == self.village.mei.person_id)
            await db.exec(moved.values(region_code=where).execution_options(scope="test"))

    async def stay(self) -> None:
        where = self.dice.choice((None, self.village.other_grid))
        async with self.house.database.writing() as db:
            await residents.stay(db, self.village.mei.viewer, PlaceChange(region_code=where))

    async def deactivate(self) -> None:
        """The last day of a post has passed."""
        posts = await self.posts()
        if posts:
            gone = self.dice.choice(posts).id
            async with self.house.database.writing() as db:
                yesterday = clock.today() - timedelta(days=1)
                values = {"valid_from": yesterday, "valid_to": yesterday}
                await db.exec(update(Post).where(col(Post.id) == gone).values(**values))


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_to_people_every_task_is_somebodys(house: House, village: Village, seed: int) -> None:
    _, chief = await administrator(house, town(village))
    await cast.appoint(house, "镇值班员", Role.SUPERVISOR, town(village))
    life, first = Life(house, village, chief, seed), town(village)
    story = []
    for _ in range(STEPS):
        story.append(await life.step())
        # Leaving and dismissal see to it in their own transaction; what time alone does, the worker's next second.
        if story[-1] in {"leave", "dismiss", "open"} and "plan" not in story and "deactivate" not in story:
            assert await orphans(house, first, first + 999_999, moved=False) == [], story
        await tend(house)
        assert await orphans(house, first, first + 999_999) == [], story
