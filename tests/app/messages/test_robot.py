"""Robots of groups: signed, within size and budget, and honest about what the provider really said."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json as wire

from app.kit.ids import uuid7
from app.messages.gateways import robot
from app.messages.gateways.cutting import cut, utf8
from app.messages.gateways.robot import Budget, Line, Robots, digest, signature
from app.messages.letters import Fate, RobotPost
from tests.gateways.dictated import HTML, Close, Hang, Reply, Stall, too_many
from tests.gateways.dingtalk import Group, no

pytestmark = pytest.mark.anyio
TOKEN, SECRET = "robot-access-token", "SEC-robot-secret"
NOON = datetime(2020, 2, 10, 4, tzinfo=UTC)


def post(markdown="- 3 条待核", title="守望", secret=SECRET):
    return RobotPost((uuid7(),), TOKEN, secret, title, markdown)


@pytest.fixture
def group(ding):
    ding.groups[TOKEN] = Group(SECRET)
    return ding.groups[TOKEN]


@pytest.fixture
def robots(ding, group, to_ding):
    return Robots(to_ding, f"{ding.base}/")


# --- posting ---------------------------------------------------------------------------------------------------------


def test_the_signature_is_the_one_of_the_documentation():
    assert quote(signature("this is secret", 1_580_000_000_000), safe="") == (
        "A6F5Tq5JsbHU5ep6q2GCpmFMuJ1T9oO37jCCijYY%2BvI%3D"
    )


async def test_a_post_reaches_the_group(robots, group):
    outcome = await robots.send(post("- **待核** 3 条\n- [查看](https://x.example/a)"))
    assert (outcome.fate, outcome.unsure) == (Fate.DELIVERED, False)
    assert group.posts == [{"title": "守望", "text": "- **待核** 3 条\n- [查看](https://x.example/a)"}]


async def test_signatures_with_every_sign_of_base64_survive_the_url(robots, group, monkeypatch):
    now = robot.time.time()
    for shift in range(18):
        monkeypatch.setattr(robot.time, "time", lambda shift=shift: now + shift)
        assert (await robots.send(post())).fate is Fate.DELIVERED
    assert len(group.posts) == 18


@pytest.mark.parametrize("off", [-3700, 3700])
async def test_a_clock_an_hour_off_is_ours_to_mend(robots, monkeypatch, off):
    now = robot.time.time()
    monkeypatch.setattr(robot.time, "time", lambda: now + off)
    assert (await robots.send(post())).code == "310000"


async def test_the_same_messages_posted_again_are_shown_once(robots, group):
    first = post()
    assert [(await robots.send(first)).fate for _ in range(2)] == [Fate.DELIVERED] * 2
    await robots.send(post())
    assert len(group.posts) == 2


async def test_posts_that_carry_no_message_are_not_taken_for_one_another(robots, group):
    for _ in range(2):
        await robots.send(RobotPost((), TOKEN, SECRET, "守望", "试一试"))
    assert len(group.posts) == 2


async def test_a_long_post_is_cut_to_the_limit_and_says_so(robots, ding, group):
    line = '- 花园社区 "待核" 3 条 \\ 👨‍👩‍👧\n'
    assert (await robots.send(post(line * 2000, "长" * 500))).fate is Fate.DELIVERED
    assert 19_000 < len(ding.heard[0].body) <= 20_000
    kept, _, ending = group.posts[0]["text"].partition("\n\n……（过长")
    assert ending
    assert set(kept.split("\n")) == {line.strip()}
    assert utf8(group.posts[0]["title"]) <= 200


# --- what the provider says ------------------------------------------------------------------------------------------


async def test_the_wrong_secret_and_an_unknown_robot_are_ours_to_mend(robots, ding):
    wrong = await robots.send(post(secret="SEC-another"))
    assert (wrong.fate, wrong.code) == (Fate.BROKEN, "310000")
    ding.groups.clear()
    unknown = await robots.send(post())
    assert (unknown.fate, unknown.code) == (Fate.BROKEN, "300001")


async def test_the_twenty_first_in_a_minute_closes_the_group_for_ten(robots, group):
    outcomes = [await robots.send(post()) for _ in range(22)]
    assert [outcome.fate for outcome in outcomes] == [Fate.DELIVERED] * 20 + [Fate.LATER] * 2
    assert {(outcome.code, outcome.retry_after, outcome.unsure) for outcome in outcomes[20:]} == {
        ("130101", 600.0, False)
    }


@pytest.mark.parametrize(
    ("act", "fate", "code", "unsure"),
    [
        (no(0, "ok"), Fate.DELIVERED, "0", False),
        (no(-1, "系统繁忙"), Fate.LATER, "-1", False),
        (no(410100, "发送速度太快而限流"), Fate.LATER, "410100", False),
        (no(90018, "调用过于频繁"), Fate.LATER, "90018", False),
        (no(310000, "keywords not in content"), Fate.BROKEN, "310000", False),
        (no(400013, "群已被解散"), Fate.BROKEN, "400013", False),
        (no(400101, "access_token不存在"), Fate.BROKEN, "400101", False),
        (no(430104, "不合适的内容"), Fate.BROKEN, "430104", False),
        (no(987654, "never heard of"), Fate.BROKEN, "987654", False),
        (Reply({"errcode": 88, "sub_code": "60011", "sub_msg": "没有权限"}), Fate.BROKEN, "60011", False),
        (Reply({"errcode": 88, "errmsg": "鉴权异常"}), Fate.BROKEN, "88", False),
        (Reply({"errcode": "13812345678 <b>张三</b>"}), Fate.BROKEN, "13812345678bb", False),
        (Reply({"errmsg": "no code at all"}), Fate.BROKEN, "http-200", False),
        (Reply([0]), Fate.LATER, "unreadable", True),
        (Reply(b"\xff\xfe"), Fate.LATER, "unreadable", True),
        (HTML, Fate.LATER, "unreadable", True),
        (Reply(b"gone", 404), Fate.BROKEN, "http-404", False),
        (Reply(b"", 302, {"location": "https://x.example/"}), Fate.BROKEN, "http-302", False),
        (Reply(b"", 500), Fate.LATER, "http-500", True),
        (Reply(b"", 503), Fate.LATER, "http-503", False),
        (Close(), Fate.LATER, "network", True),
    ],
)
async def test_every_answer_has_its_fate(robots, ding, act, fate, code, unsure):
    ding.then(act)
    outcome = await robots.send(post())
    assert (outcome.fate, outcome.code, outcome.unsure) == (fate, code, unsure)


async def test_a_plea_for_patience_is_heard(robots, ding):
    ding.then(too_many("7"))
    outcome = await robots.send(post())
    assert (outcome.fate, outcome.code, outcome.retry_after) == (Fate.LATER, "http-429", 7.0)


@pytest.mark.parametrize(("act", "code"), [(Hang(), "timeout"), (Stall(), "unreadable")])
async def test_silence_leaves_it_unsure(robots, ding, hasty, act, code):
    ding.then(act)
    outcome = await robots.send(post())
    assert (outcome.fate, outcome.code, outcome.unsure) == (Fate.LATER, code, True)


async def test_a_robot_at_an_address_of_this_network_is_not_called(to_ding):
    assert (await Robots(to_ding, "https://127.0.0.1").send(post())).code == "refused-address"


async def test_nothing_secret_is_written_or_shown(robots, ding, written):
    letter = post("秘密的正文")
    ding.then(None, no(310000, TOKEN), Close())
    outcomes = [await robots.send(letter) for _ in range(3)]
    said = written() + repr(outcomes) + repr(robots)
    assert not [secret for secret in (TOKEN, SECRET, "秘密的正文", "sign=") if secret in said]
    assert SECRET not in repr(letter)


# --- budget ----------------------------------------------------------------------------------------------------------

PAUSES = st.lists(st.timedeltas(timedelta(0), timedelta(seconds=20)), max_size=120)


@given(PAUSES)
def test_never_more_than_eighteen_in_any_minute(pauses):
    budget, now, sent = Budget(), NOON, []
    for pause in pauses:
        now += pause
        wait = budget.wait(sent[-18:], now)
        assert timedelta(0) <= wait <= budget.window
        now += wait
        assert budget.wait(sent, now) == timedelta(0)
        sent.append(now)
    spans = [later - earlier for earlier, later in zip(sent, sent[18:], strict=False)]
    assert all(span >= timedelta(seconds=60) for span in spans)


@given(PAUSES, st.randoms())
def test_no_post_waits_while_the_minute_has_room_and_the_order_does_not_matter(pauses, chance):
    now, recent = NOON, []
    for pause in pauses:
        recent.append(now)
        now += pause
    in_window = [moment for moment in recent if now - moment < timedelta(seconds=60)]
    wait = Budget().wait(recent, now)
    assert (wait == timedelta(0)) == (len(in_window) < 18)
    chance.shuffle(recent)
    assert Budget().wait(recent, now) == wait


def test_a_clock_that_runs_ahead_elsewhere_is_waited_for():
    ahead = NOON + timedelta(seconds=5)
    assert Budget().wait([ahead] * 18, NOON) == timedelta(seconds=65)


# --- digests ---------------------------------------------------------------------------------------------------------


def lines(count):
    return [Line(f"第 {n} 件", "3 条待核", f"https://x.example/{n}") for n in range(1, count + 1)]


def test_a_digest_shows_the_first_and_counts_the_rest():
    title, text = digest(lines(22), "zh-CN")
    assert title == "守望：22 条新消息"
    assert text.splitlines()[2] == "- **第 1 件** 3 条待核 [查看](https://x.example/1)"
    assert len(text.splitlines()) == 2 + 10 + 1
    assert text.endswith("- 还有 12 条")


def test_a_digest_in_english():
    title, text = digest(lines(22), "en")
    assert title == "Shouwang: 22 new messages"
    assert "[Open](https://x.example/1)" in text
    assert text.endswith("- 12 more")


def test_one_message_keeps_its_own_heading_and_few_have_no_rest():
    assert digest(lines(1), "zh")[0] == "第 1 件"
    assert "还有" not in digest(lines(10), "zh")[1]


def test_a_title_cannot_bring_a_link_or_a_line_of_its_own():
    _, text = digest(
        [Line("x](https://evil.example)\n# [y", "![z](https://e.example)", "https://x.example/a b)c")], "zh"
    )
    assert text.count("](") == 1
    assert text.splitlines()[2].endswith("[查看](https://x.example/a%20b%29c)")
    assert len(text.splitlines()) == 3


# --- cutting ---------------------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("👨‍👩‍👧é\u0301字\n ")), st.integers(0, 400))
def test_what_is_cut_fits_and_is_a_beginning(text, room):
    kept = cut(text, room)
    assert utf8(kept) <= room
    if utf8(text) <= room:
        assert kept == text
    elif kept:
        assert kept.endswith("…")
        assert text.startswith(kept.removesuffix("…"))


@given(st.text(), st.integers(40, 2048))
def test_what_is_cut_fits_as_json_too(text, room):
    assert len(wire.encode(cut(text, room, size=lambda part: len(wire.encode(part))))) <= max(
        room, len(wire.encode(""))
    )


def test_families_and_accents_are_not_torn_apart():
    assert cut("家👨‍👩‍👧家", 20) == "家…"
    assert cut("e\u0301e\u0301e\u0301", 7) == "e\u0301…"
    assert cut("明天 早上 八点 集合", 20) == "明天 早上…"
