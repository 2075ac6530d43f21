"""Finding colleagues: the words people type, who comes first, and what is never found."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app import directory, regions, staff
from app.directory.duties import DUTIES
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from app.kit.viewer import Viewer
from models.directory import DirectoryFound, DirectorySearch
from models.regions import SPAN, Level
from models.staff import Dismissal, Post, PostCreate, Role, Transfer
from routers.kit import i18n
from routers.kit.labels import ROLE
from tests import cast
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio


async def find(house: House, someone: Person, q: str, **more: object) -> DirectoryFound:
    me = await cast.on_duty(house, someone)
    async with house.database.reading() as db:
        return await directory.find(db, me, DirectorySearch.model_validate({"q": q} | more))


async def names(house: House, someone: Person, q: str, **more: object) -> list[str]:
    return [each.name for each in (await find(house, someone, q, **more)).items]


async def post_of(house: House, someone: Person) -> Post:
    async with house.database.reading() as db:
        return (await db.exec(select(Post).where(Post.account_id == someone.token.account))).one()


def town(village: Village) -> int:
    return village.code - village.code % SPAN[Level.TOWNSHIP]


def county(village: Village) -> int:
    return village.code - village.code % SPAN[Level.COUNTY]


async def test_a_resident_searches_nobody(house: House, village: Village) -> None:
    async with house.database.reading() as db:
        with pytest.raises(NotFound):
            await directory.find(db, village.mei.viewer, DirectorySearch(q="桂芳"))


async def test_a_colleague_is_found_by_name_given_name_pinyin_and_initials(house: House, village: Village) -> None:
    await cast.appoint(house, "曾晓蓓", Role.DOCTOR, village.code)
    for typed in (
        "曾晓蓓",
        "曾",
        "晓蓓",
        "zengxiaobei",
        "ZengXiao",
        "xiaobei",
        "zxb",
        "zeng xiaobei",
        "曾 晓蓓",
        "ｚｘｂ",
    ):
        assert "曾晓蓓" in await names(house, village.li, typed, region=str(village.code)), typed
    assert "曾晓蓓" not in await names(house, village.li, "曾晓蓉")


async def test_every_duty_answers_to_its_name_in_both_languages() -> None:
    for role in Role:
        for lang in ("en", "zh-Hans"):
            label = i18n.gettext(lang, ROLE[role]).lower().replace(" ", "").replace("-", "")
            assert DUTIES.get(label) is role, label


async def test_words_narrow_each_other(house: House, village: Village) -> None:
    place = str(village.code // 1000)
    assert await names(house, village.wu, f"李桂芳 {place}") == ["李桂芳"]
    assert await names(house, village.wu, f"{place} 网格员") == ["李桂芳", "吴秀英"]
    assert await names(house, village.wu, f"grid worker {place} 李") == ["李桂芳"]
    assert await names(house, village.wu, f"{place} 医生") == []
    assert await names(house, village.wu, "网格员 医生") == []


async def test_a_place_is_found_by_its_name_even_glued_to_the_name_of_the_person(
    house: House, village: Village
) -> None:
    async with house.database.reading() as db:
        place = (await regions.named(db, county(village))).name.removesuffix("区").removesuffix("县")
    await cast.appoint(house, "龚瑞雪", Role.DOCTOR, town(village))
    assert "龚瑞雪" in await names(house, village.li, f"{place} 龚瑞雪")
    assert await names(house, village.li, f"{place}龚瑞雪") == await names(house, village.li, f"{place} 龚瑞雪")
    assert "龚瑞雪" in await names(house, village.li, f"{place}医生", region=str(town(village)))


async def test_exact_names_first_then_the_nearest(house: House, village: Village) -> None:
    for name, code in (("洪映雪", county(village)), ("洪映雪霏", village.code), ("洪映雪", village.grid)):
        await cast.appoint(house, name, Role.DOCTOR if code != village.grid else Role.PARTY_MEMBER, code)
    found = (await find(house, village.li, "洪映雪")).items
    mine = [(each.name, each.region_code) for each in found if each.region_code // 10**9 == village.code // 10**9]
    order = [("洪映雪", village.grid), ("洪映雪", county(village)), ("洪映雪霏", village.code)]
    assert [each for each in mine if each in order] == order


async def test_somebody_of_the_own_village_comes_before_the_rest_of_the_province(
    house: House, village: Village
) -> None:
    found = (await find(house, village.wu, "网格员")).items
    assert {each.name for each in found[:2]} == {"李桂芳", "吴秀英"}
    assert {each.region_code for each in found[:2]} == {village.grid, village.other_grid}


async def test_departments_and_groups_are_found_near_or_with_a_place(house: House, village: Village) -> None:
    admin = await cast.appoint(house, "管理一", Role.ADMINISTRATOR, county(village))
    me = await cast.on_duty(house, admin)
    form = PostCreate(
        phone=cast.fresh_phone(), name="疾控一", role=Role.REVIEWER, region_code=town(village), group="流调溯源组",
        department="县疾病预防控制中心",
    )  # fmt: skip
    async with house.database.writing() as db:
        await staff.invite(db, me, form)
    for words in ("疾病预防", "流调溯源", f"{town(village) // 10**6} 疾病预防", "疾控一 流调"):
        assert "疾控一" in await names(house, village.li, words), words
    (found,) = (await find(house, village.li, "疾控一 流调溯源")).items
    assert (found.group, found.department, found.activated) == ("流调溯源组", "县疾病预防控制中心", False)


async def test_pages_follow_each_other_without_doubles_or_gaps(house: House, village: Village) -> None:
    admin = await cast.appoint(house, "管理二", Role.ADMINISTRATOR, village.code)
    me = await cast.on_duty(house, admin)
    async with house.database.writing() as db:
        for number in range(45):
            role = Role.PARTY_MEMBER if number % 2 else Role.DOCTOR
            form = PostCreate(
                phone=cast.fresh_phone(), name=f"邬页{chr(0x4E00 + number)}", role=role, region_code=village.code
            )
            await staff.invite(db, me, form)
    for words in ({"q": "邬页"}, {"q": "邬页", "region": str(village.code)}, {"q": "", "region": str(village.code)}):
        seen, after = [], None
        for _ in range(5):
            found = await find(house, village.li, **words, after=after)
            seen += [each.post_id for each in found.items]
            assert len(found.items) <= 20
            after = found.next
            if after is None:
                break
        assert len(seen) == len(set(seen)), words
        assert len(seen) >= 45, words
    for wrong in ("1.few.x", "9.few.0." + "0" * 32):
        with pytest.raises(Invalid):
            await find(house, village.li, "邬页", after=wrong)


async def test_ended_planned_and_run_out_posts_are_not_found(house: House, village: Village) -> None:
    admin = await cast.on_duty(house, await cast.appoint(house, "管理三", Role.ADMINISTRATOR, village.code))
    someone = await cast.appoint(house, "闻人知秋", Role.DOCTOR, village.code)
    assert await names(house, village.li, "闻人知秋") == ["闻人知秋"]
    post = await post_of(house, someone)
    today = clock.today()
    for valid_from, valid_to, ended in (
        (today + timedelta(days=1), None, None),
        (today - timedelta(days=3), today - timedelta(days=1), None),
        (today, None, clock.now()),
    ):
        async with house.database.writing() as db:
            row = await db.get(Post, post.id)
            assert row is not None
            row.valid_from, row.valid_to, row.ended_at = valid_from, valid_to, ended
            db.add(row)
        assert await names(house, village.li, "闻人知秋") == []
        assert await names(house, village.li, "", region=str(village.code), role="doctor") == []
        async with house.database.reading() as db:
            with pytest.raises(NotFound):
                await directory.colleague(db, admin, post.id)


async def test_a_transferred_colleague_is_found_at_the_new_unit_at_once(house: House, village: Village) -> None:
    admin = await cast.on_duty(house, await cast.appoint(house, "管理四", Role.ADMINISTRATOR, county(village)))
    someone = await cast.appoint(house, "谌望舒", Role.DOCTOR, village.code)
    before = await post_of(house, someone)
    async with house.database.writing() as db:
        move = Transfer(role=Role.DOCTOR, region_code=town(village))
        await staff.transfer(db, admin, before.id, move)
    (found,) = (await find(house, village.li, "谌望舒")).items
    assert found.region_code == town(village)
    async with house.database.writing() as db:
        await staff.dismiss(db, admin, found.post_id, Dismissal(reason="试"))
    assert await names(house, village.li, "谌望舒") == []


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", "李%", "'; --", "\U0010ffff", "﷽", "1" * 60, "第一网格", "wg"])
async def test_odd_words_find_nobody_and_break_nothing(house: House, village: Village, words: str) -> None:
    assert await names(house, village.li, words) == []


async def test_nothing_typed_finds_nobody(house: House, village: Village) -> None:
    assert await names(house, village.li, "") == []
    assert await names(house, village.li, " ， 、 ") == []


async def test_a_grid_worker_without_a_post_in_force_searches_nobody(house: House, village: Village) -> None:
    async with house.database.reading() as db:
        with pytest.raises(NotFound):
            await directory.find(db, Viewer(village.li.token), DirectorySearch(q="桂芳"))
