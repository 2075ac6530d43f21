"""Ladders: which steps are taken for a task when nobody acts, and when the next one is due."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.tasks.drafts import AnyTask
from models.tasks import WAITING, Ladder
from models.tasks.ladders import Rung, read
from models.tasks.words import Act


class Step(NamedTuple):
    """One step of a task's ladder, and its moment."""

    at: datetime
    rung: Rung


@dataclass(frozen=True, slots=True)
class Version:
    """One ladder as it is in force."""

    version: int
    kind: str
    first: int
    last: int
    since: date
    rungs: tuple[Rung, ...]


@dataclass(frozen=True)
class Ladders:
    """All ladders. The smallest region around a task decides, and of its versions the newest."""

    versions: tuple[Version, ...]

    def of(self, kind: str, code: int, day: date) -> Version | None:
        """The ladder for a kind of task in a region on a day."""
        fitting = [
            one for one in self.versions if one.kind == kind and one.first <= code <= one.last and one.since <= day
        ]
        return min(fitting, key=lambda one: (one.last - one.first, -one.since.toordinal(), -one.version), default=None)

    def at(self, version: int) -> tuple[Rung, ...]:
        """The steps of a version."""
        return next((one.rungs for one in self.versions if one.version == version), ())

    def start(self, task: AnyTask, rung: int = 0) -> None:
        """Put a task on its ladder, `rung` steps up."""
        ladder = self.of(task.kind, task.region_code, clock.today())
        task.policy, task.rung = (ladder.version, rung) if ladder else (0, 0)
        task.step_at = self.due(task)

    def due(self, task: AnyTask) -> datetime | None:
        """When the next step of a task is due; None at the top."""
        return next((step.at for step in self.left(task)), None)

    def left(self, task: AnyTask) -> list[Step]:
        """The steps that were not taken yet, in the order of time."""
        return self.steps(task)[task.rung :]

    def steps(self, task: AnyTask) -> list[Step]:
        """All steps of a task, in the order of time: what is counted from `counts_from` moves when that does."""
        found = [Step(when(rung, task), rung) for rung in self.at(task.policy)]
        return sorted(found, key=lambda step: step.at)

    def accept_by(self, task: AnyTask) -> datetime | None:
        """Until when whoever has a task is to accept it: then it climbs. None where it never climbs for that."""
        by = next((step.at for step in self.left(task) if _asks(step.rung)), None) if task.state in WAITING else None
        # What is to be done sooner than it climbs is to be accepted sooner as well.
        return min(by, task.due_at) if by is not None and task.due_at > task.held_since else by

    def taken(self, task: AnyTask, template: str) -> int | None:
        """Which step of its ladder, counted from 0, told somebody of a task last by this text; None: not the ladder."""
        behind = [step.rung for step in self.steps(task)[: task.rung] if step.rung.template == template]
        return self.at(task.policy).index(behind[-1]) if behind else None

    def climbs_at_once(self, task: AnyTask) -> bool:
        """Is it so late already that the next tick takes it from whoever has it now?"""
        return any(step.at <= clock.now() and step.rung.act is Act.CLIMB for step in self.left(task)[:1])

    def renew(self, task: AnyTask, *, accepted: bool = False) -> None:
        """Somebody else has a task since `held_since`: the time to accept starts anew, and what was told before is told
        again.

        Who had accepted it stopped the ladder, so it starts over, without the steps that lie before this moment; also
        where it had climbed as far as it could. Else `counts_from` moves forward so that whoever has it now gets the
        time of the present step whole, but never so far that the task climbs later than after twice the time that the
        ladder gives from its opening: handed to and fro, it climbs all the same. Steps counted from `due_at` stay.
        """
        if not any(_asks(rung) for rung in self.at(task.policy)):
            return
        before = [step.rung for step in self.steps(task)]
        behind, left = before[: task.rung], before[task.rung :]
        rung = next((rung for rung in left if _asks(rung)), None)
        if rung is None or accepted:
            task.counts_from, behind = task.held_since, before
        elif task.owner_post_id is not None:
            whole = task.held_since - timedelta(seconds=self._since(task, rung))
            latest = task.created_at + timedelta(seconds=rung.after)
            task.counts_from = max(task.counts_from, min(whole, latest))
        steps = self.steps(task)
        ahead = (n for n, step in enumerate(steps) if step.at > task.held_since or step.rung not in behind)
        task.rung = next(ahead, len(steps))
        task.step_at = self.due(task)

    def _since(self, task: AnyTask, rung: Rung) -> int:
        """After how many seconds a task comes to whom this step takes it from."""
        before = (one.after for one in self.at(task.policy) if one.base == "start" and one.act is not Act.TELL)
        return max((after for after in before if after < rung.after), default=0)


def _asks(rung: Rung) -> bool:
    """Is this a step that takes a task from whoever has not accepted it?"""
    return rung.base == "start" and rung.unless == "accepted" and rung.act is Act.CLIMB


def when(rung: Rung, task: AnyTask) -> datetime:
    """The moment of a step."""
    base = task.due_at if rung.base == "due" else task.counts_from
    return base + timedelta(seconds=rung.after)


async def in_force(db: AsyncSession) -> Ladders:
    """The ladders as they stand: few rows, read with each tick."""
    rows = await db.exec(select(Ladder))
    return Ladders(
        tuple(
            Version(row.version, row.kind, row.region_code, row.last_code, row.in_force_from, read(row.steps))
            for row in rows
        )
    )
