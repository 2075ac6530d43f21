"""Push and work notices through the post office: every browser, the dead ones forgotten, nobody informed by a push."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from app import messages
from app.house import House
from app.kit import clock, outgoing
from app.kit.ids import uuid7
from app.kit.vapid import Vapid
from app.messages import About, To
from tests.app.messages.conftest import Place
from tests.app.messages.posts import AT_ALIYUN, Clock, Post, empty, post
from tests.cast import fresh_phone
from tests.gateways.aliyun import AliyunStandIn
from tests.gateways.dictated import Hang, Reply, too_many
from tests.gateways.dingtalk import Colleague, DingTalk
from tests.gateways.push_service import PushService

pytestmark = pytest.mark.anyio


@pytest.fixture
async def whole(
    post_house: House, place: Place, aliyun_stand_in: AliyunStandIn, service: PushService, ding: DingTalk
) -> AsyncIterator[Post]:
    """A post office with every gateway there is."""
    await empty(post_house)
    settings = {
        "aliyun_sms_url": place.address, "push_contact": "mailto:it@example.org", "push_private": [service.origin],
        "dingtalk_app_key": ding.key, "dingtalk_app_secret": ding.secret, "dingtalk_agent": ding.agent_id,
        "dingtalk_url": ding.base, "origin": "https://shouwang.example.org",
    }  # fmt: skip
    async with post(post_house, **AT_ALIYUN, **settings) as office:
        yield office


@pytest.fixture
def house_key(post_house: House) -> str:
    return Vapid.load(post_house.settings.keys).public


async def test_a_push_reaches_every_browser_and_the_text_message_goes_out_as_well(
    whole: Post, service: PushService, house_key: str, aliyun_stand_in: AliyunStandIn
) -> None:
    account = await whole.account(phone := fresh_phone())
    browsers = [await whole.browser(account.id, service, house_key) for _ in range(2)]
    message = await whole.missing(account.id)
    await whole.office.once()
    assert await whole.states(message) == {"push": ("pending", "http-201"), "sms": ("pending", "OK")}
    assert [taken.phone for taken in aliyun_stand_in.taken] == [phone]
    for browser in browsers:
        told = browser.shown[str(message)]["notification"]
        assert (told["title"], told["body"]) == ("今天还没有收到您的打卡", "11月23日周一的健康打卡还没有收到")
        assert told["navigate"] == "https://shouwang.example.org/today"
        assert 86_000 < int(browser.headers["ttl"]) <= 86_400


async def test_a_push_about_somebody_else_leads_to_their_report(
    whole: Post, service: PushService, house_key: str
) -> None:
    account = await whole.account()
    browser, father = await whole.browser(account.id, service, house_key), uuid7()
    message = await whole.missing(account.id, About(person_id=father), "report_missing_household")
    await whole.office.once()
    told = browser.shown[str(message)]["notification"]
    assert told["navigate"] == f"https://shouwang.example.org/today?for={father}"


async def test_a_dead_subscription_is_removed_and_the_living_one_is_written_to(
    whole: Post, service: PushService, house_key: str
) -> None:
    account = await whole.account()
    dead, alive = [await whole.browser(account.id, service, house_key) for _ in range(2)]
    dead.gone = True
    message = await whole.missing(account.id)
    await whole.office.once()
    assert (await whole.states(message))["push"] == ("pending", "http-201")
    assert list(alive.shown) == [str(message)]
    assert (await whole.sql("SELECT count(*) FROM push_subscription")).scalar_one() == 1


@pytest.mark.parametrize("status", [404, 410])
async def test_the_last_dead_subscription_ends_the_push_and_calls_nobody(
    whole: Post, service: PushService, house_key: str, status: int
) -> None:
    account = await whole.account()
    await whole.browser(account.id, service, house_key)
    service.then(Reply(b"", status))
    message = await whole.missing(account.id)
    await whole.office.once()
    # The text message is on its way: a push that failed is no reason to have somebody telephoned.
    assert await whole.states(message) == {"push": ("permanent_failure", "gone"), "sms": ("pending", "OK")}
    again = await whole.missing(account.id)
    await whole.office.once()
    assert list(await whole.states(again)) == ["sms"]


async def test_a_push_service_that_is_busy_is_tried_again(
    whole: Post, service: PushService, house_key: str, moved_clock: Clock
) -> None:
    account = await whole.account()
    browser = await whole.browser(account.id, service, house_key)
    service.then(too_many("45"))
    message = await whole.missing(account.id)
    await whole.office.once()
    assert await whole.state(message, "push") == "temporary_failure"
    moved_clock.on(seconds=46)
    await whole.office.once()
    assert (await whole.state(message, "push"), list(browser.shown)) == ("pending", [str(message)])


async def test_a_subscription_that_leads_into_our_own_network_is_never_called(
    whole: Post, service: PushService, house_key: str, ding: DingTalk
) -> None:
    """Addresses come from browsers: not even the private gateway that this house calls itself may be reached by one."""
    account = await whole.account()
    origin, service.origin = service.origin, ding.base
    await whole.browser(account.id, service, house_key)
    service.origin = origin
    message = await whole.missing(account.id)
    await whole.office.once()
    assert (await whole.states(message))["push"] == ("permanent_failure", "refused-address")
    assert ding.heard == []
    assert (await whole.sql("SELECT count(*) FROM push_subscription")).scalar_one() == 0


# --- work notices ----------------------------------------------------------------------------------------------------


async def noticed(whole: Post, phone: str, task: UUID) -> UUID:
    account = await whole.account(phone)
    facts = {"kind": "missing_report", "place": "西峰村", "due": "2026-11-23T20:00:00+08:00", "number": "1123-7K4Q"}
    async with whole.house.database.writing() as db:
        return await messages.tell(db, To(account=account.id), "task_offered", facts, About(subject=task))


async def test_a_work_notice_is_handed_over_and_asked_after(
    whole: Post, ding: DingTalk, moved_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = fresh_phone()
    colleague = ding.colleagues[phone] = Colleague("zhang-san")
    message = await noticed(whole, phone, task := uuid7())
    await whole.office.once()
    assert (await whole.states(message))["work"] == ("pending", "0")
    (notice,) = colleague.notices
    assert "1123-7K4Q" in notice["text"]
    assert f"https://shouwang.example.org/staff/tasks/{task}" in notice["text"]
    assert await whole.office.asking.ask() == 0, "not yet"
    moved_clock.on(minutes=5, seconds=1)
    assert await whole.office.asking.ask() == 1
    assert (await whole.states(message))["work"] == ("delivered", "unread")


async def test_who_is_not_in_the_organisation_gets_a_text_message(
    whole: Post, ding: DingTalk, aliyun_stand_in: AliyunStandIn
) -> None:
    await whole.sql("UPDATE template_code SET template = 'task_offered' WHERE template = 'report_missing'")
    message = await noticed(whole, fresh_phone(), uuid7())
    await whole.office.once()
    states = await whole.states(message)
    assert states["work"] == ("permanent_failure", "60121")
    assert states["sms"][0] != "created"


async def test_an_application_that_was_given_a_wrong_secret_says_so_and_blocks_nobody(
    whole: Post, ding: DingTalk
) -> None:
    ding.secret = "another"
    message = await noticed(whole, fresh_phone(), uuid7())
    await whole.office.once()
    states = await whole.states(message)
    assert states["work"] == ("technical_failure", "invalidClientIdOrSecret")
    assert "sms" in states


async def test_a_hanging_application_holds_nobody_up(
    whole: Post, ding: DingTalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "TOTAL_S", 0.3)
    ding.then(Hang())
    message = await noticed(whole, fresh_phone(), uuid7())
    code = await whole.code()
    began = clock.now()
    await whole.office.once()
    assert clock.now() - began < timedelta(seconds=5)
    assert (await whole.state(message, "work"), await whole.state(code)) == ("temporary_failure", "pending")
