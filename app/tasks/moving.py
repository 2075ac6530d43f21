"""Moving open tasks: to a colleague, up the tree, back into a queue. Both sides are told; the history keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app import messages
from app.kit import clock
from app.tasks import history, telling
from app.tasks.history import Line
from app.tasks.owning import Choice
from models.tasks import Happening, Task, TaskState, Why


@dataclass(frozen=True, slots=True)
class Move:
    """One task on its way to somebody else."""

    task: Task
    choice: Choice
    happening: Happening = Happening.HANDED_OVER
    by_account: UUID | None = None
    note: str = ""
    step_id: UUID | None = None


async def move(
    db: AsyncSession, moves: Sequence[Move], template: str = "task_handed_over", why: Why | None = None
) -> None:
    """Make somebody else accountable. Who had accepted it has not accepted it for their successor."""
    lines: list[Line] = []
    to: list[tuple[UUID, Task]] = []
    past: list[tuple[UUID, Task]] = []
    for one in moves:
        task, before, choice = one.task, one.task.owner_post_id, one.choice
        task.owner_post_id, task.queue_code = choice.post_id, choice.queue_code
        task.held_since, task.accepted_at = clock.now(), None
        climbed = one.happening is Happening.CLIMBED or task.state == TaskState.ESCALATED
        task.state = TaskState.ESCALATED if climbed else TaskState.OFFERED
        happening = one.happening if choice.post_id else Happening.QUEUED
        lines.append(
            Line(
                task.id, happening, why or choice.why, before, choice.post_id, one.by_account, one.note,
                task.region_code, id=one.step_id,
            )
        )  # fmt: skip
        if choice.post_id and choice.post_id != before:
            to.append((choice.post_id, task))
        if before and choice.post_id != before:
            past.append((before, task))
    await db.flush()
    await history.write(db, lines)
    # Whoever had it need not hear of it in the morning, when the quiet hours are over.
    await messages.cancel_about(db, *(one.task.id for one in moves))
    await telling.tell(db, template, to)
    await telling.tell(db, "task_taken", past)
