"""Patience has an end: three starts for what breaks whoever delivers it, four hours for a provider that is away."""

import asyncio
import logging
from datetime import timedelta

import pytest

from app.kit import clock
from app.messages import delivering, opening, texting
from tests.app.messages.posts import Clock, Post
from tests.cast import fresh_phone
from tests.gateways.aliyun import AliyunStandIn
from tests.gateways.behaving import status
from tests.gateways.tencent import TencentStandIn

pytestmark = pytest.mark.anyio


async def thrice(office: Post) -> None:
    for _ in range(4):
        await office.office.once()


async def test_what_cannot_even_be_opened_is_set_aside_after_three_starts_and_its_neighbours_go(
    one: Post, aliyun_stand_in: AliyunStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "shouwang.messages")
    names = await one.codes([fresh_phone() for _ in range(5)])
    await one.sql("UPDATE message SET facts = 'not json' WHERE id = :id", id=names[2])
    await thrice(one)
    row = await one.delivery(names[2])
    assert (row.state, row.code, row.starts) == ("technical_failure", "worker-died", 3)
    assert row.set_aside_at is not None
    assert len(aliyun_stand_in.taken) == 4
    assert "1 messages by sms could not be opened: JSONDecodeError at" in caplog.text
    assert [attempt.code for attempt in await one.attempts(names[2])] == ["worker-died"] * 3


@pytest.mark.parametrize("how", ["raise", "hang"])
async def test_what_breaks_a_gateway_is_found_and_set_aside(
    one: Post, aliyun_stand_in: AliyunStandIn, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    names = await one.codes([fresh_phone() for _ in range(30)])
    really = texting.Texting.__call__

    async def breaking(self: texting.Texting, some: list[opening.Opened]) -> opening.Concluded:
        if any(each.taken.message_id == names[7] for each in some):
            if how == "hang":
                await asyncio.sleep(60)
            raise MemoryError
        return await really(self, some)

    monkeypatch.setattr(texting.Texting, "__call__", breaking)
    if how == "hang":
        monkeypatch.setattr(delivering, "HANGS_S", 6.0)  # and a quarter of it for a few
    await thrice(one)
    row = await one.delivery(names[7])
    assert (row.state, row.starts, row.set_aside_at is not None) == ("technical_failure", 3, True)
    phones = [taken.phone for taken in aliyun_stand_in.taken]
    assert (len(phones), len(set(phones))) == (29, 29)


# --- four hours ------------------------------------------------------------------------------------------------------


@pytest.mark.proves("R11")
@pytest.mark.timeout(120)
async def test_a_provider_that_is_away_for_hours_loses_nothing_and_nothing_is_tried_for_longer_than_four(
    one: Post, aliyun_stand_in: AliyunStandIn, moved_clock: Clock
) -> None:
    down = status(503)
    aliyun_stand_in.usual = down
    account = await one.account()
    early = await one.missing(account.id)
    began = clock.now()
    tries: list[timedelta] = []
    while clock.now() - began < timedelta(hours=4, minutes=30):
        heard = len(aliyun_stand_in.heard)
        await one.office.once()
        if len(aliyun_stand_in.heard) > heard:
            tries.append(clock.now() - began)
        moved_clock.on(minutes=5)
    row = await one.delivery(early)
    assert (row.state, row.code) == ("technical_failure", "gave-up http-503")
    assert row.state_at - began <= timedelta(hours=4)
    assert len(tries) >= 6
    assert tries[-1] > timedelta(hours=2)
    assert (await one.states(early))["call"] == ("pending", ""), "whoever could not be reached is called"
    late = await one.missing(account.id)
    for _ in range(6):
        await one.office.once()
        moved_clock.on(minutes=20)
    assert await one.state(late) == "temporary_failure"
    aliyun_stand_in.usual = type(down)()
    moved_clock.on(minutes=61)
    await one.office.once()
    assert (await one.state(late), len(aliyun_stand_in.taken)) == ("pending", 1)


@pytest.mark.proves("R11")
async def test_five_failures_shut_a_provider_for_ten_seconds_and_the_other_one_is_used(
    both: Post, aliyun_stand_in: AliyunStandIn, tencent_stand_in: TencentStandIn, moved_clock: Clock
) -> None:
    aliyun_stand_in.usual = status(503)
    for _ in range(5):
        await both.code()
        await both.office.once()
    heard = len(aliyun_stand_in.heard)
    shut = await both.code()
    await both.office.once()
    assert len(aliyun_stand_in.heard) == heard
    assert (await both.state(shut), (await both.delivery(shut)).provider) == ("pending", "tencent")
    aliyun_stand_in.usual = type(aliyun_stand_in.usual)()
    moved_clock.on(seconds=10.1)
    again = await both.code()
    await both.office.once()
    assert (await both.delivery(again)).provider == "aliyun"
