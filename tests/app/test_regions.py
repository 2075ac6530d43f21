"""The administrative tree: the real table, found by every way people write a place; grids minted under villages."""

import asyncio
import re
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, text
from sqlmodel import col, select

from app import regions, upkeep
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from app.kit.ids import uuid7
from app.kit.tokens import Token
from app.kit.viewer import Held, Viewer
from app.regions import NoSuchGrid
from models.regions import SPAN, Level, Region, ancestors_of, county_of, last_of, level_of
from models.staff import Role
from tests import cast

pytestmark = pytest.mark.anyio

LEVELS = {"province": 1, "city": 11, "county": 90, "township": 1_387, "village": 25_547}
TOKEN = Token(cast.uuid7(), None, bytes(8), 0, 0, 0, 1)
SHIPPED = regions.shipped()
codes = st.sampled_from([row[0] for row in SHIPPED])


async def found(house: House, query: str, level: Level | None = None) -> list[str]:
    async with house.database.reading() as db:
        return ["/".join([*hit.chain, hit.name]) for hit in await regions.find(db, query, level)]


# --- scope -----------------------------------------------------------------------------------------------------------


def _held(code: int) -> Held:
    role = Role.GRID_WORKER if level_of(code) is Level.GRID else Role.SUPERVISOR
    return Held(uuid7(), role, code, last_of(code), "n")


@pytest.mark.proves("T03")
async def test_whoever_holds_no_post_covers_nothing_not_everything(house: House) -> None:
    nobody = Viewer(TOKEN)
    with pytest.raises(NotFound):
        regions.within(nobody, select(Region), Region.code)
    with pytest.raises(NotFound):
        regions.covered(nobody, 330822001201001)


@pytest.mark.proves("T03")
@given(codes, codes, st.integers(0, 999))
def test_a_post_covers_its_own_subtree_and_not_one_code_beside_it(post: int, code: int, step: int) -> None:
    me = Viewer(TOKEN, (_held(post),))
    inside = post <= code and last_of(code) <= last_of(post)
    for asked, allowed in (
        (code, inside), (post, True), (last_of(post) + 1 + step, False), (post - 1 - step, False),
        *((above, False) for above in ancestors_of(post)),
    ):  # fmt: skip
        if allowed:
            regions.covered(me, asked)
        else:
            with pytest.raises(NotFound):
                regions.covered(me, asked)


@given(codes, st.integers(1, 999))
def test_codes_nest_without_a_look_up(code: int, grid: int) -> None:
    above = ancestors_of(code)
    assert [level_of(step) for step in above] == list(Level)[: list(Level).index(level_of(code))]
    assert all(step <= code <= last_of(code) <= last_of(step) for step in above)
    if level_of(code) is Level.VILLAGE:
        assert level_of(code + grid) is Level.GRID
        assert ancestors_of(code + grid) == (*above, code)
        assert last_of(code + grid) == code + grid
    if level_of(code) in {Level.TOWNSHIP, Level.VILLAGE}:
        assert county_of(code) == above[2]


async def test_a_scoped_query_finds_exactly_the_subtree(house: House) -> None:
    county = 330822 * 10**9
    me = Viewer(TOKEN, (_held(county),))
    async with house.database.reading() as db:
        inside = set(await db.exec(regions.within(me, select(Region.code), Region.code)))
        minted = set(await db.exec(select(Region.code).where(col(Region.level) == Level.GRID)))
    expected = {row[0] for row in SHIPPED if str(row[0]).startswith("330822")}
    assert inside - minted == expected


# --- the table -------------------------------------------------------------------------------------------------------


async def test_the_real_table_loads_in_under_three_seconds_and_only_once(empty_house: House) -> None:
    await upkeep.migrate(empty_house)
    began = time.perf_counter()
    assert await upkeep.load_regions(empty_house) == (27_036, 27_036)
    assert time.perf_counter() - began < 3
    assert await upkeep.load_regions(empty_house) == (27_036, 0)
    async with empty_house.database.reading() as db:
        counted = await db.exec(select(Region.level, func.count()).group_by(col(Region.level)))
        assert dict(counted.all()) == LEVELS
        orphans = text(
            "SELECT count(*) FROM region r LEFT JOIN region p ON p.code = r.parent_code "
            "WHERE (p.code IS NULL) <> (r.level = 'province') OR r.code NOT BETWEEN p.code AND p.last_code"
        )
        assert (await db.exec(orphans)).scalar_one() == 0


def test_what_ships_is_the_whole_tree_in_order() -> None:
    assert Counter(row[3] for row in SHIPPED) == LEVELS
    names = {row[0] for row in SHIPPED}
    assert len(names) == 27_036
    assert all(row[2] is None or row[2] in names for row in SHIPPED)
    assert all(row[1] - row[0] + 1 == SPAN[Level(row[3])] for row in SHIPPED)
    assert all(re.fullmatch("[a-z0-9]+", row[5]) and re.fullmatch("[a-z0-9]+", row[6]) for row in SHIPPED)


# --- found -----------------------------------------------------------------------------------------------------------


async def test_twenty_one_places_of_one_name_are_told_apart_by_their_chains(house: House) -> None:
    async with house.database.reading() as db:
        hits = await regions.find(db, "双溪村委会", limit=50)
    same = [hit for hit in hits if hit.name == "双溪村委会"]
    assert len(same) == 21
    assert len({tuple(hit.chain) for hit in same}) == 21
    assert all(len(hit.chain) == 4 and hit.chain[0] == "浙江省" for hit in same)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("330822000000000", "浙江省/衢州市/常山县"), ("330822000000", "浙江省/衢州市/常山县"),
        ("常山", "浙江省/衢州市/常山县"), ("常山县", "浙江省/衢州市/常山县"), ("changshan", "浙江省/衢州市/常山县"),
        ("CHANGSHANXIAN", "浙江省/衢州市/常山县"), ("ｃｓｘ", "浙江省/衢州市/常山县"), ("３３", "浙江省"),
        ("zhejiang", "浙江省"), ("浙江", "浙江省"), (" 杭 州 ", None),
        ("天马 西峰", "浙江省/衢州市/常山县/天马街道/西峰村委会"),
    ],
)  # fmt: skip
async def test_a_place_is_found_however_it_is_written(house: House, query: str, first: str | None) -> None:
    hits = await found(house, query)
    assert len(hits) <= regions.MOST_FOUND
    if first is not None:
        assert hits[0] == first


async def test_every_place_is_found_by_its_own_name(house: House) -> None:
    odd = [row for row in SHIPPED if regions.folded(row[4]) != row[4] or not row[4].isalpha()]
    assert odd
    for code, _, _, _, name, pinyin, *_ in odd:
        for query in (name, regions.folded(name), pinyin):
            async with house.database.reading() as db:
                assert code in [hit.code for hit in await regions.find(db, query, limit=50)], query


async def test_the_beginning_of_a_code_finds_all_below_it_in_order(house: House) -> None:
    async with house.database.reading() as db:
        hits = await regions.find(db, "3308", limit=500)
    assert hits[0].name == "衢州市"
    assert [hit.code for hit in hits] == sorted(hit.code for hit in hits)
    assert all(str(hit.code).startswith("3308") for hit in hits)


@pytest.mark.parametrize(
    "query",
    ["", "   ", "%", "_", "\\", "%%%", "没有这个地方", "9" * 16, "9" * 400, "'; --", "北京市", "(", ")(", "x" * 300],
)
async def test_nothing_is_found_where_nothing_is(house: House, query: str) -> None:
    assert await found(house, query) == []


@given(st.text(max_size=30).filter(lambda query: "\x00" not in query))
async def test_no_query_of_any_kind_breaks_the_search(house: House, query: str) -> None:
    try:
        query.encode()
    except UnicodeEncodeError:
        return  # lone surrogates are refused at the door
    assert len(await found(house, query)) <= regions.MOST_FOUND


async def test_a_search_for_grids_answers_with_the_grids_below_the_hits(house: House) -> None:
    village = await cast.village(house)
    async with house.database.reading() as db:
        place = await regions.named(db, village.code)
        for query in (place.name, str(village.code), str(village.code // 1000), str(village.grid)):
            hits = await regions.find(db, query, Level.GRID)
            assert {hit.level for hit in hits} == {Level.GRID}
            assert village.grid in [hit.code for hit in hits]
    assert await found(house, "浙江省", Level.GRID) == []


# --- minted ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", [33 * 10**13, 330822 * 10**9, 330822001 * 10**6, 330822001201001, 330899999999000, 0, -1, 2**62]
)
async def test_no_grid_is_minted_where_no_village_is(house: House, code: int) -> None:
    async with house.database.writing() as db:
        with pytest.raises(NoSuchGrid):
            await regions.mint(db, code, 1)


@pytest.mark.parametrize("count", [0, -1, 998, 1000])
async def test_a_village_has_room_for_999_grids(house: House, count: int) -> None:
    village = await cast.village(house)
    async with house.database.writing() as db:
        with pytest.raises(Invalid) as refused:
            await regions.mint(db, village.code, count)
    assert refused.value.params == {"left": 997}


async def test_grids_are_numbered_on_from_the_last_also_when_many_mint_at_once(house: House) -> None:
    village = await cast.village(house)

    async def mint(count: int) -> list[int]:
        async with house.database.writing() as db:
            return [grid.code for grid in await regions.mint(db, village.code, count)]

    made = await asyncio.gather(*(mint(count) for count in (1, 3, 2, 5)))
    assert sorted(code for some in made for code in some) == list(range(village.code + 3, village.code + 14))
    async with house.database.reading() as db:
        grid = await regions.named(db, village.code + 12)
        assert (grid.name, grid.level, grid.parent_code) == ("第十二网格", "grid", village.code)
        assert grid.valid_from == clock.today()
        assert (await regions.chain_of(db, grid.code))[-1] == "第十二网格"
        assert [hit.code for hit in await regions.children_of(db, village.code)][:2] == [
            village.grid,
            village.other_grid,
        ]


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "第一"), (10, "第十"), (11, "第十一"), (20, "第二十"), (99, "第九十九"), (100, "第一百"), (103, "第一百零三"),
     (110, "第一百一十"), (111, "第一百一十一"), (999, "第九百九十九")],
)  # fmt: skip
def test_ordinals_are_written_as_people_say_them(number: int, words: str) -> None:
    assert regions.ordinal(number) == words


def test_no_two_grids_of_a_village_share_a_name() -> None:
    assert len({regions.ordinal(number) for number in range(1, 1000)}) == 999


async def test_an_unknown_code_is_not_found(house: House) -> None:
    async with house.database.reading() as db:
        for code in (0, 1, 330822001201999, 2**62):
            with pytest.raises(NotFound):
                await regions.named(db, code)
            assert await regions.chain_of(db, code) in ([], ["浙江省", "衢州市", "常山县", "天马街道", "南前坊村委会"])
