"""One's own data on pages without JavaScript: correct it, say where one is, copy it, object, and who looked."""

import httpx
import pytest
from sqlmodel import select

from app.house import House
from models.residents import Resident
from models.staff import Role
from tests import cast
from tests.cast import Village
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import look, submit

pytestmark = pytest.mark.anyio


async def code_for(browser: httpx.AsyncClient, phone: str) -> str:
    """The newest code that would have been sent to a phone."""
    return str((await browser.get("/dev/outbox.json", params={"phone": phone})).json()["items"][0]["code"])


async def test_a_correction_is_kept_and_told(at: SignedIn, village: Village) -> None:
    browser = at(village.mei)
    page = await look(browser, "/me/edit")
    assert page.form("/me/edit").fields["name"] == "王小梅"
    page = await submit(browser, page.form("/me/edit"), name="", phone="12345")
    assert (page.status, page.errors) == (422, ["phone"])
    page = await submit(browser, page.form("/me/edit"), name="王晓梅", phone="")
    assert page.status == 200
    assert "已修改" in page.text
    assert "王晓梅" in page.text
    assert "您本人或家人" in page.text


async def test_where_one_is_and_back_again(at: SignedIn, village: Village, house: House) -> None:
    other = await cast.village(house)
    browser = at(village.mei)
    page = await look(browser, "/me/place")
    page = await submit(browser, page.form("/me/place"), "find", place_query=str(other.code)[:12])
    assert f'value="{other.grid}"' in page.html
    answer = await browser.post(
        "/me/place", data={"person_id": str(village.mei.person_id), "region_code": str(other.grid), "until": ""}
    )
    assert answer.headers["location"] == "/me?told=place"
    assert "王小梅" in (await look(at(other.li), f"/roll-call/{other.grid}?show=all")).text
    assert (await look(at(other.li), f"/residents/{village.mei.person_id}")).status == 200
    answer = await at(village.mei).post("/me/place", data={"back": "1"})
    assert answer.headers["location"] == "/me?told=place"
    assert (await at(other.li).get(f"/residents/{village.mei.person_id}")).status_code == 404


@pytest.mark.proves("T31")
async def test_a_copy_needs_a_code_and_comes_as_page_and_file(at: SignedIn, village: Village) -> None:
    browser = at(village.mei)
    page = await look(browser, "/me/copy")
    wrong = await browser.post("/me/copy", data={"as": "file", "code": "000000"})
    assert wrong.status_code == 422
    await submit(browser, page.form("/me/copy/code"))
    code = await code_for(browser, village.mei.phone)
    at(village.mei)
    answer = await browser.post("/me/copy", data={"as": "page", "code": code})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert village.mei.phone in answer.text
    slip = answer.text.split('name="slip" value="')[1].split('"')[0]
    file = await browser.post("/me/copy", data={"as": "file", "slip": slip})
    assert file.headers["content-disposition"].startswith("attachment")
    assert [person["name"] for person in file.json()["people"]] == ["王小梅", "王建国", "李子轩"]
    assert (await at(village.zhou).post("/me/copy", data={"as": "file", "slip": slip})).status_code == 422


async def test_a_copy_page_says_that_a_code_was_sent_only_if_it_was(at: SignedIn, village: Village) -> None:
    browser = at(village.mei)
    await browser.post("/sign-in", data={"phone": village.mei.phone})  # a code, but not for the copy
    page = await look(browser, "/me/copy")
    page = await submit(browser, page.form("/me/copy/code"))
    assert (page.status, page.errors) == (429, ["send"])
    assert "验证码已发到您的登录手机" not in page.text
    assert "one-time-code" not in page.html
    browser = at(village.zhou)
    page = await look(browser, "/me/copy")
    page = await submit(browser, page.form("/me/copy/code"))
    assert page.status == 200
    page = await submit(browser, page.form("/me/copy/code?sent=true"))
    assert (page.status, page.errors) == (429, ["send"])
    assert "one-time-code" in page.html


async def test_an_objection_from_the_look_to_the_answer(at: SignedIn, village: Village, house: House) -> None:
    await look(at(village.li), f"/residents/{village.mei.person_id}")
    page = await look(at(village.mei), "/me")
    way = next(link for link in page.links if "kind=look" in link)
    page = await look(at(village.mei), way)
    page = await submit(at(village.mei), page.form("/me/appeals"), words="")
    assert page.errors == ["words"]
    page = await submit(at(village.mei), page.form("/me/appeals"), words="为什么看我的信息？")
    assert "处理中" in page.text
    listed = await look(at(village.chen), "/appeals")
    assert "王＊" in listed.text
    assert "王小梅" not in listed.text
    link = next(link for link in listed.links if link.startswith("/appeals/"))
    shown = await look(at(village.chen), link)
    assert "为什么看我的信息" in shown.text
    form = shown.form(f"{link}/answer")
    shown = await submit(at(village.chen), form, words="")
    assert set(shown.errors) == {"outcome", "words"}
    await submit(at(village.chen), shown.form(f"{link}/answer"), outcome="upheld", words="点名需要。")
    page = await look(at(village.mei), f"/me{link}")
    assert "点名需要" in page.text
    assert "维持原结果" in page.text
    mine = await look(at(village.mei), "/me")
    assert "陈国平" in mine.text  # who opened the appeal looked at her as well
    assert (await at(village.li).get(link)).status_code == 404


async def test_who_looked_says_at_whom_and_from_where(at: SignedIn, village: Village) -> None:
    await look(at(village.li), f"/residents/{village.child.person_id}")
    page = await look(at(village.mei), "/me")
    line = next(line for line in page.html.split("<li>") if "李桂芳" in line)
    assert "关于李子轩" in line
    assert "第一网格" in line
    way = next(link for link in page.links if "kind=look" in link)
    page = await look(at(village.mei), way)
    page = await submit(at(village.mei), page.form("/me/appeals"), words="为什么看孩子的信息？")
    assert "处理中" in page.text
    reads = (await at(village.mei).get("/api/v1/me/reads", headers=village.mei.bearer)).json()["items"]
    look_at = next(read for read in reads if read["who"] == "李桂芳")
    assert look_at["person_id"] == str(village.child.person_id)
    assert look_at["unit"][-1] == "第一网格"


async def test_a_wrong_document_number_is_put_right_by_an_appeal(at: SignedIn, village: Village) -> None:
    page = await look(at(village.mei), "/me/edit")
    page = await look(at(village.mei), next(link for link in page.links if "kind=record" in link))
    await submit(at(village.mei), page.form("/me/appeals"), words="证件号最后一位不对。")
    link = next(one for one in (await look(at(village.chen), "/appeals")).links if one.startswith("/appeals/"))
    page = await look(at(village.chen), link)
    words = {"outcome": "corrected", "words": "已核对原件。", "id_number": "110105194912310021"}
    page = await submit(at(village.chen), page.form(f"{link}/answer"), **words)
    assert (page.status, page.errors) == (422, ["id_number"])
    number = cast.fresh_id()
    await submit(at(village.chen), page.form(f"{link}/answer"), **words | {"id_number": number})
    page = await look(at(village.mei), "/me")
    assert f"{number[:2]}**************{number[-2:]}" in page.text


async def test_the_privacy_page_names_the_ways_out(at: SignedIn, village: Village) -> None:
    page = await look(at(village.mei), "/privacy")
    assert {"/me", "/me/edit", "/me/appeals/new", "/me/appeals"} <= set(page.links)
    assert "最长 4 小时" in page.text


async def test_emergency_access_opens_one_page_and_ends(at: SignedIn, village: Village, house: House) -> None:
    doctor = await cast.appoint(house, "徐敏", Role.DOCTOR, 330881 * 10**9)
    person = f"/residents/{village.mei.person_id}"
    assert (await at(doctor).get(person)).status_code == 404
    data = {"id_type": "resident_id", "purpose": "medical_emergency", "words": "患者在急诊，昏迷，需要核实。"}
    data["hours"] = "1"
    async with house.database.reading() as db:
        row = (await db.exec(select(Resident).where(Resident.person_id == village.mei.person_id)
                             .execution_options(scope="test"))).one()  # fmt: skip
        data["id_number"] = house.vault.open(row.id_sealed, "resident|id", row.person_id)
    assert (await at(doctor).post("/glass", data=data)).status_code == 403  # a fresh proof first
    await cast.sit(house, doctor, step_up=True)
    unknown = await at(doctor).post("/glass", data=data | {"id_number": cast.fresh_id()})
    assert unknown.status_code == 404
    answer = await at(doctor).post("/glass", data=data)
    assert answer.headers["location"] == person
    page = await look(at(doctor), person)
    assert "王小梅" in page.text
    assert "王建国" not in page.text
    assert (await at(doctor).get(f"/residents/{village.father.person_id}")).status_code == 404
    mine = await look(at(village.mei), "/me")
    assert "徐敏" in mine.text
    assert "紧急救治" in mine.text
    assert "徐敏" in (await look(at(village.chen), "/glass")).text
    own = await look(at(doctor), "/glass")
    ending = next(form for form in own.html.split('action="') if "/ending" in form).split('"')[0]
    assert (await at(doctor).post(ending)).status_code == 303
    assert (await at(doctor).get(person)).status_code == 404
