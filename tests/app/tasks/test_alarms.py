"""Alarms: heard at any hour whatever became of them, and raised again after they were seen to."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from app import checkins, messages, tasks
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from models.messages import Message
from models.staff import Role
from models.tasks import Kind, Outcome, Task, TaskAct, TaskFinish, TaskHandOver
from tests import cast
from tests.app.staffing import post_of
from tests.app.tasks.test_doing import act
from tests.app.tasks.work import again, climb, history, opened
from tests.cast import Village

pytestmark = pytest.mark.anyio


async def alarms(house: House, village: Village, person: UUID | None = None) -> list[Task]:
    async with house.database.reading() as db:
        return list(await db.exec(select(Task).where(Task.person_id == (person or village.mei.person_id))))


async def test_an_alarm_after_the_first_was_seen_to_is_another_task(house: House, village: Village) -> None:
    await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=38.6))
    await climb(house)
    (first,) = await alarms(house, village)
    await act(house, village.li, tasks.finish, first, TaskFinish(id=uuid7(), outcome=Outcome.REACHED))
    worse = cast.report(temperature=40.5)
    for _ in range(2):  # a phone that heard no answer sends it again
        await checkins.submit(house.writer, village.mei.viewer, worse)
    await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=40.6))
    await climb(house)
    states = sorted(task.state for task in await alarms(house, village))
    assert states == ["done", "offered"]


async def told_urgently(house: House, task: Task) -> dict[str, bool]:
    async with house.database.reading() as db:
        rows = await db.exec(select(Message.template, Message.urgent).where(Message.subject == task.id))
        return dict(rows.all())


async def test_of_an_alarm_people_hear_at_any_hour_whatever_became_of_it(house: House, village: Village) -> None:
    alarm = await opened(house, village.grid, village.mei.person_id, kind=Kind.URGENT_REPORT)
    visit = await opened(house, village.grid)
    to = (await post_of(house, await cast.appoint(house, "孙红梅", Role.GRID_WORKER, village.grid))).id
    for task in (alarm, visit):
        await act(house, village.chen, tasks.hand_over, task, TaskHandOver(id=uuid7(), post_id=to))
    assert (await told_urgently(house, alarm))["task_handed_over"]
    assert not (await told_urgently(house, alarm))["task_taken"]
    assert not (await told_urgently(house, visit))["task_handed_over"]


async def test_while_an_alarm_is_open_whoever_has_it_hears_of_each_further_urgent_report_once(
    house: House, village: Village
) -> None:
    await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=38.6))
    await climb(house)
    (alarm,) = await alarms(house, village)
    await act(house, village.li, tasks.accept, alarm, TaskAct(id=uuid7()))
    worse, worst = cast.report(temperature=39.5), cast.report(temperature=40.5)
    for report in (worse, worse, cast.report(temperature=36.6), worst, worst):  # sent again, and a harmless one
        await checkins.submit(house.writer, village.mei.viewer, report)
    assert (await history(house, alarm))[2:] == ["accepted", "reported_again", "reported_again"]
    assert [task.id for task in await alarms(house, village)] == [alarm.id]
    async with house.database.reading() as db:
        further = select(Message).where(Message.subject == alarm.id, Message.template == "task_again")
        told = (await db.exec(further)).all()
        assert {row.post_id for row in told} == {village.post}
        texts = [messages.words_of(db, row, lang)[1].text for row in told for lang in ("zh", "en")]
    assert (len(told), all(row.urgent for row in told)) == (2, True)
    assert not any(said in text for text in texts for said in ("39.5", "40.5", village.mei.name))
    assert (await again(house, alarm)).state == "accepted"


async def test_two_people_whose_phones_made_the_same_id_are_two_reports(house: House, village: Village) -> None:
    worse = cast.report(temperature=39.5)
    for who in (village.mei, village.qian):
        for report in (cast.report(temperature=38.6), worse):
            await checkins.submit(house.writer, who.viewer, report)
        alarm = (await alarms(house, village, who.person_id))[0]
        assert await history(house, alarm) == ["reported_again"]


async def test_before_anybody_has_the_alarm_the_history_alone_keeps_it(house: House, village: Village) -> None:
    for temperature in (38.6, 39.5):
        await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=temperature))
    await climb(house)
    (alarm,) = await alarms(house, village)
    assert await history(house, alarm) == ["reported_again", "opened", "offered"]
    assert set(await told_urgently(house, alarm)) == {"task_urgent"}


async def test_of_two_alarms_the_one_that_is_due_first_stands_first_whatever_its_building(
    house: House, village: Village
) -> None:
    now = clock.now()
    for person, hours in ((village.father, 3), (village.mei, 1), (village.child, 2)):
        due = now + timedelta(hours=hours)
        await opened(house, village.grid, person.person_id, kind=Kind.URGENT_REPORT, due_at=due)
    me = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        names = [item.person.name for item in (await tasks.my_day(db, me)).items if item.person]
    assert names == [person.name for person in (village.mei, village.child, village.father)]
