"""Messages as JSON: inbox, why, preferences and push; robots, templates and what is stuck for their keepers."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from models.messages import State
from models.regions import SPAN, Level
from models.staff import Role
from tests import cast
from tests.app.messages.telling import sent, tell
from tests.cast import Person, Village
from tests.routers.api.problems import pointers, problem
from tests.routers.matrix.letters import browser, robot

pytestmark = pytest.mark.anyio

WISH: dict[str, Any] = {"lang": "en", "quiet_from": "21:30", "quiet_until": "6:00", "push": False, "sms": True}


async def keeper(house: House, village: Village) -> Person:
    county = village.code - village.code % SPAN[Level.COUNTY]
    someone = await cast.appoint(house, "何光明", Role.ADMINISTRATOR, county)
    await cast.sit(house, someone, step_up=True)
    return someone


async def test_a_message_from_the_badge_to_why_it_came(api: httpx.AsyncClient, house: House, village: Village) -> None:
    name, mei = await tell(house, village.mei), village.mei.bearer | {"Accept-Language": "en"}
    await sent(house, name, (State.TEMPORARY_FAILURE, "http-503"))
    listed = (await api.get("/api/v1/inbox", headers=mei)).json()
    assert (listed["unread"], listed["items"][0]["id"], listed["items"][0]["read_at"]) == (1, str(name), None)
    opened = (await api.get(f"/api/v1/inbox/{name}", headers=mei)).json()
    assert opened["read_at"]
    assert (await api.get("/api/v1/inbox", headers=mei)).json()["unread"] == 0
    told = (await api.get(f"/api/v1/inbox/{name}/why", headers=mei)).json()
    assert (told["reason"]["step"], told["ways"][0]["tries"][0]["code"]) == (1, "http-503")
    assert "ladder of missing reports, version 1, step 1" in told["because"]
    chinese = (await api.get(f"/api/v1/inbox/{name}/why", headers=village.mei.bearer)).json()
    assert "第 1 版第 1 步" in chinese["because"]
    assert (await api.post("/api/v1/inbox/reading", headers=mei)).status_code == 204


@pytest.mark.proves("T03")
async def test_another_accounts_message_is_nowhere(api: httpx.AsyncClient, house: House, village: Village) -> None:
    name = await tell(house, village.mei)
    for person in (village.qian, village.li, village.nobody):
        for path in ("", "/why"):
            outside, nowhere = [
                await api.get(f"/api/v1/inbox/{each}{path}", headers=person.bearer) for each in (name, uuid7())
            ]
            assert (outside.status_code, outside.text) == (404, nowhere.text)
        assert (await api.get(f"/api/v1/inbox?last={name}", headers=person.bearer)).status_code == 404
    assert (await api.get("/api/v1/inbox")).status_code == 401


async def test_preferences_are_kept_and_every_wrong_field_is_named(api: httpx.AsyncClient, village: Village) -> None:
    mei, path = village.mei.bearer, "/api/v1/me/messages"
    assert (await api.get(path, headers=mei)).json()["quiet_from"] == "22:00"
    kept = (await api.put(path, json=WISH, headers=mei)).json()
    assert kept == WISH | {"quiet_until": "06:00", "browsers": []} == (await api.get(path, headers=mei)).json()
    for change, pointer in (
        ({"lang": "fr"}, "/lang"), ({"quiet_from": "25:00"}, "/quiet_from"), ({"quiet_until": 7}, "/quiet_until"),
        ({"push": "perhaps"}, "/push"), ({"sms": None}, "/sms"), ({"account_id": "x"}, "/account_id"),
    ):  # fmt: skip
        body = problem(await api.put(path, json=WISH | change, headers=mei), 422, "invalid")
        assert pointers(body) == {pointer}


async def test_a_browser_comes_and_goes(api: httpx.AsyncClient, village: Village) -> None:
    mei, words = village.mei.bearer, browser()
    made = (await api.post("/api/v1/me/push", json=words, headers=mei)).json()
    assert (await api.post("/api/v1/me/push", json=words, headers=mei)).json()["id"] == made["id"]
    listed = (await api.get("/api/v1/me/messages", headers=mei)).json()["browsers"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert words["endpoint"] not in str(listed)
    assert (await api.delete(f"/api/v1/me/push/{made['id']}", headers=village.qian.bearer)).status_code == 404
    assert (await api.delete(f"/api/v1/me/push/{made['id']}", headers=mei)).status_code == 204
    wrong = browser() | {"endpoint": "http://push.example.org/", "p256dh": "x", "auth": "x"}
    answer = await api.post("/api/v1/me/push", json=wrong, headers=mei)
    assert pointers(problem(answer, 422, "invalid")) == {"/endpoint", "/p256dh", "/auth"}
    assert (await api.get("/api/v1/push-key", headers=mei)).json() == {"connected": False, "key": None}


async def test_reminders_of_a_day_for_the_household_and_for_staff(api: httpx.AsyncClient, village: Village) -> None:
    father = village.father.person_id
    own = await api.get(f"/api/v1/me/reminders?person_id={father}", headers=village.mei.bearer)
    theirs = await api.get(f"/api/v1/residents/{father}/reminders", headers=village.li.bearer)
    assert own.json() == theirs.json()
    assert own.json()["slots"][0]["steps"][0]["outcome"] in {"waits", "soon"}
    stranger = await api.get(f"/api/v1/me/reminders?person_id={father}", headers=village.qian.bearer)
    outside = await api.get(f"/api/v1/residents/{father}/reminders", headers=village.wu.bearer)
    assert (stranger.status_code, outside.status_code) == (404, 404)
    old = clock.today() - timedelta(days=28)
    for path in (f"/api/v1/me/reminders?day={old}", "/api/v1/me/reminders?day=x"):
        answer = await api.get(path, headers=village.mei.bearer)
        assert pointers(problem(answer, 422, "invalid")) == {"/day"}


async def test_a_robot_from_its_secret_to_its_end(api: httpx.AsyncClient, house: House, village: Village) -> None:
    boss, words = (await keeper(house, village)).bearer, robot(village.code)
    made = await api.post("/api/v1/staff/robots", json=words, headers=boss)
    assert made.status_code == 201
    assert words["secret"] not in made.text
    again = await api.post("/api/v1/staff/robots", json=words, headers=boss)
    assert problem(again, 409, "state-conflict")
    listed = await api.get(f"/api/v1/staff/robots?region={village.code}", headers=boss)
    assert [each["id"] for each in listed.json()["items"]] == [made.json()["id"]]
    assert words["secret"] not in listed.text
    path = f"/api/v1/staff/robots/{made.json()['id']}"
    assert (await api.post(f"{path}/trial", headers=boss)).json()["to"] == "robot"
    assert (await api.post(f"{path}/ending", headers=boss)).status_code == 204
    assert (await api.post(f"{path}/trial", headers=boss)).status_code == 409
    for change, pointer in (
        ({"webhook": "https://example.org/"}, "/webhook"), ({"secret": "x"}, "/secret"), ({"name": "\x00"}, "/name"),
        ({"lang": "fr"}, "/lang"), ({"region_code": "1"}, "/region_code"), ({"keys_sealed": "x"}, "/keys_sealed"),
    ):  # fmt: skip
        answer = await api.post("/api/v1/staff/robots", json=words | change, headers=boss)
        assert pointers(problem(answer, 422, "invalid")) == {pointer}


async def test_secrets_and_codes_ask_for_a_fresh_proof(api: httpx.AsyncClient, house: House, village: Village) -> None:
    boss = await keeper(house, village)
    await cast.sit(house, boss, step_up=False)
    added = await api.post("/api/v1/staff/robots", json=robot(village.code), headers=boss.bearer)
    code = {"provider": "aliyun", "lang": "zh", "code": "SMS_1"}
    changed = await api.put("/api/v1/staff/templates/trial/code", json=code, headers=boss.bearer)
    for answer in (added, changed):
        assert problem(answer, 403, "step-up")["methods"]


async def test_a_code_is_shown_with_its_template(api: httpx.AsyncClient, house: House, village: Village) -> None:
    boss, path = (await keeper(house, village)).bearer, "/api/v1/staff/templates/notice/code"
    code = {"provider": "aliyun", "lang": "zh", "code": "SMS_154950909"}
    shown = (await api.put(path, json=code, headers=boss)).json()
    assert shown["wordings"][0]["codes"] == {"aliyun": "SMS_154950909"}
    gone = (await api.put(path, json=code | {"code": None}, headers=boss)).json()
    assert gone["wordings"][0]["codes"] == {}
    for change, pointer in (
        ({"provider": "x"}, "/provider"), ({"lang": "x"}, "/lang"), ({"code": "码"}, "/code"),
        ({"version": 2}, "/version"),
    ):  # fmt: skip
        answer = await api.put(path, json=code | change, headers=boss)
        assert pointers(problem(answer, 422, "invalid")) == {pointer}
    assert (await api.put(path.replace("notice", "x"), json=code, headers=boss)).status_code == 404
    names = {kind["name"] for kind in (await api.get("/api/v1/staff/templates", headers=boss)).json()["items"]}
    assert {"report_missing", "trial"} <= names


async def test_a_test_to_oneself_and_its_limit(api: httpx.AsyncClient, house: House, village: Village) -> None:
    boss, path = (await keeper(house, village)).bearer, "/api/v1/staff/gateways/trials"
    made = [await api.post(path, json={"channel": "sms"}, headers=boss) for _ in range(6)]
    assert [answer.status_code for answer in made] == [201] * 5 + [429]
    told = await api.get(f"/api/v1/inbox/{made[0].json()['id']}/why", headers=boss)
    assert told.json()["left"] == ["sms"]
    push = await api.post(path, json={"channel": "push"}, headers=(await keeper(house, village)).bearer)
    assert pointers(problem(push, 422, "invalid")) == {"/channel"}
    assert (await api.get("/api/v1/staff/gateways", headers=boss)).json()["oldest_at"]
