"""Registering and seeing oneself as JSON."""

import json
import math
from typing import Any

import httpx
import pytest

from tests.cast import Village, fresh_id
from tests.routers.api.problems import pointers, problem

pytestmark = pytest.mark.anyio

REGISTER, ME, HOUSEHOLD = "/api/v1/residents", "/api/v1/me", "/api/v1/me/household"


def form(village: Village, **changes: Any) -> dict[str, Any]:
    """A complete registration."""
    words = {
        "name": "孙晓燕",
        "id_type": "resident_id",
        "id_number": fresh_id(),
        "address": "金丝雀路 7 号",
        "region_code": str(village.grid),
    }
    return {name: word for name, word in (words | changes).items() if word is not ...}


def wrong_check(number: str) -> str:
    return number[:-1] + ("0" if number[-1] != "0" else "1")


WRONG_DATES = ["110105194913310027", "110105209912310021"]
NO_CODES = ["3３0822001202001", "330822001202000", 2**63, -1, math.inf]
BAD = {
    "name": ["", "   ", "x" * 51, None, 7, ["孙"], "孙\x00", "孙\ud800", ...],
    "id_type": ["", "none", "drivers_licence", 10, None, ...],
    "id_number": ["", "1", "x" * 41, wrong_check("11010519491231002X"), *WRONG_DATES, None, 110105, ...],
    "birth_date": ["2999-01-01", "1880-01-01", "0001-01-01", "2020-02-30", "yesterday", 2020, True],
    "phone": ["12345", "x" * 41, 13857001234],
    "address": ["", "x" * 201, None, {"street": "x"}, ...],
    "region_code": ["330000000000000", "330822001202", "330822001202999", "1", *NO_CODES, True, None, ...],
    "household": ["", {}, None, [1], [[]], [{}] * 7],
}  # fmt: skip


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in BAD.items() for value in values])
async def test_a_wrong_field_is_refused_and_named(
    api: httpx.AsyncClient, village_of_all: Village, field: str, value: Any
) -> None:
    body = json.dumps(form(village_of_all, **{field: value}))
    headers = {**village_of_all.nobody.bearer, "Content-Type": "application/json"}
    told = problem(await api.post(REGISTER, content=body, headers=headers), 422, "invalid")
    assert any(pointer.split("/")[1] == field for pointer in pointers(told))
    assert (await api.get(ME, headers=village_of_all.nobody.bearer)).json()["resident"] is None


async def test_every_wrong_field_is_named_at_once(api: httpx.AsyncClient, village: Village) -> None:
    member = {"name": "孙小宝", "id_type": "none", "relation": "nephew"}
    wrong = form(village, name="", id_number=..., region_code="7", household=[member])
    told = problem(await api.post(REGISTER, json=wrong, headers=village.nobody.bearer), 422, "invalid")
    assert pointers(told) == {
        "/name", "/id_number", "/region_code", "/household/0/relation", "/household/0/birth_date",
    }  # fmt: skip
    wrong = form(village, name="", id_number="110105194912310021", household=[member | {"id_type": "resident_id"}])
    told = problem(await api.post(REGISTER, json=wrong, headers=village.nobody.bearer), 422, "invalid")
    assert pointers(told) == {"/name", "/id_number", "/household/0/relation", "/household/0/id_number"}
    wrong = form(village, id_number="1", region_code=str(village.code), household=[member | {"relation": "child"}])
    told = problem(await api.post(REGISTER, json=wrong, headers=village.nobody.bearer), 422, "invalid")
    assert pointers(told) == {"/id_number", "/region_code", "/household/0/birth_date"}


@pytest.mark.proves("T18")
@pytest.mark.parametrize(
    "field", ["person_id", "programme", "registered_by", "created_at", "role", "id_sealed", "verdict", "token"]
)
async def test_nobody_writes_what_is_not_theirs_to_write(
    api: httpx.AsyncClient, village_of_all: Village, field: str
) -> None:
    bearer = village_of_all.nobody.bearer
    told = problem(await api.post(REGISTER, json=form(village_of_all, **{field: "x"}), headers=bearer), 422, "invalid")
    assert pointers(told) == {f"/{field}"}
    member = {"name": "孙小宝", "id_type": "none", "birth_date": "2020-01-01", "relation": "child", field: "x"}
    household = form(village_of_all, household=[member])
    told = problem(await api.post(REGISTER, json=household, headers=bearer), 422, "invalid")
    assert pointers(told) == {f"/household/0/{field}"}
    told = problem(await api.post(HOUSEHOLD, json=member, headers=village_of_all.mei.bearer), 422, "invalid")
    assert pointers(told) == {f"/{field}"}


@pytest.mark.proves("T20")
async def test_a_number_that_somebody_else_holds_gets_the_same_answer_as_a_new_one(
    api: httpx.AsyncClient, village: Village, other_village: Village
) -> None:
    first = form(village)
    taken = form(other_village, id_number=first["id_number"])
    assert (await api.post(REGISTER, json=first, headers=village.nobody.bearer)).status_code == 201
    second = await api.post(REGISTER, json=taken, headers=other_village.nobody.bearer)
    assert second.status_code == 201
    shown = second.json()
    assert shown["region_code"] == str(other_village.grid)
    assert str(village.grid) not in second.text
    kept = {"person_id", "name", "id_type", "id_number", "phone", "region_code", "chain", "programme", "relation"}
    kept |= {"current", "registered"}
    assert set(shown) == kept | {"household", "token", "expires_at"}


async def test_registering_gives_a_token_that_knows_the_person_and_masks_everything(
    api: httpx.AsyncClient, village: Village
) -> None:
    words = form(
        village, household=[{"name": "孙小宝", "id_type": "none", "birth_date": "2020-01-05", "relation": "child"}]
    )
    answer = await api.post(REGISTER, json=words, headers=village.nobody.bearer)
    shown = answer.json()
    number, phone = words["id_number"], village.nobody.phone
    assert (shown["id_number"][:2], shown["id_number"][-2:]) == (number[:2], number[-2:])
    assert shown["phone"] == f"{phone[:3]}****{phone[-4:]}"
    for secret in (number, number[2:16], phone, words["address"]):
        assert secret not in answer.text
    assert [member["name"] for member in shown["household"]] == ["孙小宝"]
    bearer = {"Authorization": f"Bearer {shown['token']}"}
    me = (await api.get(ME, headers=bearer)).json()["resident"]
    assert me["person_id"] == shown["person_id"]
    assert (await api.get("/api/v1/checkins", headers=bearer)).json() == {"items": []}


async def test_registering_the_same_again_changes_nothing(api: httpx.AsyncClient, village: Village) -> None:
    words = form(village)
    answers = [await api.post(REGISTER, json=words, headers=village.nobody.bearer) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["person_id"] == answers[1].json()["person_id"]


async def test_registering_with_another_document_is_refused_calmly(
    english: httpx.AsyncClient, village: Village
) -> None:
    told = problem(
        await english.post(REGISTER, json=form(village), headers=village.mei.bearer), 409, "already-registered"
    )
    assert "grid worker" in told["detail"]


async def test_a_seventh_family_member_is_too_many_at_once(api: httpx.AsyncClient, village: Village) -> None:
    members = [{"name": f"孙{n}", "id_type": "none", "birth_date": "2020-01-05", "relation": "child"} for n in range(7)]
    told = problem(
        await api.post(REGISTER, json=form(village, household=members), headers=village.nobody.bearer), 422, "invalid"
    )
    assert pointers(told) == {"/household"}


async def test_a_member_added_later_can_be_reported_for(api: httpx.AsyncClient, village: Village) -> None:
    member = {
        "name": "王奶奶",
        "id_type": "passport",
        "id_number": "E12345678",
        "birth_date": "1940-03-01",
        "relation": "grandparent",
    }
    shown = (await api.post(HOUSEHOLD, json=member, headers=village.mei.bearer)).json()
    assert [person["name"] for person in shown["household"]] == ["王建国", "李子轩", "王奶奶"]
    again = (await api.post(HOUSEHOLD, json=member, headers=village.mei.bearer)).json()
    assert len(again["household"]) == 3
    problem(await api.post(HOUSEHOLD, json=member, headers=village.li.bearer), 404, "not-found")


@pytest.mark.proves("T31")
async def test_every_look_of_a_worker_is_listed_for_the_person(api: httpx.AsyncClient, village: Village) -> None:
    assert (await api.get("/api/v1/me/reads", headers=village.mei.bearer)).json() == {"items": []}
    looks = [village.mei.person_id, village.father.person_id]
    for person in looks:
        await api.get("/api/v1/checkins", params={"person_id": str(person)}, headers=village.li.bearer)
    reads = (await api.get("/api/v1/me/reads", headers=village.mei.bearer)).json()["items"]
    assert [(read["who"], read["role"], read["act"]) for read in reads] == [("李桂芳", "grid_worker", "saw_person")] * 2
    assert (await api.get("/api/v1/me/reads", headers=village.qian.bearer)).json() == {"items": []}


async def test_staff_see_their_posts_and_residents_have_none(api: httpx.AsyncClient, village: Village) -> None:
    me = (await api.get(ME, headers=village.li.bearer)).json()
    assert me["resident"] is None
    assert [(post["role"], post["region_code"]) for post in me["posts"]] == [("grid_worker", str(village.grid))]
    assert (await api.get(ME, headers=village.mei.bearer)).json()["posts"] == []
