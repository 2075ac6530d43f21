"""A task before it is stored. A batch of missing reports may be tens of thousands: objects of the session would cost
more than everything else about them."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from models.tasks import Task


@dataclass(slots=True)
class Draft:
    """The columns of a new task; the others are empty."""

    id: UUID
    kind: str
    state: str
    region_code: int
    person_id: UUID | None
    subject: UUID | None
    day: date | None
    slot: int | None
    owner_post_id: UUID | None
    queue_code: int | None
    held_since: datetime
    weight: int
    counts_from: datetime
    start_at: datetime
    due_at: datetime
    created_at: datetime
    created_by: UUID | None
    words_sealed: bytes | None
    policy: int = 0
    rung: int = 0
    step_at: datetime | None = None

    def row(self) -> dict[str, Any]:
        """As the table takes it."""
        return {name: getattr(self, name) for name in _NAMES}


_NAMES = tuple(field.name for field in fields(Draft))
AnyTask = Task | Draft
