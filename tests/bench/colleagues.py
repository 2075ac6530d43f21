"""A province of colleagues: grids under every village of the real tree, posts of all levels, names as people bear."""

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from app import regions
from app.kit import clock
from app.kit.ids import uuid7
from app.staff.names import Typed, typed
from models.regions import SPAN, Level
from models.staff import Post, Role
from tests.bench.grounds import Grounds

ALL = 1_230_000
GRIDS = 8  # a village
AT_ONCE = 20_000
# Surnames by how many bear them, in thousandths of the people (Ministry of Public Security, 2019, rounded).
SURNAMES = dict(zip(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文",
    [72, 72, 68, 54, 46, 31, 23, 22, 21, 20, 15, 15, 13, 13, 12, 11, 11, 11, 10, 9, 9, 8, 8, 7, 7, 7, 6, 6, 6, 5]
    + [5] * 20 + [4] * 20 + [3] * 20 + [2] * 22, strict=False,
)) | {"欧阳": 1, "诸葛": 1, "上官": 1, "司徒": 1}  # fmt: skip
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文斌志慧梅小鑫宇浩轩子涵雨欣梓怡佳俊凯旭辉云飞鹏龙春燕海波"
    "永福荣贵生根土水木火金银宝珠琴凤莲菊香翠美爱玲珍凡晓晨阳光亮新民立德仁义礼智信诚忠孝良善家祥瑞庆丰年成功业勤学思远之"
)
DEPARTMENTS = (
    "卫生健康局", "公安局", "民政局", "教育局", "交通运输局", "市场监督管理局", "住建局", "水利局", "财政局", "应急局",
    "疾病预防控制中心", "人民医院", "宣传部", "组织部", "政法委", "总工会", "妇联", "团委", "税务局", "农业农村局",
)  # fmt: skip
GROUPS = ("综合协调组", "疫情防控组", "医疗救治组", "物资保障组", "宣传引导组", "社会稳定组", "督查组", "外防输入组")
R = Role
# Who serves in one unit of a level, in this order; the first leads.
STAFFED: dict[str, tuple[tuple[Role, int], ...]] = {
    "province": tuple(zip(
        (R.SUPERVISOR, R.ADMINISTRATOR, R.AUDITOR, R.LIST_CLERK, R.REVIEWER, R.MARKET_INSPECTOR),
        (150, 10, 8, 200, 150, 80), strict=True)),
    "city": tuple(zip(
        (R.SUPERVISOR, R.ADMINISTRATOR, R.AUDITOR, R.LIST_CLERK, R.REVIEWER, R.MARKET_INSPECTOR, R.CHECKPOINT_OFFICER),
        (100, 6, 3, 120, 80, 60, 40), strict=True)),
    "county": tuple(zip(
        (R.SUPERVISOR, R.ADMINISTRATOR, R.AUDITOR, R.DOCTOR, R.LIST_CLERK, R.REVIEWER, R.MARKET_INSPECTOR,
         R.CHECKPOINT_OFFICER, R.GATE_OFFICER), (60, 4, 2, 80, 40, 30, 30, 40, 14), strict=True)),
    "township": tuple(zip(
        (R.SUPERVISOR, R.ADMINISTRATOR, R.DOCTOR, R.LIST_CLERK, R.REVIEWER, R.MARKET_INSPECTOR, R.CHECKPOINT_OFFICER,
         R.GATE_OFFICER), (8, 2, 10, 6, 4, 4, 12, 4), strict=True)),
    "village": ((R.VILLAGE_CADRE, 6), (R.DOCTOR, 2), (R.PARTY_MEMBER, 7), (R.CHECKPOINT_OFFICER, 4),
                (R.ADMINISTRATOR, 1)),
    "grid": ((R.GRID_WORKER, 1), (R.PARTY_MEMBER, 2)),
}  # fmt: skip
COLUMNS = tuple(Post.__table__.columns.keys())  # type: ignore[attr-defined]
_GRIDS = """
INSERT INTO region (code, last_code, parent_code, level, name, pinyin, initials, valid_from)
SELECT code + n, code + n, code, 'grid', ($1::text[])[n], 'grid' || n, 'wg' || n, current_date
FROM region, generate_series(1, $2::int) AS n WHERE level = 'village'
"""


class Names:
    """Names as a province bears them: some surnames are everywhere, some gather in one city."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._spelled: dict[str, Typed] = {}
        self._givens = list(GIVEN)
        self._weights = [1 / (2 + place) ** 0.6 for place in range(len(GIVEN))]

    def some(self, count: int, city: int) -> list[str]:
        """`count` names; a tenth of them bear the surname that is at home in this city."""
        dice = self._dice
        local = list(SURNAMES)[25 + city % 40]
        first = dice.choices(list(SURNAMES), list(SURNAMES.values()), k=count)
        rest = dice.choices(self._givens, self._weights, k=2 * count)
        return [
            (local if dice.random() < 0.1 else first[n])
            + rest[2 * n]
            + (rest[2 * n + 1] if dice.random() < 0.75 else "")
            for n in range(count)
        ]

    def spelled(self, name: str) -> Typed:
        """The spellings of a name, remembered: there are far fewer names than people."""
        found = self._spelled.get(name)
        if found is None:
            found = self._spelled[name] = typed(name)
        return found


def _posts(ground: Grounds, units: list[tuple[int, str, str]], groups: dict[int, list[UUID]],
           response: UUID) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    """Every post of these units (code, level, name) as a row, in the order of the tree."""
    names, dice, now, today = Names(11), random.Random(12), clock.now(), clock.today()
    seal, index, numbers, nobody = (
        ground.house.vault.seal,
        ground.house.vault.ring.blind_index,
        itertools.count(1),
        uuid7(),
    )
    waiting: dict[int, list[str]] = {}
    for code, level, place in units:
        city = code // SPAN[Level.CITY]
        own = groups.get(code, [])
        for role, count in STAFFED[level]:
            for nth in range(count):
                pool = waiting.setdefault(city, [])
                if not pool:
                    pool += names.some(5_000, city)
                name = pool.pop()
                word, row, phone = names.spelled(name), uuid7(), f"136{next(numbers):08d}"
                office = level in {"province", "city", "county", "township"}
                activated = now - timedelta(hours=dice.random() * 40) if dice.random() < 0.9 else None
                yield (
                    row, response, None, index("phone", phone), seal(phone, "post|phone", row, code), name, word.given,
                    word.pinyin, word.given_pinyin, word.initials, role.value, code,
                    own[nth % len(own)] if own and nth % 2 else None, nth == 0 and role is STAFFED[level][0][0],
                    place[-1] + dice.choice(DEPARTMENTS) if office else "", None, today - timedelta(days=5), None, None,
                    nobody, now, now, activated, None,
                )  # fmt: skip


FILLED = (
    "id", "response_id", "account_id", "phone_index", "phone_sealed", "name", "given", "pinyin", "given_pinyin",
    "initials", "role", "region_code", "group_id", "lead", "department", "substitute_id", "valid_from", "valid_to",
    "sheet_id", "created_by", "created_at", "invited_at", "activated_at", "ended_at",
)  # fmt: skip


async def appointed(ground: Grounds, rows: int, told: Callable[[str], None]) -> int:
    """Fill the tables, indexes last, and gather statistics. Returns how many posts there are."""
    connection = await asyncpg.connect(ground.dsn)
    async with ground.house.database.writing() as db:
        await ground.house.vault.load(db)
    try:
        told("grids")
        await connection.execute(_GRIDS, [f"{regions.ordinal(n)}网格" for n in range(1, GRIDS + 1)], GRIDS)
        response, groups = await _response(connection)
        units = await connection.fetch("SELECT code, level, name FROM region ORDER BY code")
        # A smaller measurement keeps the first counties whole, instead of thinning out every unit.
        indexes = await connection.fetch(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'post' AND indexname <> 'pk_post'"
        )
        for row in await connection.fetch(
            "SELECT indexname AS name FROM pg_indexes WHERE tablename = 'post' AND indexname <> 'pk_post'"
        ):
            await connection.execute(f"DROP INDEX {row['name']}")
        posts = itertools.islice(_posts(ground, [tuple(unit) for unit in units], groups, response), rows)
        done = 0
        while some := list(itertools.islice(posts, AT_ONCE)):
            await connection.copy_records_to_table("post", records=some, columns=FILLED)
            done += len(some)
            told(f"{done:,} posts")
        told("indexes")
        await connection.execute("SET maintenance_work_mem = '512MB'")
        for row in indexes:
            await connection.execute(row["indexdef"])
        told("statistics")
        await connection.execute("VACUUM (ANALYZE) post")
        await connection.execute("VACUUM (ANALYZE) region")
        await connection.execute("ANALYZE work_group")
        return done
    finally:
        await connection.close()


_AWAY = """
INSERT INTO absence (id, post_id, substitute_id, from_at, until_at, reason, by_account, created_at)
SELECT gen_random_uuid(), id, CASE WHEN n % 3 > 0 THEN other END, now() - interval '1 hour', now() + interval '9 hours',
  '', gen_random_uuid(), now()
FROM (
  SELECT id, lead(id) OVER () AS other, row_number() OVER () AS n
  FROM (SELECT id FROM post WHERE activated_at IS NOT NULL ORDER BY phone_index LIMIT $1) AS drawn
) AS gone
"""


async def away(ground: Grounds, count: int) -> None:
    """So many people are away now, two in three of them with a substitute."""
    connection = await asyncpg.connect(ground.dsn)
    await connection.execute(_AWAY, count)
    await connection.execute("ANALYZE absence")
    await connection.close()


async def _response(connection: asyncpg.Connection) -> tuple[UUID, dict[int, list[UUID]]]:
    """A response over the province, and the work groups of every county, city and the province."""
    response, now = uuid7(), clock.now()
    await connection.execute(
        "INSERT INTO response (id, name, region_code, started_on, created_at) VALUES ($1, $2, $3, $4, $5)",
        response, "疫情防控", 330000000000000, clock.today(), now,
    )  # fmt: skip
    groups: dict[int, list[UUID]] = {}
    for (code,) in await connection.fetch("SELECT code FROM region WHERE level IN ('province', 'city', 'county')"):
        groups[code] = [uuid7() for _ in GROUPS]
        for name, words in zip(groups[code], GROUPS, strict=True):
            await connection.execute(
                "INSERT INTO work_group (id, response_id, region_code, name, created_at) VALUES ($1, $2, $3, $4, $5)",
                name, response, code, words, now,
            )  # fmt: skip
    return response, groups
