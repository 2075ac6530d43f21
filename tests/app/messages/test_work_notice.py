"""Work notices: found by phone, handed over, asked for; a token that is kept, and renewed once when it is refused."""

import asyncio

import pytest

from app.kit.ids import uuid7
from app.messages.gateways.work_notice import DingTalkApp, WorkNotices
from app.messages.letters import Fate, WorkNotice
from tests.gateways.dictated import HTML, Close, Hang, Reply, too_many
from tests.gateways.dingtalk import Colleague, DingTalk, no

pytestmark = pytest.mark.anyio
PHONE = "13912345678"
TOKEN_PATH = "/v1.0/oauth2/accessToken"
SEND_PATH = "/topapi/message/corpconversation/asyncsend_v2"


def notice(markdown="02月10日 第 17 号：3 人未打卡", phone=PHONE):
    return WorkNotice(uuid7(), phone, "守望", markdown)


@pytest.fixture
def colleague(ding):
    ding.colleagues[PHONE] = Colleague("zhang-san-4711")
    return ding.colleagues[PHONE]


@pytest.fixture
def app(ding):
    return DingTalkApp(DingTalk.key, DingTalk.secret, DingTalk.agent_id, ding.base, ding.base)


@pytest.fixture
def notices(app, to_ding, colleague):
    return WorkNotices(to_ding, app)


def asked(ding, path=TOKEN_PATH):
    return [request for request in ding.heard if request.path == path]


# --- sending and asking ----------------------------------------------------------------------------------------------


async def test_a_notice_is_handed_over_and_later_found_unread_and_read(notices, colleague):
    outcome = await notices.send(notice())
    assert (outcome.fate, outcome.unsure) == (Fate.TAKEN, False)
    assert colleague.notices == [{"title": "守望", "text": "02月10日 第 17 号：3 人未打卡"}]
    unread = await notices.look_up(outcome.provider_id)
    assert (unread.fate, unread.code, unread.provider_id) == (Fate.DELIVERED, "unread", outcome.provider_id)
    colleague.read = True
    assert (await notices.look_up(outcome.provider_id)).code == "read"


async def test_while_the_provider_still_works_nothing_is_known(notices, ding):
    outcome = await notices.send(notice())
    ding.working = True
    assert (await notices.look_up(outcome.provider_id)).fate is Fate.TAKEN


async def test_the_same_text_twice_on_a_day_is_dropped_without_a_word_and_shows_only_afterwards(notices, colleague):
    outcomes = [await notices.send(notice("3 人未打卡")) for _ in range(2)]
    assert [outcome.fate for outcome in outcomes] == [Fate.TAKEN] * 2
    assert len(colleague.notices) == 1
    found = [await notices.look_up(outcome.provider_id) for outcome in outcomes]
    assert [(outcome.fate, outcome.code) for outcome in found] == [(Fate.DELIVERED, "unread"), (Fate.BROKEN, "143106")]
    assert (await notices.send(notice("第 18 号：3 人未打卡"))).fate is Fate.TAKEN
    assert len(colleague.notices) == 2


async def test_somebody_who_is_not_in_the_organisation_is_never_reached(notices, ding):
    outcome = await notices.send(notice(phone="13900000000"))
    assert (outcome.fate, outcome.code) == (Fate.NEVER, "60121")
    assert asked(ding, SEND_PATH) == []


async def test_a_long_notice_is_cut_to_two_kibibytes(notices, ding, colleague):
    assert (await notices.send(notice('花园社区 "3" 人未打卡\n' * 300))).fate is Fate.TAKEN
    assert colleague.notices[0]["text"].endswith('"3" 人未打卡……（过长，余下请在守望中查看）')


@pytest.mark.parametrize(
    ("result", "fate", "code"),
    [
        ({"failed_user_id_list": ["zhang-san-4711"]}, Fate.LATER, "failed"),
        ({"invalid_user_id_list": ["zhang-san-4711"]}, Fate.NEVER, "invalid"),
        ({"forbidden_user_id_list": ["zhang-san-4711"]}, Fate.BROKEN, "forbidden"),
        ({"forbidden_list": [{"code": "143105", "count": 1, "userid": "zhang-san-4711"}]}, Fate.LATER, "143105"),
        ({"forbidden_list": [{"code": "143104", "count": 1, "userid": "zhang-san-4711"}]}, Fate.LATER, "143104"),
        ({"forbidden_list": ["?"]}, Fate.BROKEN, "forbidden"),
        ({}, Fate.TAKEN, "working"),
        (None, Fate.TAKEN, "working"),
    ],
)
async def test_each_list_of_a_result_has_its_fate(notices, ding, result, fate, code):
    taken = await notices.send(notice())
    ding.then(Reply({"errcode": 0, "send_result": result}))
    outcome = await notices.look_up(taken.provider_id)
    assert (outcome.fate, outcome.code) == (fate, code)


@pytest.mark.parametrize(
    "act", [Reply(b"", 500), too_many(), HTML, Close(), no(400002, "参数错误"), no(-1, "系统繁忙")]
)
async def test_a_question_that_failed_never_sends_a_notice_again(notices, ding, act):
    taken = await notices.send(notice())
    ding.then(act)
    assert (await notices.look_up(taken.provider_id)).fate is Fate.TAKEN
    assert (await notices.look_up("not a task")).fate is Fate.TAKEN


# --- the token -------------------------------------------------------------------------------------------------------


async def test_one_token_serves_many_notices_also_when_they_go_at_once(notices, ding):
    await asyncio.gather(*(notices.send(notice(f"第 {n} 号")) for n in range(8)))
    assert len(asked(ding)) == 1
    assert "secret" not in str(asked(ding)[0].query)


async def test_a_token_is_renewed_before_it_ends(app, to_ding, ding, colleague):
    at = [1000.0]
    notices = WorkNotices(to_ding, app, lambda: at[0])
    for seconds, tokens in ((0, 1), (6800, 1), (200, 2)):
        at[0] += seconds
        assert (await notices.send(notice(f"{seconds}"))).fate is Fate.TAKEN
        assert len(asked(ding)) == tokens


async def test_a_token_withdrawn_early_is_renewed_once(notices, ding, colleague):
    await notices.send(notice("一"))
    ding.tokens.clear()
    assert (await notices.send(notice("二"))).fate is Fate.TAKEN
    assert (len(asked(ding)), len(colleague.notices)) == (2, 2)


@pytest.mark.parametrize("code", [40014, 42001])
async def test_a_token_that_is_never_liked_is_not_asked_for_for_ever(notices, ding, code):
    await notices.send(notice("一"))
    ding.then(no(code, "不合法的access_token"), None, no(code, "不合法的access_token"))
    outcome = await notices.send(notice("二"))
    assert (outcome.fate, outcome.code) == (Fate.BROKEN, str(code))
    assert len(asked(ding)) == 2


async def test_a_wrong_secret_is_ours_to_mend(to_ding, ding, colleague):
    wrong = DingTalkApp(DingTalk.key, "wrong", DingTalk.agent_id, ding.base, ding.base)
    outcome = await WorkNotices(to_ding, wrong).send(notice())
    assert (outcome.fate, outcome.code) == (Fate.BROKEN, "invalidClientIdOrSecret")


# --- what the provider says ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "fate", "code", "unsure"),
    [
        (no(-1, "系统繁忙"), Fate.LATER, "-1", False),
        (no(143103, "QPM超限"), Fate.LATER, "143103", False),
        (no(143105, "每日推送量超限"), Fate.LATER, "143105", False),
        (no(1430002, "包含违禁内容"), Fate.BROKEN, "1430002", False),
        (no(33012, "无效的USERID"), Fate.NEVER, "33012", False),
        (Reply({"errcode": 88, "sub_code": "60011"}), Fate.BROKEN, "60011", False),
        (Reply(b"", 502), Fate.LATER, "http-502", True),
        (HTML, Fate.LATER, "unreadable", True),
        (Close(), Fate.LATER, "network", True),
    ],
)
async def test_only_the_notice_itself_can_leave_us_unsure(notices, ding, act, fate, code, unsure):
    ding.then(None, None, act)
    outcome = await notices.send(notice())
    assert (outcome.fate, outcome.code, outcome.unsure) == (fate, code, unsure)
    ding.then(act)  # now the question for the person
    asking = await notices.send(notice())
    assert (asking.fate, asking.code, asking.unsure) == (fate, code, False)


async def test_silence_leaves_it_unsure(notices, ding, hasty):
    await notices.send(notice())
    ding.then(None, Hang())
    outcome = await notices.send(notice())
    assert (outcome.fate, outcome.code, outcome.unsure) == (Fate.LATER, "timeout", True)


async def test_patience_is_kept_also_for_a_token(notices, ding):
    ding.then(too_many("30"))
    outcome = await notices.send(notice())
    assert (outcome.fate, outcome.retry_after) == (Fate.LATER, 30.0)


async def test_an_answer_without_a_task_has_nothing_to_ask_about(notices, ding):
    ding.then(None, None, no(0, "ok"))
    outcome = await notices.send(notice())
    assert (outcome.fate, outcome.provider_id) == (Fate.TAKEN, None)


@pytest.mark.parametrize("result", [None, [], {}, {"userid": ""}, {"userid": 7}])
async def test_a_person_without_a_name_at_the_provider_is_never_reached(notices, ding, result):
    ding.then(None, Reply({"errcode": 0, "result": result}))
    assert (await notices.send(notice())).code == "no-userid"


async def test_nothing_secret_and_nobody_is_written_or_shown(notices, ding, app, written):
    ding.then(None, None, None, no(40035, PHONE), Close())
    outcomes = [await notices.send(notice("张三发热")) for _ in range(3)]
    said = written() + repr(outcomes) + repr(app) + repr(notices)
    held = (DingTalk.secret, PHONE, "zhang-san", "张三", "token-1")
    assert not [secret for secret in held if secret in said]
