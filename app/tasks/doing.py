"""Doing: accept, start, write down, call."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import messages, residents
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound
from app.kit.ids import named
from app.kit.viewer import Held, Viewer
from app.tasks import telling
from app.tasks.acting import NotYourOrder, TakenAlready, begun, still_open, wrote
from app.tasks.history import Line
from app.tasks.reaching import ASKS, leads
from models.staff import Post
from models.tasks import WAITING, Happening, Kind, Task, TaskAct, TaskCalled, TaskState


async def accept(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskAct) -> Task:
    """Become the one who does it: one's own, or out of a queue of one's places. Raises TakenAlready, Closed."""
    task, by, before = await begun(db, me, task_id, act, Happening.ACCEPTED)
    if before:
        return task
    still_open(task)
    if task.state not in WAITING:
        if task.owner_post_id == by.id:
            return task
        raise await _taken(db, task)
    if task.owner_post_id not in {None, by.id} and not leads(me, task):
        raise NotYourOrder
    await _take(db, me, task, (by, act))
    return task


async def _take(db: AsyncSession, me: Viewer, task: Task, how: tuple[Held, TaskAct]) -> None:
    """Accept it. Whoever had it until now hears that they need not do it any more."""
    by, act = how
    former, now = task.owner_post_id, clock.now()
    task.owner_post_id, task.queue_code = by.id, None
    if former != by.id:
        task.held_since = now
    task.state, task.accepted_at = TaskState.ACCEPTED, now
    await wrote(db, me, task, act, Line(task.id, Happening.ACCEPTED, "", former, by.id))
    if former is not None and former not in {post.id for post in me.posts}:
        await messages.cancel_about(db, task.id)
        await telling.tell(db, "task_taken", [(former, task)])


async def accept_all(db: AsyncSession, me: Viewer, act: TaskAct, task_ids: Sequence[UUID]) -> int:
    """Accept those of these tasks that were offered to oneself. Returns how many were.

    Never an urgent one: accepting it stops its ladder, so whoever does has opened it first.
    """
    mine = [post.id for post in me.with_right(ASKS)]
    offered = select(Task.id).where(
        col(Task.id).in_(task_ids), col(Task.owner_post_id).in_(mine), col(Task.state).in_(WAITING),
        col(Task.kind) != Kind.URGENT_REPORT,
    )  # fmt: skip
    waiting = (await db.exec(offered.order_by(col(Task.id)).with_for_update())).all()
    for task_id in waiting:
        await accept(db, me, task_id, TaskAct(id=named(f"{act.id}|{task_id}")))
    return len(waiting)


async def _taken(db: AsyncSession, task: Task) -> TakenAlready:
    other = await db.get(Post, task.owner_post_id) if task.owner_post_id else None
    return TakenAlready(name=other.name if other else "")


async def start(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskAct) -> Task:
    """On the way. Accepts what was not accepted yet. Raises TakenAlready, NotYourOrder, Closed."""
    task, by, before = await begun(db, me, task_id, act, Happening.STARTED)
    if before:
        return task
    still_open(task)
    if task.owner_post_id != by.id and task.state not in WAITING:
        raise await _taken(db, task)
    if task.owner_post_id not in {None, by.id} and not leads(me, task):
        raise NotYourOrder
    if task.state in WAITING or task.owner_post_id != by.id:
        await _take(db, me, task, (by, TaskAct(id=named(f"{act.id}|accepted"), filled_at=act.filled_at)))
    task.state = TaskState.IN_PROGRESS
    return await wrote(db, me, task, act, Line(task.id, Happening.STARTED, to_post_id=by.id))


async def note(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskAct) -> Task:
    """Write something down; on a closed task as well. Raises Invalid without words."""
    task, by, before = await begun(db, me, task_id, act, Happening.NOTED)
    if not act.note:
        raise Invalid(faults=(Fault("note", N_("Please fill this in.")),))
    return task if before else await wrote(db, me, task, act, Line(task.id, Happening.NOTED, to_post_id=by.id))


async def call(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskAct) -> TaskCalled:
    """The number of whom it is about, to be called: logged, shown to the person, and a line of the history.

    Raises NotFound where it is about nobody, or no number is known.
    """
    task, by, before = await begun(db, me, task_id, act, Happening.CALLED)
    if task.person_id is None:
        raise NotFound
    person, phone = await residents.reveal_phone(db, me, task.person_id)
    if phone is None:
        raise NotFound
    if not before:
        await wrote(db, me, task, act, Line(task.id, Happening.CALLED, to_post_id=by.id))
    return TaskCalled(task_id=task.id, name=person.name, phone=phone)
