"""Places and words as people write them, over the whole real table."""

from functools import cache

import pytest

from app import regions
from app.appointments import words
from app.appointments.mapping import guess
from app.appointments.places import Above, Places, Unplaced, spellings
from models.appointments import Column, Reason
from models.regions import Level, ancestors_of, last_of, level_of
from models.staff import Role

PROVINCE, COUNTY, TOWNSHIP, VILLAGE = 330000000000000, 330822000000000, 330822001000000, 330822001202000
NAMES = {row[0]: row[4] for row in regions.shipped()}


@cache
def inside(root: int) -> Places:
    """The places of a region of the real table, four grids in every village."""
    above = [Above(code, frozenset(spellings(NAMES[code], level_of(code)))) for code in ancestors_of(root)]
    places = Places(root, above, frozenset(spellings(NAMES[root], level_of(root))))
    for code, name in NAMES.items():
        if root < code <= last_of(root):
            places.add(code, name)
            if level_of(code) is Level.VILLAGE:
                for number in range(1, 5):
                    places.add(code + number, f"{regions.ordinal(number)}网格")
    return places


@pytest.mark.parametrize("written", [
    "常山县天马街道西峰村第一网格", "天马街道/西峰村/1网格", "天马 西峰 网格1",
    "浙江省衢州市常山县天马街道西峰村委会第1网格",
    "西峰村01", "330822001202001", "330822001202 第一网格", "天马街道西峰村村委会 一网格",
    "常山县 天马街道 西峰村 ０１",
])  # fmt: skip
def test_one_grid_in_many_spellings(written: str) -> None:
    assert inside(COUNTY).resolve(written) == VILLAGE + 1


def test_levels_are_told_apart_by_what_was_written() -> None:
    places = inside(COUNTY)
    assert places.resolve("常山县") == places.resolve("常山") == places.resolve("衢州市常山县") == COUNTY
    assert places.resolve("天马街道") == places.resolve("天马") == places.resolve("天马街道办事处") == TOWNSHIP
    assert places.resolve("西峰村") == VILLAGE


@pytest.mark.parametrize(("written", "reason"), [
    ("西峰村第九网格", Reason.PLACE_UNKNOWN), ("龙游县", Reason.PLACE_UNKNOWN),
    ("330825000000000", Reason.PLACE_UNKNOWN),
    ("浙江省", Reason.ABOVE_YOU), ("衢州市", Reason.ABOVE_YOU), ("330800000000", Reason.ABOVE_YOU),
    ("", Reason.NO_PLACE), ("西峰村老年协会", Reason.PLACE_UNKNOWN), ("村" * 500, Reason.PLACE_UNKNOWN),
])  # fmt: skip
def test_what_is_not_here_is_refused_and_not_guessed(written: str, reason: Reason) -> None:
    with pytest.raises(Unplaced) as refused:
        inside(COUNTY).resolve(written)
    assert refused.value.reason is reason


def test_a_name_that_many_villages_bear_is_asked_about() -> None:
    with pytest.raises(Unplaced) as refused:
        inside(PROVINCE).resolve("双溪村")
    assert refused.value.reason is Reason.PLACE_AMBIGUOUS
    assert len(refused.value.candidates) == 3
    shown = inside(PROVINCE).words_of(refused.value.candidates)
    assert shown is not None
    assert shown.count(" / ") == 2


def test_every_region_of_the_real_table_is_found_by_its_own_path() -> None:
    places = inside(PROVINCE)
    for code, name in NAMES.items():
        if code != PROVINCE:
            assert places.resolve("".join(NAMES[step] for step in ancestors_of(code)) + name) == code


def test_roles_days_numbers_and_answers_in_the_words_of_offices() -> None:
    assert {words.role_of(word) for word in ("网格员", "Grid_Worker", " 网 格 员 ")} == {Role.GRID_WORKER}
    assert all(words.role_of(role.value) is role for role in Role)
    assert words.role_of("厨师") is None
    days = {str(words.day_of(text)) for text in ("2026-01-05", "2026/1/5", "2026.01.05", "2026年1月5日", "20260105")}
    assert days == {"2026-01-05"}
    assert words.day_of("2026-02-30") is None
    assert [words.number_of(regions.ordinal(n)[1:]) for n in range(1, 1000)] == list(range(1, 1000))
    assert [words.yes_or_no(text) for text in ("是", "√", "", "否", "也许")] == [True, True, False, False, None]


def test_columns_are_named_in_any_order_and_language() -> None:
    headers = ["备注", "电话", "Role", "县（市、区）", "乡镇", "行政村", "网格", "* 姓名"]
    found = guess(headers, [])
    assert found == {
        Column.PHONE: 1, Column.ROLE: 2, Column.COUNTY: 3, Column.TOWNSHIP: 4, Column.VILLAGE: 5, Column.GRID: 6,
        Column.NAME: 7,
    }  # fmt: skip
