"""What every act on a task has in common: whose it is to act, whether this very act came before, and its line in the
history. The id of an act is made by the phone: sent twice, it happens once."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, Refusal
from app.kit.viewer import Held, Viewer
from app.tasks import history
from app.tasks.history import Line
from app.tasks.reaching import reached
from models.tasks import OPEN, Happening, Task, TaskAct, TaskStep

OFFLINE = timedelta(hours=48)
AHEAD = timedelta(minutes=5)


class TakenAlready(Refusal):
    """Somebody else was a moment quicker."""

    detail = N_("%(name)s has accepted this task already.")


class UsedElsewhere(Invalid):
    """The id of an act names another one already."""

    def __init__(self) -> None:
        words = N_("This id was used for something else. Please send it with a new one.")
        super().__init__(faults=(Fault("id", words),))


class Closed(Refusal):
    """Done, cancelled, or not to be done: nothing more happens to it."""

    detail = N_("This task is closed already. What happened to it stands in its history.")


class NotYourOrder(Refusal):
    """Whoever is accountable, or who leads there, decides this."""

    detail = N_("Only whoever is accountable for this task, or leads there, can do this.")


async def begun(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskAct, *what: Happening) -> tuple[Task, Held, bool]:
    """The task, locked, the viewer's post, and whether this very act came before: the same id for the same thing, as
    the history calls it. Raises NotFound, Invalid."""
    task, by = await reached(db, me, task_id, lock=True)
    earlier = (await db.exec(select(TaskStep).where(TaskStep.id == act.id))).one_or_none()
    same = earlier is None or (earlier.task_id == task.id and earlier.by_account == me.account_id)
    if not same or (earlier is not None and earlier.happening not in what):
        raise UsedElsewhere
    done_at(act.filled_at)
    return task, by, earlier is not None


def done_at(filled_at: datetime | None) -> datetime:
    """When an act was done: now, or when it was written on a phone without network. Raises Invalid for no such time."""
    now = clock.now()
    if filled_at is not None and not now - OFFLINE <= filled_at <= now + AHEAD:
        raise Invalid(
            faults=(Fault("filled_at", N_("This moment has not come yet, or lies more than 48 hours back.")),)
        )
    return min(filled_at or now, now)


async def wrote(db: AsyncSession, me: Viewer, task: Task, act: TaskAct, line: Line) -> Task:
    db.add(task)
    await db.flush()
    await history.write(db, [history.by(line, me.account_id, act, task.region_code)])
    return task


def still_open(task: Task) -> None:
    if task.state not in OPEN:
        raise Closed
