"""Photos of a task as JSON: small and bare when kept, sealed, few, seen by nobody else, and every look told."""

from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from app.house import House
from app.kit.ids import uuid7
from models.audit import AuditEvent
from models.tasks import Task, TaskPhoto
from tests import photos
from tests.app.tasks.work import history, opened
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio

JPEG = {"content-type": "image/jpeg"}


async def lay(api: httpx.AsyncClient, who: Person, task: Task, data: bytes, name: UUID | None = None) -> httpx.Response:
    at = f"/api/v1/tasks/{task.id}/photos/{name or uuid7()}"
    return await api.put(at, content=data, headers=who.bearer | JPEG)


async def kept(house: House, task: Task) -> list[TaskPhoto]:
    async with house.database.reading() as db:
        return list(await db.exec(select(TaskPhoto).where(TaskPhoto.task_id == task.id).order_by(col(TaskPhoto.place))))


async def test_a_photo_is_kept_small_bare_and_sealed(api: httpx.AsyncClient, house: House, village: Village) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    laid = await lay(api, village.li, task, photos.jpeg())
    assert laid.status_code == 201, laid.text
    (row,) = await kept(house, task)
    assert laid.json() == {"id": str(row.id), "size": row.size}
    assert b"JFIF" not in row.picture_sealed
    sheet = (await api.get(f"/api/v1/tasks/{task.id}", headers=village.chen.bearer)).json()
    assert (sheet["history"][-1]["photo"], sheet["history"][-1]["by_name"]) == (laid.json(), "李桂芳")
    at = f"/api/v1/tasks/{task.id}/photos/{row.id}"
    looked = await api.get(at, headers=village.chen.bearer)
    assert (looked.headers["content-type"], looked.headers["cache-control"]) == ("image/jpeg", "no-store")
    assert len(looked.content) == row.size
    assert photos.opened(looked.content).size == (1280, 960)
    assert photos.PLACE.encode() not in looked.content


async def test_the_same_id_twice_is_one_photo_and_a_fourth_is_refused(
    api: httpx.AsyncClient, house: House, village: Village
) -> None:
    task, other, name = await opened(house, village.grid), await opened(house, village.grid), uuid7()
    first, second = [await lay(api, village.li, task, photos.jpeg(60, 40), name) for _ in range(2)]
    assert (first.status_code, second.status_code, second.json()) == (201, 201, first.json())
    assert len(await kept(house, task)) == 1
    elsewhere = await lay(api, village.li, other, photos.jpeg(60, 40), name)
    assert (elsewhere.status_code, elsewhere.json()["errors"][0]["pointer"]) == (422, "/id")
    for data in (photos.png(60, 40), photos.webp()):
        assert (await lay(api, village.chen, task, data)).status_code == 201
    fourth = await lay(api, village.li, task, photos.jpeg(60, 40))
    assert (fourth.status_code, fourth.json()["type"]) == (409, "state-conflict")
    assert [row.place for row in await kept(house, task)] == [1, 2, 3]
    assert (await history(house, task)).count("photographed") == 3


@pytest.mark.proves("T22")
async def test_what_is_no_small_picture_is_refused_in_words(
    api: httpx.AsyncClient, house: House, village: Village
) -> None:
    task = await opened(house, village.grid)
    for data, words in (
        (photos.png(30_000, 30_000, "1"), "4000 万"), ("不是照片".encode(), "JPEG"), (b"", "JPEG"),
        (photos.jpeg()[:2000], "损坏"),
    ):  # fmt: skip
        answer = await lay(api, village.li, task, data)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/photo")
        assert words in answer.json()["errors"][0]["detail"]
    large = await lay(api, village.li, task, photos.jpeg(20, 20) + bytes(2 * 2**20))
    assert (large.status_code, "2 MB" in large.json()["detail"]) == (413, True)
    assert await kept(house, task) == []


@pytest.mark.proves("T03")
async def test_the_photo_of_somebody_elses_task_is_nowhere(
    api: httpx.AsyncClient, house: House, village: Village
) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    other = await opened(house, village.grid)
    name = (await lay(api, village.li, task, photos.jpeg(60, 40))).json()["id"]
    nowhere = await api.get(f"/api/v1/tasks/{uuid7()}/photos/{name}", headers=village.wu.bearer)
    for who, at in (
        (village.wu, f"{task.id}/photos/{name}"), (village.li, f"{other.id}/photos/{name}"),
        (village.li, f"{task.id}/photos/{uuid7()}"),
    ):  # fmt: skip
        answer = await api.get(f"/api/v1/tasks/{at}", headers=who.bearer)
        assert (answer.status_code, answer.text) == (404, nowhere.text)
    # Before a picture is opened it is asked whose task it is.
    assert (await lay(api, village.wu, task, b"no picture")).text == nowhere.text
    for person, status in ((village.mei, 403), (village.nobody, 403)):
        assert (await api.get(f"/api/v1/tasks/{task.id}/photos/{name}", headers=person.bearer)).status_code == status
    assert len(await kept(house, task)) == 1


async def test_every_look_is_told_to_whom_it_is_about(api: httpx.AsyncClient, house: House, village: Village) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    name = (await lay(api, village.li, task, photos.jpeg(60, 40))).json()["id"]
    for _ in range(2):
        await api.get(f"/api/v1/tasks/{task.id}/photos/{name}", headers=village.chen.bearer)
    async with house.database.reading() as db:
        looks = select(AuditEvent).where(AuditEvent.person_id == village.mei.person_id, AuditEvent.act == "saw_photo")
        assert [(look.actor_name, look.subject) for look in await db.exec(looks)] == [("陈国平", task.id)] * 2
    told = (await api.get("/api/v1/me/reads", headers=village.mei.bearer)).json()
    assert "saw_photo" in str(told)
