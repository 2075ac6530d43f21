"""The demo village: a real village of Changshan, three grids, invented people, two weeks of check-ins."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, regions, residents, staff, tasks
from app.house import House
from app.kit import clock
from app.kit.identifiers import check_character
from app.kit.ids import new_device, uuid7
from app.kit.tokens import Token
from app.kit.viewer import Viewer
from app.upkeep import Told, nobody
from models.checkins import BREATHING, Checkin, Symptom, Verdict
from models.regions import Region
from models.residents import IdType, MemberCreate, Programme, Relation, Resident, ResidentCreate
from models.staff import Role
from models.tasks import Kind, TaskCreate

VILLAGE = 330822001202000  # 常山县 天马街道 西峰村
GRIDS = 3
WORKER, CADRE = "13800000010", "13800000020"
COUNTY, TOWNSHIP = 330822000000000, 330822001000000
ADMINISTRATOR, LEADER, AUDITOR, SUPERVISOR = "13800000030", "13800000032", "13800000050", "13800000040"
RESPONSE = "新冠肺炎疫情防控应急响应"
# Phone, name, role, region, lead: the people of the organisation, from the county down.
POSTS = (
    (ADMINISTRATOR, "方志远", Role.ADMINISTRATOR, COUNTY, False),
    ("13800000031", "何静", Role.ADMINISTRATOR, COUNTY, False),
    (LEADER, "邵国强", Role.SUPERVISOR, COUNTY, True),
    (AUDITOR, "严明", Role.AUDITOR, COUNTY, False),
    ("13800000033", "叶婷", Role.REVIEWER, COUNTY, False),
    (SUPERVISOR, "徐卫东", Role.SUPERVISOR, TOWNSHIP, True),
    ("13800000041", "姜医生", Role.DOCTOR, TOWNSHIP, False),
    (CADRE, "陈国平", Role.VILLAGE_CADRE, VILLAGE, True),
    ("13800000021", "汪桂英", Role.PARTY_MEMBER, VILLAGE, False),
    (WORKER, "李桂芳", Role.GRID_WORKER, VILLAGE + 1, False),
    ("13800000011", "吴秀英", Role.GRID_WORKER, VILLAGE + 2, False),
)
MEI, OBSERVED = "13800000001", "13800000002"
DAYS = 14

_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高"
_GIVEN = (
    "建国",
    "秀英",
    "志强",
    "丽华",
    "小军",
    "桂兰",
    "文博",
    "淑珍",
    "海燕",
    "子轩",
    "雨桐",
    "德明",
    "玉梅",
    "浩然",
)


@dataclass(frozen=True)
class Household:
    """One sign-in phone, and who lives there."""

    phone: str
    name: str
    grid: int
    address: str
    members: tuple[tuple[str, str, Relation], ...] = ()
    birth: str = "19850214"


NAMED = (
    Household(MEI, "王小梅", 1, "桃园路 18 号 2 幢 301", (("王建国", "19520307", Relation.PARENT),
                                                   ("李子轩", "20150901", Relation.CHILD))),
    Household(OBSERVED, "周建明", 1, "桃园路 18 号 2 幢 502", (), "19790512"),
)  # fmt: skip


def identity(birth: str, sequence: int) -> str:
    """A well-formed ID number with Changshan's prefix; invented, right check digit."""
    body = f"330822{birth}{sequence:03d}"
    return body + check_character(body)


def _others(dice: random.Random) -> list[Household]:
    homes = []
    for number in range(30):
        grid = 1 if number < 14 else 2 if number < 23 else 3
        name = dice.choice(_SURNAMES) + dice.choice(_GIVEN)
        members = (
            (name[0] + dice.choice(_GIVEN), f"{dice.randint(1940, 1958)}0{dice.randint(1, 9)}15", Relation.PARENT),
        )
        homes.append(
            Household(
                f"138000001{number:02d}", name, grid, f"西峰路 {number // 4 + 1} 号 {number % 4 + 1}01",
                members if number % 3 == 0 else (), f"{dice.randint(1962, 2000)}11{dice.randint(10, 28)}",
            )
        )  # fmt: skip
    return homes


async def load(house: House, told: Told = nobody) -> bool:
    """Load the village, telling how many households are in; False when it is there already."""
    async with house.database.writing() as db:
        await house.vault.load(db)
        village = await db.exec(select(func.count()).where(col(Region.parent_code) == VILLAGE))
        if village.one():
            return False
        await regions.mint(db, VILLAGE, GRIDS)
        await _organise(db)
        dice = random.Random(2020)  # noqa: S311  (the same village for everybody)
        homes = (*NAMED, *_others(dice))
        for number, home in enumerate(homes):
            await _settle(db, home, number)
            told(number + 1, len(homes))
        await _observe(db)
        await _history(db, dice)
        await _work(db)
    return True


async def _organise(db: AsyncSession) -> None:
    """The response and the people of its organisation; the third grid is left without a worker: a gap to be seen."""
    await staff.start(db, RESPONSE, COUNTY)
    for phone, name, role, region, lead in POSTS:
        post = await staff.appoint(db, phone, name, role, region)
        post.lead = lead
        db.add(post)


async def _settle(db: AsyncSession, home: Household, number: int) -> None:
    account = await accounts.account_for(db, home.phone)
    viewer = Viewer(Token(account.id, None, new_device(), 0, 0, 0, 0))
    card = IdType.RESIDENT_ID
    form = ResidentCreate(
        name=home.name, id_type=card, id_number=identity(home.birth, 100 + number * 2),
        address=home.address, region_code=VILLAGE + home.grid,
        household=[
            MemberCreate(name=name, id_type=card, id_number=identity(birth, 101 + number * 2), relation=kin)
            for name, birth, kin in home.members
        ],
    )  # fmt: skip
    await residents.register(db, viewer, form)


async def _observe(db: AsyncSession) -> None:
    """One resident is under home observation: morning and evening, with a temperature."""
    account = await accounts.account_for(db, OBSERVED)
    own = select(Resident).where(Resident.person_id == account.person_id).execution_options(scope="demo")
    person = (await db.exec(own)).one()
    person.programme = Programme.HOME_QUARANTINE
    db.add(person)
    await db.flush()


async def _history(db: AsyncSession, dice: random.Random) -> None:
    """Two weeks of reports, most of today's included; Mei's own day is left for whoever tries the demo."""
    mei = (await accounts.account_for(db, MEI)).person_id
    found = select(Resident).order_by(col(Resident.region_code), col(Resident.person_id))
    people = (await db.exec(found.execution_options(scope="demo"))).all()
    unwell = {6: Symptom.COUGH | Symptom.SHORT_BREATH, 9: Symptom.SORE_THROAT, 11: Symptom.RUNNY_NOSE}
    today = clock.today()
    rows = []
    for place, person in enumerate(people):
        for back in range(DAYS, -1, -1):
            symptoms = unwell.get(place, Symptom.NONE) if back == 0 else Symptom.NONE
            idle = dice.random() < 0.08 or (back == 0 and (person.person_id == mei or place % 5 == 0))
            if symptoms is Symptom.NONE and idle:
                continue
            rows.append(_report(person, today - timedelta(days=back), int(symptoms), dice))
            if person.programme == Programme.HOME_QUARANTINE and back:
                rows.append(rows[-1] | _evening(rows[-1]))
    since = clock.midnight(today - timedelta(days=DAYS + 1))
    for person in people:
        person.created_at = since
        db.add(person)
    await db.flush()
    await db.exec(insert(Checkin), params=rows, execution_options={"scope": "demo"})


async def _work(db: AsyncSession) -> None:
    """What the cadre asks for today: a visit, an errand and a call in the first grid, a round of the second."""
    cadre = await accounts.account_for(db, CADRE)
    token = Token(cadre.id, None, new_device(), 0, 0, 0, 0, staff=True)
    me = Viewer(token, await staff.posts_of(db, cadre.id))
    observed, mei, neighbour = [
        (await accounts.account_for(db, phone)).person_id for phone in (OBSERVED, MEI, "13800000100")
    ]
    asked = (
        (Kind.VISIT, observed, 0, 3, "送体温计和口罩，问问缺什么。"),
        (Kind.ERRAND, mei, 0, 5, "给王建国老人带一周的降压药。"),
        (Kind.CALL, neighbour, 0, 6, "新搬来的，问问家里几口人、有没有不舒服。"),
        (Kind.VISIT, None, 2, 8, "看一遍二网格的宣传栏，缺的补上。"),
    )
    for kind, person, grid, hours, words in asked:
        form = TaskCreate(
            id=uuid7(), kind=kind, person_id=person, region_code=VILLAGE + grid if grid else None, words=words,
            due_at=clock.now() + timedelta(hours=hours),
        )  # fmt: skip
        await tasks.create(db, me, form)


def _evening(morning: dict[str, Any]) -> dict[str, Any]:
    at = morning["filled_at"] + timedelta(hours=11)
    return {"slot": 2, "id": uuid7(), "filled_at": at, "received_at": at}


def _report(person: Resident, day: date, symptoms: int, dice: random.Random) -> dict[str, Any]:
    observed = person.programme == Programme.HOME_QUARANTINE
    at = min(clock.midnight(day) + timedelta(hours=7, minutes=dice.randint(0, 150)), clock.now())
    verdict = (
        Verdict.URGENT if symptoms & BREATHING else Verdict.ATTENTION if symptoms != Symptom.NONE else Verdict.NORMAL
    )
    return {
        "person_id": person.person_id, "day": day, "slot": 1 if observed else 0, "id": uuid7(),
        "region_code": person.region_code, "filled_at": at, "received_at": at, "reporter_id": person.registered_by,
        "symptoms": symptoms, "rule_version": 3 if observed else 1, "via": 0, "exposed": 0, "place": 0, "needs": 0,
        "verdict": int(verdict), "flags": 0, "temperature": Decimal(dice.randint(362, 369)) / 10, "note_sealed": None,
    }  # fmt: skip


def hints(base: str) -> list[tuple[str, str, str]]:
    """(who, phone, where to start) of the people to sign in as."""
    return [
        ("王小梅 resident, with father and child", MEI, f"{base}/today"),
        ("周建明 resident under home observation", OBSERVED, f"{base}/today"),
        ("李桂芳 grid worker of grid 1", WORKER, f"{base}/staff/day"),
        ("陈国平 village cadre", CADRE, f"{base}/staff/tasks"),
        ("方志远 administrator of the county", ADMINISTRATOR, f"{base}/staff"),
        ("邵国强 supervisor of the county", LEADER, f"{base}/staff"),
        ("严明 auditor of the county", AUDITOR, f"{base}/audit"),
    ]
