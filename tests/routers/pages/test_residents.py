"""Registering on pages without JavaScript, one's own page, and the page of a person for those who look after them."""

import httpx
import pytest

from tests.cast import Village, fresh_id
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import Page, look, press, read, submit

pytestmark = pytest.mark.anyio


def oneself(village: Village, **changes: str) -> dict[str, str]:
    words = {"name": "孙晓燕", "id_type": "resident_id", "id_number": fresh_id(), "address": "西峰路 3 号"}
    return words | {"region_code": str(village.grid)} | changes


async def form_of(browser: httpx.AsyncClient) -> Page:
    page = await look(browser, "/register")
    assert page.status == 200
    return page


async def test_a_wrong_registration_comes_back_whole_with_every_error(at: SignedIn, village: Village) -> None:
    browser = at(village.nobody)
    page = await form_of(browser)
    wrong = oneself(village, name="", id_number="110105194912310021", region_code="")
    page = await submit(browser, page.form("/register"), **wrong)
    assert page.status == 422
    assert page.title.startswith("错误：")
    assert set(page.errors) == {"name", "region_code", "id_number"}
    assert set(page.errors) <= page.ids
    kept = page.form("/register").fields
    assert (kept["id_number"], kept["address"]) == ("110105194912310021", "西峰路 3 号")
    page = await submit(browser, page.form("/register"), **oneself(village, id_number="110105194912310021"))
    assert page.errors == ["id_number"]
    assert "最后一位" in page.text


async def test_the_errors_of_a_family_member_lead_to_their_fields(at: SignedIn, village: Village) -> None:
    browser = at(village.nobody)
    page = await submit(browser, (await form_of(browser)).form("/register"), "add_member")
    assert page.status == 200
    assert "member-0-name" in page.ids
    words = oneself(village) | {"member-0-name": "孙小宝", "member-0-id_type": "none", "member-0-relation": "child"}
    page = await submit(browser, page.form("/register"), **words)
    assert page.errors == ["member-0-birth_date"]
    assert page.form("/register").fields["member-0-name"] == "孙小宝"


async def test_a_grid_is_found_without_javascript_and_the_words_stay(at: SignedIn, village: Village) -> None:
    browser = at(village.nobody)
    page = await form_of(browser)
    words = oneself(village, region_code="", place_query=str(village.code)[:12])
    page = await submit(browser, page.form("/register"), "find", **words)
    assert page.status == 200
    assert page.form("/register").fields["name"] == "孙晓燕"
    assert f'value="{village.grid}"' in page.html
    assert f'value="{village.other_grid}"' in page.html
    nothing = await submit(browser, page.form("/register"), "find", place_query="没有这个村")
    assert "没有找到。少写几个字试试，或者按地区查找。" in nothing.text


async def test_registering_with_a_member_added_on_the_way_leads_to_today(at: SignedIn, village: Village) -> None:
    browser = at(village.nobody)
    page = await form_of(browser)
    assert page.form("/register").fields["phone"] == village.nobody.phone
    page = await submit(browser, page.form("/register"), "add_member", **oneself(village))
    family = {
        "member-0-name": "孙小宝",
        "member-0-id_type": "none",
        "member-0-birth_date": "2020-01-05",
        "member-0-relation": "child",
    }
    answer = await press(browser, page.form("/register"), **oneself(village), **family)
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    page = await look(browser, "/today")
    assert "孙小宝" in page.text
    assert (await browser.get("/register")).headers["location"] == "/today"


async def test_a_person_already_registered_gets_a_calm_word(at: SignedIn, village: Village) -> None:
    browser = at(village.mei)
    page = read(await browser.post("/register", data=oneself(village)))
    assert (page.status, page.errors) == (422, ["id_number"])


async def test_a_member_with_errors_is_asked_again_and_then_added(at: SignedIn, village: Village) -> None:
    browser = at(village.mei)
    page = await look(browser, "/me/household")
    page = await submit(browser, page.form("/me/household"), name="王奶奶", id_type="none")
    assert (page.status, set(page.errors)) == (422, {"relation"})
    page = await submit(browser, page.form("/me/household"), relation="grandparent")
    assert page.errors == ["birth_date"]
    page = await submit(browser, page.form("/me/household"), birth_date="1940-03-01")
    assert page.status == 200
    assert "王奶奶" in page.text


async def test_my_page_shows_me_masked_but_my_own_address(at: SignedIn, village: Village) -> None:
    page = await look(at(village.mei), "/me")
    assert village.mei.phone not in page.html
    assert f"{village.mei.phone[:3]}****{village.mei.phone[-4:]}" in page.text
    assert "桃园路 18 号 2 幢 301" in page.text
    assert "王建国" in page.text
    assert "还没有人看过" in page.text


@pytest.mark.proves("T31")
async def test_mei_sees_who_looked_when_and_why(at: SignedIn, village: Village) -> None:
    person = village.mei.person_id
    page = await look(at(village.li), f"/residents/{person}")
    assert page.status == 200
    assert village.mei.phone not in page.html
    call = read(await at(village.li).post(f"/residents/{person}/call"))
    assert village.mei.phone in call.text
    assert f"tel:{village.mei.phone}" in call.links
    mine = await look(at(village.mei), "/me")
    assert mine.text.count("李桂芳") == 2
    assert "网格员" in mine.text
    assert "call_about_check_in" not in mine.text
    assert "roll_call" not in mine.text
    reads = (await at(village.mei).get("/api/v1/me/reads")).json()["items"]
    assert [read["act"] for read in reads] == ["revealed_phone", "saw_person"]


@pytest.mark.proves("T03")
async def test_a_person_outside_ones_grid_does_not_exist(at: SignedIn, village: Village) -> None:
    for method, path in (("GET", ""), ("POST", "/call")):
        answer = await at(village.wu).request(method, f"/residents/{village.mei.person_id}{path}")
        assert answer.status_code == 404
        assert "王小梅" not in answer.text
    assert "吴秀英" not in (await look(at(village.mei), "/me")).text


async def test_a_family_member_without_a_phone_is_reached_by_the_phone_of_the_household(
    at: SignedIn, village: Village
) -> None:
    call = read(await at(village.li).post(f"/residents/{village.father.person_id}/call"))
    assert village.mei.phone in call.text


async def test_the_number_of_ones_own_grid_worker_is_one_press_away(at: SignedIn, village: Village) -> None:
    page = await look(at(village.mei), "/today")
    assert village.li.phone not in page.html
    call = await submit(at(village.mei), page.form("/call/worker"))
    assert village.li.phone in call.text
    assert (await at(village.nobody).post("/call/worker")).status_code == 404
