"""Finding one's grid from the provinces down, inside the form, without JavaScript and without losing a word."""

import pytest

from tests.cast import Village
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import Page, look, submit

pytestmark = pytest.mark.anyio

WORDS = {"name": "孙晓燕", "id_number": "110105194912310021", "address": "西峰路 3 号", "member-0-name": "孙小宝"}


def below(page: Page) -> list[str]:
    return [value for name, value in page.form("/register").buttons if name == "browse"]


async def test_a_grid_is_reached_step_by_step_and_every_word_stays(at: SignedIn, village: Village) -> None:
    browser = at(village.nobody)
    page = await submit(browser, (await look(browser, "/register")).form("/register"), "add_member")
    for span in (None, 10**13, 10**11, 10**9, 10**6, 10**3):
        code = "" if span is None else str(village.grid - village.grid % span)
        assert code in below(page)
        page = await submit(browser, page.form("/register"), **WORDS, browse=code)
        assert page.status == 200
        kept = page.form("/register").fields
        assert {name: kept[name] for name in WORDS} == WORDS
        assert "area" in page.ids
    assert f'value="{village.grid}"' in page.html
    page = await submit(browser, page.form("/register"), region_code=str(village.grid), address="")
    assert "region_code" not in page.errors
    assert page.form("/register").fields["region_code"] == [str(village.grid)]


async def test_a_refused_form_still_stands_where_one_looked(at: SignedIn, village: Village) -> None:
    browser = at(village.nobody)
    code = str(village.grid - village.grid % 1000)
    page = await submit(browser, (await look(browser, "/register")).form("/register"), browse=code)
    page = await submit(browser, page.form("/register"))
    assert page.status == 422
    assert page.errors == ["name", "id_number", "region_code", "address"]
    assert f'value="{village.grid}"' in page.html


@pytest.mark.parametrize("code", ["x", "9" * 15, "1" * 300, "３３０８２２００１２０２０００", "-1", "\ud800"])
async def test_a_place_that_does_not_exist_leads_to_the_provinces(at: SignedIn, village: Village, code: str) -> None:
    browser = at(village.nobody)
    answer = await browser.post("/register", data={"browse": code.encode("utf-8", "replace").decode()})
    assert answer.status_code == 200
    assert 'name="browse" value="330000000000000"' in answer.text


async def test_a_field_as_long_as_a_body_is_refused_beside_itself(at: SignedIn, village: Village) -> None:
    browser = at(village.nobody)
    page = await submit(browser, (await look(browser, "/register")).form("/register"), name="a" * 40_000)
    assert page.status == 422
    assert "姓名：太长了，最多 50 个字。" in page.text
