"""Why a reminder went out, or not: every report that was due on a day, every step of the ladder, whom it told and how.

The same answer for the person and for those who look after them; only the looks of staff are written down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import checkins, messages, residents, tasks
from app.checkins.chasing import HORIZON
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid
from app.kit.ids import named
from app.kit.viewer import Viewer
from models.audit import Act, Purpose
from models.checkins import Rule, Slot
from models.messages import Message
from models.messages.schemas import RemindersFound, SlotPublic, StepPublic, WhyPublic
from models.residents import Dependant, Resident
from models.tasks import Chase, Happening, Kind, Task, TaskStep
from models.tasks.ladders import Rung
from models.tasks.words import Act as Step
from models.tasks.words import Whom

NOT_KEPT = N_("Reminders are kept for four weeks. Please choose a day in them.")
FURTHEST_BACK = 27  # days: reminders are kept for four weeks
_SLOTS: dict[int, Literal["day", "am", "pm"]] = {Slot.DAY: "day", Slot.AM: "am", Slot.PM: "pm"}
Outcome = Literal["told", "done", "reported", "waits", "soon", "nobody", "too_late", "not_then", "closed", "spared"]


@dataclass(frozen=True)
class Asked:
    """About which day, in which language."""

    day: date | None
    lang: str


@dataclass(frozen=True)
class _Found:
    """Everything that is known about one report that was due."""

    person: Resident
    slot: Slot
    cut_off: datetime
    reported_at: datetime | None
    rungs: tuple[Rung, ...]
    chased: dict[int, datetime]  # step -> when it was taken
    told: dict[int, list[WhyPublic]]  # step -> its messages
    task: Task | None
    climbed: list[datetime]  # when that task climbed
    family: bool  # does anybody report for them?


async def own(db: AsyncSession, me: Viewer, rules: checkins.Rules, about: tuple[UUID | None, Asked]) -> RemindersFound:
    """About oneself, or somebody one reports for. Raises NotFound, Invalid."""
    wanted, asked = about
    person = await residents.reachable(db, me, wanted or me.person_id or UUID(int=0))
    return await _story(db, rules, person.row, asked)


async def of(db: AsyncSession, me: Viewer, rules: checkins.Rules, about: tuple[UUID, Asked]) -> RemindersFound:
    """About a resident the viewer looks after; the look is written into the ledger. Raises NotFound, Invalid."""
    row = await residents.open_record(db, me, about[0], Act.SAW_PERSON, Purpose.PERSON_PAGE)
    return await _story(db, rules, row, about[1])


async def _story(db: AsyncSession, rules: checkins.Rules, person: Resident, asked: Asked) -> RemindersFound:
    today = clock.today()
    day = asked.day or today
    if not today - timedelta(days=FURTHEST_BACK) <= day <= today:
        raise Invalid(faults=(Fault("day", NOT_KEPT),))
    rule = rules.rule_for(person.programme, person.region_code, day)
    ladder = (await tasks.ladders_in_force(db)).of(Kind.MISSING_REPORT, 0, today)
    reports = (await checkins.briefs_by(db, [person.person_id], day, day))[person.person_id]
    linked = select(Dependant.account_id).where(Dependant.person_id == person.person_id).limit(1)
    family = (await db.exec(linked)).first() is not None
    slots = []
    for slot in (Slot.AM, Slot.PM) if rule.slots == 2 else (Slot.DAY,):
        fitting = [brief.received_at for brief in reports if slot is Slot.DAY or brief.slot in (Slot.DAY, slot)]
        subject = named(f"{Kind.MISSING_REPORT}|{person.person_id}|{day}|{int(slot)}")
        found = _Found(
            person, slot, clock.midnight(day) + timedelta(minutes=rule.due[slot]), min(fitting, default=None),
            ladder.rungs if ladder else (), await _chased(db, rule, (day, slot)),
            await _told(db, (person.person_id, day, slot), asked.lang), await db.get(Task, subject),
            await _climbed(db, subject), family,
        )  # fmt: skip
        slots.append(_slot(found, ladder.version if ladder else None))
    return RemindersFound(person_id=person.person_id, day=day, slots=slots)


async def _chased(db: AsyncSession, rule: Rule, when: tuple[date, Slot]) -> dict[int, datetime]:
    asked = select(Chase).where(Chase.rule_version == rule.version, Chase.day == when[0], Chase.slot == int(when[1]))
    return {row.step: row.at for row in await db.exec(asked)}


async def _climbed(db: AsyncSession, task_id: UUID) -> list[datetime]:
    steps = select(TaskStep.at).where(TaskStep.task_id == task_id, TaskStep.happening == Happening.CLIMBED)
    return list(await db.exec(steps.order_by(col(TaskStep.at), col(TaskStep.id))))


async def _told(db: AsyncSession, what: tuple[UUID, date, Slot], lang: str) -> dict[int, list[WhyPublic]]:
    """What was written about a report, to whomever, by step; about tasks staff are told elsewhere."""
    person, day, slot = what
    about = select(Message).where(Message.person_id == person, Message.day == day, Message.slot == int(slot))
    rows: Sequence[Message] = (await db.exec(about.order_by(col(Message.created_at), col(Message.id)))).all()
    found: dict[int, list[WhyPublic]] = {}
    for one in await messages.answers(db, rows, lang):
        found.setdefault(one.reason.step if one.reason else 0, []).append(one)
    return found


def _slot(found: _Found, version: int | None) -> SlotPublic:
    return SlotPublic(
        slot=_SLOTS[found.slot], due_at=found.cut_off, asked=found.person.created_at < found.cut_off,
        reported_at=found.reported_at, version=version,
        steps=[_step(found, place, rung) for place, rung in enumerate(found.rungs)],
    )  # fmt: skip


def _step(found: _Found, place: int, rung: Rung) -> StepPublic:
    due = found.cut_off + timedelta(seconds=rung.after)
    taken, outcome = _taken(found, place, (rung, due))
    return StepPublic(
        number=place + 1, act=rung.act.value, to=rung.to.value, due_at=due, taken_at=taken, outcome=outcome,
        messages=found.told.get(place + 1, []),
    )  # fmt: skip


def _taken(  # noqa: PLR0911  (one line a reason)
    found: _Found, place: int, what: tuple[Rung, datetime]
) -> tuple[datetime | None, Outcome]:
    """When a step was taken, and what came of it or why it was not."""
    rung, due = what
    told = found.told.get(place + 1)
    if told:
        return told[0].written_at, "told"
    if found.person.created_at >= found.cut_off:
        return None, "not_then"
    if rung.act is not Step.TELL and found.task is not None:
        return _of_task(found, found.task, place)
    at = found.chased.get(place)
    before = at or max(due, clock.now())
    if found.reported_at is not None and found.reported_at <= before:
        return None, "reported" if due <= clock.now() else "spared"
    if at is not None:
        return at, "nobody" if rung.to is Whom.HOUSEHOLD and not found.family else "not_then"
    if due > clock.now():
        return None, "waits"
    if rung.act is Step.CLIMB:
        return None, "closed"  # there is no task that could climb
    return None, "too_late" if found.cut_off <= clock.now() - HORIZON else "soon"


def _of_task(found: _Found, task: Task, place: int) -> tuple[datetime | None, Outcome]:
    """A step for a task: it was taken while the task stood open, perhaps later than it was due."""
    rung = found.rungs[place]
    if task.rung > place:
        earlier = sum(1 for each in found.rungs[:place] if each.act is Step.CLIMB)
        climbed = dict(enumerate(found.climbed)).get(earlier)
        return task.created_at if rung.act is Step.OPEN else climbed, "done"
    if task.closed_at is not None:
        return None, "closed"
    due = found.cut_off + timedelta(seconds=rung.after)
    return None, "waits" if due > clock.now() else "soon"
