"""Ladders: which steps are taken for a task when nobody acts, and when the next one is due."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.tasks.drafts import AnyTask
from models.tasks import Ladder
from models.tasks.ladders import Rung, read


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
        rungs = self.at(task.policy)
        return when(rungs[task.rung], task) if task.rung < len(rungs) else None


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
