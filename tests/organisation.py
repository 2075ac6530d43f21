"""A cast of the whole organisation, over real regions: every role at every level, and every relation to one child.

The child is 小满, eight years old, of grid 1; her guardian reports for her. All posts are seen from there: those of her
own chain (grid 1, its village, township, county, city, province), their siblings, and those of elsewhere. Residents
carry marked names and addresses (see tests/canaries.py).
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions, residents, staff
from app.accounts import account_for
from app.house import House
from app.kit import clock
from models.regions import Level
from models.residents import Relation, Resident
from models.staff import SERVES, Absence, Post, Role
from tests import cast
from tests.canaries import marked_address, marked_name
from tests.cast import Person, fresh_phone

P, C, Y, T, V, G = Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE, Level.GRID
OWN = {P: 330000000000000, C: 331100000000000, Y: 331122000000000, T: 331122001000000, V: 331122001201000}
SIBLING = {T: 331122002000000, V: 331122001202000}
ELSEWHERE = {Y: 331123000000000}  # its first township, village and a grid are looked up
OTHER_CITY = 331000000000000


@dataclass
class Actor:
    """Somebody who tries everything, and what is true of them. `code` is where their post in force is."""

    name: str
    person: Person | None
    role: Role | None = None
    code: int | None = None
    seated: bool = True  # a live staff session
    proved: bool = True  # the second factor was given where the post asks for one
    kin: bool = False  # the child's guardian, or the child
    extra: set[int] = field(default_factory=set)  # further posts of the same role

    @property
    def registered(self) -> bool:
        """Does the account belong to a resident?"""
        return self.person is not None and self.person.person_id is not None


@dataclass
class Organisation:
    """The places and people."""

    places: dict[Level, int]
    other_grid: int
    sibling_grid: int
    far: dict[Level, int]
    guardian: Person
    stranger: Person
    actors: dict[str, Actor] = field(default_factory=dict)
    posts: dict[str, UUID] = field(default_factory=dict)  # of actors by name

    @property
    def child(self) -> Resident:
        """小满."""
        return self.guardian.household[1]


async def _far(db: AsyncSession) -> dict[Level, int]:
    """The chain of the other county: its first township, the first village there, a grid."""
    township = (await regions.children_of(db, ELSEWHERE[Y]))[0].code
    village = (await regions.children_of(db, township))[0].code
    return {Y: ELSEWHERE[Y], T: township, V: village, G: (await regions.mint(db, village, 1))[0].code}


async def _resident(house: House, db: AsyncSession, grid: int, *members: tuple[str, Relation, str]) -> Person:
    """Somebody registered, with a marked name and address, and household members with marked names."""
    phone, name = fresh_phone(), marked_name()
    blank = await cast.person(house, db, name, phone)
    family = [cast.member(who or marked_name(), relation, birth) for who, relation, birth in members]
    await residents.register(
        db, blank.viewer, cast.registration(name, grid, address=marked_address(), household=family)
    )
    since = clock.now() - timedelta(days=30)
    mine = await residents.household_of(db, (await cast.person(house, db, name, phone)).viewer)
    for each in mine:
        each.row.created_at = since
        db.add(each.row)
    await db.flush()
    return await cast.person(house, db, name, phone)


class _Builder:
    def __init__(self, house: House, db: AsyncSession, org: Organisation) -> None:
        self.house, self.db, self.org = house, db, org

    async def post(self, name: str, role: Role, code: int) -> Actor:
        """Somebody with one post, seated and with every proof given."""
        phone = fresh_phone()
        made = await staff.appoint(self.db, phone, f"公{name}"[:50], role, code)
        return await self._seat(name, phone, made)

    async def _seat(self, name: str, phone: str, made: Post) -> Actor:
        person = await cast.person(self.house, self.db, made.name, phone)
        person.secret = await cast._sit(self.db, person, second=True, step_up=True)
        actor = Actor(name, person, Role(made.role), made.region_code)
        self.org.actors[name], self.org.posts[name] = actor, made.id
        return actor

    async def ended(self, name: str, how: str) -> None:
        """A grid worker of grid 1 whose post no longer opens anything, or does not yet."""
        actor = await self.post(name, Role.GRID_WORKER, self.org.places[G])
        row = await self.db.get_one(Post, self.org.posts[name])
        today = clock.today()
        if how == "dismissed":
            row.ended_at = clock.now()
        elif how == "expired":
            row.valid_from, row.valid_to = today - timedelta(days=9), today - timedelta(days=1)
        elif how == "planned":
            row.valid_from = today + timedelta(days=1)
        elif how == "invited":
            row.account_id = row.activated_at = None
        self.db.add(row)
        actor.role = actor.code = None


async def build(house: House) -> Organisation:
    """The whole organisation, in one transaction."""
    async with house.database.writing() as db:
        first, second = await regions.mint(db, OWN[V], 2)
        (sibling,) = await regions.mint(db, SIBLING[V], 1)
        far = await _far(db)
        guardian = await _resident(
            house, db, first.code, ("", Relation.CHILD, "20180520"), ("", Relation.PARENT, "19520307")
        )
        stranger = await _resident(house, db, second.code)
        places = OWN | {G: first.code}
        org = Organisation(places, second.code, sibling.code, far, guardian, stranger)
        make = _Builder(house, db, org)
        await _offices(make)
        await _relations(make)
        await _people(make)
    return org


async def _offices(make: _Builder) -> None:
    """Every role at every level of the own chain, and once elsewhere, as high as the other county."""
    for role, levels in SERVES.items():
        for level in levels:
            await make.post(f"{role}@{level}", role, make.org.places[level])
        level = next(level for level in (Y, T, V, G) if level in levels)
        await make.post(f"{role}@elsewhere", role, make.org.far[level])


async def _relations(make: _Builder) -> None:
    org = make.org
    await make.post("worker of the sibling grid", Role.GRID_WORKER, org.other_grid)
    await make.post("worker of the sibling village", Role.GRID_WORKER, org.sibling_grid)
    await make.post("cadre of the sibling village", Role.VILLAGE_CADRE, SIBLING[V])
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        await make.post(f"{role} of the sibling village", role, SIBLING[V])
        await make.post(f"{role} of the sibling township", role, SIBLING[T])
        await make.post(f"{role} of another city", role, OTHER_CITY)
    for how in ("dismissed", "expired", "planned", "invited"):
        await make.ended(how, how)
    moved = await make.post("transferred", Role.GRID_WORKER, org.places[G])
    old = await make.db.get_one(Post, org.posts["transferred"])
    old.ended_at = clock.now()
    make.db.add(old)
    assert moved.person is not None
    new = await staff.appoint(make.db, moved.person.phone, "公transferred", Role.GRID_WORKER, org.sibling_grid)
    moved.code, org.posts["transferred"] = org.sibling_grid, new.id
    away = await make.post("away on leave", Role.GRID_WORKER, org.places[G])
    assert away.person is not None
    make.db.add(Absence(
        id=org.posts["away on leave"], post_id=org.posts["away on leave"], from_at=clock.now() - timedelta(hours=1),
        until_at=clock.now() + timedelta(days=2), by_account=away.person.token.account, created_at=clock.now(),
    ))  # fmt: skip
    late = await make.post("without a session", Role.GRID_WORKER, org.places[G])
    late.seated = False
    assert late.person is not None
    late.person.secret = None
    bare = await make.post("without a second factor", Role.ADMINISTRATOR, org.places[V])
    bare.proved = False
    assert bare.person is not None
    bare.person.secret = await cast._sit(make.db, bare.person, second=False, step_up=True)


async def _people(make: _Builder) -> None:
    """Who holds no post, and who holds one beside being a resident."""
    org, db = make.org, make.db
    org.actors["guardian"] = Actor("guardian", org.guardian, kin=True)
    org.actors["resident of the sibling grid"] = Actor("resident of the sibling grid", org.stranger)
    far = await _resident(make.house, db, org.far[G], ("", Relation.CHILD, "20190601"))
    org.actors["guardian of another child"] = Actor("guardian of another child", far)
    phone = fresh_phone()
    await account_for(db, phone)
    org.actors["nobody"] = Actor("nobody", await cast.person(make.house, db, "无名", phone))
    org.actors["anonymous"] = Actor("anonymous", None)
    home = await _resident(make.house, db, org.sibling_grid)
    made = await staff.appoint(db, home.phone, home.name, Role.GRID_WORKER, org.places[G])
    await make._seat("worker who is a resident", home.phone, made)


async def seat(house: House, actor: Actor) -> None:
    """A new staff session like the one before: after a request that ended it."""
    if actor.person is not None and actor.seated and actor.role is not None:
        await cast.sit(house, actor.person, second=actor.proved, step_up=True)


async def fresh_post(house: House, org: Organisation, code: int | None = None) -> UUID:
    """A further grid worker, to be dismissed or transferred by whoever may."""
    async with house.database.writing() as db:
        post = await staff.appoint(db, fresh_phone(), "新来", Role.GRID_WORKER, code or org.places[G])
        return post.id


async def of(house: House, person_id: UUID) -> Resident:
    """The row of a resident, whoever asks: for tests."""
    async with house.database.reading() as db:
        own = select(Resident).where(Resident.person_id == person_id).execution_options(scope="test")
        return (await db.exec(own)).one()


def without_step_up(actor: Actor) -> Actor:
    """The same actor under another name; their session is made anew by the test."""
    return replace(actor, name=f"{actor.name}, no fresh proof")
