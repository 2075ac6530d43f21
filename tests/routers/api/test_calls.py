"""The call list as JSON: the list, the number, the outcome; what does not fit; strangers; what is recorded."""

from typing import Any

import httpx
import pytest

from app.house import House
from app.kit.ids import uuid7
from tests.app.calling import on_list
from tests.cast import Village

pytestmark = pytest.mark.anyio


def act(**words: object) -> dict[str, Any]:
    return {"id": str(uuid7()), "outcome": "told"} | words


async def test_from_the_list_to_the_outcome(api: httpx.AsyncClient, house: House, village: Village) -> None:
    call = await on_list(house, village.father.person_id)
    li = village.li.bearer
    answer = await api.get("/api/v1/calls", headers=li | {"accept-language": "en"})
    assert answer.headers["cache-control"] == "no-store"
    (line,) = answer.json()["items"]
    assert (line["id"], line["person"]["name"], line["tries"]) == (str(call), village.father.name, 0)
    assert line["why"].startswith("The check-in for")
    assert line["why"].endswith("(morning) has not arrived")
    got = await api.post(f"/api/v1/calls/{call}/number", headers=li)
    assert (got.status_code, got.json()["phone"], got.headers["cache-control"]) == (201, village.mei.phone, "no-store")
    body = act()
    for _ in range(2):
        done = await api.post(f"/api/v1/calls/{call}/outcome", json=body, headers=li)
        assert (done.status_code, done.json()) == (201, {"id": str(call), "state": "delivered", "tries": 1})
    late = await api.post(f"/api/v1/calls/{call}/outcome", json=act(), headers=village.chen.bearer)
    assert (late.status_code, late.json()["type"], "李桂芳" in late.json()["detail"]) == (409, "state-conflict", True)
    for who in (village.li, village.chen):
        assert (await api.post(f"/api/v1/calls/{call}/number", headers=who.bearer)).status_code == 409
    reads = (await api.get("/api/v1/me/reads", headers=village.mei.bearer)).text
    assert reads.count("revealed_phone") == 2  # about her father, and of her own number


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"outcome": "shouted"}, "/outcome"), ({"outcome": None}, "/outcome"), ({"id": "x"}, "/id"),
        ({"filled_at": "2020-02-05T12:00:00Z"}, "/filled_at"), ({"filled_at": "soon"}, "/filled_at"),
        ({"state": "delivered"}, "/state"), ({"also": ["x"]}, "/also/0"), ({"also": "x"}, "/also"),
        ({"also": [str(uuid7()) for _ in range(21)]}, "/also"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_named_and_nothing_happens(
    api: httpx.AsyncClient, house: House, village: Village, change: dict[str, object], pointer: str
) -> None:
    call = await on_list(house, village.father.person_id)
    wrong = await api.post(f"/api/v1/calls/{call}/outcome", json=act(**change), headers=village.li.bearer)
    assert (wrong.status_code, [error["pointer"] for error in wrong.json()["errors"]]) == (422, [pointer])
    (line,) = (await api.get("/api/v1/calls", headers=village.li.bearer)).json()["items"]
    assert line["tries"] == 0


@pytest.mark.proves("T03")
async def test_outside_is_the_same_as_nowhere(api: httpx.AsyncClient, house: House, village: Village) -> None:
    call = await on_list(house, village.father.person_id)
    for verb, body in (("number", None), ("outcome", act())):
        answers = [
            await api.post(f"/api/v1/calls/{name}/{verb}", json=body, headers=village.wu.bearer)
            for name in (call, uuid7())
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].text == answers[1].text
        for person, status in ((village.mei, 403), (village.nobody, 403)):
            got = await api.post(f"/api/v1/calls/{call}/{verb}", json=body, headers=person.bearer)
            assert got.status_code == status
    assert (await api.post("/api/v1/calls/x/number", headers=village.li.bearer)).status_code == 404
    assert (await api.get("/api/v1/calls")).status_code == 401
