"""The directory over the JSON door: found by a body, dialled on the record, for staff only."""

import httpx
import pytest

from tests.cast import Village

pytestmark = pytest.mark.anyio

SEARCH = "/api/v1/directory/searches"


async def test_a_colleague_is_found_masked_and_dialled_in_full(api: httpx.AsyncClient, village: Village) -> None:
    found = await api.post(SEARCH, json={"q": "李桂芳", "region": str(village.code)}, headers=village.wu.bearer)
    assert (found.status_code, found.headers["cache-control"]) == (200, "no-store")
    (li,) = found.json()["items"]
    assert village.li.phone not in found.text
    assert (li["name"], li["role"], li["may_dial"], li["region_code"]) == (
        "李桂芳",
        "grid_worker",
        True,
        str(village.grid),
    )
    one = await api.get(f"/api/v1/directory/{li['post_id']}", headers=village.wu.bearer)
    assert one.json() == li
    told = await api.post(f"/api/v1/directory/{li['post_id']}/dialling", headers=village.wu.bearer)
    assert (told.status_code, told.json()["phone"]) == (201, village.li.phone)
    looks = await api.get("/api/v1/directory/looks", headers=village.li.bearer)
    assert [look["who"] for look in looks.json()["items"]] == ["吴秀英"]


async def test_a_resident_finds_no_colleagues(api: httpx.AsyncClient, village: Village) -> None:
    for headers, status in ((village.mei.bearer, 403), ({}, 401)):
        answer = await api.post(SEARCH, json={"q": "李桂芳"}, headers=headers)
        assert answer.status_code == status
        assert "桂芳" not in answer.text


async def test_what_is_looked_for_never_stands_in_an_address(api: httpx.AsyncClient, village: Village) -> None:
    answer = await api.get("/api/v1/directory", params={"q": "李桂芳"}, headers=village.wu.bearer)
    assert answer.status_code == 404


@pytest.mark.parametrize("body", [{"q": "李" * 61}, {"q": 1}, {"q": "李", "role": "king"}, {"q": "李", "after": "9"},
                                  {"q": "李", "home": True}, {"q": "李\x00"}])  # fmt: skip
async def test_a_wrong_search_says_what_is_wrong(api: httpx.AsyncClient, village: Village, body: object) -> None:
    answer = await api.post(SEARCH, json=body, headers=village.wu.bearer)
    assert (answer.status_code, answer.json()["type"]) == (422, "invalid")
