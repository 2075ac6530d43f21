"""Why a reminder went out, or not: step by step of the ladder, for the person and for whoever looks after them."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import select

from app import checkins, reminders
from app.checkins import chasing
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from models.audit import Act, AuditEvent
from models.messages.schemas import RemindersFound, SlotPublic
from routers.kit.message_words import told
from tests import cast
from tests.app.tasks.work import climb
from tests.cast import Person, Village

# The choice of an owner still asks for DISTINCT ON in the old way.
pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore:Passing expression to")]


def yesterday() -> date:
    return clock.today() - timedelta(days=1)


async def chased(house: House) -> None:
    """Take every step that is due, also for people who were registered after others were chased."""
    async with house.database.writing() as db:
        await db.exec(text("DELETE FROM chase"))
        await chasing.tick(db)


async def own(house: House, me: Person, person: UUID | None = None, day: date | None = None) -> RemindersFound:
    async with house.database.reading() as db:
        asked = reminders.Asked(day or yesterday(), "en")
        return told("en", await reminders.own(db, me.viewer, house.rules, (person, asked)))


def outcomes(slot: SlotPublic) -> list[str]:
    return [step.outcome for step in slot.steps]


async def test_who_did_not_report_was_reminded_and_each_step_says_whom_it_told(house: House, village: Village) -> None:
    await chased(house)
    (slot,) = (await own(house, village.mei)).slots
    assert outcomes(slot)[:3] == ["told", "nobody", "done"]
    (message,) = slot.steps[0].messages
    assert (message.to, message.template) == ("self", "report_missing")
    assert slot.steps[1].said == "Not sent: nobody reports for this person."
    assert "It has not come yet" in slot.said


async def test_a_step_for_a_task_says_when_it_was_taken_and_not_when_it_should_have_been(
    house: House, village: Village
) -> None:
    await chased(house)
    began = clock.now()
    await climb(house)
    # Of yesterday's report the task climbs at four in the morning; before that the day before is looked at.
    climbed = clock.midnight(clock.today()) + timedelta(hours=4) < began
    (slot,) = (await own(house, village.mei, day=yesterday() - timedelta(days=0 if climbed else 1))).slots
    late = [step for step in slot.steps if step.act == "climb" and step.due_at <= began]
    assert late
    for step in late:
        assert step.taken_at is not None
        assert began <= step.taken_at <= clock.now()
        assert step.said.startswith("Done at ")


async def test_about_a_father_without_a_phone_the_daughter_is_told(house: House, village: Village) -> None:
    await chased(house)
    (slot,) = (await own(house, village.mei, village.father.person_id)).slots
    assert [(one.to, one.template) for step in slot.steps[:2] for one in step.messages] == [
        ("household", "report_missing_household"), ("household", "report_missing_household"),
    ]  # fmt: skip


async def test_a_report_that_came_in_time_is_why_nothing_went_out(house: House, village: Village) -> None:
    noon = clock.midnight(yesterday()) + timedelta(hours=12)
    report = cast.report(day=yesterday(), filled_at=noon if noon > clock.now() - timedelta(hours=47) else None)
    await checkins.submit(house.writer, village.mei.viewer, report)
    async with house.database.writing() as db:
        moved = "UPDATE checkin SET received_at = :at WHERE person_id = :person"
        asked = {"at": noon, "person": village.mei.person_id}
        await db.exec(text(moved), params=asked, execution_options={"scope": "test"})
    await chased(house)
    (slot,) = (await own(house, village.mei)).slots
    # The last step is due a day later: not there yet, at most hours of the day.
    assert outcomes(slot)[0] == "reported"
    now = clock.now()
    assert outcomes(slot) == ["reported" if step.due_at <= now else "spared" for step in slot.steps]
    assert "It came at" in slot.said
    assert slot.steps[0].said == "Not sent: the report had come by then."


async def test_before_the_cut_off_nobody_is_reminded(house: House, village: Village) -> None:
    found = await own(house, village.mei, day=clock.today())
    (slot,) = found.slots
    if slot.due_at > clock.now():
        assert set(outcomes(slot)) == {"waits"}
        assert "Nobody is reminded before that" in slot.said


async def test_who_was_registered_afterwards_was_not_asked(house: House, village: Village) -> None:
    await chased(house)
    (slot,) = (await own(house, village.mei, day=clock.today() - timedelta(days=27))).slots
    assert slot.asked
    fresh = await cast.settle(house, "新来", village.grid)
    async with house.database.writing() as db:
        late = "UPDATE resident SET created_at = :at WHERE person_id = :person"
        asked = {"at": clock.now(), "person": fresh.person_id}
        await db.exec(text(late), params=asked, execution_options={"scope": "test"})
    (slot,) = (await own(house, fresh)).slots
    assert (slot.asked, set(outcomes(slot))) == (False, {"not_then"})
    assert "was not asked for" in slot.said


async def test_days_before_anybody_looked_are_counted_only(house: House, village: Village) -> None:
    (slot,) = (await own(house, village.mei, day=clock.today() - timedelta(days=5))).slots
    assert set(outcomes(slot)) == {"too_late", "closed"}


async def test_who_reports_twice_has_two_ladders(house: House, village: Village) -> None:
    found = await own(house, village.zhou)
    assert [slot.slot for slot in found.slots] == ["am", "pm"]


@pytest.mark.parametrize("back", [-1, 28, 400])
async def test_days_outside_four_weeks_are_refused(house: House, village: Village, back: int) -> None:
    with pytest.raises(Invalid) as refused:
        await own(house, village.mei, day=clock.today() - timedelta(days=back))
    assert [fault.field for fault in refused.value.faults] == ["day"]


@pytest.mark.proves("T03")
async def test_only_the_household_and_who_looks_after_them_may_ask_and_staff_are_written_down(
    house: House, village: Village
) -> None:
    father = village.father.person_id
    for other in (village.qian, village.nobody, village.li):
        with pytest.raises(NotFound):
            await own(house, other, father)
    asked = reminders.Asked(None, "en")
    async with house.database.writing() as db:
        for outside in (village.wu, village.qian):
            with pytest.raises(NotFound):
                await reminders.of(db, await cast.on_duty(house, outside), house.rules, (father, asked))
        found = await reminders.of(db, await cast.on_duty(house, village.li), house.rules, (father, asked))
        assert found.person_id == father
        looks = await db.exec(select(AuditEvent.act).where(AuditEvent.person_id == father))
        assert Act.SAW_PERSON in looks.all()


async def test_staff_read_of_the_daughter_neither_name_nor_number(house: House, village: Village) -> None:
    await chased(house)
    asked = reminders.Asked(yesterday(), "zh")
    async with house.database.writing() as db:
        me = await cast.on_duty(house, village.chen)
        found = await reminders.of(db, me, house.rules, (village.father.person_id, asked))
    said = told("zh-Hans", found).model_dump_json()
    assert village.mei.phone not in said
    assert "王小梅" not in said
    assert str(village.mei.token.account) not in said
