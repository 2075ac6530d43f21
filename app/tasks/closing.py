"""Closing: done with an outcome, not to be done with a reason, cancelled; and taken back for ten minutes."""

from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app import messages
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, Refusal
from app.kit.viewer import Viewer
from app.tasks import history, ladders
from app.tasks.acting import begun, still_open, wrote
from app.tasks.history import Line
from app.tasks.reaching import leads
from models.tasks import (
    OUTCOMES,
    Happening,
    Hindrance,
    Task,
    TaskAct,
    TaskCancel,
    TaskFinish,
    TaskHinder,
    TaskState,
    hindrances,
)

UNDO = timedelta(minutes=10)
MUST_BE_REACHED = N_(
    "Whoever reported an alarm has to be reached. Note what you tried and go there, or hand it over: it stays open."
)
ENDS = {
    TaskState.DONE: Happening.DONE, TaskState.NOT_EXECUTABLE: Happening.NOT_EXECUTABLE,
    TaskState.CANCELLED: Happening.CANCELLED,
}  # fmt: skip


class NotYoursToCancel(Refusal):
    """Who does a task says how it ended; that it is not needed any more is for others to say."""

    detail = N_("Only who opened this task, or leads there, calls it off. If it cannot be done, say why instead.")


async def finish(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskFinish) -> Task:
    """Done, with an outcome. Whoever did it, if they look after people there. Raises Closed, Invalid."""
    return await _close(db, me, task_id, act, TaskState.DONE)


async def hinder(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskHinder) -> Task:
    """It cannot be done, and why. Raises Closed, Invalid."""
    return await _close(db, me, task_id, act, TaskState.NOT_EXECUTABLE)


async def cancel(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskCancel) -> Task:
    """The reason has gone: by who leads there, or who opened it. Raises NotYoursToCancel, Closed."""
    return await _close(db, me, task_id, act, TaskState.CANCELLED)


async def _close(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskAct, state: TaskState) -> Task:
    task, by, before = await begun(db, me, task_id, act, ENDS[state])
    if before:
        return task
    still_open(task)
    _must_fit(task, act)
    if isinstance(act, TaskFinish):
        task.outcome = act.outcome
    elif isinstance(act, TaskHinder):
        task.hindrance = act.hindrance
    elif not leads(me, task) and task.created_by != me.account_id:
        raise NotYoursToCancel
    if state is not TaskState.CANCELLED:
        task.owner_post_id = task.owner_post_id or by.id  # whoever did it, or found that it cannot be done, answers
    task.queue_code = task.queue_code if task.owner_post_id is None else None
    task.state, task.closed_at, task.step_at = state, clock.now(), None
    await messages.cancel_about(db, task.id)
    code = task.outcome or task.hindrance or ""
    return await wrote(db, me, task, act, Line(task.id, ENDS[state], code, to_post_id=by.id))


def _must_fit(task: Task, act: TaskAct) -> None:
    if isinstance(act, TaskFinish) and act.outcome not in OUTCOMES[task.kind]:
        raise Invalid(faults=(Fault("outcome", N_("A task of this kind does not end like that.")),))
    if isinstance(act, TaskHinder):
        if act.hindrance not in hindrances(task.kind):
            raise Invalid(faults=(Fault("hindrance", MUST_BE_REACHED),))
        if act.hindrance == Hindrance.OTHER and not act.note:
            raise Invalid(faults=(Fault("note", N_("Please write down what the reason is.")),))


async def reopen(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskAct) -> Task:
    """Take back one's own closing, for ten minutes. Raises Refusal afterwards."""
    task, by, before = await begun(db, me, task_id, act, Happening.REOPENED)
    if before:
        return task
    if task.closed_at is None or task.closed_at < clock.now() - UNDO or not await _closed_by(db, me, task):
        raise Refusal(N_("A closing can be taken back for ten minutes, by whoever closed it."))
    task.outcome = task.hindrance = task.closed_at = None
    task.state = TaskState.ACCEPTED if task.accepted_at else TaskState.OFFERED
    task.step_at = (await ladders.in_force(db)).due(task)
    return await wrote(db, me, task, act, Line(task.id, Happening.REOPENED, to_post_id=by.id))


async def _closed_by(db: AsyncSession, me: Viewer, task: Task) -> bool:
    last = await history.newest(db, task.id, tuple(ENDS.values()))
    return last is not None and last.by_account == me.account_id
