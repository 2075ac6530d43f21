"""Checking in on pages: two taps, the long form, receipts, corrections, make-ups, others."""

from datetime import timedelta

import httpx
import pytest

from app.kit import clock
from app.kit.ids import uuid7
from tests.cast import Person, Village
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import Page, look, press, read, submit

pytestmark = pytest.mark.anyio


async def reports(browser: httpx.AsyncClient, person: object = "") -> list[dict[str, object]]:
    """What is stored, as the API tells the same browser."""
    query = {"person_id": str(person)} if person else {}
    items: list[dict[str, object]] = (await browser.get("/api/v1/checkins", params=query)).json()["items"]
    return items


async def form_of(browser: httpx.AsyncClient, query: str = "") -> Page:
    page = await look(browser, f"/checkins/new{query}")
    assert page.status == 200
    return page


HEALTHY = {"symptoms": "none", "exposed": "no", "place": "home"}


async def test_a_healthy_day_is_one_page_and_one_button(at: SignedIn, village: Village) -> None:
    browser = at(village.mei)
    page = await look(browser, "/today")
    answer = await press(browser, page.form("/checkins"))
    assert answer.status_code == 303
    receipt = await look(browser, answer.headers["location"])
    (stored,) = await reports(browser)
    assert str(stored["number"]) in receipt.text
    assert (stored["symptoms"], stored["exposed"], stored["place"], stored["verdict"]) == (
        ["none"],
        "no",
        "home",
        "normal",
    )
    again = await look(browser, "/today")
    assert str(stored["number"]) in again.text
    assert not [form for form in again.forms if form.action == "/checkins"]


async def test_a_second_press_of_the_same_button_shows_the_same_receipt(at: SignedIn, village: Village) -> None:
    browser = at(village.mei)
    form = (await look(browser, "/today")).form("/checkins")
    first, second = await press(browser, form), await press(browser, form)
    assert first.headers["location"] == second.headers["location"]
    assert len(await reports(browser)) == 1


async def test_under_observation_the_temperature_is_asked_first(at: SignedIn, village: Village) -> None:
    browser = at(village.zhou)
    page = await look(browser, "/today")
    page = await submit(browser, page.form("/checkins"))
    assert (page.status, page.errors) == (422, ["temperature"])
    assert page.title.startswith("错误：")
    assert await reports(browser) == []


@pytest.mark.parametrize("typed", ["36.6", "36,6", "36。6", "３６．６", "３６。６", "36·6", " 36.6 ℃", "36度6"])
async def test_a_temperature_is_read_as_people_type_it(at: SignedIn, village: Village, typed: str) -> None:
    browser = at(village.zhou)
    page = await look(browser, "/today")
    answer = await press(browser, page.form("/checkins"), temperature=typed)
    assert answer.status_code == 303
    assert (await reports(browser))[0]["temperature"] == 36.6


@pytest.mark.parametrize(("typed", "meant"), [("366", "36.6"), ("３６６", "36.6"), ("98.6", "37.0"), ("34.5", "34.5")])
async def test_a_slip_is_asked_about_and_stored_when_confirmed(
    at: SignedIn, village: Village, typed: str, meant: str
) -> None:
    browser = at(village.zhou)
    page = await submit(browser, (await look(browser, "/today")).form("/checkins"), temperature=typed)
    assert page.status == 422
    assert meant in page.text
    assert page.form("/checkins").fields["temperature"] == typed
    assert await reports(browser) == []
    answer = await press(browser, page.form("/checkins"), "temperature_confirmed")
    assert answer.status_code == 303
    assert (await reports(browser))[0]["temperature"] == float(meant)


@pytest.mark.parametrize("typed", ["12", "52", "NaN", "1e999", "36.66", "-36.6", "warm", "²", "9" * 400])
async def test_no_temperature_of_a_person_is_refused_with_the_words_kept(
    at: SignedIn, village_of_all: Village, typed: str
) -> None:
    browser = at(village_of_all.zhou)
    for start, extra in (("/today", {}), ("/checkins/new", HEALTHY)):
        page = await submit(browser, (await look(browser, start)).form("/checkins"), temperature=typed, **extra)
        assert (page.status, page.errors) == (422, ["temperature"])
        assert page.form("/checkins").fields["temperature"] == typed
    assert await reports(browser) == []


async def test_the_long_form_preselects_nothing_and_names_every_gap(at: SignedIn, village: Village) -> None:
    browser = at(village.mei)
    page = await form_of(browser)
    form = page.form("/checkins")
    assert not {"symptoms", "exposed", "place", "needs"} & set(form.fields)
    page = await submit(browser, form, note="第一行\r\n第二行")
    assert page.status == 422
    assert {"symptoms", "exposed"} <= set(page.errors) <= page.ids
    assert "第二行" in str(page.form("/checkins").fields["note"])


async def test_none_and_a_symptom_exclude_each_other(at: SignedIn, village: Village) -> None:
    browser = at(village.mei)
    page = await submit(
        browser, (await form_of(browser)).form("/checkins"), **HEALTHY | {"symptoms": ["none", "cough"]}
    )
    assert (page.status, page.errors) == (422, ["symptoms"])
    assert page.form("/checkins").fields["symptoms"] == ["none", "cough"]
    assert page.form("/checkins").fields["exposed"] == ["no"]


async def test_an_ill_day_is_stored_with_every_word_and_says_what_to_do(at: SignedIn, village: Village) -> None:
    browser = at(village.mei)
    ill = {"temperature": "38,6", "symptoms": ["cough", "short_breath"], "exposed": "unsure", "place": "elsewhere"}
    words = ill | {"needs": ["medicine", "food"], "note": "昨晚开始\r\n<b>咳</b>"}
    receipt = await submit(browser, (await form_of(browser)).form("/checkins"), **words)
    (stored,) = await reports(browser)
    assert (stored["temperature"], stored["verdict"], stored["place"]) == (38.6, "urgent", "elsewhere")
    assert (stored["symptoms"], stored["needs"]) == (["cough", "short_breath"], ["medicine", "food"])
    assert stored["note"] == "昨晚开始\n<b>咳</b>"
    assert "<b>咳</b>" not in receipt.html
    assert "tel:120" in receipt.links
    assert f"tel:{village.li.phone}" in receipt.links


async def test_correcting_a_fever_keeps_the_alert_on_every_page(at: SignedIn, village: Village) -> None:
    browser = at(village.mei)
    await press(
        browser, (await form_of(browser)).form("/checkins"), **HEALTHY | {"temperature": "38.6", "symptoms": "fever"}
    )
    page = await form_of(browser)
    (first,) = await reports(browser)
    assert str(first["number"]) in page.text
    receipt = await submit(browser, page.form("/checkins"), **HEALTHY | {"temperature": "36.8"})
    assert receipt.status == 200
    assert "36.8" in receipt.text
    assert "当天早些时候报的情况更重" in receipt.text
    roll = await look(at(village.li), f"/roll-call/{village.grid}")
    assert roll.text.index("王小梅") < roll.text.index("周建明")
    assert "提醒未销" in roll.text


async def test_yesterday_is_made_up_once_and_marked(at: SignedIn, village: Village) -> None:
    browser = at(village.mei)
    yesterday = clock.today() - timedelta(days=1)
    history = await look(browser, "/checkins")
    (link,) = [link for link in history.links if f"day={yesterday}" in link]
    page = await look(browser, link.replace("&amp;", "&"))
    assert page.form("/checkins").fields["day"] == str(yesterday)
    receipt = await submit(browser, page.form("/checkins"), **HEALTHY)
    assert "补报" in receipt.text
    (stored,) = await reports(browser)
    assert (stored["day"], stored["made_up"]) == (str(yesterday), True)
    history = await look(browser, "/checkins")
    assert not [link for link in history.links if f"day={yesterday}" in link]


@pytest.mark.parametrize("day", ["2020-02-05", "9999-12-31", "0001-01-01", "x"])
async def test_a_day_that_cannot_be_made_up_is_refused(at: SignedIn, village_of_all: Village, day: str) -> None:
    browser = at(village_of_all.mei)
    page = read(await browser.post("/checkins", data=HEALTHY | {"id": str(uuid7()), "day": day}))
    assert page.status == 422
    assert page.text


async def test_a_household_is_one_press_each(at: SignedIn, village: Village) -> None:
    browser, father = at(village.mei), village.father.person_id
    page = await look(browser, "/today")
    assert f"/today?for={father}" in page.links
    receipt = await submit(browser, (await look(browser, f"/today?for={father}")).form("/checkins"))
    assert "王建国" in receipt.text
    (stored,) = await reports(browser, father)
    assert stored["via"] == "household"
    assert await reports(browser) == []
    history = await look(browser, f"/checkins?for={father}")
    assert str(stored["number"]) in history.text


@pytest.mark.proves("T01")
async def test_a_strangers_pages_do_not_exist(at: SignedIn, village: Village) -> None:
    person = village.mei.person_id
    await press(at(village.mei), (await look(at(village.mei), "/today")).form("/checkins"))
    paths = [f"/today?for={person}", f"/checkins?for={person}", f"/checkins/new?for={person}"]
    for path in (*paths, f"/checkins/{person}/{clock.today()}/day"):
        answer = await at(village.qian).get(path)
        assert answer.status_code == 404, path
        assert "王小梅" not in answer.text
    report = HEALTHY | {"id": str(uuid7()), "person_id": str(person)}
    assert (await at(village.qian).post("/checkins", data=report)).status_code == 404


@pytest.mark.proves("T31")
async def test_a_worker_reports_on_the_phone_and_it_is_marked_and_listed(at: SignedIn, village: Village) -> None:
    person: Person = village.mei
    page = await look(at(village.li), f"/residents/{person.person_id}")
    link = next(link for link in page.links if link.startswith("/checkins/new"))
    page = await look(at(village.li), link)
    receipt = await submit(at(village.li), page.form("/checkins"), **HEALTHY)
    assert receipt.status == 200
    (stored,) = await reports(at(person))
    assert stored["via"] == "staff"
    assert "代报" in (await look(at(person), "/checkins")).text
    acts = [read["act"] for read in (await at(person).get("/api/v1/me/reads")).json()["items"]]
    assert acts == ["saw_person", "reported_for", "saw_person"]


async def test_an_account_without_a_person_is_led_to_register(at: SignedIn, village: Village) -> None:
    for path in ("/today", "/checkins", "/checkins/new"):
        assert (await at(village.nobody).get(path)).headers["location"] == "/register"
