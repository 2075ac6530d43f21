"""Notices and messages as pages: words kept, hostile words inert, one large button to confirm."""

import re
from urllib.parse import urlencode

import httpx
import pytest

from app.house import House
from app.kit.ids import uuid7
from tests import cast
from tests.app.test_notices import notice, post_of, read, sent
from tests.app.test_notices_messages import message, write
from tests.cast import Village
from tests.routers.hostile import WORDS
from tests.routers.pages.conftest import SignedIn

pytestmark = pytest.mark.anyio


def fields(village: Village, **changes: object) -> dict[str, object]:
    words: dict[str, object] = {
        "id": str(uuid7()), "region_code": str(village.code), "title": "今晚清点口罩", "words": "第一行\r\n第二行",
        "roles": ["grid_worker"], "must_confirm": "yes",
    }  # fmt: skip
    return words | changes


def text_of(answer: httpx.Response) -> str:
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main))


async def test_chen_sends_li_confirms_and_chen_sees_how_far_it_is(at: SignedIn, village: Village) -> None:
    answer = await at(village.chen).post("/notices", data=fields(village))
    assert answer.status_code == 303
    address = answer.headers["location"]
    assert "已发出" in (await at(village.chen).get(address)).text
    page = address.partition("?")[0]
    inbox = text_of(await at(village.li).get("/notices"))
    assert "未读" in inbox
    assert "1 条等您处理" in inbox
    opened = await at(village.li).get(page)
    assert "第一行\n第二行" in opened.text
    assert opened.headers["cache-control"] == "no-store"
    assert f'action="{page}/confirmation"' in opened.text
    assert (await at(village.li).post(f"{page}/confirmation")).status_code == 303
    assert "您已确认" in (await at(village.li).get(page)).text
    assert "已读 1 / 2 · 已确认 1" in text_of(await at(village.chen).get("/notices?box=sent"))
    readers = text_of(await at(village.chen).get(f"{page}/readers"))
    assert "还没读 1" in readers
    assert "吴秀英" in readers
    assert "李桂芳" not in readers
    assert (await at(village.wu).get(f"{page}/readers")).status_code == 404


async def test_words_are_kept_when_something_is_wrong_or_another_place_is_chosen(
    at: SignedIn, village: Village
) -> None:
    for changes, status, told in (
        ({"title": ""}, 422, 'href="#title"'),
        ({"browse": str(village.grid)}, 200, f'name="region_code" value="{village.grid}"'),
        ({"words": "请联系 13857001234"}, 422, 'name="numbers_confirmed"'),
    ):
        answer = await at(village.chen).post("/notices", data=fields(village, **changes))
        assert answer.status_code == status, changes
        assert told in answer.text
        assert str(changes.get("words", "第一行\n第二行")) in answer.text
        assert re.search(r'value="grid_worker"[^>]* checked', answer.text)
        assert re.search(r'name="must_confirm"[^>]* checked', answer.text)
    sure = fields(village, words="请联系 13857001234", asked="yes", numbers_confirmed="yes")
    assert (await at(village.chen).post("/notices", data=sure)).status_code == 303


async def test_a_place_outside_ones_region_cannot_be_chosen(at: SignedIn, house: House, village: Village) -> None:
    other = await cast.village(house)
    assert (await at(village.chen).post("/notices", data=fields(village, region_code=other.code))).status_code == 404
    answer = await at(village.chen).post("/notices", data=fields(village, browse=str(other.code)))
    assert f'name="region_code" value="{village.code}"' in answer.text
    assert (await at(village.li).get("/notices/new")).status_code == 404
    assert (await at(village.li).post("/notices", data=fields(village))).status_code == 404


async def test_a_withdrawn_notice_keeps_nothing_but_its_title(at: SignedIn, house: House, village: Village) -> None:
    form = notice(village.code, words="收回的话", must_confirm=True)
    await sent(house, village.chen, form)
    await read(house, village.li, form)
    assert (await at(village.li).post(f"/notices/{form.id}/withdrawal")).status_code == 404
    assert (await at(village.chen).post(f"/notices/{form.id}/withdrawal")).status_code == 303
    page = await at(village.li).get(f"/notices/{form.id}")
    assert "已撤回" in page.text
    assert "收回的话" not in page.text
    assert "confirmation" not in page.text


@pytest.mark.proves("T17")
@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
async def test_hostile_words_are_inert(at: SignedIn, house: House, village: Village, words: str) -> None:
    chen = await post_of(house, village.chen)
    inert = [
        (village.chen, "/notices", fields(village) | {name: words[:60]})
        for name in ("title", "words", "id", "region_code", "browse", "roles", "must_confirm", "asked")
    ]
    plain: dict[str, object] = {"id": str(uuid7()), "words": "您好"}
    inert += [(village.li, f"/messages/{chen.id}", plain | {name: words[:2000]}) for name in ("words", "id")]
    inert += [(village.li, f"/messages/{chen.id}", plain | {"from_post_id": words[:60]})]
    for person, path, data in inert:
        body = urlencode(data, doseq=True, errors="surrogatepass").encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await at(person).post(path, content=body, headers=headers)
        assert answer.status_code in {200, 303, 422}, (path, data)
        harmless(answer)
    for person, path in ((village.li, "/notices"), (village.chen, "/notices"), (village.li, f"/messages/{chen.id}")):
        page = await at(person).get(path)
        assert page.status_code == 200
        harmless(page)


def harmless(answer: httpx.Response) -> None:
    for alive in ("<img src=x", "{{ 7*7 }}49", "<script>alert", "</textarea></script>"):
        assert alive not in answer.text


async def test_a_conversation_keeps_unsent_words_and_follows_the_post(
    at: SignedIn, house: House, village: Village
) -> None:
    li, chen = await post_of(house, village.li), await post_of(house, village.chen)
    await write(house, village.li, chen.id, message("口罩到了吗？"))
    assert "1 条未读" in text_of(await at(village.chen).get("/notices"))
    page = await at(village.chen).get(f"/messages/{li.id}")
    assert "口罩到了吗？" in page.text
    assert "新" in text_of(page)
    assert "1 条未读" not in text_of(await at(village.chen).get("/notices"))
    long = "字" * 2001
    kept = await at(village.chen).post(f"/messages/{li.id}", data={"id": str(uuid7()), "words": long})
    assert kept.status_code == 422
    assert long in kept.text
    sent_on = await at(village.chen).get(f"/messages/new?to={li.id}")
    assert sent_on.headers["location"] == f"/messages/{li.id}"
    assert (await at(village.chen).get("/messages/new")).headers["location"] == "/directory"
    assert (await at(village.chen).get(f"/messages/{uuid7()}")).status_code == 404
    assert (await at(village.chen).get("/messages/unit")).status_code == 200


async def test_a_number_in_a_message_is_asked_about_once_and_the_words_are_kept(
    at: SignedIn, house: House, village: Village
) -> None:
    chen, words = await post_of(house, village.chen), f"请联系 {village.zhou.phone}"
    data = {"id": str(uuid7()), "words": words}
    asked = await at(village.li).post(f"/messages/{chen.id}", data=data)
    assert asked.status_code == 422
    assert words in asked.text
    assert 'name="numbers_confirmed"' in asked.text
    sent = await at(village.li).post(f"/messages/{chen.id}", data=data | {"numbers_confirmed": "yes"})
    assert sent.status_code == 303


async def test_who_holds_several_posts_chooses_from_which_to_write(
    at: SignedIn, house: House, village: Village
) -> None:
    from app import staff
    from models.staff import Role

    async with house.database.writing() as db:
        second = await staff.appoint(db, village.li.phone, "李桂芳", Role.PARTY_MEMBER, village.other_grid)
    chen = await post_of(house, village.chen)
    page = await at(village.li).get(f"/messages/{chen.id}")
    assert f'<option value="{second.id}"' in page.text
    words = {"id": str(uuid7()), "words": "来自党员", "from_post_id": str(second.id)}
    assert (await at(village.li).post(f"/messages/{chen.id}", data=words)).status_code == 303
