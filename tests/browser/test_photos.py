"""A photo with the outcome of a task, from a small phone: shrunk before it leaves, and sent whole without scripts."""

from typing import Any

import pytest

from app.demo import WORKER
from tests import photos
from tests.browser.conftest import Phone, Phones

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(120)]

LARGE = photos.jpeg(4000, 3000, turned=6)


def chosen(data: bytes) -> dict[str, Any]:
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": data}


async def to_the_first_task(li: Phone) -> None:
    await li.go("/staff/day")
    await li.tap(li.page.locator("ul.people a.who").first)
    await li.page.locator("#notes-photo").wait_for(state="attached")
    await li.page.locator("details", has=li.page.locator("#notes-photo")).locator("summary").click()


async def keep(li: Phone) -> None:
    await li.tap(li.page.locator("form[action$='/notes'] button"))
    await li.page.wait_for_url("**?told=noted")


async def test_a_photo_leaves_the_phone_small_and_upright_and_without_scripts_as_it_is(phones: Phones) -> None:
    li = await phones.new()
    await li.sign_in(WORKER)
    await li.page.wait_for_url("**/staff")
    await to_the_first_task(li)
    await li.page.set_input_files("#notes-photo", [chosen(LARGE), chosen(b"no picture")])
    form = li.page.locator("form[action$='/notes']")
    await form.locator("output", has_text="照片 2 张").wait_for()
    about = "input => Promise.all([...input.files].map(async file => [file.type, file.size, await file.text()]))"
    (kind, size, body), other = await li.page.eval_on_selector("#notes-photo", about)
    assert (kind, size < len(LARGE) / 2, photos.PLACE in body) == ("image/jpeg", True, False)
    assert other[2] == "no picture"  # goes as it is, and the house says what is wrong
    assert await li.fits(360)
    await li.page.set_input_files("#notes-photo", [chosen(LARGE)])
    await form.locator("output", has_text="照片 1 张").wait_for()
    await keep(li)
    await li.tap(li.page.get_by_role("link", name="KB，查看"))
    size_of = "picture => picture.decode().then(() => [picture.naturalWidth, picture.naturalHeight])"
    assert await li.page.eval_on_selector("img.photo", size_of) == [960, 1280]
    assert await li.fits(320)
    await li.tap(li.page.get_by_role("link", name="返回任务"))
    assert "/photos/" not in li.page.url

    plain = await phones.new(scripts=False)
    await plain.context.add_cookies(await li.context.cookies())  # type: ignore[arg-type]
    await to_the_first_task(plain)
    await plain.page.set_input_files("#notes-photo", [chosen(photos.jpeg(1600, 1200))])
    await keep(plain)
    assert await plain.page.get_by_role("link", name="KB，查看").count() == 2
