"""Moving open tasks: to a colleague, up the tree, back into a queue. Both sides are told; the history keeps it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app import messages
from app.kit import clock
from app.tasks import history, ladders, telling
from app.tasks.drafts import AnyTask
from app.tasks.history import Line
from app.tasks.owning import Choice
from models.tasks import Happening, Task, TaskState, Why


@dataclass(frozen=True, slots=True)
class Move:
    """One task on its way to somebody else."""

    task: Task
    choice: Choice
    happening: Happening = Happening.HANDED_OVER
    template: str = "task_handed_over"
    by_account: UUID | None = None
    by_owner: bool = False  # whoever had it gave it away themselves, and need not be told
    note: str = ""
    step_id: UUID | None = None


class Ways:
    """Tasks that move within one transaction, perhaps through several hands: told is whoever has each at the end, and
    whoever had it before. Through whose hands it only passed, hears nothing."""

    def __init__(self) -> None:
        self._first: dict[UUID, UUID | None] = {}
        self._last: dict[UUID, Move] = {}

    def add(self, move: Move, before: UUID | None) -> None:
        """One more hand."""
        self._first.setdefault(move.task.id, None if move.by_owner else before)
        self._last[move.task.id] = move

    def moved(self, task: Task) -> bool:
        """Has it come into other hands on this way?"""
        return task.id in self._last

    async def tell(self, db: AsyncSession) -> None:
        """Tell both sides; who had a task without ever having heard of it, hears nothing now."""
        heard = await messages.told_of(db, self._last)
        # Whoever had it need not hear of it in the morning, when the quiet hours are over.
        await messages.cancel_about(db, *self._last)
        told: dict[str, list[tuple[UUID, AnyTask]]] = defaultdict(list)
        for name, move in self._last.items():
            first, owner = self._first[name], move.task.owner_post_id
            if owner is not None and owner != first:
                told[move.template].append((owner, move.task))
            if first is not None and owner != first and name in heard:
                told["task_taken"].append((first, move.task))
        for template, pairs in told.items():
            await telling.tell(db, template, pairs)


async def move(db: AsyncSession, moves: Sequence[Move], why: Why | None = None) -> None:
    """Make somebody else accountable, who has the time to accept anew, and tell both sides."""
    ways = Ways()
    had = {one.task.id: one.task.accepted_at is not None for one in moves}
    changed = await shift(db, moves, ways, why)
    known = await ladders.in_force(db)
    for task in changed:
        known.renew(task, accepted=had[task.id])
    await db.flush()
    await ways.tell(db)


async def shift(db: AsyncSession, moves: Sequence[Move], ways: Ways, why: Why | None = None) -> list[Task]:
    """Make somebody else accountable, without a word yet. Who had accepted it has not accepted it for their successor.
    Returns those that changed hands."""
    lines: list[Line] = []
    changed: list[Task] = []
    for one in moves:
        task, before, choice = one.task, one.task.owner_post_id, one.choice
        if (before, task.queue_code) != (choice.post_id, choice.queue_code):
            task.owner_post_id, task.queue_code = choice.post_id, choice.queue_code
            task.held_since, task.accepted_at = clock.now(), None
            climbed = one.happening is Happening.CLIMBED or task.state == TaskState.ESCALATED
            task.state = TaskState.ESCALATED if climbed else TaskState.OFFERED
            ways.add(one, before)
            changed.append(task)
        happening = one.happening if choice.post_id else Happening.QUEUED
        lines.append(
            Line(
                task.id, happening, why or choice.why, before, choice.post_id, one.by_account, one.note,
                task.region_code, id=one.step_id,
            )
        )  # fmt: skip
    await db.flush()
    await history.write(db, lines)
    return changed
