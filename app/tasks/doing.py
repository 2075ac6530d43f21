"""Doing: accept, start, write down, call."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app import residents
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound
from app.kit.viewer import Viewer
from app.tasks.acting import NotYourOrder, TakenAlready, begun, still_open, wrote
from app.tasks.history import Line
from app.tasks.reaching import leads
from models.staff import Post
from models.tasks import WAITING, Happening, Task, TaskAct, TaskState


async def accept(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskAct) -> Task:
    """Become the one who does it: one's own, or out of a queue of one's places. Raises TakenAlready, Closed."""
    task, by, before = await begun(db, me, task_id, act)
    if before:
        return task
    still_open(task)
    if task.state not in WAITING:
        if task.owner_post_id == by.id:
            return task
        raise await _taken(db, task)
    if task.owner_post_id not in {None, by.id} and not leads(me, task):
        raise NotYourOrder
    former, now = task.owner_post_id, clock.now()
    task.owner_post_id, task.queue_code = by.id, None
    if former != by.id:
        task.held_since = now
    task.state, task.accepted_at = TaskState.ACCEPTED, now
    return await wrote(db, me, task, act, Line(task.id, Happening.ACCEPTED, "", former, by.id))


async def _taken(db: AsyncSession, task: Task) -> TakenAlready:
    other = await db.get(Post, task.owner_post_id) if task.owner_post_id else None
    return TakenAlready(name=other.name if other else "")


async def start(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskAct) -> Task:
    """On the way. Accepts what was not accepted yet. Raises TakenAlready, NotYourOrder, Closed."""
    task, by, before = await begun(db, me, task_id, act)
    if before:
        return task
    still_open(task)
    if task.owner_post_id != by.id and task.state not in WAITING:
        raise await _taken(db, task)
    if task.owner_post_id not in {None, by.id} and not leads(me, task):
        raise NotYourOrder
    if task.owner_post_id != by.id:
        task.held_since = clock.now()
    task.owner_post_id, task.queue_code = by.id, None
    task.accepted_at = task.accepted_at or clock.now()
    task.state = TaskState.IN_PROGRESS
    return await wrote(db, me, task, act, Line(task.id, Happening.STARTED, to_post_id=by.id))


async def note(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskAct) -> Task:
    """Write something down; on a closed task as well. Raises Invalid without words."""
    task, by, before = await begun(db, me, task_id, act)
    if not act.note:
        raise Invalid(faults=(Fault("note", N_("Please fill this in.")),))
    return task if before else await wrote(db, me, task, act, Line(task.id, Happening.NOTED, to_post_id=by.id))


async def call(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskAct) -> str | None:
    """The number of whom it is about, to be called: logged, shown to the person, and a line of the history."""
    task, by, before = await begun(db, me, task_id, act)
    if task.person_id is None:
        raise NotFound
    _, phone = await residents.reveal_phone(db, me, task.person_id)
    if not before:
        await wrote(db, me, task, act, Line(task.id, Happening.CALLED, to_post_id=by.id))
    return phone
