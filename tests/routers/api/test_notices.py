"""Notices and messages as JSON: who gets what, and that repeats and strangers change nothing."""

from typing import Any

import httpx
import pytest

from app import notices
from app.house import House
from app.kit.ids import uuid7
from tests import cast
from tests.app.test_notices import post_of
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio


def form(code: int, **changes: object) -> dict[str, Any]:
    words = {"id": str(uuid7()), "region_code": str(code), "title": "今晚清点口罩", "words": "八点前报数。"}
    return words | {"must_confirm": True} | changes


async def send(api: httpx.AsyncClient, someone: Person, body: dict[str, Any]) -> httpx.Response:
    return await api.post("/api/v1/notices", json=body, headers=someone.bearer)


async def test_a_notice_from_sending_to_the_last_confirmation(api: httpx.AsyncClient, village: Village) -> None:
    body = form(village.code, roles=["grid_worker"])
    sent = await send(api, village.chen, body)
    assert sent.status_code == 201
    assert sent.json()["progress"] == {"addressed": 2, "read": 0, "confirmed": 0}
    assert (await send(api, village.chen, body)).json() == sent.json()
    inbox = (await api.get("/api/v1/notices", headers=village.li.bearer)).json()
    assert (inbox["unread"], inbox["items"][0]["read_at"]) == (1, None)
    address = f"/api/v1/notices/{body['id']}"
    opened = (await api.get(address, headers=village.li.bearer)).json()
    assert opened["read_at"]
    assert (await api.get(address, headers=village.li.bearer)).json()["read_at"] == opened["read_at"]
    first, again = [
        (await api.post(f"{address}/confirmation", headers=village.li.bearer)).json()["confirmed_at"] for _ in range(2)
    ]
    assert first == again is not None
    listed = (await api.get(f"{address}/readers?state=unread", headers=village.chen.bearer)).json()
    assert (listed["people"], listed["unread"], listed["done"]) == (2, 1, 1)
    assert [item["name"] for item in listed["items"]] == ["吴秀英"]
    sent_box = (await api.get("/api/v1/notices?box=sent", headers=village.chen.bearer)).json()
    assert sent_box["items"][0]["progress"] == {"addressed": 2, "read": 1, "confirmed": 1}


@pytest.mark.proves("T03")
async def test_outside_is_the_same_as_nowhere(api: httpx.AsyncClient, house: House, village: Village) -> None:
    other = await cast.village(house)
    body = form(village.code)
    await send(api, village.chen, body)
    for act, method in (("", "GET"), ("/confirmation", "POST"), ("/withdrawal", "POST"), ("/readers", "GET")):
        for person in (other.chen, other.li):
            outside, nowhere = [
                await api.request(method, f"/api/v1/notices/{name}{act}", headers=person.bearer)
                for name in (body["id"], uuid7())
            ]
            assert (outside.status_code, outside.text) == (404, nowhere.text)
    assert (await send(api, other.chen, form(village.code))).status_code == 404
    assert (await send(api, village.li, form(village.grid))).status_code == 404
    for person, status in ((village.mei, 403), (village.nobody, 403)):
        assert (await send(api, person, form(village.code))).status_code == status
        assert (await api.get("/api/v1/messages", headers=person.bearer)).status_code == status
    assert (await api.get("/api/v1/notices")).status_code == 401


async def test_refusals_name_the_field_and_the_way_out(api: httpx.AsyncClient, village: Village) -> None:
    for change, pointer in (
        ({"title": ""}, "/title"), ({"words": "字" * 2001}, "/words"), ({"words": "一\x00二"}, "/words"),
        ({"roles": ["emperor"]}, "/roles/0"), ({"addressed": 5}, "/addressed"), ({"id": "1"}, "/id"),
    ):  # fmt: skip
        answer = await send(api, village.chen, form(village.code, **change))
        assert answer.status_code == 422, change
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    asked = (await send(api, village.chen, form(village.code, words="请联系 13857001234"))).json()
    assert (asked["type"], asked["errors"][0]["pointer"]) == ("confirm", "/words")
    body = form(village.code)
    await send(api, village.chen, body)
    assert (await send(api, village.chen, body | {"title": "别的"})).json()["type"] == "key-reused"


async def test_two_write_and_the_house_speaks_each_readers_language(
    api: httpx.AsyncClient, house: House, village: Village
) -> None:
    li, chen = await post_of(house, village.li), await post_of(house, village.chen)
    body = {"id": str(uuid7()), "words": "口罩到了吗？"}
    for _ in range(2):
        written = await api.post(f"/api/v1/messages/{chen.id}", json=body, headers=village.li.bearer)
        assert written.status_code == 201
        assert len(written.json()["items"]) == 1
    threads = (await api.get("/api/v1/messages", headers=village.chen.bearer)).json()
    assert (threads["unread"], threads["items"][0]["party"]["name"]) == (1, "李桂芳")
    opened = (await api.get(f"/api/v1/messages/{li.id}", headers=village.chen.bearer)).json()
    assert (opened["items"][0]["words"], opened["items"][0]["writer"]) == ("口罩到了吗？", "李桂芳")
    assert (await api.get("/api/v1/messages", headers=village.chen.bearer)).json()["unread"] == 0
    own = await api.post(f"/api/v1/messages/{li.id}", json=body, headers=village.li.bearer)
    assert own.json()["type"] == "state-conflict"
    async with house.database.writing() as db:
        await notices.from_the_house(db, village.grid, "Answer %(name)s", {"name": "方敏"})
    for lang, words in (("en", "Answer 方敏"), ("zh-CN", "回复方敏")):
        headers = village.li.bearer | {"Accept-Language": lang}
        found = (await api.get("/api/v1/messages/unit", headers=headers)).json()
        assert (found["items"][0]["words"], found["items"][0]["writer"]) == (words, None)
        assert "facts" not in found["items"][0]
