"""The page of ladders: every step in words, in force where and since when, what is coming, in one's own places."""

from datetime import timedelta

import pytest
from sqlmodel import func, select

from app.house import House
from app.kit import clock
from models.messages.templates import TEMPLATES
from models.regions import last_of
from models.tasks import Kind, Ladder
from models.tasks.ladders import LADDERS, Rung, spelled
from models.tasks.words import Act
from routers.kit import ladder_words
from tests.cast import Village
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import look

pytestmark = pytest.mark.anyio


async def decided(house: House, code: int, days: int, *rungs: Rung) -> int:
    """A ladder for visits in a place, in force from some days on. Returns its version."""
    async with house.database.writing() as db:
        version: int = (await db.exec(select(func.max(Ladder.version)))).one() + 1
        since = clock.today() + timedelta(days=days)
        db.add(Ladder(
            version=version, kind=Kind.VISIT, region_code=code, last_code=last_of(code), in_force_from=since,
            steps=spelled(rungs), source="test",
        ))  # fmt: skip
    return version


async def test_every_step_stands_there_in_words_and_the_board_leads_to_it(at: SignedIn, village: Village) -> None:
    board = await look(at(village.chen), "/staff/tasks")
    assert f"/staff/ladders?region={village.code}" in board.links
    page = await look(at(village.chen), "/staff/ladders")
    for words in (
        "没人处理时会怎样", "从打卡时段结束算起", "立即", "2 小时后", "提醒代报的家人", "4 小时后", "15 分钟后",
        "按本人选的方式，最后打电话", "任务转给上一级", "超时 4 小时", "消息不分时段送达", "各地通用，自",
    ):  # fmt: skip
        assert words in page.text, words
    browser = at(village.chen)
    browser.cookies.set("lang", "en")
    page = await look(browser, "/staff/ladders")
    for words in ("After 2 hours", "Whoever reports for them is reminded", "stops when somebody accepts the task"):
        assert words in page.text, words


async def test_a_place_of_its_own_what_is_coming_and_what_applies_within(
    at: SignedIn, house: House, village: Village
) -> None:
    mine = await decided(house, village.code, 0, Rung(3 * 3600, Act.TELL, template="task_unaccepted"))
    coming = await decided(house, village.code, 5, Rung(60, Act.TELL, template="task_unaccepted"))
    await decided(house, village.other_grid, 0, Rung(7 * 3600, Act.TELL, template="task_unaccepted"))
    page = await look(at(village.chen), f"/staff/ladders?region={village.code}")
    for words in ("3 小时后", f"第 {mine} 版", f"起改用第 {coming} 版", "以下地方另有步骤"):
        assert words in page.text, words
    assert "7 小时后" not in page.text
    assert f"/staff/ladders?region={village.other_grid}" in page.links
    within = await look(at(village.wu), "/staff/ladders")
    assert "7 小时后" in within.text
    assert "起改用第" not in within.text  # what comes for the village does not reach a place of its own
    assert "3 小时后" in (await look(at(village.li), "/staff/ladders")).text


@pytest.mark.proves("T03")
async def test_the_ladders_of_a_place_that_is_not_ones_own_are_nowhere(at: SignedIn, village: Village) -> None:
    for path in (f"/staff/ladders?region={village.other_grid}", f"/staff/ladders?region={village.code}"):
        assert (await at(village.li).get(path)).status_code == 404
    assert (await at(village.li).get("/staff/ladders?region=nonsense")).status_code == 200


def test_every_step_of_every_ladder_has_words_and_a_text_that_exists() -> None:
    for kind, rungs in LADDERS.items():
        for rung in rungs:
            assert rung.template in TEMPLATES
            for lang in ("zh-Hans", "en"):
                said = ladder_words.step(lang, kind, rung)
                assert said.when
                assert said.what
                assert said.how
