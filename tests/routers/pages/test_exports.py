"""Exports, retention and the end of a response, as people meet them on pages and through the API."""

import csv
import io

import httpx
import pytest

from app.house import House
from app.kit.ids import uuid7
from models.regions import SPAN, Level
from models.staff import Role
from tests import cast
from tests.cast import Person, Village
from tests.routers.pages.conftest import SignedIn

pytestmark = pytest.mark.anyio


async def of_town(house: House, village: Village, role: Role, *, step_up: bool = True) -> Person:
    town = village.code - village.code % SPAN[Level.TOWNSHIP]
    someone = await cast.appoint(house, "方晓", role, town)
    await cast.sit(house, someone, step_up=step_up)
    return someone


def form(village: Village, *columns: str) -> dict[str, object]:
    return {
        "id": str(uuid7()), "place_code": str(village.grid), "columns": list(columns), "purpose": "supplies",
        "words": "三网格断网，入户送药两天，需要名单",
    }  # fmt: skip


@pytest.mark.proves("T08")
async def test_a_file_is_asked_for_released_by_another_and_taken_with_its_words_in_chinese(
    house: House, village: Village, at: SignedIn
) -> None:
    clerk, reviewer = await of_town(house, village, Role.LIST_CLERK), await of_town(house, village, Role.REVIEWER)
    assert (await at(clerk).get("/exports/new")).status_code == 200
    asked = await at(clerk).post("/exports/new", data=form(village, "name", "phone", "state"))
    assert asked.status_code == 303
    place = asked.headers["location"].partition("?")[0]
    waiting = await at(clerk).get(place)
    assert "等待" in waiting.text
    assert f"{place}/file" not in waiting.text
    assert (await at(clerk).post(f"{place}/file", data={"format": "csv"})).status_code == 409
    assert (await at(clerk).post(f"{place}/approval")).status_code in {404, 422}
    assert (await at(reviewer).post(f"{place}/approval")).status_code == 303
    answer = await at(clerk).post(f"{place}/file", data={"format": "csv"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert "方晓" in rows[0][0]
    assert rows[1][1:] == ["当天填报", "电话"]
    assert village.mei.phone in {row[2][:11] for row in rows[2:]}
    assert (await at(clerk).get(f"{place}/file")).status_code == 405
    book = await at(clerk).post(f"{place}/file", data={"format": "xlsx"})
    assert book.content[:2] == b"PK"


@pytest.mark.proves("T08")
async def test_without_a_fresh_proof_nothing_leaves_the_house(
    house: House, village: Village, at: SignedIn, api: httpx.AsyncClient
) -> None:
    clerk = await of_town(house, village, Role.LIST_CLERK, step_up=False)
    assert (await at(clerk).post("/exports/new", data=form(village, "grid"))).status_code == 403
    words = {"id": str(uuid7()), "region_code": str(village.grid), "columns": ["grid"], "purpose": "supplies",
             "words": "三网格断网，入户送药"}  # fmt: skip
    refused = await api.post("/api/v1/exports", json=words, headers=clerk.bearer)
    assert (refused.status_code, refused.json()["type"]) == (403, "step-up")


async def test_the_api_asks_lists_releases_and_gives_the_file(
    house: House, village: Village, api: httpx.AsyncClient
) -> None:
    clerk, reviewer = await of_town(house, village, Role.LIST_CLERK), await of_town(house, village, Role.REVIEWER)
    words = {"id": str(uuid7()), "region_code": str(village.grid), "columns": ["name", "address"],
             "purpose": "home_visits", "words": "三网格断网，入户送药两天"}  # fmt: skip
    asked = await api.post("/api/v1/exports", json=words, headers=clerk.bearer)
    assert (asked.status_code, asked.json()["state"], asked.json()["mine"]) == (201, "requested", True)
    place = f"/api/v1/exports/{words['id']}"
    listed = (await api.get("/api/v1/exports", headers=reviewer.bearer)).json()["items"]
    assert [each["mine"] for each in listed if each["id"] == words["id"]] == [False]
    early = await api.post(f"{place}/file", json={"format": "csv"}, headers=clerk.bearer)
    assert (early.status_code, early.json()["type"]) == (409, "state-conflict")
    assert (await api.post(f"{place}/approval", headers=reviewer.bearer)).json()["state"] == "ready"
    taken = await api.post(f"{place}/file", json={"format": "csv"}, headers=clerk.bearer)
    assert taken.headers["content-type"].startswith("text/csv")
    assert "桃园路 18 号 2 幢 301".encode() in taken.content
    assert (await api.get(place, headers=clerk.bearer)).json()["taken"] == 1
    for stranger in (village.li, village.mei):
        assert (await api.get(place, headers=stranger.bearer)).status_code in {403, 404}


async def test_an_auditor_pastes_rows_and_reads_who_took_them(house: House, village: Village, at: SignedIn) -> None:
    clerk = await of_town(house, village, Role.LIST_CLERK)
    county = village.code - village.code % SPAN[Level.COUNTY]
    auditor = await cast.appoint(house, "审计", Role.AUDITOR, county)
    asked = await at(clerk).post("/exports/new", data=form(village, "name_masked"))
    taken = await at(clerk).post(asked.headers["location"].partition("?")[0] + "/file", data={"format": "csv"})
    passage = "\n".join(taken.content.decode("utf-8-sig").splitlines()[2:])
    assert (await at(auditor).get("/exports/trace")).status_code == 200
    found = await at(auditor).post("/exports/trace", data={"passage": passage})
    assert "方晓" in found.text
    nothing = await at(auditor).post("/exports/trace", data={"passage": "王＊"})
    assert "方晓" not in nothing.text
    assert (await at(clerk).get("/exports/trace")).status_code == 404


async def test_what_is_wrong_with_a_request_is_said_beside_it_with_every_word_kept(
    house: House, village: Village, at: SignedIn
) -> None:
    clerk = await of_town(house, village, Role.LIST_CLERK)
    page = await at(clerk).post("/exports/new", data=form(village) | {"words": "短"})
    assert page.status_code == 422
    assert "短</textarea>" in page.text
    assert "至少 10 个字" in page.text
    elsewhere = await at(clerk).post("/exports/new", data=form(village, "grid") | {"place_code": "330822001202001"})
    assert elsewhere.status_code == 404


async def test_the_rules_of_retention_are_there_for_who_watches_over_them(
    house: House, village: Village, at: SignedIn
) -> None:
    administrator = await of_town(house, village, Role.ADMINISTRATOR)
    page = await at(administrator).get("/retention")
    assert page.status_code == 200
    assert (await at(village.li).get("/retention")).status_code == 404
    privacy = await at(village.mei).get("/privacy")
    assert privacy.status_code == 200


async def test_a_response_is_ended_by_two_only_and_nobody_types_it_by_mistake(
    house: House, village: Village, at: SignedIn
) -> None:
    administrator = await cast.appoint(house, "省管理", Role.ADMINISTRATOR, 330000000000000)
    await cast.sit(house, administrator, step_up=True)
    assert "新冠肺炎疫情应急响应" in (await at(administrator).get("/responses")).text
    wrong = await at(administrator).post("/responses/stand-down", data={"name": "别的"})
    assert wrong.status_code == 422
    assert 'value="别的"' in wrong.text
    assert "响应名称：请" in wrong.text
    assert "不只是本次响应的地区" in wrong.text
    assert "不只是本次响应的地区" not in (await at(village.chen).get("/responses")).text
    assert (await at(village.chen).get("/responses")).status_code == 200
    assert (await at(village.chen).post("/responses/stand-down", data={"name": "x"})).status_code == 403
    nowhere = "/responses/0190a0c0-0000-7000-8000-000000000009"
    for path in (f"{nowhere}/certificate", f"{nowhere}/certificate.json"):
        assert (await at(administrator).get(path)).status_code == 404
