"""The start page, help, and the settings that every page offers."""

import httpx
import pytest

from tests.cast import Village
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import look, press, read

pytestmark = pytest.mark.anyio

OPEN = ("/", "/help", "/privacy", "/sign-in", "/offline", "/regions")


@pytest.mark.parametrize("path", OPEN)
async def test_an_open_page_is_whole_in_both_languages(browser: httpx.AsyncClient, path: str) -> None:
    chinese = await look(browser, path)
    assert chinese.status == 200
    assert '<html lang="zh-Hans"' in chinese.html
    english = read(await browser.get(path, headers={"Accept-Language": "en"}))
    assert '<html lang="en"' in english.html
    assert chinese.title != english.title


async def test_language_is_switched_on_every_page_and_leads_back(at: SignedIn, village_of_all: Village) -> None:
    for path in (*OPEN, "/today", "/checkins", "/checkins/new", "/me", f"/regions/{village_of_all.grid}"):
        browser = at(village_of_all.mei)
        page = await look(browser, path)
        answer = await press(browser, page.form("/settings/language", lang="en"))
        assert answer.headers["location"] in {path, "/today"}  # somebody signed in has no page for signing in
        page = await look(browser, path)
        assert '<html lang="en"' in page.html, path
        back = await press(browser, page.form("/settings/language", lang="zh-Hans"))
        assert back.status_code == 303
        assert '<html lang="zh-Hans"' in (await look(browser, path)).html


async def test_text_grows_in_three_steps_and_starts_again(browser: httpx.AsyncClient) -> None:
    for size, following in (("m", "l"), ("l", "xl"), ("xl", "m")):
        page = await look(browser, "/help")
        assert f"text-{size}" in page.html
        await press(browser, page.form("/settings/text", size=following))
    assert "text-m" in (await look(browser, "/help")).html


@pytest.mark.parametrize(("path", "field"), [("/settings/language", "lang"), ("/settings/text", "size")])
async def test_a_setting_that_does_not_exist_is_the_usual_one_and_no_way_out(
    browser: httpx.AsyncClient, path: str, field: str
) -> None:
    for hostile in ("klingon", "", "<script>", "../.."):
        answer = await browser.post(path, data={field: hostile, "next": "//evil.example"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert '<html lang="zh-Hans" class="text-m"' in (await look(browser, "/")).html


async def test_an_address_that_does_not_exist_says_so_and_shows_the_way(browser: httpx.AsyncClient) -> None:
    page = await look(browser, "/nothing/here")
    assert page.status == 404
    assert {"/", "/help"} <= set(page.links)
    assert "404" not in page.text


async def test_help_is_on_every_page_and_the_numbers_are_links(browser: httpx.AsyncClient) -> None:
    for path in OPEN:
        assert "/help" in (await look(browser, path)).links
    assert {"tel:120", "tel:12345"} <= set((await look(browser, "/help")).links)


async def test_the_start_page_knows_who_is_signed_in(
    at: SignedIn, browser: httpx.AsyncClient, village_of_all: Village
) -> None:
    assert "/sign-in" in (await look(browser, "/")).links
    page = await look(at(village_of_all.mei), "/")
    assert "/sign-in" not in page.links
    assert f'data-owner="{village_of_all.mei.person_id}"' in page.html
