"""The ladder of tasks that nobody takes care of. Chosen by state: whoever slept through three ticks catches up once."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, SmallInteger, Uuid, func, literal
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.kit.db import among
from app.tasks import history, ladders, moving, owning, telling
from app.tasks.history import Line
from app.tasks.ladders import Ladders
from app.tasks.moving import Move
from app.tasks.owning import Want
from models.staff import Post
from models.tasks import OPEN, WAITING, Happening, Task, Why
from models.tasks.ladders import Rung
from models.tasks.words import Act, Whom

AT_ONCE = 5_000


async def tick(db: AsyncSession) -> int:
    """Take one due step for up to 5,000 tasks. Returns how many; the caller goes on until there is none."""
    now = clock.now()
    due = (
        select(Task)
        .where(col(Task.step_at) <= now, col(Task.state).in_(OPEN))
        .order_by(col(Task.step_at), col(Task.id))
    )
    tasks = (await db.exec(due.limit(AT_ONCE).with_for_update())).all()
    if not tasks:
        return 0
    known = await ladders.in_force(db)
    told: dict[str, list[tuple[UUID, Task]]] = defaultdict(list)
    opening: list[tuple[Task, Rung]] = []
    climbing: list[tuple[Task, Rung]] = []
    for task in tasks:
        if not task.policy:
            known.start(task)
        rungs = known.at(task.policy)
        if task.rung >= len(rungs):
            set_committed_value(task, "step_at", None)
            continue
        rung = rungs[task.rung]
        _pass(known, task)
        if rung.unless == "accepted" and task.state not in WAITING:
            continue
        if rung.act is Act.OPEN:
            opening.append((task, rung))
        elif rung.act is Act.CLIMB:
            climbing.append((task, rung))
        elif rung.act is Act.TELL and rung.to is Whom.OWNER and task.owner_post_id:
            told[rung.template].append((task.owner_post_id, task))
    await _passed(db, tasks)
    for template, pairs in told.items():
        await telling.tell(db, template, pairs)
    await _open(db, opening)
    await _climb(db, climbing)
    return len(tasks)


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


async def _open(db: AsyncSession, opening: list[tuple[Task, Rung]]) -> None:
    """Tasks that the hot path wrote get whoever is accountable, who is told at once."""
    new = [(task, rung) for task, rung in opening if task.queue_code is not None]
    chosen = await owning.choose(db, [Want(t.id, t.region_code, t.weight, t.person_id) for t, _ in new])
    await history.write(db, [Line(task.id, Happening.OPENED) for task, _ in new])
    by_template: dict[str, list[Move]] = defaultdict(list)
    for task, rung in new:
        by_template[rung.template].append(Move(task, chosen[task.id], Happening.OFFERED))
    for template, moves in by_template.items():
        await moving.move(db, moves, template)


async def _climb(db: AsyncSession, climbing: list[tuple[Task, Rung]]) -> None:
    """The next level above becomes accountable. Where nobody is on duty above, it stays with whoever has it."""
    if not climbing:
        return
    reached = await _levels(db, [task for task, _ in climbing])
    wants = [Want(task.id, task.region_code, task.weight, above=reached[task.id]) for task, _ in climbing]
    chosen = await owning.choose(db, wants)
    by_template: dict[str, list[Move]] = defaultdict(list)
    stayed: list[Line] = []
    for task, rung in climbing:
        if chosen[task.id].post_id is None:
            stayed.append(Line(task.id, Happening.CLIMBED, Why.NOBODY, task.owner_post_id, task.owner_post_id))
        else:
            by_template[rung.template].append(Move(task, chosen[task.id], Happening.CLIMBED))
    await history.write(db, stayed)
    for template, moves in by_template.items():
        await moving.move(db, moves, template, Why.LADDER)


async def _levels(db: AsyncSession, tasks: list[Task]) -> dict[UUID, int]:
    """The region from which each climbs: of whoever has it, else of its queue."""
    found = await db.exec(
        select(Post.id, Post.region_code).where(
            among(col(Post.id), {task.owner_post_id for task in tasks if task.owner_post_id})
        )
    )
    codes = dict(found.all())
    return {task.id: codes.get(task.owner_post_id) or task.queue_code or task.region_code for task in tasks}  # type: ignore[arg-type]
