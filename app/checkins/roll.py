"""Roll call: who in a grid is urgent, needs attention, is missing or done; and a village as a table of its grids."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import takewhile
from operator import or_ as or_bits
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions, residents
from app.audit import Deed
from app.checkins.days import OLDEST, open_slot, opens
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid
from app.kit.viewer import Viewer
from models.audit import Act, Purpose
from models.checkins import (
    NEEDS,
    SYMPTOMS,
    AlertPublic,
    Checkin,
    CheckinCorrection,
    RollCallCounts,
    RollCallGrid,
    RollCallPerson,
    RollCallPublic,
    Slot,
    State,
    Verdict,
    Via,
    VisitorPublic,
    words_of,
)
from models.regions import Level, Region, level_of
from models.residents import Programme, Resident

FURTHEST_BACK = 92
LOOK_BACK = 3
ORDER = {State.URGENT: 0, State.ATTENTION: 1, State.MISSING: 2, State.DONE: 3}


@dataclass(frozen=True, slots=True)
class _Asked:
    """The region and day of a roll call, and how many of the two slots have opened by now."""

    first: int
    day: date
    open_slots: int

    def known(self) -> ColumnElement[bool]:
        """Nobody is missing on a day before they were registered; a report made up for it counts all the same."""
        early = col(Resident.created_at) < clock.midnight(self.day + timedelta(days=1))
        return or_(early, col(Checkin.person_id).is_not(None))


async def roll_call(db: AsyncSession, me: Viewer, code: int, day: date | None) -> RollCallPublic:
    """The roll call of a grid (people, most urgent first) or of a village (its grids). Counts add up.

    Raises NotFound outside the viewer's posts, Invalid for a day to come or a region above the village.
    """
    regions.covered(me, code)
    region = await regions.named(db, code)
    today = open_slot(clock.now(), 1)[0]
    day = day or today
    if day > today or (today - day).days > FURTHEST_BACK:
        words = N_("Roll call shows today and the last %(days)s days.")
        raise Invalid(faults=(Fault("day", words, {"days": FURTHEST_BACK}),))
    now = clock.now()
    asked = _Asked(code, day, 2 if now >= opens(day, Slot.PM) else 1)
    (place,) = await regions.public(db, [region])
    if level_of(code) is Level.GRID:
        people = await _people(db, me, asked)
        counts = _tally([person.state for person in people])
        return RollCallPublic(
            region=place, day=day, as_of=now, counts=counts, people=people, grids=None,
            visitors=await _visitors(db, me, code),
        )  # fmt: skip
    if level_of(code) is Level.VILLAGE:
        grids = await _grids(db, me, asked)
        counts = _sum([grid.counts for grid in grids])
        return RollCallPublic(region=place, day=day, as_of=now, counts=counts, people=None, grids=grids)
    raise Invalid(faults=(Fault("code", N_("Roll call is of a grid or of a village. Please choose one.")),))


async def saw_list(db: AsyncSession, me: Viewer, roll: RollCallPublic) -> None:
    """Write down that a list of people was looked at: one row an opening. A table of grids shows nobody."""
    if roll.people is None:
        return
    code, people = roll.region.code, len(roll.people) + len(roll.visitors)
    deed = Deed(Act.SAW_LIST, Purpose.PEOPLE, place_code=code, facts={"people": people})
    await audit.record(db, me, deed, me.post_over(code))


def _tally(states: list[State]) -> RollCallCounts:
    counted = {state.value: states.count(state) for state in State}
    return RollCallCounts(due=len(states), **counted)


def _sum(counts: list[RollCallCounts]) -> RollCallCounts:
    names = ("due", *(state.value for state in State))
    return RollCallCounts(**{name: sum(getattr(count, name) for count in counts) for name in names})


# --- the state of one person, in SQL and in words ---------------------------------------------------------------------


def _reports(asked: _Asked) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Join conditions: today's first reports and corrections of a resident, by the primary key of the partition."""
    first = and_(Checkin.person_id == Resident.person_id, Checkin.day == asked.day)  # type: ignore[arg-type]
    later = and_(
        CheckinCorrection.person_id == Resident.person_id,  # type: ignore[arg-type]
        CheckinCorrection.day == asked.day,  # type: ignore[arg-type]
        CheckinCorrection.slot == Checkin.slot,  # type: ignore[arg-type]
    )
    return first, later


def _wanted(asked: _Asked) -> ColumnElement[int]:
    return case((col(Resident.programme) == Programme.HOME_QUARANTINE, asked.open_slots), else_=1)


def _states(me: Viewer, asked: _Asked) -> Subquery:
    """(region_code, state) of every resident: the highest verdict of any version, else whether a report is missing."""
    first, later = _reports(asked)
    highest = func.max(func.greatest(col(Checkin.verdict), col(CheckinCorrection.verdict)))
    state = case(
        (highest == Verdict.URGENT, State.URGENT.value),
        (highest == Verdict.ATTENTION, State.ATTENTION.value),
        (func.count(col(Checkin.slot).distinct()) < _wanted(asked), State.MISSING.value),
        else_=State.DONE.value,
    )
    each = (
        select(col(Resident.region_code), state.label("state"))
        .select_from(Resident)
        .outerjoin(Checkin, first)
        .outerjoin(CheckinCorrection, later)
        .where(asked.known())
        .group_by(col(Resident.person_id))
    )
    return residents.seen_by(me, each, at=asked.first).subquery()


async def _grids(db: AsyncSession, me: Viewer, asked: _Asked) -> list[RollCallGrid]:
    each = _states(me, asked)
    counted = (
        select(each.c.region_code, each.c.state, func.count())
        .group_by(each.c.region_code, each.c.state)
        .execution_options(scope="within")
    )
    found: dict[int, dict[str, int]] = {}
    for code, state, count in await db.exec(counted):
        found.setdefault(code, {})[state] = count
    minted = await db.exec(
        select(Region).where(col(Region.parent_code) == asked.first, regions.in_force()).order_by(col(Region.code))
    )
    return [
        RollCallGrid(
            code=grid.code,
            name=grid.name,
            counts=RollCallCounts(
                due=sum(found.get(grid.code, {}).values()),
                **{state.value: found.get(grid.code, {}).get(state.value, 0) for state in State},
            ),
        )
        for grid in minted
    ]


async def _people(db: AsyncSession, me: Viewer, asked: _Asked) -> list[RollCallPerson]:
    """One statement for the grid, its people's reports and corrections; the states are put into words here."""
    first, later = _reports(asked)
    statement = (
        select(Resident, Checkin, CheckinCorrection)
        .outerjoin(Checkin, first)
        .outerjoin(CheckinCorrection, later)
        .where(asked.known())
        .execution_options(populate_existing=True)
    )
    found: dict[Any, list[tuple[Checkin, CheckinCorrection | None]]] = {}
    rows: dict[Any, Resident] = {}
    for resident, report, correction in await db.exec(residents.seen_by(me, statement, at=asked.first)):
        rows[resident.person_id] = resident
        if report is not None:
            found.setdefault(resident.person_id, []).append((report, correction))
    people = [_person(db, row, found.get(name, []), asked) for name, row in rows.items()]
    for person in people:
        person.current = await residents.current(db, rows[person.person_id])
    missing = [rows[person.person_id] for person in people if person.state is State.MISSING]
    gaps = await _gaps(db, missing, asked.day)
    for person in people:
        person.missed_days = gaps.get(person.person_id, 0)
    return sorted(people, key=lambda person: (ORDER[person.state], person.address or "", person.name))


async def _visitors(db: AsyncSession, me: Viewer, grid: int) -> list[VisitorPublic]:
    """Who said that they are in this grid now. Their reports are counted where they are looked after."""
    statement = select(Resident).where(col(Resident.current_code) == grid, col(Resident.region_code) != grid)
    rows = (await db.exec(residents.seen_by(me, statement.order_by(col(Resident.name), col(Resident.person_id))))).all()
    return [
        VisitorPublic(
            person_id=row.person_id, name=row.name, phone=residents.phone_mask(db, row),
            chain=await regions.chain_of(db, row.region_code), until=row.current_until,
        )
        for row in rows
    ]  # fmt: skip


def _person(
    db: AsyncSession, row: Resident, reports: list[tuple[Checkin, CheckinCorrection | None]], asked: _Asked
) -> RollCallPerson:
    versions: list[Checkin | CheckinCorrection] = []
    for report, correction in reports:
        versions += [report] if correction is None else [report, correction]
    last = max(versions, key=lambda version: version.received_at, default=None)
    highest = max((version.verdict for version in versions), default=None)
    wanted = asked.open_slots if row.programme == Programme.HOME_QUARANTINE else 1
    if highest in {Verdict.URGENT, Verdict.ATTENTION}:
        state = State.URGENT if highest == Verdict.URGENT else State.ATTENTION
    else:
        state = State.DONE if len({report.slot for report, _ in reports}) >= wanted else State.MISSING
    slots = {report.slot for report, _ in reports}
    return RollCallPerson(
        person_id=row.person_id, name=row.name, state=state,
        address=residents.address_of(db, row), phone=residents.phone_mask(db, row),
        temperature=None if last is None or last.temperature is None else float(last.temperature),
        symptoms=[] if last is None else words_of(last.symptoms, SYMPTOMS),
        reported_at=None if last is None else last.received_at,
        needs=words_of(_needs(versions), NEEDS), alert=_alert(versions, last),
        missing_slot=(Slot.PM if Slot.AM in slots else Slot.AM) if state is State.MISSING and slots else None,
        by_proxy=last is not None and last.via != Via.SELF, missed_days=0,
    )  # fmt: skip


def _needs(versions: list[Checkin | CheckinCorrection]) -> int:
    """What is asked for today: the newest version of each slot counts, so the evening does not cancel the morning."""
    newest: dict[int, Checkin | CheckinCorrection] = {}
    for version in sorted(versions, key=lambda version: version.received_at):
        newest[version.slot] = version
    return reduce(or_bits, (version.needs for version in newest.values()), 0)


def _alert(versions: list[Checkin | CheckinCorrection], last: Checkin | CheckinCorrection | None) -> AlertPublic | None:
    """The version that raised the alert, when the last one no longer says so."""
    worst = max(versions, key=lambda version: version.verdict, default=None)
    if worst is None or last is None or worst.verdict <= last.verdict:
        return None
    return AlertPublic(
        temperature=None if worst.temperature is None else float(worst.temperature),
        symptoms=words_of(worst.symptoms, SYMPTOMS),
        reported_at=worst.received_at,
    )


async def _gaps(db: AsyncSession, rows: list[Resident], day: date) -> dict[UUID, int]:
    """For people without a report: how many days in a row before this day passed without one, at most three."""
    before = [day - timedelta(days=back) for back in range(1, LOOK_BACK + 1)]
    found = await db.exec(
        select(col(Checkin.person_id), col(Checkin.day))
        .where(
            col(Checkin.person_id).in_([row.person_id for row in rows]), col(Checkin.day).between(before[-1], before[0])
        )
        .execution_options(scope="within")
    )
    reported = set(found.all())
    gaps = {}
    for row in rows:
        since = clock.local_day(row.created_at)
        gap = takewhile(
            lambda past, row=row, since=since: past >= since and (row.person_id, past) not in reported, before
        )
        gaps[row.person_id] = len(list(gap))
    return gaps


def make_up_days(reports: list[date], now: datetime, since: date) -> list[date]:
    """The past days that may still be made up: not reported, less than 48 hours gone, not before registration."""
    today = clock.local_day(now)
    days = [today - timedelta(days=back) for back in (1, 2)]
    return [
        day
        for day in days
        if day not in reports and day >= since and clock.midnight(day + timedelta(days=1)) > now - OLDEST
    ]
