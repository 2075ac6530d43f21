"""Submitting, repeating, correcting and making up a report."""

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import col, select

from app import audit, checkins
from app.checkins import NotRegistered, Outcome
from app.house import House
from app.kit import clock
from app.kit.errors import Confirm, Invalid, KeyReused, NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from models.checkins import Checkin, CheckinCorrection, CheckinCreate, Slot, Verdict, Via
from tests import cast
from tests.cast import Village, report

pytestmark = pytest.mark.anyio

NORMAL, ATTENTION, URGENT = Verdict


async def submit(house: House, me: Viewer, form: CheckinCreate) -> Outcome:
    return await checkins.submit(house.writer, me, form)


async def insist(house: House, me: Viewer, form: CheckinCreate) -> Outcome:
    """Submit as a phone does: when the house is too busy for a moment, send the same report again."""
    try:
        return await submit(house, me, form)
    except PoolTimeout:
        return await insist(house, me, form)


async def stored(house: House, person: UUID) -> tuple[list[Checkin], list[CheckinCorrection]]:
    """First reports and corrections of a person, oldest first."""
    async with house.database.reading() as db:
        rows = []
        for table in (Checkin, CheckinCorrection):
            own = select(table).where(table.person_id == person).order_by(col(table.received_at))
            rows.append(list(await db.exec(own.execution_options(scope="test"))))
    return rows[0], rows[1]


class Hand:
    """A clock on the wall that a test sets."""

    def __init__(self) -> None:
        self.at = clock.now()

    def __call__(self) -> datetime:
        return self.at

    def set(self, day: date, hour: int, minute: int = 0) -> None:
        self.at = clock.midnight(day) + timedelta(hours=hour, minutes=minute)


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    moved = Hand()
    monkeypatch.setattr(clock, "now", moved)
    return moved


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "kind"),
    [
        ({"temperature": 12.0}, "temperature", Invalid), ({"temperature": 52.0}, "temperature", Invalid),
        ({"temperature": 33.9}, "temperature", Invalid), ({"temperature": 43.1}, "temperature", Invalid),
        ({"temperature": -36.6}, "temperature", Invalid), ({"temperature": 36.65}, "temperature", Invalid),
        ({"temperature": 366.0}, "temperature", Confirm), ({"temperature": 98.6}, "temperature", Confirm),
        ({"temperature": 34.9}, "temperature", Confirm), ({"temperature": 42.1}, "temperature", Confirm),
        ({"symptoms": ["none", "cough"]}, "symptoms", Invalid), ({"symptoms": ["plague"]}, "symptoms", Invalid),
        ({"needs": ["gold"]}, "needs", Invalid), ({"day": clock.today() + timedelta(days=7)}, "day", Invalid),
        ({"day": clock.today() - timedelta(days=4)}, "day", Invalid),
    ],
)  # fmt: skip
async def test_a_wrong_answer_is_named_and_nothing_is_stored(
    house: House, changes: dict[str, object], field: str, kind: type[Invalid]
) -> None:
    mei = (await cast.village(house)).mei
    with pytest.raises(kind) as refused:
        await submit(house, mei.viewer, report(**changes))
    assert [fault.field for fault in refused.value.faults] == [field]
    assert await stored(house, mei.person_id) == ([], [])


async def test_every_wrong_answer_is_named_at_once(house: House, village: Village) -> None:
    with pytest.raises(Invalid) as refused:
        await submit(house, village.mei.viewer, report(temperature=366.0, symptoms=["none", "cough", "x"], needs=["y"]))
    assert {fault.field for fault in refused.value.faults} == {"temperature", "symptoms", "needs"}


async def test_a_proposed_reading_comes_with_the_question(house: House, village: Village) -> None:
    for typed, proposed in ((366.0, 36.6), (98.6, 37.0), (34.5, 34.5)):
        with pytest.raises(Confirm) as asked:
            await submit(house, village.mei.viewer, report(temperature=typed))
        assert asked.value.extra == {"proposed": {"temperature": proposed}}
    low = await submit(house, village.mei.viewer, report(temperature=34.5, temperature_confirmed=True))
    assert low.receipt.temperature == 34.5


@pytest.mark.proves("T01")
async def test_nobody_reports_for_a_stranger(house: House, village: Village) -> None:
    strangers = [village.zhou.person_id, village.qian.person_id, uuid7()]
    for me in (village.mei, village.nobody, village.wu):
        viewer = await cast.on_duty(house, me)
        for person in strangers:
            if me is village.wu and person == village.qian.person_id:
                continue
            with pytest.raises(NotFound):
                await submit(house, viewer, report(person_id=person))
    assert await stored(house, village.zhou.person_id) == ([], [])
    with pytest.raises(NotRegistered):
        await submit(house, village.nobody.viewer, report())


async def test_the_same_id_with_other_answers_is_refused(house: House, village: Village) -> None:
    mei, name = village.mei, uuid7()
    await submit(house, mei.viewer, report(id=name, note="好"))
    for changes in ({"temperature": 36.7}, {"temperature": None}, {"symptoms": ["cough"]}, {"exposed": "yes"},
                    {"place": "home"}, {"needs": ["food"]}, {"note": "不好"}, {"note": None}):  # fmt: skip
        with pytest.raises(KeyReused) as refused:
            await submit(house, mei.viewer, report(**({"id": name, "note": "好"} | changes)))
        assert [fault.field for fault in refused.value.faults] == ["id"]
    corrected = await submit(house, mei.viewer, report(temperature=36.8))
    with pytest.raises(KeyReused):
        await submit(house, mei.viewer, report(id=corrected.receipt.id, temperature=36.9))
    assert len((await stored(house, mei.person_id))[1]) == 1


# --- the same again --------------------------------------------------------------------------------------------------


async def test_the_same_report_again_is_the_first_receipt_and_one_row(house: House, village: Village) -> None:
    form = report(temperature=36.6, note=" 一切都好 ", needs=["food", "medicine"], place="home")
    first = await submit(house, village.mei.viewer, form)
    assert first.new
    for _ in range(3):
        again = await submit(house, village.mei.viewer, form)
        assert (again.new, again.receipt) == (False, first.receipt)
    assert [len(rows) for rows in await stored(house, village.mei.person_id)] == [1, 0]


@pytest.mark.proves("R18")
async def test_a_hundred_sends_of_one_report_at_once_are_one_row(house: House, village: Village) -> None:
    form = report()
    outcomes = await asyncio.gather(*(insist(house, village.mei.viewer, form) for _ in range(100)))
    assert sum(outcome.new for outcome in outcomes) == 1
    assert len({outcome.receipt.model_dump_json() for outcome in outcomes}) == 1
    assert [len(rows) for rows in await stored(house, village.mei.person_id)] == [1, 0]


@pytest.mark.proves("R18")
async def test_a_hundred_reports_at_once_are_one_row_and_ninety_nine_corrections(
    house: House, village: Village
) -> None:
    forms = [report(temperature=36.0 + number / 10 % 1) for number in range(100)]
    outcomes = await asyncio.gather(*(insist(house, village.mei.viewer, form) for form in forms))
    firsts, corrections = await stored(house, village.mei.person_id)
    assert (len(firsts), len(corrections)) == (1, 99)
    assert {row.id for row in (*firsts, *corrections)} == {form.id for form in forms}
    assert all(outcome.new for outcome in outcomes)
    assert {outcome.receipt.corrects for outcome in outcomes} == {None, firsts[0].id}


async def test_one_id_of_two_people_is_two_reports(house: House, village: Village) -> None:
    form = report()
    for person in (village.mei, village.qian):
        assert (await submit(house, person.viewer, form)).new
    assert [len(rows) for rows in await stored(house, village.qian.person_id)] == [1, 0]


@pytest.mark.proves("R12")
@pytest.mark.parametrize("filled", [None, -5, 3, 90], ids=["no fill time", "before", "clock ahead", "clock far ahead"])
async def test_a_reply_lost_over_midnight_does_not_make_a_second_day(
    house: House, village: Village, hand: Hand, filled: int | None
) -> None:
    today = clock.today()
    hand.set(today, 23, 58)
    at = None if filled is None else hand.at + timedelta(minutes=filled)
    form = report(filled_at=at)
    first = await submit(house, village.mei.viewer, form)
    assert first.receipt.day == today
    for hour, minute in ((24, 0), (24, 3), (26, 0), (34, 0)):
        hand.set(today, hour, minute)
        again = await submit(house, village.mei.viewer, form)
        assert (again.new, again.receipt) == (False, first.receipt)
    assert [len(rows) for rows in await stored(house, village.mei.person_id)] == [1, 0]


# --- corrections -----------------------------------------------------------------------------------------------------


async def test_correcting_a_fever_does_not_erase_the_alert(house: House, village: Village) -> None:
    me = village.mei.viewer
    first = await submit(house, me, report(temperature=38.6))
    second = await submit(house, me, report(temperature=36.8))
    assert first.receipt.verdict is URGENT
    assert (second.new, second.receipt.verdict, second.receipt.highest_verdict) == (True, NORMAL, URGENT)
    assert second.receipt.corrects == first.receipt.id
    firsts, corrections = await stored(house, village.mei.person_id)
    assert [float(row.temperature) for row in (*firsts, *corrections)] == [38.6, 36.8]


async def test_a_correction_sent_again_is_the_same_receipt_alert_included(
    house: House, village: Village, hand: Hand
) -> None:
    hand.set(clock.today(), 8)
    await submit(house, village.mei.viewer, report(temperature=38.6))
    form = report(temperature=36.8, filled_at=hand.at)
    corrected = await submit(house, village.mei.viewer, form)
    for later in (timedelta(minutes=1), timedelta(hours=3), timedelta(hours=20)):
        hand.at += later
        again = await submit(house, village.mei.viewer, form)
        assert (again.new, again.receipt) == (False, corrected.receipt)
    assert [len(rows) for rows in await stored(house, village.mei.person_id)] == [1, 1]


async def test_history_shows_every_version(house: House, village: Village) -> None:
    me = village.mei
    for temperature in (36.6, 38.6, 36.9):
        await submit(house, me.viewer, report(temperature=temperature))
    async with house.database.reading() as db:
        (shown,) = await checkins.reports_of(db, me.person_id, clock.today(), clock.today())
    assert [shown.temperature, *(version.temperature for version in shown.corrections)] == [36.6, 38.6, 36.9]
    assert (shown.verdict, shown.highest_verdict) == (NORMAL, URGENT)


# --- for whom, and when ----------------------------------------------------------------------------------------------


async def test_a_report_is_marked_with_who_made_it_and_staff_leave_a_line(house: House, village: Village) -> None:
    li = await cast.on_duty(house, village.li)
    cases = [
        (village.mei.viewer, None, Via.SELF, village.mei.person_id),
        (village.mei.viewer, village.father.person_id, Via.HOUSEHOLD, village.father.person_id),
        (li, village.zhou.person_id, Via.STAFF, village.zhou.person_id),
    ]
    for viewer, person, via, subject in cases:
        outcome = await submit(house, viewer, report(person_id=person))
        assert (outcome.receipt.via, outcome.receipt.person_id) == (via, subject)
        (row,), _ = await stored(house, subject)
        assert row.reporter_id == viewer.account_id
    async with house.database.reading() as db:
        assert [read.act for read in await audit.about(db, [village.zhou.person_id])] == ["reported_for"]
        assert await audit.about(db, [village.mei.person_id, village.father.person_id]) == []


async def test_under_observation_morning_and_evening_are_two_reports(
    house: House, village: Village, hand: Hand
) -> None:
    today, zhou = clock.today(), village.zhou
    for hour, day, slot in ((1, today - timedelta(days=1), Slot.PM), (8, today, Slot.AM), (18, today, Slot.PM)):
        hand.set(today, hour, 30)
        outcome = await submit(house, zhou.viewer, report(slot="day"))
        assert (outcome.new, outcome.receipt.day, outcome.receipt.slot) == (True, day, slot)
        assert (outcome.receipt.rule_version, outcome.receipt.corrects) == (3, None)
    assert [len(rows) for rows in await stored(house, zhou.person_id)] == [3, 0]


async def test_a_day_of_the_last_48_hours_is_made_up_and_marked(house: House, village: Village, hand: Hand) -> None:
    today = clock.today()
    hand.set(today, 9)
    for back in (1, 2):
        outcome = await submit(house, village.mei.viewer, report(day=today - timedelta(days=back)))
        assert (outcome.receipt.day, outcome.receipt.made_up, outcome.receipt.late) == (
            today - timedelta(days=back), True, True,
        )  # fmt: skip
    with pytest.raises(Invalid):
        await submit(house, village.mei.viewer, report(day=today - timedelta(days=3)))
    assert not (await submit(house, village.mei.viewer, report())).receipt.made_up


async def test_a_receipt_carries_the_rule_and_both_times(house: House, village: Village, hand: Hand) -> None:
    hand.set(clock.today(), 21)
    filled = hand.at - timedelta(minutes=20)
    shown = (await submit(house, village.mei.viewer, report(filled_at=filled, temperature=37.3))).receipt
    assert (shown.filled_at, shown.received_at, shown.rule_version) == (filled, hand.at, 1)
    assert (shown.verdict, shown.late, shown.clock_suspect) == (URGENT, True, False)
    late = (await submit(house, village.qian.viewer, report(filled_at=hand.at + timedelta(hours=9)))).receipt
    assert (late.filled_at, late.clock_suspect) == (hand.at, True)


@pytest.mark.proves("T09")
async def test_words_of_a_report_lie_sealed(house: House, village: Village) -> None:
    await submit(house, village.mei.viewer, report(note="我有点头晕"))
    (row,), _ = await stored(house, village.mei.person_id)
    assert "头晕".encode() not in row.note_sealed
    async with house.database.reading() as db:
        (shown,) = await checkins.reports_of(db, village.mei.person_id, clock.today(), clock.today())
    assert shown.note == "我有点头晕"
