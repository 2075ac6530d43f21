"""Photos on the sheet of a task: chosen in a plain form, beside words that are never lost, and looked at one by one."""

import httpx
import pytest

from app.house import House
from app.kit.ids import uuid7
from tests import photos
from tests.app.tasks.work import again, history, opened
from tests.cast import Village
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import look, read

pytestmark = pytest.mark.anyio


async def send(browser: httpx.AsyncClient, at: str, *brought: bytes, **words: str) -> httpx.Response:
    """A form as a phone without scripts sends it."""
    files = [("photo", (f"IMG_{n}.jpg", data, "image/jpeg")) for n, data in enumerate(brought)]
    return await browser.post(at, data={"id": str(uuid7())} | words, files=files)


async def test_a_photo_goes_with_the_outcome_and_is_looked_at_on_a_page(
    at: SignedIn, house: House, village: Village
) -> None:
    task = await opened(house, village.grid, village.mei.person_id)
    sheet, name = f"/staff/tasks/{task.id}", str(uuid7())
    for _ in range(2):  # the network took the first answer away
        answer = await send(
            at(village.li),
            f"{sheet}/outcome",
            photos.jpeg(),
            photos.png(60, 40),
            outcome="reached",
            note="已贴封条",
            id=name,
        )
        assert answer.headers["location"] == f"{sheet}?told=done", answer.text
    assert (await again(house, task)).state == "done"
    assert await history(house, task) == ["opened", "offered", "done", "photographed", "photographed"]
    page = await look(at(village.chen), sheet)
    links = [link for link in page.links if "/photos/" in link]
    assert len(links) == 2
    assert "李桂芳添加了照片" in page.text
    assert "KB，查看" in page.text
    assert "<img" not in page.html  # nothing loads that nobody asked for
    shown = await at(village.chen).get(links[0])
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert "data:image/jpeg;base64,/9j/" in shown.text
    assert "已记录" in shown.text
    assert (await at(village.wu).get(links[0])).status_code == 404


async def test_a_photo_may_say_all_there_is_to_note(at: SignedIn, house: House, village: Village) -> None:
    task = await opened(house, village.grid)
    sheet = f"/staff/tasks/{task.id}"
    assert (await send(at(village.li), f"{sheet}/notes", photos.jpeg(60, 40))).status_code == 303
    assert await history(house, task) == ["opened", "offered", "photographed"]
    assert (await send(at(village.li), f"{sheet}/notes", note="家里没人")).status_code == 303
    empty = read(await send(at(village.li), f"{sheet}/notes", b""))
    assert (empty.status, empty.errors) == (422, ["notes-note"])


@pytest.mark.parametrize(
    ("brought", "words"),
    [
        ((b"\xff\xd8\xff" + bytes(2 * 2**20),), "第 1 张照片超过 2 MB"),
        ((photos.jpeg(60, 40), "一段文字".encode()), "第 2 张不是这里能打开的图片"),
        ((photos.png(30_000, 30_000, "1"),), "第 1 张照片像素太多"),
        ((photos.jpeg(60, 40),) * 4, "最多放三张"),
    ],
    ids=["too large", "no picture", "bomb", "four"],
)
async def test_a_wrong_photo_is_named_and_every_word_stays(
    at: SignedIn, house: House, village: Village, brought: tuple[bytes, ...], words: str
) -> None:
    task = await opened(house, village.grid)
    where = f"/staff/tasks/{task.id}/outcome"
    page = read(await send(at(village.li), where, *brought, outcome="cooperative", note="已贴封条"))
    assert (page.status, page.errors) == (422, ["outcome-photo"])
    assert "outcome-photo" in page.ids
    assert words in page.text
    assert "照片不会保留" in page.text
    fields = page.form(where).fields
    assert (fields["note"], fields["outcome"]) == ("已贴封条", ["cooperative"])
    assert await history(house, task) == ["opened", "offered"]


async def test_one_too_many_undoes_the_act_as_well(at: SignedIn, house: House, village: Village) -> None:
    task = await opened(house, village.grid)
    sheet = f"/staff/tasks/{task.id}"
    await send(at(village.li), f"{sheet}/notes", *[photos.jpeg(60, 40)] * 3)
    page = read(await send(at(village.li), f"{sheet}/outcome", photos.jpeg(60, 40), outcome="reached", note="好了"))
    assert (page.status, page.errors) == (422, ["act"])
    assert "已有三张照片" in page.text
    assert page.form(f"{sheet}/outcome").fields["note"] == "好了"
    assert (await again(house, task)).state == "offered"


async def test_more_than_a_page_takes_in_is_told_as_such(at: SignedIn, house: House, village: Village) -> None:
    task = await opened(house, village.grid)
    answer = await send(at(village.li), f"/staff/tasks/{task.id}/notes", bytes(25 * 2**20))
    assert (answer.status_code, "每张最多 2 MB" in answer.text) == (413, True)
    other = await send(at(village.li), f"/staff/tasks/{task.id}/start", bytes(300_000))
    assert (other.status_code, "2 MB" in other.text) == (413, False)
