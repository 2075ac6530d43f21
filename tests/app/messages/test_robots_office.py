"""Robots of units through the post office: many messages in one post, 18 posts a minute, faults told to their units."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from app.house import House
from app.kit import clock
from app.messages.posting import BUDGET
from models.messages import Robot
from tests.app.messages.posts import Clock, Post, empty, post
from tests.gateways.dictated import Hang, Reply
from tests.gateways.dingtalk import DingTalk, Group

pytestmark = pytest.mark.anyio
TOKEN, SECRET = "robot-access-token", "SEC-robot-secret"


@pytest.fixture
def settings(ding: DingTalk) -> dict[str, Any]:
    return {"dingtalk_url": ding.base, "origin": "https://shouwang.example.org"}


@pytest.fixture
async def robots(post_house: House, settings: dict[str, Any]) -> AsyncIterator[Post]:
    await empty(post_house)
    async with post(post_house, **settings) as office:
        yield office


@pytest.fixture
def group(ding: DingTalk) -> Group:
    ding.groups[TOKEN] = Group(SECRET)
    return ding.groups[TOKEN]


async def robot_of(office: Post, robot: UUID) -> Robot:
    async with office.house.database.reading() as db:
        return (await db.exec(select(Robot).where(Robot.id == robot))).one()


async def past(office: Post, ding: DingTalk, by: timedelta) -> None:
    """A minute has gone by, for everybody: postings, deliveries, and the provider."""
    await office.sql("UPDATE robot_posting SET at = at - CAST(:by AS interval)", by=by)
    await office.sql("UPDATE delivery SET next_at = next_at - CAST(:by AS interval) WHERE next_at IS NOT NULL", by=by)
    really = ding.now
    ding.now = lambda: really() + by.total_seconds()


async def test_many_messages_are_one_post(robots: Post, group: Group) -> None:
    robot = await robots.robot(TOKEN, SECRET)
    names = [await robots.digest(robot, number) for number in range(1, 31)]
    await robots.office.once()
    (sent,) = group.posts
    assert sent["title"] == "守望：30 条新消息"
    assert sent["text"].count("**待处理汇总**") == 10
    assert "还有 20 条" in sent["text"]
    assert "https://shouwang.example.org/staff/tasks" in sent["text"]
    assert {await robots.state(name, "robot") for name in names} == {"delivered"}


@pytest.mark.proves("R11")
async def test_several_offices_together_never_post_more_than_eighteen_times_a_minute(
    robots: Post, post_house: House, settings: dict[str, Any], ding: DingTalk, group: Group
) -> None:
    robot, other = await robots.robot(TOKEN, SECRET), await robots.robot("other", SECRET)
    ding.groups["other"] = Group(SECRET)
    async with AsyncExitStack() as held:
        offices = [robots, *[await held.enter_async_context(post(post_house, **settings)) for _ in range(2)]]
        names: list[UUID] = []
        for _ in range(12):
            names += [await robots.digest(robot), await robots.digest(other)]
            # Each round of each office finds something new, and would post it at once.
            for _ in offices:
                names.append(await robots.digest(robot))
                await asyncio.gather(*(each.office.once() for each in offices))
    assert len(group.calls) == len(group.posts) == 18
    assert group.closed_until == 0
    states = [await robots.delivery(name, "robot") for name in names]
    waiting = [row for row in states if row.state != "delivered"]
    assert waiting
    assert {(row.state, row.code, row.attempts, row.starts) for row in waiting} == {
        ("temporary_failure", "budget", 0, 0)
    }
    assert all(row.next_at and timedelta() < row.next_at - clock.now() <= BUDGET.window for row in waiting)
    await past(robots, ding, BUDGET.window)
    await robots.office.once()
    assert {await robots.state(name, "robot") for name in names} == {"delivered"}, "and all of it arrives in the end"
    assert len(group.posts) == 19, "what waited goes in one post"


async def test_a_wrong_secret_is_shown_to_the_unit_and_gone_when_it_is_mended(
    robots: Post, ding: DingTalk, group: Group
) -> None:
    wrong, right = await robots.robot(TOKEN, "SEC-wrong"), await robots.robot("right", SECRET)
    ding.groups["right"] = Group(SECRET)
    lost, other = await robots.digest(wrong), await robots.digest(right)
    await robots.office.once()
    assert await robots.states(lost) == {"robot": ("technical_failure", "310000")}
    assert await robots.state(other, "robot") == "delivered", "nothing is blocked behind it"
    assert ((await robot_of(robots, wrong)).code, (await robot_of(robots, right)).code) == ("310000", "")
    group.secret = "SEC-wrong"
    await robots.digest(wrong)
    await robots.office.once()
    assert (await robot_of(robots, wrong)).code == ""


async def test_a_group_that_the_provider_has_closed_is_left_alone_for_ten_minutes(
    robots: Post, ding: DingTalk, group: Group, moved_clock: Clock
) -> None:
    robot = await robots.robot(TOKEN, SECRET)
    group.closed_until = ding.now() + 600
    name = await robots.digest(robot)
    await robots.office.once()
    row = await robot_of(robots, robot)
    assert row.code == "130101"
    assert row.blocked_until is not None
    assert timedelta(minutes=9) < row.blocked_until - clock.now() <= timedelta(minutes=10)
    later = await robots.digest(robot)
    await robots.office.once()
    assert len(ding.heard) == 1, "it is not called while it is closed"
    waits = await robots.delivery(later, "robot")
    assert (waits.code, waits.attempts) == ("robot-shut", 0)
    moved_clock.on(minutes=11)
    ding.now = lambda now=ding.now: now() + 660  # type: ignore[misc]
    await robots.office.once()
    assert {await robots.state(each, "robot") for each in (name, later)} == {"delivered"}
    mended = await robot_of(robots, robot)
    assert (mended.code, mended.blocked_until) == ("", None)


async def test_a_post_without_an_answer_is_repeated_under_the_same_name_and_shown_once(
    robots: Post, ding: DingTalk, group: Group, moved_clock: Clock, hasty: None
) -> None:
    robot = await robots.robot(TOKEN, SECRET)
    answers = ding.answer

    def lost(request: Any) -> Reply:
        ding.answer = answers  # type: ignore[method-assign]
        answers(request)  # it is posted
        return Reply(b"", 502)

    ding.answer = lost  # type: ignore[method-assign]
    names = [await robots.digest(robot, number) for number in range(1, 4)]
    await robots.office.once()
    assert {await robots.state(name, "robot") for name in names} == {"temporary_failure"}
    names.append(await robots.digest(robot, 9))
    moved_clock.on(seconds=31)
    await robots.office.once()
    assert {await robots.state(name, "robot") for name in names} == {"delivered"}
    assert len(group.posts) == 2, "the three once, and the new one"


async def test_a_robot_that_hangs_or_has_ended_holds_nobody_up(
    robots: Post, ding: DingTalk, group: Group, hasty: None
) -> None:
    hanging, ended = await robots.robot(TOKEN, SECRET), await robots.robot("ended", SECRET)
    await robots.sql("UPDATE robot SET ended_at = now() WHERE id = :id", id=ended)
    ding.then(Hang())
    first, second = await robots.digest(hanging), await robots.digest(ended)
    await robots.office.once()
    assert await robots.state(first, "robot") == "temporary_failure"
    assert await robots.states(second) == {"robot": ("permanent_failure", "robot-ended")}


async def test_a_summary_nobody_wants_any_more_is_dropped_and_not_posted_late(
    robots: Post, group: Group, moved_clock: Clock
) -> None:
    robot = await robots.robot(TOKEN, SECRET)
    name = await robots.digest(robot)
    await robots.office.relay.move()
    moved_clock.on(minutes=61)
    await robots.office.once()
    assert (await robots.states(name), group.posts) == ({"robot": ("technical_failure", "expired")}, [])
