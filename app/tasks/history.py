"""The history of tasks: one line for everything that happens to one, hand-overs with both sides."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.kit import clock
from app.kit.db import insert_all
from app.kit.ids import uuid7
from app.tasks.drafts import AnyTask
from models.tasks import Happening, TaskAct, TaskStep

NOTE = "task_step|note"


@dataclass(frozen=True, slots=True)
class Line:
    """One line to be written."""

    task_id: UUID
    happening: Happening
    why: str = ""
    from_post_id: UUID | None = None
    to_post_id: UUID | None = None
    by_account: UUID | None = None
    note: str = ""
    region_code: int = 0  # under whose key the note lies
    filled_at: datetime | None = None
    id: UUID | None = None  # made by a phone; the house makes one where nobody did


def by(line: Line, account: UUID, act: TaskAct, region_code: int) -> Line:
    """The line of what somebody did by hand."""
    return replace(line, by_account=account, note=act.note, region_code=region_code, filled_at=act.filled_at, id=act.id)


async def newest(db: AsyncSession, task_id: UUID, happenings: Sequence[Happening]) -> TaskStep | None:
    """The last line of one of these kinds."""
    steps = select(TaskStep).where(TaskStep.task_id == task_id, col(TaskStep.happening).in_(happenings))
    return (await db.exec(steps.order_by(col(TaskStep.at).desc()).limit(1))).one_or_none()


async def write(db: AsyncSession, lines: Iterable[Line]) -> None:
    """Write lines, in the caller's transaction."""
    now, keys = clock.now(), vault.of(db)
    rows: list[dict[str, Any]] = []
    before: Counter[UUID] = Counter()
    for line in lines:
        name = line.id or uuid7()
        # What happens to one task in the same moment happened in this order.
        at = now + timedelta(microseconds=before[line.task_id])
        before[line.task_id] += 1
        note = keys.seal(line.note, NOTE, name, line.region_code) if line.note else None
        rows.append(
            {
                "id": name, "task_id": line.task_id, "at": at, "happening": line.happening, "why": line.why,
                "from_post_id": line.from_post_id, "to_post_id": line.to_post_id, "by_account": line.by_account,
                "note_sealed": note, "filled_at": line.filled_at,
            }
        )  # fmt: skip
    await insert_all(db, TaskStep, rows)


def number(task: AnyTask) -> str:
    """What people call a task by over the phone, and what makes each message about it another text: 1122-7B04E1."""
    return numbered(task.day or clock.local_day(task.created_at), task.id)


def numbered(day: date, name: UUID) -> str:
    """The number of a day and an id. `NUMBERED` is the same in SQL."""
    return f"{day:%m%d}-{name.hex[:6].upper()}"


NUMBERED = "to_char({day}, 'MMDD') || '-' || upper(substr({name}::text, 1, 6))"
