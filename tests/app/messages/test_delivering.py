"""Delivering: whatever a gateway does, every message ends somewhere, and none stands in another's way."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app import messages
from app.kit import clock
from app.messages.gateways.calling import Key
from tests.app.messages.posts import Clock, Post, here
from tests.cast import fresh_phone
from tests.gateways.aliyun import AliyunStandIn
from tests.gateways.behaving import cut, hang, refuses, status, too_many
from tests.gateways.tencent import TencentStandIn

pytestmark = pytest.mark.anyio


async def test_a_code_is_handed_over_once_and_waits_for_its_receipt(one: Post, aliyun_stand_in: AliyunStandIn) -> None:
    phone = fresh_phone()
    message = await one.code(phone, "314159")
    await one.office.once()
    await one.office.once()
    (taken,) = aliyun_stand_in.taken
    assert (taken.phone, taken.params, taken.out_id) == (phone, {"code": "314159"}, str(message))
    row = await one.delivery(message)
    assert (row.state, row.provider, row.provider_id, row.attempts, row.starts) == (
        "pending", "aliyun", taken.biz_id, 1, 0,
    )  # fmt: skip
    (attempt,) = await one.attempts(message)
    assert (attempt.number, attempt.provider, attempt.state, attempt.code) == (1, "aliyun", "pending", "OK")


async def test_an_error_in_an_answer_of_200_is_seen_and_told(one: Post, aliyun_stand_in: AliyunStandIn) -> None:
    aliyun_stand_in.will(refuses("isv.AMOUNT_NOT_ENOUGH"))
    message = await one.code()
    await one.office.once()
    assert await one.states(message) == {"sms": ("technical_failure", "isv.AMOUNT_NOT_ENOUGH")}
    later = await one.code()
    await one.office.once()
    assert await one.state(later) == "pending", "nothing is blocked behind it"


async def test_too_many_requests_are_repeated_when_the_gateway_says_so(
    one: Post, aliyun_stand_in: AliyunStandIn, moved_clock: Clock
) -> None:
    aliyun_stand_in.will(too_many("90"))
    message = await one.code()
    await one.office.once()
    row = await one.delivery(message)
    assert (row.state, row.code, row.doubt) == ("temporary_failure", "http-429", False)
    assert row.next_at is not None
    assert timedelta(seconds=80) < row.next_at - clock.now() <= timedelta(seconds=90)
    moved_clock.on(seconds=60)
    await one.office.once()
    assert len(aliyun_stand_in.taken) == 0
    moved_clock.on(seconds=31)
    await one.office.once()
    assert (await one.state(message), len(aliyun_stand_in.taken)) == ("pending", 1)


@pytest.mark.parametrize("fault", ["hang", "cut", "500"])
@pytest.mark.parametrize("taking", [True, False])
async def test_what_was_perhaps_taken_is_asked_after_and_never_sent_twice(
    one: Post, aliyun_stand_in: AliyunStandIn, moved_clock: Clock, fault: str, taking: bool
) -> None:
    one.hasty()
    fails = {"hang": hang(taking=taking), "cut": cut(taking=taking), "500": status(500, taking=taking)}
    aliyun_stand_in.will(fails[fault])
    message = await one.code()
    await one.office.once()
    row = await one.delivery(message)
    assert (row.state, row.doubt, row.provider) == ("temporary_failure", True, "aliyun")
    moved_clock.on(seconds=31)
    await one.office.once()
    assert len(aliyun_stand_in.taken) == 1
    assert await one.state(message) == ("delivered" if taking else "pending")


async def test_a_wrong_secret_at_one_provider_is_no_trouble_while_there_is_another(
    both: Post, aliyun_stand_in: AliyunStandIn, tencent_stand_in: TencentStandIn
) -> None:
    gateway: Any = both.carriers.providers["aliyun"].gateway
    gateway._account = replace(gateway._account, key=Key(gateway._account.key.id, "wrong"))
    first = [await both.code() for _ in range(3)]
    await both.office.once()
    assert [await both.state(message) for message in first] == ["pending"] * 3
    assert len(tencent_stand_in.taken) == 3
    codes = {(attempt.provider, attempt.code) for attempt in await both.attempts(first[0])}
    assert codes == {("aliyun", "SignatureDoesNotMatch"), ("tencent", "Ok")}
    asked = len(aliyun_stand_in.calls)
    second = await both.code()
    await both.office.once()
    assert await both.state(second) == "pending"
    assert len(aliyun_stand_in.calls) == asked, "who has just refused the text is not asked again for every letter"


async def test_both_providers_wrong_is_a_failure_of_ours_and_said_so(
    both: Post, aliyun_stand_in: AliyunStandIn, tencent_stand_in: TencentStandIn
) -> None:
    aliyun_stand_in.will(*[refuses("isv.SMS_TEMPLATE_ILLEGAL")] * 3)
    tencent_stand_in.will(*[refuses("FailedOperation.TemplateIncorrectOrUnapproved")] * 3)
    message = await both.code()
    await both.office.once()
    assert (await both.state(message)) == "technical_failure"
    assert len(await both.attempts(message)) == 2


async def test_one_provider_wrong_and_the_other_busy_is_no_failure(
    both: Post, tencent_stand_in: TencentStandIn, aliyun_stand_in: AliyunStandIn, moved_clock: Clock
) -> None:
    aliyun_stand_in.will(refuses("isv.AMOUNT_NOT_ENOUGH"))
    tencent_stand_in.will(too_many())
    message = await both.code()
    await both.office.once()
    assert await both.state(message) == "temporary_failure"
    moved_clock.on(seconds=121)
    await both.office.once()
    assert await both.state(message) == "pending"


async def test_who_is_urgent_does_not_wait_for_an_answer_that_does_not_come(
    both: Post, aliyun_stand_in: AliyunStandIn, tencent_stand_in: TencentStandIn, moved_clock: Clock
) -> None:
    both.hasty()
    aliyun_stand_in.will(*[hang(taking=False)] * 20)
    message = await both.code()
    await both.office.once()
    assert await both.state(message) == "temporary_failure"
    moved_clock.on(seconds=31)
    await both.office.once()
    assert (await both.state(message), len(tencent_stand_in.taken)) == ("pending", 1)


async def test_what_is_not_urgent_waits_for_the_answer_before_another_provider_is_tried(
    both: Post, aliyun_stand_in: AliyunStandIn, tencent_stand_in: TencentStandIn, moved_clock: Clock
) -> None:
    both.hasty()
    aliyun_stand_in.will(hang(taking=True), hang(taking=False))
    account = await both.account()
    message = await both.missing(account.id)
    await both.office.once()
    moved_clock.on(seconds=31)
    await both.office.once()
    assert len(tencent_stand_in.taken) == 0
    moved_clock.on(seconds=121)
    await both.office.once()
    assert (await both.state(message), len(tencent_stand_in.taken)) == ("delivered", 0), "it had been taken"


async def test_a_bad_number_among_a_hundred_stops_nobody_else(one: Post, aliyun_stand_in: AliyunStandIn) -> None:
    phones = [fresh_phone() for _ in range(100)]
    aliyun_stand_in.faults[phones[41]] = "isv.MOBILE_NUMBER_ILLEGAL"
    names = await one.codes(phones)
    await one.office.once()
    states = [await one.state(name) for name in names]
    assert (states.pop(41), set(states)) == ("permanent_failure", {"pending"})
    assert len({taken.phone for taken in aliyun_stand_in.taken}) == len(aliyun_stand_in.taken) == 99


async def test_a_number_that_cannot_receive_leads_to_the_call_list(one: Post, aliyun_stand_in: AliyunStandIn) -> None:
    account = await one.account(phone := fresh_phone())
    aliyun_stand_in.faults[phone] = "isv.MOBILE_NUMBER_ILLEGAL"
    message = await one.missing(account.id)
    await one.office.once()
    assert await one.states(message) == {
        "sms": ("permanent_failure", "isv.MOBILE_NUMBER_ILLEGAL"), "call": ("pending", ""),
    }  # fmt: skip


async def test_a_text_nobody_has_approved_is_a_failure_of_ours(one: Post) -> None:
    await one.sql("DELETE FROM template_code WHERE template = 'sign_in_code'")
    message = await one.code()
    await one.office.once()
    assert await one.states(message) == {"sms": ("technical_failure", "no-template-code")}


async def test_what_nobody_wants_any_more_is_not_sent(
    one: Post, aliyun_stand_in: AliyunStandIn, moved_clock: Clock
) -> None:
    message = await one.code()
    await one.office.relay.move()
    moved_clock.on(minutes=11)
    await one.office.once()
    assert await one.states(message) == {"sms": ("technical_failure", "expired")}
    assert len(aliyun_stand_in.taken) == 0


async def test_a_reason_that_goes_while_a_try_is_under_way_leaves_no_second_try(
    one: Post, aliyun_stand_in: AliyunStandIn, moved_clock: Clock
) -> None:
    message = await one.code()

    async def gone() -> None:
        async with one.house.database.writing() as db:
            await messages.cancel(db, [message])

    aliyun_stand_in.before_answer = here(gone)
    aliyun_stand_in.will(too_many())
    await one.office.once()
    assert await one.state(message) == "temporary_failure"
    aliyun_stand_in.before_answer = None
    moved_clock.on(seconds=31)
    await one.office.once()
    assert (await one.state(message), len(aliyun_stand_in.taken)) == ("cancelled", 0)
