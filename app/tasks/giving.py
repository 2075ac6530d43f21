"""Giving work: opened by hand, handed over to a colleague, or back to whoever the rules find."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import residents, staff
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound
from app.kit.viewer import Viewer
from app.tasks import moving, opening, owning
from app.tasks.acting import NotYourOrder, begun, still_open
from app.tasks.moving import Move
from app.tasks.opening import New
from app.tasks.owning import Choice, Want, able
from app.tasks.reaching import leads, reached
from models.audit import Act, Purpose
from models.staff import Post
from models.tasks import Happening, Kind, Task, TaskCreate, TaskHandOver, Why

LONGEST = timedelta(days=31)
BY_HAND = (Kind.VISIT, Kind.CALL, Kind.ERRAND)


async def hand_over(db: AsyncSession, me: Viewer, task_id: UUID, act: TaskHandOver) -> Task:
    """To a colleague who is present and looks after people there; without one, to whoever the rules find.

    Raises NotYourOrder, Closed, Invalid for somebody who is away or elsewhere.
    """
    task, by, before = await begun(db, me, task_id, act, Happening.HANDED_OVER, Happening.QUEUED)
    if before:
        return task
    still_open(task)
    if task.owner_post_id != by.id and not leads(me, task):
        raise NotYourOrder
    if act.post_id is None:
        want = Want(task.id, task.region_code, task.weight, not_by=task.owner_post_id)
        choice = (await owning.choose(db, [want]))[task.id]
    else:
        await _can_take(db, act.post_id, task.region_code, "post_id")
        choice = Choice(act.post_id, None, Why.NAMED)
    own = task.owner_post_id in {post.id for post in me.posts}
    move = Move(task, choice, by_account=me.account_id, by_owner=own, note=act.note, step_id=act.id)
    await moving.move(db, [move])
    return task


async def _can_take(db: AsyncSession, post_id: UUID, code: int, field: str) -> None:
    found = await db.exec(select(Post).where(Post.id == post_id, staff.present()).with_for_update(read=True))
    post = found.one_or_none()
    if post is None or not able(post, code):
        words = N_("Please choose a colleague who is on duty and looks after people there.")
        raise Invalid(faults=(Fault(field, words),))


async def create(db: AsyncSession, me: Viewer, form: TaskCreate) -> Task:
    """Open a task by hand: a visit, a call, an errand. The same id again is the same task. Raises NotFound, Invalid."""
    if form.kind not in BY_HAND:
        raise Invalid(faults=(Fault("kind", N_("A task by hand is a visit, a call or an errand.")),))
    now = clock.now()
    if not now < form.due_at <= now + LONGEST:
        raise Invalid(faults=(Fault("due_at", N_("Please choose a moment within the next 31 days.")),))
    if form.start_at is not None and form.start_at > form.due_at:
        raise Invalid(faults=(Fault("due_at", N_("The end comes before the beginning.")),))
    code = await _place(db, me, form)
    new = New(
        f"task|{me.account_id}|{form.id}", form.kind, code, form.due_at, form.person_id, start_at=form.start_at,
        words=form.words, by_account=me.account_id, owner=form.owner_post_id,
    )  # fmt: skip
    if form.owner_post_id is not None:
        await _can_take(db, form.owner_post_id, code, "owner_post_id")
    await opening.open_all(db, [new])
    task, _ = await reached(db, me, opening.name_of(new))
    return task


async def _place(db: AsyncSession, me: Viewer, form: TaskCreate) -> int:
    if form.person_id is not None:
        row = await residents.open_record(db, me, form.person_id, Act.SAW_PERSON, Purpose.PEOPLE)
        return row.region_code
    if form.region_code is None:
        raise Invalid(faults=(Fault("region_code", N_("Please fill this in.")),))
    if me.post_over(form.region_code) is None:
        raise NotFound
    return form.region_code
