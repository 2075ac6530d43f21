"""Random organisations, and what plain reading of their rows says of them: who sees whom, who answers where.

Nothing of the house's rules is used to judge: places are compared by their digits, time by days and hours.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.kit import clock
from app.kit.ids import new_device, uuid7
from app.kit.tokens import Token
from models.accounts import Account
from models.glass import Glass
from models.residents import Resident
from models.staff import SERVES, Absence, Post, Role, Shift
from tests.entitled import gives, inside, level

STATES = ("in force",) * 6 + ("last day", "expired", "planned", "invited", "ended")
HOPS = 3


@dataclass
class World:
    """One organisation: its rows."""

    places: list[int]
    posts: list[Post] = field(default_factory=list)
    residents: list[Resident] = field(default_factory=list)
    glasses: list[Glass] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)

    @property
    def grids(self) -> list[int]:
        return [code for code in self.places if level(code) == "G"]

    def held(self, account: UUID) -> list[Post]:
        """The posts of an account that count today, and those of absent colleagues for whom one of them stands in."""
        held = [post for post in self.posts if post.account_id == account and counts(post)]
        now = clock.now()
        for _ in range(HOPS if held else 0):
            mine = {post.id for post in held}
            held += [
                post
                for post in self.posts
                for gone in self.absences
                if gone.post_id == post.id and gone.ended_at is None and gone.from_at <= now < gone.until_at
                if counts(post) and post.id not in mine and (gone.substitute_id or post.substitute_id) in mine
            ]
        return held

    def sees(self, account: UUID, resident: Resident, right: str, now: datetime) -> bool:
        """May an account use a right on a resident: by a post over either place, or through broken glass?"""
        held = self.held(account)
        homes = [code for code in (resident.region_code, resident.current_code) if code is not None]
        by_post = any(
            gives(post.role, post.region_code, right) and inside(code, post.region_code)
            for post in held
            for code in homes
        )
        return by_post or (right != "report_for" and self.glassed(account, resident, now))

    def glassed(self, account: UUID, resident: Resident, now: datetime) -> bool:
        """Is a break-glass access of this account to this person open, and the post that opened it in force?"""
        posts = {post.id for post in self.held(account)}
        return any(
            glass.account_id == account and glass.person_id == resident.person_id and glass.ended_at is None
            and glass.expires_at > now and glass.post_id in posts
            for glass in self.glasses
        )  # fmt: skip

    def family(self, account: UUID, resident: Resident) -> set[UUID]:
        """The rest of a household of the same grid, as far as posts of an account reach."""
        return {
            other.person_id
            for other in self.residents
            if other.person_id != resident.person_id
            and (other.registered_by, other.region_code) == (resident.registered_by, resident.region_code)
            and any(
                gives(post.role, post.region_code, "people") and inside(code, post.region_code)
                for post in self.held(account)
                for code in (other.region_code, other.current_code)
                if code
            )
        }

    def answers(self, place: int, now: datetime) -> set[UUID]:
        """The posts that answer for a unit now, by its plan or by their office; empty: a gap."""
        window = timedelta(hours=36)
        plan = [shift for shift in self.shifts if shift.region_code == place and shift.cancelled_at is None]
        # A plan is running when a shift has begun lately, and one, perhaps another, ends soon.
        lately = any(shift.starts_at <= now and shift.ends_at > now - window for shift in plan)
        planned = lately and any(shift.ends_at > now and shift.starts_at < now + window for shift in plan)
        found = set()
        for post in self.posts:
            if post.region_code != place or not counts(post):
                continue
            on = any(s.post_id == post.id and s.cancelled_at is None and s.starts_at <= now < s.ends_at
                     for s in self.shifts)  # fmt: skip
            office = post.role in {"grid_worker", "village_cadre"} or post.lead
            if not on and (planned or not office):
                continue
            stand_in = self._present(post, now)
            if stand_in is not None:
                found.add(stand_in)
        return found

    def _present(self, post: Post, now: datetime) -> UUID | None:
        """The post itself, or whoever stands in for it, or in turn for them."""
        for _ in range(HOPS + 1):
            gone = [a for a in self.absences
                    if a.post_id == post.id and a.ended_at is None and a.from_at <= now < a.until_at]  # fmt: skip
            if not gone:
                return post.id
            other = gone[0].substitute_id or post.substitute_id
            follower = next((each for each in self.posts if each.id == other and counts(each)), None)
            if follower is None:
                return None
            post = follower
        return None


def counts(post: Post) -> bool:
    """Taken up, begun, not run out, not ended."""
    today = clock.today()
    begun = post.valid_from <= today and (post.valid_to is None or post.valid_to >= today)
    return begun and post.ended_at is None and post.activated_at is not None


def token_of(account: UUID) -> Token:
    """A sign-in of an account without a person."""
    return Token(account, None, new_device(), 0, 0, 0, 2**60)


class Dice:
    """One seed, one organisation."""

    def __init__(self, seed: int, places: list[int], response: UUID) -> None:
        self.roll, self.response = random.Random(seed), response
        self.world = World(places)

    async def thrown(self, db: AsyncSession) -> World:
        """Rows of a whole organisation, flushed into the caller's transaction."""
        world, now = self.world, clock.now()
        world.accounts = [self._account() for _ in range(10)]
        db.add_all(world.accounts)
        await db.flush()
        world.posts = [self._post(db) for _ in range(16)]
        world.residents = [self._resident() for _ in range(20)]
        db.add_all([*world.posts, *world.residents])
        await db.flush()
        present = [post for post in world.posts if counts(post)]
        for post in present:
            if self.roll.random() < 0.3:
                post.substitute_id = self.roll.choice(world.posts).id
                post.substitute_id = None if post.substitute_id == post.id else post.substitute_id
        world.absences = [self._absence(post, now) for post in self.roll.sample(present, len(present) // 3)]
        world.shifts = [self._shift(post, now) for post in self.roll.choices(present, k=3)] if present else []
        world.glasses = [self._glass(db, now) for _ in range(4)]
        db.add_all([*world.absences, *world.shifts, *world.glasses])
        await db.flush()
        return world

    def _account(self) -> Account:
        number = self.roll.randbytes(16)
        return Account(id=uuid7(), phone_index=number, phone_sealed=number, created_at=clock.now())

    def _place(self, role: Role) -> int:
        letters = {each.value[0].upper() if each.value != "county" else "Y" for each in SERVES[role]}
        return self.roll.choice([code for code in self.world.places if level(code) in letters])

    def _post(self, db: AsyncSession) -> Post:
        roll, today, now, name = self.roll, clock.today(), clock.now(), uuid7()
        role = roll.choice([*Role, Role.GRID_WORKER, Role.GRID_WORKER, Role.VILLAGE_CADRE, Role.SUPERVISOR])
        state, place = roll.choice(STATES), self._place(role)
        owner = None if state == "invited" else roll.choice(self.world.accounts).id
        return Post(
            id=name, response_id=self.response, account_id=owner, phone_index=roll.randbytes(16), name="公", given="",
            phone_sealed=vault.of(db).seal("13800000000", "post|phone", name, place), pinyin="", given_pinyin="",
            initials="", role=role, region_code=place, lead=roll.random() < 0.25,
            valid_from=today + timedelta(days=1 if state == "planned" else -5),
            valid_to={"expired": today - timedelta(days=1), "last day": today}.get(state), created_by=UUID(int=0),
            created_at=now, invited_at=now, activated_at=None if owner is None else now,
            ended_at=now if state == "ended" else None,
        )  # fmt: skip

    def _resident(self) -> Resident:
        roll = self.roll
        return Resident(
            person_id=uuid7(), region_code=roll.choice(self.world.grids), name="民", id_type=0,
            registered_by=roll.choice(self.world.accounts[:3]).id,
            current_code=roll.choice(self.world.grids) if roll.random() < 0.3 else None,
            created_at=clock.now() - timedelta(days=30),
        )  # fmt: skip

    def _absence(self, post: Post, now: datetime) -> Absence:
        roll, start = self.roll, now + timedelta(hours=self.roll.choice([-30, -2, -2, -2, 5]))
        return Absence(
            id=uuid7(), post_id=post.id, from_at=start, until_at=start + timedelta(hours=roll.choice([10, 60])),
            substitute_id=roll.choice([None, *(each.id for each in self.world.posts if each.id != post.id)]),
            by_account=UUID(int=0), created_at=now, ended_at=now if roll.random() < 0.2 else None,
        )  # fmt: skip

    def _shift(self, post: Post, now: datetime) -> Shift:
        roll, start = self.roll, now + timedelta(hours=self.roll.choice([-60, -20, -3, -3, 6, 50]))
        return Shift(
            id=uuid7(), post_id=post.id, region_code=post.region_code, starts_at=start,
            ends_at=start + timedelta(hours=8), by_account=UUID(int=0), created_at=now,
            cancelled_at=now if roll.random() < 0.2 else None,
        )  # fmt: skip

    def _glass(self, db: AsyncSession, now: datetime) -> Glass:
        roll = self.roll
        post = roll.choice([post for post in self.world.posts if post.account_id] or self.world.posts)
        opened, name = now - timedelta(hours=roll.choice([1, 1, 5])), uuid7()
        return Glass(
            id=name, account_id=post.account_id or roll.choice(self.world.accounts).id, post_id=post.id,
            person_id=roll.choice(self.world.residents).person_id, region_code=post.region_code,
            purpose="medical_emergency", opened_at=opened, expires_at=opened + timedelta(hours=4),
            words_sealed=vault.of(db).seal("转院观察，请知悉。", "glass|words", name, post.region_code),
            ended_at=now if roll.random() < 0.3 else None,
        )  # fmt: skip
