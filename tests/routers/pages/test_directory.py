"""The directory as pages: search, call, see who looked; in both languages, without JavaScript."""

import re

import pytest

from app.house import House
from models.regions import SPAN, Level
from models.staff import Role
from tests import cast
from tests.cast import Village
from tests.routers.pages.conftest import SignedIn

pytestmark = pytest.mark.anyio


async def test_li_finds_wu_calls_her_and_wu_sees_it(at: SignedIn, village: Village) -> None:
    client = at(village.li)
    assert "您要找谁" in (await client.get("/directory")).text
    found = await client.post("/directory", data={"q": "吴秀英", "region": str(village.code)})
    assert found.status_code == 200
    assert "找到 1 位同事" in found.text
    assert "当前值守" in found.text
    assert village.wu.phone not in found.text
    (call,) = re.findall(r'action="(/directory/[0-9a-f-]+/call)"', found.text)
    shown = await client.get(call.removesuffix("/call"))
    assert "发消息" in shown.text
    assert village.wu.phone not in shown.text
    assert f"tel:{village.wu.phone}" in (await client.post(call)).text
    looks = await at(village.wu).get("/directory/looks")
    assert "李桂芳" in looks.text


async def test_a_number_that_the_table_keeps_leads_to_a_message(at: SignedIn, house: House, village: Village) -> None:
    county = village.code - village.code % SPAN[Level.COUNTY]
    lead = await cast.appoint(house, "宇文县", Role.SUPERVISOR, county)
    found = await at(village.li).post("/directory", data={"q": "宇文县", "region": str(county)})
    (write,) = re.findall(r'href="/messages/new\?to=([0-9a-f-]+)"', found.text)
    assert f"/directory/{write}/call" not in found.text
    refused = await at(village.li).post(f"/directory/{write}/call")
    assert refused.status_code == 409
    assert lead.phone not in refused.text


async def test_nothing_typed_and_nobody_found_say_what_to_do(at: SignedIn, village: Village) -> None:
    client = at(village.li)
    assert "请至少输入一个字" in (await client.post("/directory", data={"q": ""})).text
    assert "没有找到" in (await client.post("/directory", data={"q": "查无此人甲"})).text
    english = await client.post("/directory", data={"q": "nobodyatall"}, headers={"Accept-Language": "en"})
    assert "Nobody found" in english.text
    assert (await client.post("/directory", data={"q": "李", "after": "x"})).status_code == 422


async def test_a_resident_does_not_get_in(at: SignedIn, village: Village) -> None:
    for path in ("/directory", "/directory/looks"):
        assert (await at(village.mei).get(path)).status_code == 403
