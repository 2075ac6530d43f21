"""The ladder of tasks that nobody takes care of. Chosen by state: whoever slept through three ticks catches up once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, SmallInteger, Uuid, func, literal
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app import messages
from app.kit import clock
from app.kit.db import among
from app.tasks import history, ladders, moving, owning, telling
from app.tasks.history import Line
from app.tasks.ladders import Ladders
from app.tasks.moving import Move, Ways
from app.tasks.owning import Want
from models.staff import Post
from models.tasks import OPEN, WAITING, Happening, Task, Why
from models.tasks.ladders import Rung
from models.tasks.words import Act, Whom

AT_ONCE = 5_000
LATELY = timedelta(days=1)


@dataclass
class _Steps:
    """What the steps of one tick bring."""

    ways: Ways = field(default_factory=Ways)
    reminded: dict[UUID, dict[Rung, Task]] = field(default_factory=dict)

    async def tell(self, db: AsyncSession) -> None:
        """Tell whoever has each task now. Who got it only now need not hear that it was not accepted before."""
        await self.ways.tell(db)
        told: dict[str, list[tuple[UUID, Task]]] = {}
        for rungs in self.reminded.values():
            for rung, task in rungs.items():
                if task.owner_post_id and not (rung.unless == "accepted" and self.ways.moved(task)):
                    told.setdefault(rung.template, []).append((task.owner_post_id, task))
        for template, pairs in told.items():
            await telling.tell(db, template, pairs)


async def tick(db: AsyncSession) -> int:
    """Take every due step of up to 5,000 tasks. Returns of how many; the caller goes on until there is none.

    Several steps of one task may be due when a worker slept: all are taken, and told is only whoever has it at the end.
    """
    now = clock.now()
    due = (
        select(Task)
        .where(col(Task.step_at) <= now, col(Task.state).in_(OPEN))
        .order_by(col(Task.step_at), col(Task.id))
    )
    tasks = (await db.exec(due.limit(AT_ONCE).with_for_update())).all()
    if not tasks:
        return 0
    known, steps = await ladders.in_force(db), _Steps()
    for task in tasks:
        if task.policy and task.step_at == task.held_since and task.state in WAITING:
            known.renew(task, accepted=task.accepted_at is not None)
            task.accepted_at = None
    left: Sequence[Task] = tasks
    while left:
        left = await _round(db, (known, now), left, steps)
    await db.flush()
    await _passed(db, tasks)
    await _offer(db, [task for task in tasks if task.created_at > now - LATELY and not steps.ways.moved(task)])
    await steps.tell(db)
    return len(tasks)


async def _offer(db: AsyncSession, tasks: Sequence[Task]) -> None:
    """What was opened with a step due already has stayed where it was: now its owner is told."""
    heard = await messages.told_of(db, (task.id for task in tasks))
    await telling.tell(
        db, "task_offered", [(t.owner_post_id, t) for t in tasks if t.owner_post_id and t.id not in heard]
    )


async def _round(db: AsyncSession, when: tuple[Ladders, datetime], tasks: Sequence[Task], steps: _Steps) -> list[Task]:
    """Take the next step of each that is due. Returns those of which another one may be."""
    known, now = when
    opening: list[tuple[Task, Rung]] = []
    climbing: list[tuple[Task, Rung]] = []
    more: list[Task] = []
    for task in tasks:
        new = not task.policy
        if new:
            known.start(task)
        step = next(iter(known.left(task)), None)
        if step is None or step.at > now:
            set_committed_value(task, "step_at", step.at if step else None)
            continue
        rung = step.rung
        more.append(task)
        _pass(known, task)
        if rung.unless == "accepted" and task.state not in WAITING:
            continue
        if rung.act is Act.OPEN and new:
            opening.append((task, rung))
        elif rung.act is Act.CLIMB:
            climbing.append((task, rung))
        elif rung.act is Act.TELL and rung.to is Whom.OWNER:
            steps.reminded.setdefault(task.id, {})[rung] = task
    await _open(db, opening, steps)
    await _climb(db, climbing, steps)
    return more


def _pass(known: Ladders, task: Task) -> None:
    """The step is taken, whatever it brings: the next one counts, and never more than one of them at a time."""
    set_committed_value(task, "rung", task.rung + 1)
    set_committed_value(task, "step_at", known.due(task))


async def _passed(db: AsyncSession, tasks: Sequence[Task]) -> None:
    """Store where they stand on their ladders, as one statement: each by itself would take longer than all the rest."""
    names, rungs, moments = ([getattr(task, name) for task in tasks] for name in ("id", "rung", "step_at"))
    arrays = (
        literal(names, ARRAY(Uuid())),
        literal(rungs, ARRAY(SmallInteger())),
        literal(moments, ARRAY(DateTime(timezone=True))),
    )
    now = func.unnest(*arrays).table_valued("id", "rung", "step_at", name="now").render_derived()
    stands = update(Task).where(col(Task.id) == now.c.id).values(rung=now.c.rung, step_at=now.c.step_at)
    await db.exec(stands.execution_options(synchronize_session=False))


async def _open(db: AsyncSession, opening: list[tuple[Task, Rung]], steps: _Steps) -> None:
    """Tasks that the hot path wrote get whoever is accountable."""
    new = [(task, rung) for task, rung in opening if task.queue_code is not None]
    if not new:
        return
    chosen = await owning.choose(db, [Want(t.id, t.region_code, t.weight, t.person_id) for t, _ in new])
    await history.write(db, [Line(task.id, Happening.OPENED) for task, _ in new])
    moves = [Move(task, chosen[task.id], Happening.OFFERED, rung.template) for task, rung in new]
    await moving.shift(db, moves, steps.ways)


async def _climb(db: AsyncSession, climbing: list[tuple[Task, Rung]], steps: _Steps) -> None:
    """The next level above becomes accountable. Where nobody is on duty above, it stays with whoever has it."""
    if not climbing:
        return
    reached = await _levels(db, [task for task, _ in climbing])
    wants = [Want(task.id, task.region_code, task.weight, above=reached[task.id]) for task, _ in climbing]
    chosen = await owning.choose(db, wants)
    moves: list[Move] = []
    stayed: list[Line] = []
    for task, rung in climbing:
        if chosen[task.id].post_id is None:
            stayed.append(Line(task.id, Happening.CLIMBED, Why.NOBODY, task.owner_post_id, task.owner_post_id))
        else:
            moves.append(Move(task, chosen[task.id], Happening.CLIMBED, rung.template))
    await history.write(db, stayed)
    await moving.shift(db, moves, steps.ways, Why.LADDER)


async def _levels(db: AsyncSession, tasks: list[Task]) -> dict[UUID, int]:
    """The region from which each climbs: of whoever has it, else of its queue."""
    found = await db.exec(
        select(Post.id, Post.region_code).where(
            among(col(Post.id), {task.owner_post_id for task in tasks if task.owner_post_id})
        )
    )
    codes = dict(found.all())
    return {task.id: codes.get(task.owner_post_id) or task.queue_code or task.region_code for task in tasks}  # type: ignore[arg-type]
