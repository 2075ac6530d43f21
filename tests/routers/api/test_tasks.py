"""Tasks as JSON: from the offer to the outcome; the same act twice; strangers; what is recorded."""

from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import httpx
import pytest
from sqlmodel import select

from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from models.audit import AuditEvent
from models.staff import Role
from models.tasks import Kind, Task
from tests import cast
from tests.app.staffing import post_of
from tests.app.tasks.work import again, history, opened
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio


def act(**words: object) -> dict[str, Any]:
    return {"id": str(uuid7())} | words


async def do(api: httpx.AsyncClient, who: Person, task: Task, verb: str, body: dict[str, Any]) -> httpx.Response:
    return await api.post(f"/api/v1/tasks/{task.id}/{verb}", json=body, headers=who.bearer)


# verb -> a correct body
ACTS: dict[str, dict[str, Any]] = {
    "acceptance": {}, "start": {}, "notes": {"note": "家里没人"}, "calls": {}, "outcome": {"outcome": "reached"},
    "hindrance": {"hindrance": "moved"}, "hand-over": {}, "cancellation": {"note": "误报"}, "reopening": {},
}  # fmt: skip


async def test_a_visit_from_the_offer_to_the_outcome(api: httpx.AsyncClient, house: House, village: Village) -> None:
    task = await opened(house, village.grid, village.mei.person_id, words="送体温计")
    day = (await api.get("/api/v1/tasks", headers=village.li.bearer)).json()
    (line,) = day["items"]
    assert (line["id"], line["mine"], line["person"]["name"], day["counts"]["open"]) == (
        str(task.id), True, village.mei.name, 1,
    )  # fmt: skip
    one = (await api.get(f"/api/v1/tasks/{task.id}", headers=village.li.bearer)).json()
    assert one["words"] == "送体温计"
    assert one["ahead"] | {"at": ""} == {"at": "", "act": "tell", "unless": "accepted", "level": None}
    assert "accept" in one["may"]
    taken = await do(api, village.li, task, "acceptance", act())
    assert (taken.status_code, taken.json()["state"]) == (201, "accepted")
    assert taken.json()["ahead"]["unless"] == "closed"
    called = await do(api, village.li, task, "calls", act())
    assert (called.json()["phone"], called.headers["cache-control"]) == (village.mei.phone, "no-store")
    filled = (clock.now() - timedelta(hours=2)).isoformat()
    await do(api, village.li, task, "notes", act(note="敲门无人", filled_at=filled))
    done = (await do(api, village.li, task, "outcome", act(outcome="cooperative"))).json()
    assert (done["state"], done["outcome"], done["may"]) == ("done", "cooperative", ["note", "reopen"])
    steps = [(step["happening"], step["by_name"]) for step in done["history"]]
    assert steps[:2] == [("opened", None), ("offered", None)]
    assert steps[2:] == [(name, "李桂芳") for name in ("accepted", "called", "noted", "done")]
    assert done["history"][4]["filled_at"] is not None
    again_open = (await do(api, village.li, task, "reopening", act())).json()
    assert (again_open["state"], again_open["outcome"]) == ("accepted", None)


async def test_the_same_act_twice_is_one_and_an_id_of_another_task_is_refused(
    api: httpx.AsyncClient, house: House, village: Village
) -> None:
    task, other = await opened(house, village.grid), await opened(house, village.grid)
    body = act(note="敲门无人")
    first, second = [await do(api, village.li, task, "notes", body) for _ in range(2)]
    assert first.json()["history"] == second.json()["history"]
    wrong = await do(api, village.li, other, "notes", body)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/id")


@pytest.mark.proves("T03")
@pytest.mark.parametrize("verb", ACTS)
async def test_outside_is_the_same_as_nowhere(
    api: httpx.AsyncClient, house: House, village: Village, verb: str
) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    nowhere = replace(task, id=uuid7())
    answers = [await do(api, village.wu, each, verb, act(**ACTS[verb])) for each in (task, nowhere)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text == answers[1].text
    for person, status in ((village.mei, 403), (village.nobody, 403)):
        assert (await do(api, person, task, verb, act(**ACTS[verb]))).status_code == status
    assert (await api.post(f"/api/v1/tasks/{task.id}/{verb}", json=act(**ACTS[verb]))).status_code == 401
    assert await history(house, task) == ["opened", "offered"]


async def test_who_comes_second_reads_who_was_quicker(api: httpx.AsyncClient, house: House, village: Village) -> None:
    second = await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid)
    task = await opened(house, village.grid)
    # What was offered to somebody is not taken from them by setting about it.
    assert (await do(api, second, task, "start", act())).status_code == 409
    await do(api, village.li, task, "acceptance", act())
    for verb in ("acceptance", "start"):
        late = (await do(api, second, task, verb, act())).json()
        assert (late["type"], "李桂芳" in late["detail"]) == ("state-conflict", True)
    to = (await post_of(house, second)).id
    moved = await do(api, village.chen, task, "hand-over", act(post_id=str(to), note="李桂芳今天满了"))
    assert (moved.json()["owner"], moved.json()["state"]) == ("孙红梅", "offered")
    last = moved.json()["history"][-1]
    assert (last["from_name"], last["to_name"], last["by_name"]) == ("李桂芳", "孙红梅", "陈国平")


async def test_a_task_by_hand_is_there_once_and_faults_name_their_field(
    api: httpx.AsyncClient, village: Village
) -> None:
    due = (clock.now() + timedelta(hours=5)).isoformat()
    body = act(kind="errand", person_id=str(village.mei.person_id), due_at=due, words="送两包米")
    made = [await api.post("/api/v1/tasks", json=body, headers=village.chen.bearer) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json()["id"] == made[1].json()["id"]
    for change, pointer in (
        ({"kind": "urgent_report"}, "/kind"), ({"due_at": "2020-02-05T12:00:00Z"}, "/due_at"),
        ({"owner_post_id": str(uuid7())}, "/owner_post_id"), ({"words": "字" * 501}, "/words"),
        ({"state": "done"}, "/state"),
    ):  # fmt: skip
        answer = await api.post("/api/v1/tasks", json=body | act() | change, headers=village.chen.bearer)
        assert answer.status_code == 422, change
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert (await api.post("/api/v1/tasks", json=body | act(), headers=village.wu.bearer)).status_code == 404


async def test_the_board_and_the_lists_of_a_region(api: httpx.AsyncClient, house: House, village: Village) -> None:
    await opened(house, village.grid, village.mei.person_id)
    urgent = await opened(house, village.grid, village.father.person_id, kind=Kind.URGENT_REPORT)
    at = f"/api/v1/regions/{village.code}"
    board = (await api.get(f"{at}/task-board", headers=village.chen.bearer)).json()
    assert (board["counts"]["open"], board["counts"]["urgent"], board["closed"]) == (2, 1, 0)
    assert sum(worker["open"] for worker in board["workers"]) + board["counts"]["unowned"] == 2
    listed = await api.get(f"{at}/tasks?only=urgent", headers=village.chen.bearer)
    assert [item["id"] for item in listed.json()["items"]] == [str(urgent.id)]
    assert village.father.name not in listed.text
    await do(api, village.li, urgent, "hindrance", act(hindrance="in_hospital"))
    closed = (await api.get(f"{at}/tasks?only=closed", headers=village.chen.bearer)).json()
    assert [item["state"] for item in closed["items"]] == ["not_executable"]
    assert (await api.get(f"{at}/tasks?only=everything", headers=village.chen.bearer)).status_code == 422
    for path in ("tasks", "task-board"):
        assert (await api.get(f"{at}/{path}", headers=village.li.bearer)).status_code == 404


async def test_every_look_is_written_down(api: httpx.AsyncClient, house: House, village: Village) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    await api.get(f"/api/v1/tasks/{task.id}", headers=village.li.bearer)
    await api.get("/api/v1/tasks", headers=village.li.bearer)
    await do(api, village.li, task, "calls", act())
    async with house.database.reading() as db:
        mine = select(AuditEvent.act).where(AuditEvent.account_id == village.li.token.account)
        acts = set(await db.exec(mine))
    assert {"saw_person", "saw_list", "revealed_phone"} <= acts
    assert (await again(house, task)).state == "offered"


async def test_the_board_says_who_has_been_silent_and_since_when(
    api: httpx.AsyncClient, house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("app.tasks.board"), "MORNING", timedelta(days=-1))  # whatever time it is
    task, since = await opened(house, village.grid), clock.now() - timedelta(hours=3)
    async with house.database.writing() as db:
        row = (await db.exec(select(Task).where(Task.id == task.id))).one()
        row.held_since = row.start_at = since
        db.add(row)
    at = f"/api/v1/regions/{village.code}/task-board"
    (line, *others) = (await api.get(at, headers=village.chen.bearer)).json()["workers"]
    assert (line["name"], datetime.fromisoformat(line["silent_since"])) == ("李桂芳", since)
    assert [other["silent_since"] for other in others] == [None] * len(others)
    await do(api, village.li, task, "start", act())
    assert (await api.get(at, headers=village.chen.bearer)).json()["workers"][0]["silent_since"] is None


@pytest.mark.parametrize("asked", ["after=zzz", "after=-1", "after=²", "only=foo"])
async def test_a_list_that_cannot_be_asked_for_is_refused_by_name(
    api: httpx.AsyncClient, village: Village, asked: str
) -> None:
    answer = await api.get(f"/api/v1/regions/{village.code}/tasks?{asked}", headers=village.chen.bearer)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/{asked.partition('=')[0]}"]
