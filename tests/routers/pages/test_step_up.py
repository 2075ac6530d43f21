"""A form that comes without a fresh proof: nothing is done, and no word of it is lost."""

import httpx
import pytest

from app.house import House
from models.regions import county_of
from models.staff import Role
from routers.kit.devices import agent_words, origin_words
from tests import cast
from tests.cast import Village
from tests.routers.pages.conftest import SignedIn
from tests.routers.pages.test_exports import form, of_town
from tests.routers.paper import look, press, read

pytestmark = pytest.mark.anyio

TAB = "/step-up?next=/me/security%3Ftold%3Dproved"


async def test_every_word_is_kept_and_can_be_sent_again_after_the_proof(
    house: House, village: Village, at: SignedIn
) -> None:
    clerk = await of_town(house, village, Role.LIST_CLERK, step_up=False)
    data = form(village, "name_masked", "grid") | {"words": '第一行\r\n"第二行" <b>，要十个字以上'}
    refused = read(await at(clerk).post("/exports/new", data=data))
    assert refused.status == 403
    assert TAB in refused.links
    assert 'target="_blank" rel="noopener"' in refused.html
    assert "<b>" not in refused.html[refused.html.index("<main") :]
    again = refused.form("/exports/new")
    assert again.fields["words"] == str(data["words"]).replace("\r\n", "\n")
    assert refused.html.count('name="columns"') == 2, "a field that comes twice is kept twice"
    await cast.sit(house, clerk, step_up=True)
    answer = await press(at(clerk), again)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, f"/exports/{data['id']}")


async def test_a_proof_in_the_other_tab_says_what_comes_next(house: House, village: Village, at: SignedIn) -> None:
    clerk = await of_town(house, village, Role.LIST_CLERK)
    assert "再次提交" in (await look(at(clerk), TAB)).text


async def test_a_file_is_not_kept_and_the_page_says_so(house: House, village: Village, at: SignedIn) -> None:
    clerk = await of_town(house, village, Role.LIST_CLERK, step_up=False)
    sent = await at(clerk).post("/exports/new", data={"words": "三网格断网"}, files={"file": ("a.csv", b"1,2")})
    page = read(sent)
    assert page.status == 403
    assert "文件无法保留" in page.text
    assert [each for each in page.forms if each.action == "/exports/new"] == []


@pytest.mark.parametrize(
    "content", [b"\xff\xfe=\xff&" + b"a=1&" * 200, b"--x\r\nbroken", b""], ids=["many fields", "broken", "empty"]
)
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
async def test_what_cannot_be_read_is_refused_all_the_same(
    house: House, village: Village, at: SignedIn, content: bytes, kind: str
) -> None:
    clerk = await of_town(house, village, Role.LIST_CLERK, step_up=False)
    answer = await at(clerk).post("/exports/new", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 403


async def test_the_form_asks_first(house: House, village: Village, at: SignedIn) -> None:
    clerk = await of_town(house, village, Role.LIST_CLERK, step_up=False)
    answer = await at(clerk).get("/exports/new")
    assert answer.headers["location"] == "/step-up?next=/exports/new"
    doctor = await cast.appoint(house, "徐敏", Role.DOCTOR, county_of(village.code))
    await cast.sit(house, doctor)
    page = await look(at(doctor), "/glass")
    assert page.status == 200
    assert "/step-up?next=/glass" in page.links
    assert [each for each in page.forms if each.action == "/glass"] == []


async def test_an_auditor_goes_on_from_a_line_to_the_account_and_by_name(
    house: House, village: Village, at: SignedIn
) -> None:
    auditor = await cast.appoint(house, "沈审计", Role.AUDITOR, county_of(village.code))
    clerk = await of_town(house, village, Role.LIST_CLERK)
    await at(clerk).post("/exports/new", data=form(village, "name_masked"))
    page = await search(at(auditor), actor_name="方晓", act="export_requested")
    assert f'form="narrow" name="account_id" value="{clerk.token.account}"' in page
    assert "导出编号，末尾为" in page
    assert "方晓" in await search(at(auditor), account_id=str(clerk.token.account))
    assert "方晓 ·" not in await search(at(auditor), actor_name="方"), "a name is whole or not at all"


async def search(browser: httpx.AsyncClient, **words: str) -> str:
    answer = await browser.post("/audit", data=words)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(
    ("agent", "words"), [("Chrome on Linux", "Linux 上的 Chrome"), ("Chrome on Android", "安卓上的 Chrome")]
)
def test_a_space_stands_between_latin_and_chinese_letters(agent: str, words: str) -> None:
    assert agent_words("zh-Hans", agent) == words
    assert agent_words("en", agent) == agent
    assert origin_words("zh-Hans", f"10.0.0.*, {agent}") == f"10.0.0.*, {words}"
    assert origin_words("zh-Hans", "10.0.0.*") == "10.0.0.*"
