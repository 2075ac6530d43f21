"""Opening tasks: in one transaction each has one accountable person on duty, or stands in a queue that people see."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.kit import clock
from app.kit.db import among, insert_all
from app.kit.ids import named
from app.tasks import history, ladders, owning, telling
from app.tasks.drafts import AnyTask, Draft
from app.tasks.history import Line
from app.tasks.owning import Choice, Want
from models.tasks import WEIGHTS, Happening, Kind, Task, TaskState

WORDS = "task|words"


@dataclass(frozen=True, slots=True)
class New:
    """A task to be opened. The same `key` is the same task, whoever asks for it and however often."""

    key: str
    kind: Kind
    region_code: int
    due_at: datetime
    person_id: UUID | None = None
    subject: UUID | None = None
    day: date | None = None
    slot: int | None = None
    counts_from: datetime | None = None  # now, when left out
    start_at: datetime | None = None
    words: str = ""
    by_account: UUID | None = None
    owner: UUID | None = None  # named by whoever opens it
    template: str = "task_offered"
    rung: int = 0  # steps of its ladder that were taken before there was a task


def name_of(new: New) -> UUID:
    """The id of a task, from its key."""
    return named(new.key)


async def open_all(db: AsyncSession, news: Sequence[New]) -> list[Draft]:
    """Open tasks and tell their owners. Returns those that are new: the same key again changes nothing."""
    steps = await ladders.in_force(db)
    pairs = {name_of(new): new for new in news}
    for name in await _known(db, list(pairs)):
        del pairs[name]
    wants = [
        Want(name, new.region_code, WEIGHTS[new.kind], new.person_id, named=new.owner) for name, new in pairs.items()
    ]
    chosen = await owning.choose(db, wants)
    tasks = [_task(db, name, new, chosen[name]) for name, new in pairs.items()]
    for task in tasks:
        steps.start(task, pairs[task.id].rung)
    fresh = await _stored(db, tasks)
    opened = [task for task in tasks if task.id in fresh]
    await history.write(db, [line for task in opened for line in _lines(task, pairs[task.id], chosen[task.id])])
    by_template: dict[str, list[tuple[UUID, AnyTask]]] = defaultdict(list)
    for task in opened:
        # What climbs with the next tick is told of by that tick, to whoever has it then.
        if task.owner_post_id and not steps.climbs_at_once(task):
            by_template[pairs[task.id].template].append((task.owner_post_id, task))
    for template, told in by_template.items():
        await telling.tell(db, template, told)
    return opened


async def _known(db: AsyncSession, names: Sequence[UUID]) -> set[UUID]:
    """Those of these tasks that are there already."""
    return set(await db.exec(select(Task.id).where(among(col(Task.id), names))))


def _lines(task: Draft, new: New, choice: Choice) -> tuple[Line, Line]:
    happening = Happening.OFFERED if choice.post_id else Happening.QUEUED
    return (
        Line(task.id, Happening.OPENED, by_account=new.by_account),
        Line(task.id, happening, choice.why, to_post_id=choice.post_id, by_account=new.by_account),
    )


def _task(db: AsyncSession, name: UUID, new: New, choice: Choice) -> Draft:
    now = clock.now()
    start = new.start_at or now
    words = vault.of(db).seal(new.words, WORDS, name, new.region_code) if new.words else None
    return Draft(
        id=name, kind=new.kind, state=TaskState.OFFERED, region_code=new.region_code, person_id=new.person_id,
        subject=new.subject, day=new.day, slot=new.slot, owner_post_id=choice.post_id, queue_code=choice.queue_code,
        held_since=now,
        weight=WEIGHTS[new.kind], counts_from=new.counts_from or now, start_at=start, due_at=max(new.due_at, start),
        created_at=now, created_by=new.by_account, words_sealed=words,
    )  # fmt: skip


async def _stored(db: AsyncSession, tasks: Sequence[Draft]) -> set[UUID]:
    """Store tasks with their owners; which of them nobody else has stored in the same moment."""
    await insert_all(db, Task, [task.row() for task in tasks], known=True)
    ours = {task.id: task.held_since for task in tasks}
    kept = await db.exec(select(Task.id, Task.held_since).where(among(col(Task.id), ours)))
    return {name for name, since in kept if since == ours[name]}


async def reported_again(db: AsyncSession, task: Task, report_id: UUID, at: datetime) -> None:
    """Another urgent report while its alarm is open: a line of the history, and whoever has it hears of it, once."""
    # Phones make the ids of reports: two people may have the same.
    line = Line(task.id, Happening.REPORTED_AGAIN, id=named(f"again|{task.id}|{report_id}"))
    await history.write(db, [line])
    if task.owner_post_id is not None:
        await telling.tell(db, "task_again", [(task.owner_post_id, task)], further=(report_id, at))
