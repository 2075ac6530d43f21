"""Looking up places as JSON: public, and never a surprise."""

import httpx
import pytest

from tests.cast import Village
from tests.routers.api.problems import pointers, problem

pytestmark = pytest.mark.anyio

REGIONS = "/api/v1/regions"


@pytest.mark.parametrize(
    "code", ["1", "330822", "abc", "3308220012020001", "999999999999999", "-1", "1e9", "%00", "９" * 15, "9" * 400]
)
async def test_a_code_that_cannot_be_or_is_not_there_is_not_found(api: httpx.AsyncClient, code: str) -> None:
    problem(await api.get(f"{REGIONS}/{code}"), 404, "not-found")


@pytest.mark.parametrize("query", ["", "q=" + "x" * 61, "q=x&level=planet", "q=x&level="])
async def test_a_query_that_makes_no_sense_is_refused(api: httpx.AsyncClient, query: str) -> None:
    told = problem(await api.get(f"{REGIONS}?{query}"), 422, "invalid")
    assert pointers(told) <= {"/q", "/level"}


@pytest.mark.parametrize(
    "query", ["%00", "%25", "_", "%5C", "%27%20OR%201=1--", "%ED%A0%80", "%E2%80%AE", "zzzzzz", "%20", "1" * 60, "ﷺ"]
)
async def test_odd_queries_find_nothing_and_break_nothing(api: httpx.AsyncClient, query: str) -> None:
    answer = await api.get(f"{REGIONS}?q={query}")
    assert (answer.status_code, answer.json()) == (200, {"items": []})


@pytest.mark.parametrize(
    "query", ["常山", "changshan", "csx", "330822", "ＣＨＡＮＧＳＨＡＮ", "Chang Shan".replace(" ", "")]
)
async def test_a_place_is_found_by_name_pinyin_initials_and_code(api: httpx.AsyncClient, query: str) -> None:
    items = (await api.get(REGIONS, params={"q": query})).json()["items"]
    assert ("330822000000000", "常山县", ["浙江省", "衢州市"]) in [
        (item["code"], item["name"], item["chain"]) for item in items
    ]


async def test_a_word_before_narrows_by_the_places_above(api: httpx.AsyncClient) -> None:
    items = (await api.get(REGIONS, params={"q": "常山 天马"})).json()["items"]
    assert items
    assert all("常山县" in item["chain"] for item in items)


async def test_grids_are_found_below_their_village(api: httpx.AsyncClient, village: Village) -> None:
    items = (await api.get(REGIONS, params={"q": str(village.code)[:12], "level": "grid"})).json()["items"]
    assert [item["code"] for item in items] == [str(village.grid), str(village.other_grid)]
    assert {item["level"] for item in items} == {"grid"}


async def test_a_place_shows_what_lies_under_it_by_either_length_of_code(
    api: httpx.AsyncClient, village: Village
) -> None:
    for code in (str(village.code), str(village.code)[:12]):
        place = (await api.get(f"{REGIONS}/{code}")).json()
        assert (place["code"], place["level"], len(place["chain"])) == (str(village.code), "village", 4)
        assert [child["code"] for child in place["children"]] == [str(village.grid), str(village.other_grid)]


@pytest.mark.parametrize("day", ["2999-01-01", "2020-02-05", "0001-01-01", "yesterday", "2020-02-30", "9" * 9])
async def test_a_roll_call_of_another_time_is_refused(
    english: httpx.AsyncClient, village_of_all: Village, day: str
) -> None:
    path = f"{REGIONS}/{village_of_all.grid}/roll-call"
    told = problem(await english.get(path, params={"day": day}, headers=village_of_all.li.bearer), 422, "invalid")
    assert pointers(told) == {"/day"}


async def test_the_roll_is_called_for_staff_of_the_place_only(api: httpx.AsyncClient, village_of_all: Village) -> None:
    v = village_of_all
    path = f"{REGIONS}/{v.grid}/roll-call"
    problem(await api.get(path), 401, "not-signed-in")
    problem(await api.get(path, headers=v.mei.bearer), 403, "post-missing")
    problem(await api.get(path, headers=v.wu.bearer), 404, "not-found")
    for above in (v.code, v.code - v.code % 10**6, v.code - v.code % 10**9):
        problem(await api.get(f"{REGIONS}/{above}/roll-call", headers=v.li.bearer), 404, "not-found")


async def test_counts_add_up_and_the_village_is_the_sum_of_its_grids(api: httpx.AsyncClient, village: Village) -> None:
    report = {"id": "0190a0c0-0000-7000-8000-000000000077", "symptoms": ["short_breath"], "exposed": "no"}
    assert (await api.post("/api/v1/checkins", json=report, headers=village.mei.bearer)).status_code == 201
    roll = (await api.get(f"{REGIONS}/{village.grid}/roll-call", headers=village.li.bearer)).json()
    assert roll["counts"] == {"due": 4, "urgent": 1, "attention": 0, "missing": 3, "done": 0}
    assert (roll["people"][0]["name"], roll["people"][0]["state"]) == ("王小梅", "urgent")
    assert village.mei.phone not in str(roll)
    whole = (await api.get(f"{REGIONS}/{village.code}/roll-call", headers=village.chen.bearer)).json()
    assert whole["people"] is None
    for name, count in whole["counts"].items():
        assert count == sum(grid["counts"][name] for grid in whole["grids"])
    assert [grid["counts"]["due"] for grid in whole["grids"]] == [4, 1]
