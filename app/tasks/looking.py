"""Looking: a worker's day, the work of a region, one task with all that happened to it."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions, residents, vault
from app.audit import Deed
from app.kit import clock
from app.kit.viewer import Viewer
from app.tasks import ahead, history, ladders, photos
from app.tasks.closing import UNDO
from app.tasks.history import NOTE, number
from app.tasks.opening import WORDS
from app.tasks.reaching import ASKS, leads, reached, seen
from models.audit import Act, Purpose
from models.regions import last_of
from models.residents import Resident
from models.staff import Post
from models.tasks import (
    OPEN,
    WAITING,
    Happening,
    Hindrance,
    Kind,
    Outcome,
    Task,
    TaskCounts,
    TaskListed,
    TaskPerson,
    TaskPhotoPublic,
    TaskPublic,
    TasksFound,
    TaskState,
    TaskStep,
    TaskStepPublic,
)

A_PAGE = 50
A_DAY = 200
SLOW = timedelta(minutes=30)


class Only(StrEnum):
    """Which tasks of a region a list shows."""

    OPEN = "open"
    UNACCEPTED = "unaccepted"
    OVERDUE = "overdue"
    UNOWNED = "unowned"
    URGENT = "urgent"
    CLOSED = "closed"


def which(only: Only) -> tuple[ColumnElement[bool], ...]:
    now, still = clock.now(), col(Task.state).in_(OPEN)
    return {
        Only.OPEN: (still,),
        Only.UNACCEPTED: (col(Task.state).in_(WAITING), col(Task.held_since) < now - SLOW),
        Only.OVERDUE: (still, col(Task.due_at) < now),
        Only.UNOWNED: (still, col(Task.owner_post_id).is_(None)),
        Only.URGENT: (still, col(Task.kind) == Kind.URGENT_REPORT),
        Only.CLOSED: (~still, col(Task.closed_at) > now - timedelta(days=7)),
    }[only]


# Urgent first, then what is overdue, then by the time it is due.
_ORDER = (
    case((col(Task.kind) == Kind.URGENT_REPORT, 0), else_=1), case((col(Task.due_at) < func.now(), 0), else_=1),
    col(Task.due_at), col(Task.id),
)  # fmt: skip


async def my_day(db: AsyncSession, me: Viewer) -> TasksFound:
    """What the viewer is accountable for, and what stands unowned in their places. A list of people: its opening is
    logged."""
    mine = col(Task.owner_post_id).in_([post.id for post in me.with_right(ASKS)])
    here = or_(mine, col(Task.queue_code).is_not(None))
    day = select(Task).where(col(Task.state).in_(OPEN), here, seen(me)).order_by(case((mine, 0), else_=1), *_ORDER)
    found = (await db.exec(day.limit(A_DAY))).all()
    items = await _listed(db, me, found)
    items.sort(key=_rank)
    counts = await counts_of(db, here, seen(me))
    people = sum(1 for item in items if item.person)
    if people and me.posts:
        post = me.with_right(ASKS)[0]
        deed = Deed(
            Act.SAW_LIST, Purpose.PEOPLE, place_code=post.region_code, facts={"people": people, "list": "tasks"}
        )
        await audit.record(db, me, deed, post)
    return TasksFound(counts=counts, items=items)


def _rank(item: TaskListed) -> tuple[Any, ...]:
    """Alarms by the clock; of the rest what is overdue and one's own, then by building, so that one way through the
    stairs serves several doors."""
    if item.kind is Kind.URGENT_REPORT:
        return (0, item.due_at, str(item.id))
    return (1, not item.overdue, not item.mine, item.person.address if item.person else "", item.due_at)


async def listed(db: AsyncSession, me: Viewer, code: int, only: Only, after: int = 0) -> TasksFound:
    """Tasks of a region the viewer looks after, without names: numbers and places. Raises NotFound outside."""
    regions.covered(me, code, ASKS)
    inside = col(Task.region_code).between(code, last_of(code))
    order = (col(Task.closed_at).desc(), col(Task.id)) if only is Only.CLOSED else _ORDER
    rows = await db.exec(select(Task).where(inside, *which(only)).order_by(*order).offset(after).limit(A_PAGE + 1))
    found = rows.all()
    return TasksFound(
        counts=await counts_of(db, inside), items=await _listed(db, me, found[:A_PAGE], people=False),
        after=str(after + A_PAGE) if len(found) > A_PAGE else None,
    )  # fmt: skip


async def counts_of(db: AsyncSession, *where: ColumnElement[bool]) -> TaskCounts:
    def counted(*which: ColumnElement[bool]) -> Any:  # noqa: ANN401
        return func.count().filter(*which)

    states = {state: counted(col(Task.state) == state) for state in OPEN}
    asked = (
        func.count(), *states.values(), counted(*which(Only.URGENT)), counted(*which(Only.OVERDUE)),
        counted(*which(Only.UNACCEPTED)), counted(*which(Only.UNOWNED)),
    )  # fmt: skip
    row = (await db.exec(select(*asked).select_from(Task).where(col(Task.state).in_(OPEN), *where))).one()
    names = ("open", *(state.value for state in states), "urgent", "overdue", "unaccepted", "unowned")
    return TaskCounts(**dict(zip(names, row, strict=True)))


async def _listed(db: AsyncSession, me: Viewer, tasks: Sequence[Task], *, people: bool = True) -> list[TaskListed]:
    owners = await _names(db, {task.owner_post_id for task in tasks if task.owner_post_id})
    about = await _people(db, me, tasks) if people else {}
    mine = {post.id for post in me.posts}
    return [
        TaskListed(
            id=task.id, number=number(task), kind=Kind(task.kind), state=TaskState(task.state),
            region_code=task.region_code, chain=await regions.chain_of(db, task.region_code), due_at=task.due_at,
            start_at=task.start_at, held_since=task.held_since,
            overdue=task.closed_at is None and task.due_at < clock.now(), day=task.day, slot=task.slot,
            owner_post_id=task.owner_post_id, owner=owners.get(task.owner_post_id) if task.owner_post_id else None,
            mine=task.owner_post_id in mine, person=about.get(task.person_id) if task.person_id else None,
        )
        for task in tasks
    ]  # fmt: skip


async def _names(db: AsyncSession, posts: set[UUID]) -> dict[UUID, str]:
    rows = await db.exec(select(Post.id, Post.name).where(col(Post.id).in_(posts)))
    return dict(rows.all())


async def _hands(db: AsyncSession, accounts: set[UUID]) -> dict[UUID, str]:
    """Accounts of staff -> the name of their newest post."""
    rows = select(Post.account_id, Post.name).where(col(Post.account_id).in_(accounts)).order_by(col(Post.created_at))
    return {account: name for account, name in await db.exec(rows) if account}


async def _people(db: AsyncSession, me: Viewer, tasks: Sequence[Task]) -> dict[UUID, TaskPerson]:
    """Whom tasks are about, of those the viewer looks after."""
    wanted = {task.person_id for task in tasks if task.person_id}
    if not wanted or not me.with_right(ASKS):
        return {}
    rows = await db.exec(residents.seen_by(me, select(Resident).where(col(Resident.person_id).in_(wanted))))
    return {row.person_id: _person(db, row) for row in rows}


def _person(db: AsyncSession, row: Resident) -> TaskPerson:
    return TaskPerson(
        person_id=row.person_id, name=row.name, address=residents.address_of(db, row),
        phone=residents.phone_mask(db, row),
    )  # fmt: skip


async def one(db: AsyncSession, me: Viewer, task_id: UUID) -> TaskPublic:
    """One task with its history. Whom it is about is looked up with a line in the ledger. Raises NotFound."""
    task, by = await reached(db, me, task_id)
    if task.person_id is not None:
        await audit.record(db, me, Deed(Act.SAW_PERSON, Purpose.PEOPLE, task.person_id, task.id, task.region_code), by)
    (shown,) = await _listed(db, me, [task])
    words = vault.of(db).open(task.words_sealed, WORDS, task.id) if task.words_sealed else ""
    return TaskPublic(
        **shown.model_dump(), created_at=task.created_at, accepted_at=task.accepted_at, closed_at=task.closed_at,
        outcome=Outcome(task.outcome) if task.outcome else None,
        hindrance=Hindrance(task.hindrance) if task.hindrance else None, words=words, history=await _history(db, task),
        ahead=await ahead.of(db, task), may=await _may(db, me, task),
        accept_by=(await ladders.in_force(db)).accept_by(task),
    )  # fmt: skip


async def _history(db: AsyncSession, task: Task) -> list[TaskStepPublic]:
    steps = (await db.exec(select(TaskStep).where(TaskStep.task_id == task.id).order_by(col(TaskStep.at)))).all()
    names = await _names(db, {post for step in steps for post in (step.from_post_id, step.to_post_id) if post})
    hands = await _hands(db, {step.by_account for step in steps if step.by_account})
    keys, pictures = vault.of(db), await photos.sizes(db, task.id)
    return [
        TaskStepPublic(
            at=step.at, happening=Happening(step.happening), why=step.why or None,
            from_name=names.get(step.from_post_id) if step.from_post_id else None,
            to_name=names.get(step.to_post_id) if step.to_post_id else None, by_house=step.by_account is None,
            by_name=hands.get(step.by_account) if step.by_account else None,
            note=keys.open(step.note_sealed, NOTE, step.id) if step.note_sealed else None, filled_at=step.filled_at,
            photo=TaskPhotoPublic(id=step.id, size=pictures[step.id]) if step.id in pictures else None,
        )
        for step in steps
    ]  # fmt: skip


async def _may(db: AsyncSession, me: Viewer, task: Task) -> list[str]:
    """What the viewer may do with a task, for pages that offer only what can be done."""
    ends = (Happening.DONE, Happening.NOT_EXECUTABLE, Happening.CANCELLED)
    if task.closed_at is not None:
        last = await history.newest(db, task.id, ends)
        mine = last is not None and last.by_account == me.account_id and task.closed_at > clock.now() - UNDO
        return ["note", *(["reopen"] if mine else [])]
    own = task.owner_post_id in {post.id for post in me.posts}
    lead = leads(me, task)
    can = {
        "accept": task.state in WAITING and (own or lead or task.owner_post_id is None),
        "start": task.state in {*WAITING, TaskState.ACCEPTED} and (own or task.owner_post_id is None),
        "note": True, "call": task.person_id is not None, "finish": True, "hinder": True, "hand_over": own or lead,
        "cancel": lead or task.created_by == me.account_id,
    }  # fmt: skip
    return [act for act, allowed in can.items() if allowed]
