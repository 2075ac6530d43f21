"""Messages as pages: a badge, an inbox, one page that says why, preferences without a script, robots, what is stuck."""

import re
from functools import partial
from pathlib import Path
from types import SimpleNamespace as Thing

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text

from app import messages
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from app.messages.wording import language, written
from models.messages import State
from models.messages.schemas import SubscriptionCreate
from models.messages.templates import TEMPLATES, Param
from models.regions import SPAN, Level
from models.staff import Role
from models.tasks import KIND_WORDS
from routers import pages
from routers.kit.message_words import TEMPLATE, code_words
from tests import cast
from tests.app.messages.telling import sent, tell
from tests.app.messages.test_keeping import poisoned
from tests.cast import Person, Village
from tests.routers.matrix.letters import browser, robot
from tests.routers.pages.conftest import SignedIn
from tests.routers.pages.samples_messages import ME, message
from tests.routers.pages.test_templates import rendered

pytestmark = pytest.mark.anyio


def text_of(answer: httpx.Response) -> str:
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main))


async def keeper(house: House, village: Village, *, step_up: bool = True) -> Person:
    county = village.code - village.code % SPAN[Level.COUNTY]
    someone = await cast.appoint(house, "何光明", Role.ADMINISTRATOR, county)
    await cast.sit(house, someone, step_up=step_up)
    return someone


async def test_from_the_badge_to_the_message_and_why_it_came(at: SignedIn, house: House, village: Village) -> None:
    name = await tell(house, village.mei)
    await sent(house, name, (State.TEMPORARY_FAILURE, "timeout"))
    assert "1 条未读" in text_of(await at(village.mei).get("/me"))
    assert "1 条未读" in text_of(await at(village.mei).get("/inbox"))
    opened = await at(village.mei).get(f"/inbox/{name}")
    assert 'href="/today"' in opened.text
    assert opened.headers["cache-control"] == "no-store"
    assert "未读" not in text_of(await at(village.mei).get("/inbox"))
    why = text_of(await at(village.mei).get(f"/inbox/{name}/why"))
    for words in ("按未打卡处理步骤第 1 版第 1 步", "没有按时得到回答", "试了 1 次", "下次尝试", "收件箱"):
        assert words in why
    assert (await at(village.qian).get(f"/inbox/{name}")).status_code == 404
    assert (await at(village.qian).get(f"/inbox/{name}/why")).status_code == 404


async def test_a_message_about_the_father_names_him(at: SignedIn, house: House, village: Village) -> None:
    from app.messages import About

    name = await tell(house, village.mei, "report_missing_household", About(person_id=village.father.person_id))
    for path in ("/inbox", f"/inbox/{name}"):
        assert "关于王建国" in text_of(await at(village.mei).get(path)).replace(" ", "")


async def test_all_are_read_with_one_button(at: SignedIn, house: House, village: Village) -> None:
    for _ in range(2):
        await tell(house, village.mei)
    answer = await at(village.mei).post("/inbox/reading")
    assert answer.headers["location"] == "/inbox?told=read"
    page = text_of(await at(village.mei).get("/inbox?told=read"))
    assert "全部标为已读" in page
    assert "条未读" not in page


async def test_staff_have_the_same_inbox_on_their_desk(at: SignedIn, house: House, village: Village) -> None:
    await tell(house, village.li, "factor_reset")
    assert "我的消息 1 条未读" in text_of(await at(village.li).get("/staff"))
    assert "紧急" in text_of(await at(village.li).get("/inbox"))


async def test_preferences_work_without_a_script_and_keep_what_was_typed(at: SignedIn, village: Village) -> None:
    page = await at(village.mei).get("/me/messages")
    assert 'value="22:00"' in page.text
    assert f"{village.mei.phone[:3]}****" in page.text
    assert "没有接通手机提醒" in page.text
    wish = {"lang": "en", "quiet_from": "21:00", "quiet_until": "06:30", "sms": "yes"}
    assert (await at(village.mei).post("/me/messages", data=wish)).status_code == 303
    page = await at(village.mei).get("/me/messages?told=kept")
    assert re.search(r'value="en" id="lang-en" checked', page.text)
    assert re.search(r'name="sms"[^>]* checked', page.text)
    assert not re.search(r'name="push"[^>]* checked', page.text)
    wrong = await at(village.mei).post("/me/messages", data=wish | {"quiet_from": "half past", "lang": ""})
    assert wrong.status_code == 422
    assert 'href="#quiet_from"' in wrong.text
    assert 'href="#lang"' in wrong.text
    assert 'value="half past"' in wrong.text


async def test_browsers_are_called_as_people_know_them(at: SignedIn, house: House, village: Village) -> None:
    phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 MicroMessenger/8.0 Mobile"
    async with house.database.writing() as db:
        await messages.subscribe(db, village.mei.viewer, SubscriptionCreate.model_validate(browser()))
    told = await at(village.mei).post("/api/v1/me/push", json=browser(), headers={"user-agent": phone})
    assert told.json()["agent"] == "WeChat on Android"
    page = text_of(await at(village.mei).get("/me/messages"))
    assert "安卓" in page
    assert "微信" in page
    wrong = await at(village.mei).post("/api/v1/me/push", json=browser() | {"endpoint": "https://127.0.0.1/x"})
    assert (wrong.status_code, [each["pointer"] for each in wrong.json()["errors"]]) == (422, ["/endpoint"])
    wish = {"lang": "zh", "quiet_from": "22:00", "quiet_until": "07:00", "push": "yes", "sms": True}
    vague = await at(village.mei).put("/api/v1/me/messages", json=wish)
    assert (vague.status_code, [each["pointer"] for each in vague.json()["errors"]]) == (422, ["/push"])


def test_every_word_of_our_own_is_explained_and_never_laid_into_a_providers_mouth() -> None:
    said = r"""(?:Ended\(State\.\w+|Outcome\(Fate\.\w+|_put_off\(one, until), f?["']([a-z][a-z-]+)["']"""
    room = Path(__file__).parents[3] / "app" / "messages"
    ours = {word for path in room.rglob("*.py") for word in re.findall(said, path.read_text())}
    assert {"robot-ended", "no-template-code", "expired", "no-phone"} <= ours
    ours |= {"budget", "robot-shut", "worker-died", "worker-stopped", "sent-again"}
    assert {word for word in ours if code_words("en", word).startswith("The provider said")} == set()


async def test_reminders_of_a_day_by_links_alone(at: SignedIn, village: Village) -> None:
    page = await at(village.mei).get("/me/reminders")
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/me/reminders\?[^"]*)"', page.text)]
    assert len(links) == 3 + 1
    for link in links:
        assert (await at(village.mei).get(link)).status_code == 200
    for odd in ("?day=x", "?day=0001-01-01", "?day=9999-12-31"):
        assert (await at(village.mei).get(f"/me/reminders{odd}")).status_code == 200
    assert (await at(village.mei).get(f"/me/reminders?for={uuid7()}")).status_code == 404
    assert (await at(village.nobody).get("/me/reminders")).status_code == 404
    staff = await at(village.li).get(f"/residents/{village.father.person_id}/reminders")
    assert "王建国" in staff.text
    assert "这次查看已记录" in staff.text
    assert (await at(village.wu).get(f"/residents/{village.father.person_id}/reminders")).status_code == 404


async def test_a_secret_is_never_shown_again_not_even_with_its_errors(
    at: SignedIn, house: House, village: Village
) -> None:
    boss, words = await keeper(house, village), robot()
    units = f"/staff/units/{village.code}/robots"
    assert (await at(boss).get(f"{units}/new")).status_code == 200
    wrong = await at(boss).post(units, data=words | {"webhook": "https://example.org"})
    assert wrong.status_code == 422
    assert words["secret"] not in wrong.text
    assert 'value="https://example.org"' in wrong.text
    added = await at(boss).post(units, data=words)
    assert added.headers["location"] == f"{units}?told=added"
    page = await at(boss).get(units)
    assert words["secret"] not in page.text
    assert words["webhook"][-30:] not in page.text
    trial = re.search(r'action="(/staff/robots/[^"]+/trial)"', page.text)
    assert trial
    tried = await at(boss).post(trial[1])
    assert "刚发出的测试" in (await at(boss).get(tried.headers["location"])).text
    async with house.database.writing() as db:
        refusal = "UPDATE robot SET code = '310000' WHERE region_code = :code"
        await db.exec(text(refusal), params={"code": village.code})
    assert "签名没有通过：密钥不对" in text_of(await at(boss).get(units))
    assert (await at(boss).post(trial[1].replace("/trial", "/ending"))).headers["location"] == f"{units}?told=ended"
    for nobody in (village.li, village.chen):
        assert (await at(nobody).get(units)).status_code == 404


async def test_without_a_fresh_proof_the_way_leads_to_it(at: SignedIn, house: House, village: Village) -> None:
    boss = await keeper(house, village, step_up=False)
    asked = await at(boss).get(f"/staff/units/{village.code}/robots/new")
    assert asked.headers["location"].startswith("/step-up?next=")
    code = {"provider": "aliyun", "lang": "zh", "code": "SMS_1"}
    assert (await at(boss).post("/staff/templates/trial/codes", data=code)).status_code == 403


async def test_a_template_on_a_phone_with_what_providers_want(at: SignedIn, house: House, village: Village) -> None:
    boss = await keeper(house, village)
    assert "未打卡：提醒本人" in text_of(await at(boss).get("/staff/templates"))
    page = await at(boss).get("/staff/templates/report_missing")
    assert 'class="phone"' in page.text
    assert "${day}${slot}" in page.text
    assert "{1}{2}" in page.text
    assert clock.local(clock.now()).strftime("%m%d") in page.text
    code = {"provider": "aliyun", "lang": "zh", "code": "SMS_154950909"}
    kept = await at(boss).post("/staff/templates/report_missing/codes", data=code)
    assert kept.headers["location"] == "/staff/templates/report_missing?told=code"
    assert "SMS_154950909" in (await at(boss).get("/staff/templates/report_missing")).text
    wrong = await at(boss).post("/staff/templates/report_missing/codes", data=code | {"code": "²"})
    assert wrong.status_code == 422
    assert 'href="#code"' in wrong.text
    assert (await at(boss).get("/staff/templates/x")).status_code == 404


async def test_what_is_stuck_is_counted_shown_and_sent_again(at: SignedIn, house: House, village: Village) -> None:
    boss, (_, delivery) = await keeper(house, village), await poisoned(house, village)
    page = await at(boss).get("/staff/gateways")
    assert "发送的程序中途停了" in text_of(page)
    assert village.mei.phone not in page.text
    assert "王小梅" not in page.text
    again = await at(boss).post(f"/staff/gateways/deliveries/{delivery}/again")
    assert again.headers["location"] == "/staff/gateways?told=again"
    assert str(delivery) not in (await at(boss).get("/staff/gateways")).text
    assert (await at(boss).post(f"/staff/gateways/deliveries/{delivery}/again")).status_code == 409
    tried = await at(boss).post("/staff/gateways/trials", data={"channel": "sms"})
    assert "您要求发一条测试" in text_of(await at(boss).get(tried.headers["location"]))
    wrong = await at(boss).post("/staff/gateways/trials", data={"channel": "push"})
    assert wrong.status_code == 422
    assert "这里没有接通手机提醒" in text_of(wrong)
    assert "没有接通、会跳过的方式： 手机提醒、工作通知" in text_of(page)


async def test_what_failed_alike_is_sent_again_with_one_button(at: SignedIn, house: House, village: Village) -> None:
    boss = await keeper(house, village)
    for _ in range(2):
        await sent(house, await tell(house, village.mei), (State.TECHNICAL_FAILURE, "of-this-page-alone"))
    page = await at(boss).get("/staff/gateways")
    assert "of-this-page-alone" in page.text
    form = {"template": "report_missing", "channel": "sms", "code": "of-this-page-alone"}
    for told, words in (("all&again=2&left=0", "之前没发成的 2 条正在重发"), ("none", "没有可以重发的了")):
        pressed = await at(boss).post("/staff/gateways/failures/again", data=form)
        assert pressed.headers["location"] == f"/staff/gateways?told={told}"
        after = await at(boss).get(pressed.headers["location"])
        assert words in after.text
        assert 'value="of-this-page-alone"' not in after.text
    assert (await at(boss).post("/staff/gateways/failures/again", data=form | {"channel": "x"})).status_code == 422
    assert (await at(boss).get("/staff/gateways?again=x")).status_code == 422


LONGEST = {Param.COUNT: "999999999", Param.CODE: "271828", Param.SLOT: "am", Param.DAY: "2020-09-30",
           Param.TIME: "2020-09-30T12:00:00+00:00", Param.ACCEPT: "2020-09-30T12:00:00+00:00",
           Param.TEXT: "Long Place Name " * 3 + "the Long End"}  # fmt: skip


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_the_number_of_a_message_is_never_cut_off_in_the_inbox(lang: str) -> None:
    numbered = [versions[-1] for versions in TEMPLATES.values() if "{number}" in versions[-1].zh.text]
    assert len(numbered) > 8
    for kind in numbered:
        for task in KIND_WORDS:
            values = LONGEST | {Param.NUMBER: "0930-7B04E1", Param.KIND: task}
            words = written(kind, {name: values[what] for name, what in kind.params.items()}, language(lang))
            found = Thing(unread=1, items=[message(title=words.title, text=words.text)], next=None)
            page = rendered(
                lang, "messages/index.html", {"me": ME, "found": found, "names": {}, "paged": False, "astray": []}
            )
            assert "0930-7B04E1" in page, (kind.name, task)


def test_every_template_has_a_name_for_staff_and_leads_to_a_page_that_is_there() -> None:
    assert set(TEMPLATE) == set(TEMPLATES)
    here = [
        route.path for room in pages.routers(development=False) for route in room.routes if isinstance(route, APIRoute)
    ]
    somebody = partial(re.sub, r"\{[^}]*\}", "{}")
    assert {somebody(versions[-1].path) for versions in TEMPLATES.values()} <= {somebody(path) for path in here}
