"""What is not confirmed is asked after, and not for ever; a provider whose letters do not arrive comes second."""

import json
from datetime import timedelta

import pytest

from app.kit import clock
from app.messages import stuck
from app.messages.health import slow
from tests.app.messages.posts import Clock, Post, looking_after, receive
from tests.cast import fresh_phone
from tests.gateways.aliyun import AliyunStandIn
from tests.gateways.behaving import hang, status

pytestmark = pytest.mark.anyio


async def test_what_is_not_confirmed_is_asked_after_at_five_fifteen_and_sixty_minutes_and_then_left(
    one: Post, aliyun_stand_in: AliyunStandIn, moved_clock: Clock
) -> None:
    aliyun_stand_in.carrier[phone := fresh_phone()] = ""  # the carrier has not reported
    message = await one.code(phone)
    await one.office.once()
    asked: list[int] = []
    for minute in range(1, 119):
        moved_clock.on(minutes=1)
        before = aliyun_stand_in.calls.count("QuerySendDetails")
        await one.office.asking.ask()
        asked += [minute] * (aliyun_stand_in.calls.count("QuerySendDetails") - before > 0)
    assert [minute for minute in asked if minute] == [5, 15, 60]
    assert await one.state(message) == "pending"


async def test_an_answer_to_a_question_moves_the_message(
    both: Post, aliyun_stand_in: AliyunStandIn, moved_clock: Clock
) -> None:
    await both.sql("DELETE FROM template_code WHERE provider = 'tencent'")
    account = await both.account(gone := fresh_phone())
    aliyun_stand_in.carrier[gone] = "MOBILE_NOT_ON_SERVICE"
    arrived, lost = await both.code(), await both.missing(account.id)
    await both.office.once()
    moved_clock.on(minutes=6)
    assert await both.office.asking.ask() == 2
    await both.office.once()
    assert await both.state(arrived) == "delivered"
    assert {name: state for name, (state, _) in (await both.states(lost)).items()} == {
        "sms": "permanent_failure", "call": "pending",
    }  # fmt: skip


async def test_questions_are_bounded_and_end_with_a_provider_that_does_not_answer(
    one: Post, aliyun_stand_in: AliyunStandIn, moved_clock: Clock
) -> None:
    one.hasty(0.2)
    names = await one.codes([fresh_phone() for _ in range(40)])
    await one.office.once()
    moved_clock.on(minutes=6)
    aliyun_stand_in.usual = hang(taking=False)
    before = len(aliyun_stand_in.heard)
    assert await one.office.asking.ask() == 0
    assert len(aliyun_stand_in.heard) - before <= 12
    assert {await one.state(name) for name in names} == {"pending"}


# --- slow providers --------------------------------------------------------------------------------------------------


async def test_a_provider_whose_letters_do_not_arrive_comes_second(
    both: Post, aliyun_stand_in: AliyunStandIn, moved_clock: Clock
) -> None:
    phones = [fresh_phone() for _ in range(30)]
    for phone in phones[:10]:
        aliyun_stand_in.carrier[phone] = ""
    await both.codes(phones)
    await both.office.once()
    confirmed = [body for body in aliyun_stand_in.callbacks(most=1) if json.loads(body)[0]["success"]]
    assert await receive(both, *confirmed) == 20
    async with both.house.database.reading() as db:
        assert await slow(db) == frozenset(), "five minutes have not passed"
    moved_clock.on(minutes=6)
    async with both.house.database.reading() as db:
        assert await slow(db) == {"aliyun"}
        (told,) = (await stuck(db, looking_after())).providers
    assert (told.provider, told.sent, told.delivered, told.failed, told.unconfirmed) == ("aliyun", 30, 20, 0, 10)
    assert (told.slow, told.shut_until, told.code) == (True, None, "OK")
    later = await both.code()
    await both.office.once()
    assert (await both.delivery(later)).provider == "tencent"
    moved_clock.on(minutes=10)
    again = await both.code()
    await both.office.once()
    assert (await both.delivery(again)).provider == "aliyun", "what was slow ten minutes ago may be tried again"


async def test_a_provider_that_never_calls_us_is_not_slow_for_that(both: Post, moved_clock: Clock) -> None:
    await both.codes([fresh_phone() for _ in range(30)])
    await both.office.once()
    moved_clock.on(minutes=6)
    async with both.house.database.reading() as db:
        assert await slow(db) == frozenset()


async def test_a_provider_that_is_shut_is_seen_from_outside(one: Post, aliyun_stand_in: AliyunStandIn) -> None:
    aliyun_stand_in.usual = status(503)
    for _ in range(5):
        await one.code()
        await one.office.once()
    async with one.house.database.reading() as db:
        (told,) = (await stuck(db, looking_after())).providers
    assert (told.failed, told.code) == (5, "http-503")
    assert told.shut_until is not None
    assert timedelta() < told.shut_until - clock.now() <= timedelta(seconds=10)


async def test_what_is_shut_or_slow_stands_first(both: Post) -> None:
    await both.code()
    await both.office.once()
    await both.sql("DELETE FROM template_code WHERE provider = 'aliyun'")
    await both.code()
    await both.office.once()
    async with both.house.database.reading() as db:
        assert [one.provider for one in (await stuck(db, looking_after())).providers] == ["aliyun", "tencent"]
    await both.sql(
        "INSERT INTO delivery_attempt (delivery_id, number, started_at, ended_at, provider, state, code) SELECT id, "
        "n + 9, CAST(:now AS timestamptz), CAST(:now AS timestamptz) + n * interval '1 ms', 'tencent', "
        "'temporary_failure', 'timeout' FROM delivery, generate_series(1, 5) n WHERE provider = 'tencent'",
        now=clock.now(),
    )
    async with both.house.database.reading() as db:
        first, second = (await stuck(db, looking_after())).providers
    assert (first.provider, first.code, first.shut_until is None) == ("tencent", "timeout", False)
    assert (second.provider, second.shut_until) == ("aliyun", None)
