"""Why a message went out, or did not: rule, data, ways, tries, what comes next; and the facts of nobody else."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from app import messages
from app.house import House
from app.kit import clock
from app.messages.desk import Desk
from app.messages.relay import Relay
from models.messages import Channel, Message, State
from models.messages.schemas import PreferenceChange, WhyPublic
from routers.kit.message_words import spoken
from tests.app.messages.telling import sent, tell
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio


async def why(house: House, someone: Person, name: UUID, lang: str = "en") -> WhyPublic:
    async with house.database.reading() as db:
        found = await messages.why(db, someone.viewer, name, lang)
    spoken(lang, [found])
    return found


async def route(house: House, *ways: Channel) -> None:
    """Let the relay take the next way of everything that is due."""
    desk = Desk(house.database.dsn)
    while await Relay(desk, frozenset(ways)).route():
        pass
    await desk.close()


async def change(house: House, name: UUID, **values: object) -> None:
    async with house.database.writing() as db:
        await db.exec(update(Message).where(col(Message.id) == name).values(**values))


async def awake(house: House, someone: Person, **changes: object) -> None:
    """No quiet hours, whatever time it is."""
    words = {"lang": "zh", "quiet_from": "00:00", "quiet_until": "00:00", "push": True, "sms": True}
    async with house.database.writing() as db:
        await messages.prefer(db, someone.viewer, PreferenceChange.model_validate(words | changes))


async def test_rule_version_step_and_data_stand_in_words(house: House, village: Village) -> None:
    found = await why(house, village.mei, await tell(house, village.mei), "zh-Hans")
    assert found.reason is not None
    assert found.reason.model_dump() == {"rule": "missing_report", "version": "1", "step": 1}
    assert "第 1 版第 1 步" in found.because
    assert set(found.data) == {"day", "slot", "number"}
    assert found.to == "self"
    assert (found.left, found.waits_until is not None) == ([Channel.PUSH, Channel.SMS, Channel.CALL], True)


async def test_each_try_is_told_and_the_next_one_named(house: House, village: Village) -> None:
    name = await tell(house, village.mei)
    await change(house, name, due_at=None, channels="call")
    await sent(house, name, (State.TEMPORARY_FAILURE, "http-503"), (State.TEMPORARY_FAILURE, "timeout"))
    found = await why(house, village.mei, name)
    push, sms = found.ways
    assert [each.said for each in sms.tries] == [
        "Did not go through; it is tried again. The provider was out of order.",
        "Did not go through; it is tried again. No answer came in time.",
    ]
    assert (push.channel, push.state, push.said) == (
        Channel.PUSH, None, "No browser of this account takes notifications.",
    )  # fmt: skip
    assert found.following.startswith("The next try is at ")


async def test_a_way_that_is_switched_off_or_not_connected_says_so(house: House, village: Village) -> None:
    await awake(house, village.mei, sms=False)
    await awake(house, village.qian)
    off, shut = await tell(house, village.mei), await tell(house, village.qian)
    await route(house, Channel.SMS)
    push, sms, call = (await why(house, village.mei, off)).ways
    assert (sms.code, sms.said) == ("switched-off", "Not sent this way. This way is switched off in the settings.")
    assert call.said == "Stands on the list of people to call."
    assert push.code == "no-browser"
    assert (await why(house, village.qian, shut)).ways[1].state is State.CREATED
    dark = await tell(house, village.qian)
    await route(house)
    _, sms, call = (await why(house, village.qian, dark)).ways
    assert (sms.state, sms.said, call.state) == (
        None, "Not tried: this way is not connected here, or was not meant for this message.", State.PENDING,
    )  # fmt: skip
    nothing = await tell(house, village.qian, "direct_message")
    await route(house)
    found = await why(house, village.qian, nothing)
    assert [(way.channel, way.state, way.code) for way in found.ways] == [
        (Channel.PUSH, None, "no-browser"), (Channel.WORK, None, "passed-by"),
    ]  # fmt: skip
    assert found.following == "Nothing more is to be sent."


async def test_quiet_hours_are_told_with_their_end_and_urgent_ones_do_not_wait(house: House, village: Village) -> None:
    local = clock.local(clock.now())
    until = local + timedelta(hours=3)
    await awake(house, village.mei, quiet_from=f"{local:%H:%M}", quiet_until=f"{until:%H:%M}")
    calm, urgent = await tell(house, village.mei), await tell(house, village.mei, "factor_reset")
    await route(house, Channel.SMS)
    found = await why(house, village.mei, calm)
    assert (found.quiet, found.ways) == (True, [])
    assert f"{until:%H:%M}" in found.following
    assert [way.state for way in (await why(house, village.mei, urgent)).ways] == [State.CREATED]


async def test_a_report_that_came_ends_it(house: House, village: Village) -> None:
    name = await tell(house, village.mei)
    await sent(house, name)
    async with house.database.writing() as db:
        await messages.cancel(db, [name])
    found = await why(house, village.mei, name)
    assert (found.left, found.waits_until, found.ways[-1].state) == ([], None, State.CANCELLED)
    assert "the report has come" in found.following


async def test_what_should_have_gone_out_long_ago_does_not_say_in_seconds(house: House, village: Village) -> None:
    name = await tell(house, village.mei)
    assert "seconds" in (await why(house, village.mei, name)).following
    await change(house, name, due_at=clock.now() - timedelta(minutes=5))
    assert "still waits" in (await why(house, village.mei, name)).following


async def test_what_is_over_says_so(house: House, village: Village) -> None:
    name = await tell(house, village.mei)
    await change(house, name, expires_at=clock.now() - timedelta(minutes=1), due_at=None, channels="")
    await sent(house, name, (State.TECHNICAL_FAILURE, "gave-up http-429"))
    found = await why(house, village.mei, name)
    assert found.following == "Its time is over: nothing more is sent."
    assert found.ways[-1].tries[0].said.endswith("It was tried until its time was over. The provider asked us to wait.")


async def test_sealed_facts_are_the_recipients_alone(house: House, village: Village) -> None:
    name = await tell(house, village.mei, "direct_message")
    assert (await why(house, village.mei, name)).data["sender"] == "金丝雀的名字"
    async with house.database.reading() as db:
        row = await db.get_one(Message, name)
        (others,) = await messages.answers(db, [row], "en")
    assert "sender" not in others.data
    assert "金丝雀" not in others.model_dump_json()


@pytest.mark.parametrize("reason", ["", "x", "/", "//", "task/1/", "task/1/²", "a/b/c/d"])
async def test_an_odd_reason_is_no_reason_to_fail(house: House, village: Village, reason: str) -> None:
    name = await tell(house, village.mei, about=messages.About(reason=reason))
    assert (await why(house, village.mei, name)).because


async def test_an_unknown_word_of_a_provider_is_shown_as_it_came(house: House, village: Village) -> None:
    name = await tell(house, village.mei)
    await sent(house, name, (State.TECHNICAL_FAILURE, "isv.BLACK_KEY"))
    assert "isv.BLACK_KEY" in (await why(house, village.mei, name)).ways[-1].said
