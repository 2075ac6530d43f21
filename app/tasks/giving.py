"""Giving work: opened by hand, handed over to a colleague, or back to whoever the rules find."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import residents, staff
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound
from app.kit.ids import named
from app.kit.viewer import Viewer
from app.tasks import moving, opening, owning
from app.tasks.acting import NotYourOrder, begun, still_open
from app.tasks.moving import Move
from app.tasks.opening import New
from app.tasks.owning import Choice, Want, able
from app.tasks.reaching import ASKS, leads, reached
from models.audit import Act, Purpose
from models.residents import Resident
from models.staff import Post
from models.tasks import Happening, Kind, Task, TaskCreate, TaskHandOver, Why

LONGEST = timedelta(days=31)
SLACK = timedelta(minutes=5)  # between filling a form in and sending it
ELSEWHERE = N_("They are staying somewhere else now. Colleagues there, or who leads both places, can open this task.")
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
        if act.post_id == task.owner_post_id:
            raise Invalid(faults=(Fault("post_id", N_("They have this task already. Please choose somebody else.")),))
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
    key = f"task|{me.account_id}|{form.id}"
    if (await db.exec(select(Task.id).where(Task.id == named(key)))).first() is None:
        if faults := _faults(form):
            raise Invalid(faults=tuple(faults))
        code = await _place(db, me, form)
        new = New(
            key, form.kind, code, form.due_at, form.person_id, start_at=form.start_at,
            words=form.words, by_account=me.account_id, owner=form.owner_post_id,
        )  # fmt: skip
        if form.owner_post_id is not None:
            await _can_take(db, form.owner_post_id, code, "owner_post_id")
        await opening.open_all(db, [new])
    task, _ = await reached(db, me, named(key))
    return task


def _faults(form: TaskCreate) -> list[Fault]:
    """What is wrong with a task before anybody asks where it is, each field by its name."""
    now, found = clock.now(), list[Fault]()
    if form.kind not in BY_HAND:
        found.append(Fault("kind", N_("A task by hand is a visit, a call or an errand.")))
    if form.person_id is None and not form.words:
        found.append(Fault("words", N_("Please write down what is to be done: this task is about nobody.")))
    if not now < form.due_at <= now + LONGEST:
        found.append(Fault("due_at", N_("Please choose a moment within the next 31 days.")))
    if form.start_at is not None and form.start_at < now - SLACK:
        found.append(Fault("start_at", N_("This moment has passed. Please choose a later one, or leave it out.")))
    elif form.start_at is not None and form.start_at > form.due_at:
        found.append(Fault("due_at", N_("The end comes before the beginning.")))
    return found


async def _place(db: AsyncSession, me: Viewer, form: TaskCreate) -> int:
    """Where it is to be done: where the person is now, or the place that was named. Raises NotFound, Invalid."""
    if form.person_id is not None:
        row = await residents.open_record(db, me, form.person_id, Act.SAW_PERSON, Purpose.PEOPLE)
        if form.region_code not in {None, row.region_code, row.place_code}:
            raise Invalid(faults=(Fault("region_code", N_("They are not there. Leave the place out: it is theirs.")),))
        return where(me, row)
    if form.region_code is None:
        raise Invalid(faults=(Fault("region_code", N_("Please fill this in.")),))
    if me.post_over(form.region_code) is None:
        raise NotFound
    return form.region_code


def where(me: Viewer, person: Resident) -> int:
    """The place of a task about a person: where they are now. Raises Invalid for whoever looks after them only at home,
    NotFound for whoever reaches them by none of their posts."""
    if me.post_over(person.place_code, ASKS) is None:
        if me.post_over(person.region_code, ASKS) is None:
            raise NotFound
        raise Invalid(faults=(Fault("person_id", ELSEWHERE),))
    return person.place_code
