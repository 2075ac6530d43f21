"""Roll call: every count adds up, the worst version of a day decides, and outside one's region nothing exists."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert
from sqlmodel import select

from app import checkins, regions
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from models.checkins import Checkin, CheckinCorrection, RollCallCounts, RollCallPublic, State, Verdict
from models.residents import Programme, Resident
from models.staff import Post, Role
from tests import cast
from tests.cast import Village, report

pytestmark = pytest.mark.anyio


async def called(house: House, me: Viewer, code: int, day: date | None = None) -> RollCallPublic:
    async with house.database.reading() as db:
        return await checkins.roll_call(db, me, code, day)


def adds_up(counts: RollCallCounts) -> bool:
    return counts.due == counts.urgent + counts.attention + counts.missing + counts.done


def states(roll: RollCallPublic) -> dict[str, str]:
    assert roll.people is not None
    return {person.name: person.state.value for person in roll.people}


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.proves("T03")
async def test_outside_ones_own_region_nothing_exists(house: House, village: Village) -> None:
    other = await cast.village(house)
    county = village.code - village.code % 10**9
    outside = [
        (village.li, [village.other_grid, village.code, county, other.grid, village.grid + 5, 33 * 10**13]),
        (village.wu, [village.grid, village.code]),
        (village.chen, [other.code, other.grid, county, village.code + 1000]),
        (village.mei, [village.grid, village.code]),
        (village.nobody, [village.grid]),
    ]  # fmt: skip
    for person, codes in outside:
        me = await cast.on_duty(house, person)
        for code in codes:
            with pytest.raises(NotFound):
                await called(house, me, code)


@pytest.mark.parametrize("back", [-1, -7, 93, 3000])
async def test_a_day_to_come_and_a_day_out_of_sight_are_refused(house: House, village: Village, back: int) -> None:
    li = await cast.on_duty(house, village.li)
    with pytest.raises(Invalid) as refused:
        await called(house, li, village.grid, clock.today() - timedelta(days=back))
    assert [fault.field for fault in refused.value.faults] == ["day"]


async def test_a_grid_without_people_and_a_grid_not_minted_are_told_apart(house: House, village: Village) -> None:
    chen = await cast.on_duty(house, village.chen)
    async with house.database.writing() as db:
        (empty,) = await regions.mint(db, village.code, 1)
    roll = await called(house, chen, empty.code)
    assert (roll.people, roll.counts.due) == ([], 0)
    with pytest.raises(NotFound):
        await called(house, chen, empty.code + 1)


# --- the grid --------------------------------------------------------------------------------------------------------


async def test_people_stand_in_the_order_of_urgency(house: House, village: Village) -> None:
    me = village.mei.viewer
    await checkins.submit(house.writer, me, report())
    await checkins.submit(house.writer, me, report(person_id=village.father.person_id, temperature=38.6))
    await checkins.submit(house.writer, me, report(person_id=village.child.person_id, symptoms=["sore_throat"]))
    roll = await called(house, await cast.on_duty(house, village.li), village.grid)
    assert roll.people is not None
    assert [(person.name, person.state.value) for person in roll.people] == [
        ("王建国", "urgent"), ("李子轩", "attention"), ("周建明", "missing"), ("王小梅", "done"),
    ]  # fmt: skip
    assert roll.counts == RollCallCounts(due=4, urgent=1, attention=1, missing=1, done=1)
    father = roll.people[0]
    assert (father.temperature, father.by_proxy, father.address) == (38.6, True, "桃园路 18 号 2 幢 301")
    assert father.phone == f"{village.mei.phone[:3]}****{village.mei.phone[-4:]}"


async def test_a_corrected_fever_stays_urgent_and_says_that_the_alert_is_kept(house: House, village: Village) -> None:
    for temperature in (38.6, 36.8):
        await checkins.submit(house.writer, village.mei.viewer, report(temperature=temperature))
    roll = await called(house, await cast.on_duty(house, village.li), village.grid)
    first = roll.people[0]
    assert (first.name, first.state, first.temperature) == ("王小梅", State.URGENT, 36.8)
    assert first.alert is not None
    assert first.alert.temperature == 38.6


async def test_a_second_worse_report_raises_the_alarm(house: House, village: Village) -> None:
    for temperature in (36.6, 38.6):
        await checkins.submit(house.writer, village.mei.viewer, report(temperature=temperature))
    roll = await called(house, await cast.on_duty(house, village.li), village.grid)
    first = roll.people[0]
    assert (first.state, first.temperature, first.alert) == (State.URGENT, 38.6, None)


async def test_under_observation_one_report_is_enough_by_day_and_not_in_the_evening(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    li, today = await cast.on_duty(house, village.li), clock.today()
    for hour, then in ((8, State.DONE), (16, State.DONE), (17, State.MISSING), (23, State.MISSING)):
        at = clock.midnight(today) + timedelta(hours=hour, minutes=1)
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        if hour == 8:
            await checkins.submit(house.writer, village.zhou.viewer, report())
        assert states(await called(house, li, village.grid))["周建明"] == then.value
    await checkins.submit(house.writer, village.zhou.viewer, report())
    assert states(await called(house, li, village.grid))["周建明"] == "done"


async def test_a_report_of_another_day_counts_for_that_day(house: House, village: Village) -> None:
    li, yesterday = await cast.on_duty(house, village.li), clock.today() - timedelta(days=1)
    await checkins.submit(house.writer, village.mei.viewer, report(day=yesterday))
    assert states(await called(house, li, village.grid, yesterday))["王小梅"] == "done"
    assert states(await called(house, li, village.grid))["王小梅"] == "missing"


# --- the village, against a brute-force count ------------------------------------------------------------------------


@dataclass
class Sample:
    """Random people and reports, and what a plain count over them says."""

    people: list[dict[str, object]]
    firsts: list[dict[str, object]]
    later: list[dict[str, object]]

    def state(self, person: dict[str, object], day: date, open_slots: int) -> State:
        name = person["person_id"]
        mine = [row for row in self.firsts if row["person_id"] == name and row["day"] == day]
        versions = mine + [row for row in self.later if row["person_id"] == name and row["day"] == day]
        highest = max((row["verdict"] for row in versions), default=0)
        if highest:
            return State.URGENT if highest == Verdict.URGENT else State.ATTENTION
        wanted = open_slots if person["programme"] == Programme.HOME_QUARANTINE else 1
        return State.DONE if len({row["slot"] for row in mine}) >= wanted else State.MISSING


def facts(dice: random.Random, person: dict[str, object], day: date, slot: int) -> dict[str, object]:
    verdict = dice.choices([0, 1, 2], [8, 2, 1])[0]
    return {
        "person_id": person["person_id"], "day": day, "slot": slot, "id": uuid7(),
        "region_code": person["region_code"], "filled_at": clock.midnight(day), "received_at": clock.midnight(day),
        "reporter_id": uuid7(), "symptoms": 1, "rule_version": 1, "via": dice.choice([0, 1, 2]), "exposed": 0,
        "place": None, "needs": 0, "verdict": verdict, "flags": 0, "temperature": Decimal("36.6"), "note_sealed": None,
    }  # fmt: skip


def sample(dice: random.Random, grids: list[int], days: list[date]) -> Sample:
    people: list[dict[str, object]] = [
        {
            "person_id": uuid7(), "region_code": dice.choice(grids), "name": f"某{number}", "id_type": 0,
            "programme": dice.choice(list(Programme)).value, "registered_by": uuid7(),
            "created_at": clock.midnight(dice.choice([*days, days[-1] - timedelta(days=30)])),
        }
        for number in range(dice.randint(5, 60))
    ]  # fmt: skip
    firsts, later = [], []
    for person in people:
        for day in days:
            twice = person["programme"] == Programme.HOME_QUARANTINE
            for slot in [one for one in ((1, 2) if twice else (0,)) if dice.random() < 0.7]:
                firsts.append(facts(dice, person, day, slot))
                later += [facts(dice, person, day, slot) for _ in range(dice.choices([0, 1, 3], [8, 2, 1])[0])]
    return Sample(people, firsts, later)


@pytest.mark.proves("T03")
@pytest.mark.parametrize("seed", range(6))
async def test_grids_and_village_count_what_a_plain_count_over_the_rows_counts(
    house: House, village: Village, seed: int
) -> None:
    dice = random.Random(seed)
    today, yesterday = clock.today(), clock.today() - timedelta(days=1)
    neighbour = await cast.village(house)
    async with house.database.writing() as db:
        (third,) = await regions.mint(db, village.code, 1)
        grids = [village.grid, village.other_grid, third.code]
        made = sample(dice, [*grids, neighbour.grid], [today, yesterday])
        for table, rows in ((Resident, made.people), (Checkin, made.firsts), (CheckinCorrection, made.later)):
            if rows:
                await db.exec(insert(table), params=rows, execution_options={"scope": "test"})
    chen = await cast.on_duty(house, village.chen)
    for day, open_slots in ((yesterday, 2), (today, 2 if clock.local(clock.now()).hour >= 17 else 1)):
        table = await called(house, chen, village.code, day)
        assert table.grids is not None
        assert [grid.code for grid in table.grids] == grids
        sums = {name: sum(getattr(grid.counts, name) for grid in table.grids) for name in RollCallCounts.model_fields}
        assert sums == table.counts.model_dump()
        for grid in table.grids:
            roll = await called(house, chen, grid.code, day)
            assert roll.people is not None
            assert adds_up(roll.counts)
            assert roll.counts == grid.counts
            expected = {
                person["person_id"]: made.state(person, day, open_slots)
                for person in made.people
                if person["region_code"] == grid.code and clock.local_day(person["created_at"]) <= day
            }
            shown = {person.person_id: person.state for person in roll.people if person.person_id in expected}
            assert shown == expected
            order = [list(State).index(person.state) for person in roll.people]
            assert order == sorted(order)
            own = {person["person_id"] for person in made.people}
            others = {person.person_id for person in roll.people} - own
            assert len(others) == {village.grid: 4, village.other_grid: 1}.get(grid.code, 0)


async def test_nobody_is_missing_on_a_day_before_they_were_registered(house: House, village: Village) -> None:
    late = await cast.settle(house, "新来", village.grid)
    async with house.database.writing() as db:
        own = select(Resident).where(Resident.person_id == late.person_id).execution_options(scope="test")
        row = (await db.exec(own)).one()
        row.created_at = clock.now()
        db.add(row)
    li, today = await cast.on_duty(house, village.li), clock.today()
    assert states(await called(house, li, village.grid, today))["新来"] == "missing"
    assert "新来" not in states(await called(house, li, village.grid, today - timedelta(days=1)))


@pytest.mark.proves("T04")
async def test_two_posts_open_two_grids_and_an_ended_post_closes_its_own_at_once(
    house: House, village: Village
) -> None:
    other = await cast.village(house)
    async with house.database.writing() as db:
        await cast.staff.appoint(db, village.li.phone, "李桂芳", Role.GRID_WORKER, other.grid)
    li = await cast.on_duty(house, village.li)
    for code in (village.grid, other.grid):
        assert (await called(house, li, code)).counts.due == 4
    async with house.database.writing() as db:
        posts = await db.exec(select(Post).where(Post.region_code == other.grid))
        for post in posts:
            post.valid_from = post.valid_to = clock.today() - timedelta(days=1)
            db.add(post)
    li = await cast.on_duty(house, village.li)
    assert (await called(house, li, village.grid)).counts.due == 4
    with pytest.raises(NotFound):
        await called(house, li, other.grid)
