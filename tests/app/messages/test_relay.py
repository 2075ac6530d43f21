"""The relay: which way a message takes now, which later, and which never."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import messages
from app.kit.ids import uuid7
from app.messages import About, Telling, To
from app.messages.relay import Batch, Route, Way, company, quiet_until, route_of, unpacked
from models.messages import Channel, State
from tests.app.messages.posts import Clock, Post
from tests.cast import fresh_phone
from tests.gateways.aliyun import AliyunStandIn

pytestmark = pytest.mark.anyio

ALL = frozenset(Channel) - {Channel.CALL}
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
PUSH, SMS, WORK, CALL = Way(Channel.PUSH), Way(Channel.SMS), Way(Channel.WORK), Way(Channel.CALL, State.PENDING)


def row(**changes: Any) -> dict[str, Any]:
    usual = {
        "template": "report_missing", "account_id": uuid7(), "urgent": False, "channels": "push,sms,call",
        "expires_at": NOON + timedelta(hours=24), "quiet_from": None, "quiet_until": None, "push": True, "sms": True,
        "browsers": True,
    }  # fmt: skip
    return usual | changes


def test_a_push_rides_along_and_the_next_way_is_taken_with_it() -> None:
    assert route_of(row(), ALL, NOON) == Route((PUSH, SMS), (Channel.CALL,))
    assert route_of(row(browsers=False), ALL, NOON) == Route((SMS,), (Channel.CALL,))
    assert route_of(row(channels="call"), ALL, NOON) == Route((CALL,))


def test_what_is_switched_off_is_written_down_and_passed_by() -> None:
    off = Way(Channel.SMS, State.PERMANENT_FAILURE, "switched-off")
    assert route_of(row(sms=False), ALL, NOON) == Route((PUSH, off, CALL))
    assert route_of(row(sms=False, push=False), ALL, NOON).ways[0].code == "switched-off"
    assert route_of(row(sms=False, urgent=True), ALL, NOON) == Route((PUSH, SMS), (Channel.CALL,))


def test_a_channel_without_a_gateway_is_no_way_at_all() -> None:
    assert route_of(row(), frozenset(), NOON) == Route((CALL,))
    staff = row(template="notice", channels="push,work,sms")
    assert route_of(staff, frozenset({Channel.SMS}), NOON) == Route((SMS,))
    assert route_of(staff, ALL, NOON) == Route((PUSH, WORK), (Channel.SMS,))
    # Two ways, and neither is there: it lies in the inbox, and nothing has failed.
    assert route_of(row(template="direct_message", channels="push,work"), frozenset(), NOON) == Route()


def test_the_only_way_of_a_message_that_is_not_connected_is_a_failure_that_is_seen() -> None:
    none = Way(Channel.SMS, State.PERMANENT_FAILURE, "no-gateway")
    assert route_of(row(template="staff_invitation", channels="sms"), frozenset(), NOON) == Route((none,))


def test_what_nobody_wants_any_more_takes_no_way() -> None:
    assert route_of(row(expires_at=NOON), ALL, NOON) == Route()


@pytest.mark.parametrize(
    ("at", "quiet", "until"),
    [
        # 22:00 to 07:00, the usual: over midnight
        ("2026-11-23 21:59", None, None),
        ("2026-11-23 22:00", None, "2026-11-24 07:00"),
        ("2026-11-24 00:00", None, "2026-11-24 07:00"),
        ("2026-11-24 06:59", None, "2026-11-24 07:00"),
        ("2026-11-24 07:00", None, None),
        ("2026-12-31 23:59", None, "2027-01-01 07:00"),
        # within one day
        ("2026-11-23 13:30", (12 * 60, 14 * 60), "2026-11-23 14:00"),
        ("2026-11-23 14:00", (12 * 60, 14 * 60), None),
        # none at all
        ("2026-11-23 23:30", (0, 0), None),
        ("2026-11-23 00:00", (480, 480), None),
    ],
)
def test_quiet_hours_end_when_they_end(at: str, quiet: tuple[int, int] | None, until: str | None) -> None:
    def instant(said: str) -> datetime:
        return datetime.fromisoformat(f"{said}:00+08:00").astimezone(UTC)

    starts, ends = quiet or (None, None)
    found = quiet_until({"quiet_from": starts, "quiet_until": ends}, instant(at))
    assert found == (instant(until) if until else None)
    routed = route_of(row(quiet_from=starts, quiet_until=ends, expires_at=None), ALL, instant(at))
    assert routed.due_at == found
    assert bool(routed.ways) == (found is None)
    urgent = row(quiet_from=starts, quiet_until=ends, expires_at=None, urgent=True)
    assert route_of(urgent, ALL, instant(at)).ways == (PUSH, SMS), "what is urgent wakes people up"


def test_a_batch_is_what_it_was_after_its_journey() -> None:
    batch = Batch(Channel.SMS, datetime(2026, 11, 23, 4, 5, 6, 789_012, tzinfo=UTC), [uuid7() for _ in range(100)])
    assert unpacked(batch.packed()) == batch
    assert [len(ids) for ids in batch.portions] == [100]
    suspected = replace(batch, together=10)
    assert unpacked(suspected.packed()) == suspected
    assert [len(ids) for ids in suspected.portions] == [10] * 10


def test_where_a_worker_has_died_the_company_gets_smaller() -> None:
    assert [company("sms", starts) for starts in (0, 1, 2, 3)] == [100, 10, 1, 1]
    assert [company("robot", starts) for starts in (0, 1, 2)] == [100, 100, 1]


# --- in the database -------------------------------------------------------------------------------------------------


@pytest.fixture
def evening(moved_clock: Clock) -> Iterator[Clock]:
    """23:30 in Shanghai."""
    moved_clock.fixed = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    return moved_clock


async def test_a_reminder_of_the_night_goes_out_in_the_morning_and_a_code_at_once(
    one: Post, aliyun_stand_in: AliyunStandIn, evening: Clock
) -> None:
    asleep = await one.account(quiet_from=22 * 60, quiet_until=7 * 60)
    reminder, code = await one.missing(asleep.id), await one.code(phone := fresh_phone())
    await one.office.once()
    assert [taken.phone for taken in aliyun_stand_in.taken] == [phone]
    assert await one.state(code) == "pending"
    assert (await one.message(reminder)).due_at == datetime(2026, 11, 23, 23, tzinfo=UTC)
    evening.on(hours=7, minutes=30)
    await one.office.once()
    assert await one.state(reminder) == "pending"


async def test_who_has_no_phone_is_called(one: Post) -> None:
    async with one.house.database.writing() as db:
        message = await messages.tell(
            db, To(), "report_missing", {"day": "2026-11-23", "slot": "am", "number": "1"}, About(person_id=uuid7())
        )
    await one.office.once()
    assert await one.states(message) == {"call": ("pending", "")}
    assert (await one.delivery(message, "call")).next_at is None, "nobody carries it but people"


async def test_what_is_urgent_overtakes_thousands_that_wait(one: Post, aliyun_stand_in: AliyunStandIn) -> None:
    async with one.house.database.writing() as db:
        facts = {"day": "2026-11-23", "slot": "day", "number": "1"}
        many = [Telling(To(phone=fresh_phone()), facts) for _ in range(5_000)]
        await messages.tell_many(db, "report_missing", many)
    await one.carriers.renew()
    relay = one.office.relay
    while await relay.route():
        continue
    for _ in range(5):
        await relay.queue()
    jobs = (await one.sql("SELECT count(*) FROM pgqueuer WHERE status = 'queued'")).scalar_one()
    assert 40 <= jobs < 60, "the queue is kept short"
    await one.code(phone := fresh_phone())
    await relay.move()
    await one.office._drain()
    first = [taken.phone for taken in list(aliyun_stand_in.taken)[:900]]
    assert phone in first, "it went with the first batches, not behind them all"


async def test_a_queue_that_was_lost_is_filled_again_after_five_minutes(
    one: Post, aliyun_stand_in: AliyunStandIn, moved_clock: Clock
) -> None:
    message = await one.code()
    await one.office.relay.move()
    await one.sql("DELETE FROM pgqueuer")  # as after a crash of the database: the table is not logged
    await one.office.once()
    assert await one.state(message) == "created"
    moved_clock.on(minutes=5, seconds=1)
    await one.office._rearm()
    await one.office.once()
    assert await one.state(message) == "pending"


async def test_a_long_queue_is_not_queued_twice(one: Post, moved_clock: Clock) -> None:
    await one.code()
    await one.office.relay.move()
    moved_clock.on(minutes=6)
    assert await one.office._counter.rearm(timedelta(minutes=5)) == 0, "its job is still there"
    await one.sql("UPDATE pgqueuer SET created = created + interval '10 minutes'")
    assert await one.office._counter.rearm(timedelta(minutes=5)) == 1
