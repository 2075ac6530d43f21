"""The call list: who stands on it for whom, whose number is given, how a call goes, and what ends it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete
from sqlmodel import col, select

from app import calls, checkins, messages, residents
from app.calls import CallClosed, CalledAlready
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from app.kit.ids import uuid7
from app.tasks.acting import UsedElsewhere
from models.audit import Act, AuditEvent
from models.calls import CallNumber, CallOutcome
from models.messages import DeliveryAttempt, State
from models.residents import Dependant, Resident
from models.staff import Role
from routers.kit.message_words import spoken
from tests import cast
from tests.app.calling import as_told, finish, listed, on_list
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio

NOT_REACHED, WRONG, TOLD = CallOutcome.NOT_REACHED, CallOutcome.WRONG_NUMBER, CallOutcome.TOLD


async def number(house: House, who: Person, call: UUID) -> CallNumber:
    me = await cast.on_duty(house, who)
    async with house.database.writing() as db:
        return await calls.number(db, me, call, "en")


# --- who stands on it -------------------------------------------------------------------------------------------------


async def test_urgent_stands_first_then_the_oldest_and_who_was_tried_three_times_last(
    house: House, village: Village
) -> None:
    tried = await on_list(house, village.mei.person_id, hours=9)
    for _ in range(3):
        assert (await finish(house, village.li, tried, NOT_REACHED)).state is State.PENDING
    young = await on_list(house, village.child.person_id)
    old = await on_list(house, village.father.person_id, hours=3)
    urgent = await on_list(house, village.zhou.person_id, urgent=True)
    assert await listed(house, village.li) == [urgent, old, young, tried]


@pytest.mark.proves("T03")
async def test_a_list_holds_those_whom_one_looks_after_and_nobody_else(house: House, village: Village) -> None:
    here = await on_list(house, village.father.person_id)
    there = await on_list(house, village.qian.person_id)
    assert await listed(house, village.li) == [here]
    assert await listed(house, village.wu) == [there]
    assert set(await listed(house, village.chen)) == {here, there}
    clerk = await cast.appoint(house, "文书", Role.ADMINISTRATOR, village.code)
    with pytest.raises(NotFound):
        await listed(house, clerk)
    for act in (finish, number):
        with pytest.raises(NotFound):
            await act(house, village.wu, here)  # type: ignore[operator]


async def test_a_message_of_another_place_stands_with_who_looks_after_the_person(
    house: House, village: Village
) -> None:
    call = await on_list(house, village.father.person_id, region_code=village.other_grid)
    assert await listed(house, village.li) == [call]
    assert await listed(house, village.wu) == []


async def test_what_has_gone_is_over_or_was_told_stands_there_no_more(house: House, village: Village) -> None:
    now, father = clock.now(), village.father.person_id
    for gone in ({"cancelled_at": now}, {"expires_at": now}):
        call = await on_list(house, father, **gone)
        for act in (finish, number):
            with pytest.raises(CallClosed):
                await act(house, village.li, call)  # type: ignore[operator]
    await finish(house, village.li, await on_list(house, father))
    assert await listed(house, village.li) == []


async def test_more_than_a_hundred_are_counted_not_shown(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "MOST", 2)
    for someone in (village.mei, village.father, village.child, village.zhou):
        await on_list(house, someone.person_id)
    me = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        found = await calls.listed(db, me, "en")
        assert (len(found.items), found.more, await calls.waiting(db, me)) == (2, 2, 4)


async def test_somebody_stands_there_once_with_everything_they_are_to_be_told(house: House, village: Village) -> None:
    father = village.father.person_id
    old, urgent = await on_list(house, father, hours=3), await on_list(house, father, urgent=True)
    young = await on_list(house, father, hours=1)
    await on_list(house, village.mei.person_id)
    me = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        found = await calls.listed(db, me, "en")
        assert (len(found.items), await calls.waiting(db, me)) == (2, 2)
    (line,) = [item for item in found.items if item.person.person_id == father]
    assert (line.id, [each.id for each in line.also]) == (urgent, [old, young])
    shown = await number(house, village.li, urgent)
    assert (shown.why, [each.id for each in shown.also]) == (line.why, [old, young])
    assert shown.why.endswith("(morning) has not arrived")


async def test_one_conversation_ends_everything_that_was_told_in_it_and_nothing_else(
    house: House, village: Village
) -> None:
    father = village.father.person_id
    first, second, third = [await on_list(house, father, hours=hours) for hours in (3, 2, 1)]
    gone = await on_list(house, father, cancelled_at=clock.now())
    name = uuid7()
    for _ in range(2):
        await finish(house, village.li, first, NOT_REACHED, id=name, also=[second, gone])
    assert [(await as_told(house, call))[0].attempts for call in (first, second, third, gone)] == [1, 1, 0, 0]
    await finish(house, village.li, second, TOLD, also=[first])
    states = [(await as_told(house, call))[0].state for call in (first, second, third, gone)]
    assert states == ["delivered", "delivered", "pending", "pending"]
    mine, hers = await on_list(house, village.mei.person_id), await on_list(house, village.qian.person_id)
    with pytest.raises(Invalid) as refused:
        await finish(house, village.li, third, TOLD, also=[mine])
    assert [fault.field for fault in refused.value.faults] == ["also"]
    await finish(house, village.li, third, TOLD, also=[hers])  # of another grid: not theirs to end
    assert [(await as_told(house, call))[0].attempts for call in (third, mine, hers)] == [1, 0, 0]


async def test_opening_the_list_is_logged_with_how_many_and_an_empty_one_is_not(house: House, village: Village) -> None:
    await listed(house, village.li)
    await on_list(house, village.father.person_id)
    await listed(house, village.li)
    async with house.database.reading() as db:
        looks = select(AuditEvent).where(
            AuditEvent.account_id == village.li.token.account, AuditEvent.act == "saw_list"
        )
        (look,) = (await db.exec(looks)).all()
    assert (look.place_code, '"calls"' in str(look.facts)) == (village.grid, True)


# --- whose number -----------------------------------------------------------------------------------------------------


async def without_phone(house: House, person: UUID) -> None:
    async with house.database.writing() as db:
        (row,) = await db.exec(residents.own(select(Resident), [person]))
        row.phone_sealed = None
        db.add(row)


async def looked_up(house: House, person: UUID) -> int:
    async with house.database.reading() as db:
        found = select(AuditEvent).where(AuditEvent.person_id == person, AuditEvent.act == Act.REVEALED_PHONE)
        return len((await db.exec(found)).all())


async def test_ones_own_number_comes_before_that_of_who_reports(house: House, village: Village) -> None:
    found = await number(house, village.li, await on_list(house, village.mei.person_id))
    assert (found.whose, found.phone, found.reporter) == ("own", village.mei.phone, None)
    assert await looked_up(house, village.mei.person_id) == 1


@pytest.mark.parametrize("shared", [True, False])
async def test_for_who_has_no_phone_the_one_who_reports_is_rung_up_and_both_can_see_it(
    house: House, village: Village, shared: bool
) -> None:
    if not shared:
        await without_phone(house, village.father.person_id)
    found = await number(house, village.li, await on_list(house, village.father.person_id))
    assert (found.name, found.whose, found.phone, found.reporter) == (
        village.father.name, "reporter", village.mei.phone, village.mei.name,
    )  # fmt: skip
    assert [await looked_up(house, someone.person_id) for someone in (village.father, village.mei)] == [1, 1]


async def test_where_nobody_has_a_number_the_page_says_so(house: House, village: Village) -> None:
    await without_phone(house, village.father.person_id)
    async with house.database.writing() as db:
        await db.exec(delete(Dependant).where(col(Dependant.person_id) == village.father.person_id))
    found = await number(house, village.li, await on_list(house, village.father.person_id))
    assert (found.whose, found.phone) == ("nobody", None)


# --- how it goes ------------------------------------------------------------------------------------------------------


async def test_told_is_delivered_read_and_who_called_is_known(house: House, village: Village) -> None:
    call = await on_list(house, village.father.person_id)
    ended = await finish(house, village.li, call)
    assert (ended.state, ended.tries) == (State.DELIVERED, 1)
    row, message = await as_told(house, call)
    assert (row.state, row.code, message.read_at is not None) == ("delivered", "told", True)
    async with house.database.reading() as db:
        (tried,) = (await db.exec(select(DeliveryAttempt).where(DeliveryAttempt.delivery_id == call))).all()
    assert (tried.by_account, tried.state) == (village.li.token.account, "delivered")


async def test_the_same_act_twice_is_one_try_and_its_id_means_nothing_else(house: House, village: Village) -> None:
    call, name = await on_list(house, village.father.person_id), uuid7()
    for _ in range(2):
        assert (await finish(house, village.li, call, NOT_REACHED, id=name)).tries == 1
    with pytest.raises(UsedElsewhere):
        await finish(house, village.li, call, TOLD, id=name)
    with pytest.raises(UsedElsewhere):
        await finish(house, village.chen, call, NOT_REACHED, id=name)
    told = uuid7()
    for _ in range(2):
        assert (await finish(house, village.li, call, TOLD, id=told)).state is State.DELIVERED


async def test_who_comes_second_reads_who_was_quicker(house: House, village: Village) -> None:
    call = await on_list(house, village.father.person_id)
    done = await asyncio.gather(
        *(finish(house, who, call) for who in (village.li, village.chen)), return_exceptions=True
    )
    (late,) = [one for one in done if isinstance(one, Exception)]
    assert isinstance(late, CalledAlready)
    assert late.params["name"] in {"李桂芳", "陈国平"}
    assert (await as_told(house, call))[0].attempts == 1
    first = village.li if late.params["name"] == "李桂芳" else village.chen
    with pytest.raises(CallClosed):
        await finish(house, first, call, WRONG)


async def test_a_wrong_number_ends_it_for_good(house: House, village: Village) -> None:
    call = await on_list(house, village.mei.person_id)
    assert (await finish(house, village.li, call, WRONG)).state is State.PERMANENT_FAILURE
    row, message = await as_told(house, call)
    assert (row.code, message.read_at) == ("wrong-number", None)


async def test_a_call_of_before_its_end_may_be_written_down_after_it(house: House, village: Village) -> None:
    now = clock.now()
    call = await on_list(house, village.father.person_id, expires_at=now - timedelta(minutes=5))
    for moment in (now - timedelta(hours=49), now + timedelta(minutes=6)):
        with pytest.raises(Invalid):
            await finish(house, village.li, call, filled_at=moment)
    with pytest.raises(CallClosed):
        await finish(house, village.li, call, filled_at=now - timedelta(minutes=4))
    ended = await finish(house, village.li, call, filled_at=now - timedelta(minutes=6))
    assert ended.state is State.DELIVERED
    assert (await as_told(house, call))[0].started_at == now - timedelta(minutes=6)


async def test_a_report_ends_the_call(house: House, village: Village) -> None:
    call = await on_list(house, village.father.person_id, day=clock.today(), slot=0)
    await checkins.submit(house.writer, village.mei.viewer, cast.report(person_id=village.father.person_id))
    async with house.database.writing() as db:
        await checkins.close_reported(db)
    assert (await as_told(house, call))[0].state == State.CANCELLED
    with pytest.raises(CallClosed):
        await finish(house, village.li, call)


# --- why --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "changes", "said"),
    [
        (None, {}, "Stands on the list of people to call."),
        (NOT_REACHED, {}, "Stands on the list of people to call. Nobody answered the call."),
        (TOLD, {}, "Told on the phone."),
        (WRONG, {}, "The number was wrong, or somebody else's. It has to be put right."),
        (None, {"expires_at": clock.now()}, "Nobody was reached by telephone before its time was over."),
    ],
)
async def test_why_says_what_came_of_the_call(
    house: House, village: Village, outcome: CallOutcome | None, changes: dict[str, object], said: str
) -> None:
    account = village.mei.token.account
    call = await on_list(house, village.mei.person_id, account=account, **changes)
    if outcome is not None:
        await finish(house, village.li, call, outcome)
    message = (await as_told(house, call))[1]
    async with house.database.reading() as db:
        found = await messages.why(db, village.mei.viewer, message.id, "en")
    spoken("en", [found])
    (way,) = [way for way in found.ways if way.channel == "call"]
    assert way.said == said
    tries = [said.removeprefix("Stands on the list of people to call. ")] if outcome else []
    assert [each.said for each in way.tries] == tries
