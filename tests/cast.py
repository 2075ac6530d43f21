"""One cast of named people for all tests: insider, colleague, stranger. Every test gets a village of its own.

Mei lives in grid 1 with her father and her child, and has a phone. Li is the grid worker of grid 1, Chen the cadre of
the village. Qian lives in grid 2 (whose worker is Wu) and is a stranger to Mei and Li. Zhou is under observation.
"""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, regions, residents, staff
from app.house import House
from app.kit import clock
from app.kit.identifiers import check_character
from app.kit.ids import new_device, uuid7
from app.kit.tokens import Token
from app.kit.viewer import Viewer
from models.checkins import CheckinCreate
from models.regions import Region
from models.residents import IdType, MemberCreate, Programme, Relation, Resident, ResidentCreate
from models.staff import Role

_numbers = itertools.count(1)
_villages = itertools.count(0)


def fresh_phone() -> str:
    """A mobile number nobody in this run has used."""
    return f"139{next(_numbers):08d}"


def fresh_id(birth: str = "19850214") -> str:
    """A well-formed resident ID nobody in this run has used."""
    number = next(_numbers)
    body = f"{110000 + number // 900:06d}{birth}{number % 900 + 100:03d}"
    return body + check_character(body)


@dataclass
class Person:
    """Somebody of the cast: what a test needs to act as them."""

    name: str
    phone: str
    person_id: UUID | None
    token: Token
    text: str
    household: list[Resident] = field(default_factory=list)
    secret: str | None = None  # of the staff session of who holds a post

    @property
    def bearer(self) -> dict[str, str]:
        """Headers of an API request as this person."""
        seated = {"Staff-Session": self.secret} if self.secret else {}
        return {"Authorization": f"Bearer {self.text}"} | seated

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.token)


@dataclass
class Village:
    """A village with two grids and its people."""

    code: int
    grid: int
    other_grid: int
    mei: Person
    zhou: Person
    qian: Person
    li: Person
    wu: Person
    chen: Person
    nobody: Person
    post: UUID  # Li's

    @property
    def father(self) -> Resident:
        return self.mei.household[1]

    @property
    def child(self) -> Resident:
        return self.mei.household[2]


async def person(house: House, db: AsyncSession, name: str, phone: str | None = None) -> Person:
    """Somebody with an account and a token that says what the account is now."""
    phone = phone or fresh_phone()
    account = await accounts.account_for(db, phone)
    account.phone_proved_at = account.phone_proved_at or clock.now()
    db.add(account)
    token = await accounts.claims_of(db, account.id, new_device())
    household = [member.row for member in await residents.household_of(db, Viewer(token))]
    someone = Person(name, phone, token.person, token, house.signer.sign(token), household)
    if token.staff:
        someone.secret = await _sit(db, someone, second=True, step_up=False)
    return someone


async def _sit(db: AsyncSession, someone: Person, *, second: bool, step_up: bool) -> str:
    device = accounts.device_of("Mozilla/5.0 (Linux; Android 14) Chrome/130 Mobile Safari/537.36", "10.0.0.7")
    begun = await accounts.begin(db, someone.viewer, device, timedelta(hours=12))
    now = clock.now()
    begun.row.second_at, begun.row.step_up_at = now if second else None, now if step_up else None
    db.add(begun.row)
    await db.flush()
    return begun.secret


async def sit(house: House, someone: Person, *, second: bool = True, step_up: bool = False) -> str:
    """A staff session for somebody; its secret, which `bearer` carries from now on."""
    async with house.database.writing() as db:
        someone.secret = await _sit(db, someone, second=second, step_up=step_up)
    return someone.secret


def registration(name: str, grid: int, **changes: object) -> ResidentCreate:
    """A complete registration of one person."""
    words: dict[str, object] = {
        "name": name,
        "id_type": IdType.RESIDENT_ID,
        "id_number": fresh_id(),
        "address": "桃园路 18 号 2 幢 301",
        "region_code": grid,
    }
    return ResidentCreate.model_validate(words | changes)


def report(**changes: object) -> CheckinCreate:
    """A healthy report with a fresh id; `changes` as they come through the API."""
    words: dict[str, object] = {"id": uuid7(), "temperature": 36.6, "symptoms": ["none"], "exposed": "no"}
    return CheckinCreate.model_validate(words | changes)


def member(name: str, relation: Relation, birth: str = "19520307") -> MemberCreate:
    """A household member with a resident ID."""
    return MemberCreate(name=name, id_type=IdType.RESIDENT_ID, id_number=fresh_id(birth), relation=relation)


async def _settle(house: House, db: AsyncSession, name: str, grid: int, members: tuple[MemberCreate, ...]) -> str:
    phone = fresh_phone()
    blank = await person(house, db, name, phone)
    await residents.register(db, blank.viewer, registration(name, grid, household=list(members)))
    since = clock.now() - timedelta(days=30)
    for resident in await residents.household_of(db, (await person(house, db, name, phone)).viewer):
        resident.row.created_at = since
        db.add(resident.row)
    return phone


async def settle(house: House, name: str, grid: int, *members: MemberCreate) -> Person:
    """Somebody registered in a grid."""
    async with house.database.writing() as db:
        phone = await _settle(house, db, name, grid, members)
    async with house.database.writing() as db:
        return await person(house, db, name, phone)


async def appoint(house: House, name: str, role: Role, code: int) -> Person:
    """Somebody with a post."""
    phone = fresh_phone()
    async with house.database.writing() as db:
        await staff.appoint(db, phone, name, role, code)
    async with house.database.writing() as db:
        return await person(house, db, name, phone)


async def on_duty(house: House, someone: Person) -> Viewer:
    """Somebody as a door that asks for staff sees them: the posts they hold now, and a session with every proof."""
    secret = await sit(house, someone, step_up=True)
    async with house.database.reading() as db:
        row = await accounts.session_of(db, secret, someone.token.account, timedelta(minutes=30))
        posts = await staff.posts_of(db, someone.token.account)
    assert row is not None
    return Viewer(someone.token, posts, accounts.sitting(row))


async def _observe(db: AsyncSession, someone: UUID | None) -> None:
    own = select(Resident).where(Resident.person_id == someone).execution_options(scope="test")
    row = (await db.exec(own)).one()
    row.programme = Programme.HOME_QUARANTINE
    db.add(row)


async def observe(house: House, someone: Person) -> Person:
    """Put somebody under home observation; the token says so."""
    async with house.database.writing() as db:
        await _observe(db, someone.person_id)
    async with house.database.writing() as db:
        return await person(house, db, someone.name, someone.phone)


async def village(house: House) -> Village:
    """A fresh village of the real table, with its cast. One transaction: there is one for nearly every test."""
    async with house.database.writing() as db:
        found = await db.exec(
            select(Region.code).where(Region.level == "village").order_by(Region.code).offset(next(_villages)).limit(1)
        )
        code = found.one()
        first, second = await regions.mint(db, code, 2)
        family = (member("王建国", Relation.PARENT), member("李子轩", Relation.CHILD, "20150901"))
        phones = {
            "王小梅": await _settle(house, db, "王小梅", first.code, family),
            "周建明": await _settle(house, db, "周建明", first.code, ()),
            "钱文": await _settle(house, db, "钱文", second.code, ()),
            "无名": fresh_phone(),
        }
        await _observe(db, (await person(house, db, "周建明", phones["周建明"])).person_id)
        posts = ("李桂芳", Role.GRID_WORKER, first.code), ("吴秀英", Role.GRID_WORKER, second.code)
        made = {}
        for name, role, region in (*posts, ("陈国平", Role.VILLAGE_CADRE, code)):
            phones[name] = fresh_phone()
            made[name] = (await staff.appoint(db, phones[name], name, role, region)).id
        # Last of all, so that no token is older than what it should know.
        people = [await person(house, db, name, phone) for name, phone in phones.items()]
    mei, zhou, qian, nobody, li, wu, chen = people
    return Village(code, first.code, second.code, mei, zhou, qian, li, wu, chen, nobody, made["李桂芳"])
