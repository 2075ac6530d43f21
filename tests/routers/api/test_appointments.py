"""Sheets through the JSON door."""

import io

import httpx
import openpyxl
import pytest
from sqlalchemy import text

from app.house import House
from models.staff import Role
from tests import cast
from tests.app.sheets import HEADER, person
from tests.cast import Person, Village, fresh_phone

pytestmark = pytest.mark.anyio

SHEETS = "/api/v1/sheets"


@pytest.fixture
async def chief(house: House, village: Village) -> Person:
    """An administrator of the village, with every proof given."""
    someone = await cast.appoint(house, "方志远", Role.ADMINISTRATOR, village.code)
    await cast.sit(house, someone, step_up=True)
    return someone


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in (tuple(HEADER.split("\t")), *rows):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def test_a_sheet_is_brought_looked_at_applied_and_undone(
    api: httpx.AsyncClient, village: Village, chief: Person
) -> None:
    api.headers.update(chief.bearer)
    rows = [person("甲某", place=str(village.code)), person("乙某", place="不存在村")]
    made = await api.post(SHEETS, json={"paste": "\n".join([HEADER, *rows])})
    assert made.status_code == 201, made.text
    sheet = made.json()
    assert [sheet[name] for name in ("rows_in", "new", "changed", "unchanged", "refused")] == [2, 1, 0, 0, 1]
    way = f"{SHEETS}/{sheet['id']}"
    (refused,) = (await api.get(f"{way}/rows", params={"class": "refused"})).json()["items"]
    assert (refused["number"], refused["reason"], refused["cell"]) == (3, "place_unknown", "不存在村")
    applied = await api.post(f"{way}/application")
    assert (applied.status_code, applied.json()["state"]) == (201, "applied")
    assert (await api.post(f"{way}/application")).status_code == 409
    undone = await api.post(f"{way}/undoing")
    assert (undone.status_code, undone.json()["state"], undone.json()["kept"]) == (201, "undone", 0)
    assert [each["id"] for each in (await api.get(SHEETS)).json()["items"]] == [sheet["id"]]


async def test_files_of_both_kinds_and_of_chinese_offices(
    api: httpx.AsyncClient, village: Village, chief: Person
) -> None:
    api.headers.update(chief.bearer)
    phone = fresh_phone()
    book = workbook(
        ("甲某", int(phone), "村干部", village.code), ("乙某", 330822198502141234.0, "村干部", village.code)
    )
    text_ = "\n".join([HEADER, f"甲某\t{phone}\t村干部\t{village.code}"]).encode("gb18030")
    for body, kind, refused in ((book, "xlsx", 1), (text_, "csv", 0)):
        made = await api.post(f"{SHEETS}/file", content=body, params={"name": "花名册"})
        assert made.status_code == 201, made.text
        assert (made.json()["kind"], made.json()["new"], made.json()["refused"]) == (kind, 1, refused)


@pytest.mark.proves("T22")
async def test_what_cannot_be_read_is_refused_whole_with_words(api: httpx.AsyncClient, chief: Person) -> None:
    api.headers.update(chief.bearer)
    for body in (b"", b"%PDF-1.7", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, b"PK\x03\x04x", b"a,\xff\xff"):
        answer = await api.post(f"{SHEETS}/file", content=body)
        assert (answer.status_code, answer.json()["type"]) == (422, "invalid"), body[:10]
    assert (await api.get(SHEETS)).json()["items"] == []


async def test_a_hundred_megabytes_are_refused_before_they_are_read(api: httpx.AsyncClient, chief: Person) -> None:
    headers = {**chief.bearer, "Content-Length": "100000000", "Content-Type": "text/csv"}
    answer = await api.post(f"{SHEETS}/file", content=b"", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "too-large")
    assert "shouwang appointments import" in answer.json()["detail"]
    elsewhere = await api.post("/api/v1/checkins", content=b"", headers={**chief.bearer, "Content-Length": "70000"})
    assert elsewhere.status_code == 413


async def test_planning_asks_for_staff_applying_for_a_fresh_proof(
    api: httpx.AsyncClient, house: House, village: Village, chief: Person
) -> None:
    form = {"paste": f"{HEADER}\n{person(place=str(village.code))}"}
    assert (await api.post(SHEETS, json=form)).status_code == 401
    assert (await api.post(SHEETS, json=form, headers=village.mei.bearer)).status_code == 403
    assert (await api.post(SHEETS, json=form, headers=village.chen.bearer)).status_code == 404
    await cast.sit(house, chief, step_up=False)
    made = await api.post(SHEETS, json=form, headers=chief.bearer)
    assert made.status_code == 201
    for act in ("application", "undoing"):
        answer = await api.post(f"{SHEETS}/{made.json()['id']}/{act}", headers=chief.bearer)
        assert (answer.status_code, answer.json()["type"]) == (403, "step-up")


@pytest.mark.proves("T03")
async def test_the_administrator_of_another_village_finds_no_sheet(
    api: httpx.AsyncClient, house: House, village: Village, chief: Person
) -> None:
    made = await api.post(SHEETS, json={"paste": f"{HEADER}\n{person()}"}, headers=chief.bearer)
    neighbour = await cast.appoint(house, "邻村", Role.ADMINISTRATOR, (await cast.village(house)).code)
    await cast.sit(house, neighbour, step_up=True)
    unknown = "0190a0c0-0000-7000-8000-000000000009"
    for method, way in (
        ("GET", ""),
        ("GET", "/rows"),
        ("POST", "/plan"),
        ("POST", "/application"),
        ("POST", "/undoing"),
    ):
        one = await api.request(method, f"{SHEETS}/{made.json()['id']}{way}", headers=neighbour.bearer)
        other = await api.request(method, f"{SHEETS}/{unknown}{way}", headers=neighbour.bearer)
        assert (one.status_code, one.content) == (other.status_code, other.content) == (404, other.content)


async def test_columns_are_corrected_without_sending_the_sheet_again(
    api: httpx.AsyncClient, village: Village, chief: Person
) -> None:
    api.headers.update(chief.bearer)
    paste = f"{HEADER}\n{fresh_phone()}\t甲某\t村干部\t{village.code}"
    sheet = (await api.post(SHEETS, json={"paste": paste})).json()
    assert (sheet["new"], sheet["refused"]) == (0, 1)
    columns = sheet["columns"] | {"name": 1, "phone": 0}
    fresh = await api.put(f"{SHEETS}/{sheet['id']}/columns", json={"columns": columns})
    assert (fresh.status_code, fresh.json()["new"]) == (200, 1)


async def test_codes_are_printed_for_invitations_and_name_nobody_in_full(
    api: httpx.AsyncClient, house: House, village: Village, chief: Person
) -> None:
    api.headers.update(chief.bearer)
    phone = fresh_phone()
    paste = f"{HEADER}\n{person('甲某某', phone, place=str(village.code))}"
    sheet = (await api.post(SHEETS, json={"paste": paste})).json()
    await api.post(f"{SHEETS}/{sheet['id']}/application")
    printed = await api.post("/api/v1/activation-sheets", json={"region_code": str(village.code)})
    assert printed.status_code == 201
    (slip,) = printed.json()["slips"]
    assert (slip["name"], slip["role"]) == ("甲＊", "village_cadre")
    assert slip["url"].startswith("http://127.0.0.1:")
    assert phone not in printed.text
    token = slip["url"].rpartition("/")[2]
    async with house.database.reading() as db:
        kept = (await db.exec(text("SELECT t::text FROM activation_ticket t"))).all()
    assert not any(token in row for (row,) in kept)
