"""Tasks, their history, and the ladders that climb when nobody acts."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, SmallInteger, Text, text
from sqlmodel import Field

from models.base import LOCAL, REFERENCE, Table, placed
from models.tasks.words import OPEN

_OPEN = ", ".join(f"'{state}'" for state in OPEN)
MOST_PHOTOS = 3
STILL_OPEN = f"state IN ({_OPEN})"


class Task(Table, table=True):
    """Something that waits for a named person by a time. Exactly one post is accountable, or it stands in the queue of
    a unit: there is no third. Made once for its key (`ids.named`), whoever asks for it and however often."""

    __tablename__ = "task"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint("num_nonnulls(owner_post_id, queue_code) = 1", name="is_somebodys"),
        CheckConstraint("due_at >= start_at", name="span_is_forward"),
        CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name="done_has_outcome"),
        CheckConstraint("(state = 'not_executable') = (hindrance IS NOT NULL)", name="not_executable_has_reason"),
        CheckConstraint(f"({STILL_OPEN}) = (closed_at IS NULL)", name="closed_is_closed"),
        Index("ix_task_owner_post_id", "owner_post_id", postgresql_where=text(STILL_OPEN)),
        Index("ix_task_queue_code", "queue_code", postgresql_where=text(f"queue_code IS NOT NULL AND {STILL_OPEN}")),
        Index("ix_task_region_code", "region_code", "kind", postgresql_where=text(STILL_OPEN)),
        Index("ix_task_person_id", "person_id", "created_at", postgresql_where=text("person_id IS NOT NULL")),
        Index("ix_task_step_at", "step_at", postgresql_where=text(f"step_at IS NOT NULL AND {STILL_OPEN}")),
        Index("ix_task_closed_at", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(max_length=20)
    state: str = Field(max_length=16)
    region_code: int = Field(sa_type=BigInteger)  # where it is to be done
    person_id: UUID | None = None
    subject: UUID | None = None  # the report, notice or case it is about
    day: date | None = None  # of a report that is missing or alarming
    slot: int | None = Field(default=None, sa_type=SmallInteger)
    owner_post_id: UUID | None = Field(default=None, foreign_key="post.id")
    queue_code: int | None = Field(default=None, sa_type=BigInteger)
    held_since: datetime  # since when with this owner, or in this queue
    weight: int = Field(sa_type=SmallInteger)
    counts_from: datetime  # from when its ladder counts: a cut-off, the report, the opening; later for a new owner
    start_at: datetime  # suggested
    due_at: datetime
    created_at: datetime
    created_by: UUID | None = None  # an account; NULL: the house itself
    words_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)  # what is to be done, where somebody wrote it
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = Field(default=None, max_length=16)
    hindrance: str | None = Field(default=None, max_length=16)
    policy: int = 0  # version of its ladder; 0: it has none
    rung: int = Field(default=0, sa_type=SmallInteger)  # steps of the ladder that were taken
    step_at: datetime | None = None  # when the next one is due


class TaskStep(Table, table=True):
    """One line of a task's history: who, when, why. Hand-overs name both sides."""

    __tablename__ = "task_step"
    __table_args__ = placed(
        LOCAL,
        Index("ix_task_step_task_id", "task_id", "at"),
        Index("ix_task_step_by_account", "by_account", "at", postgresql_where=text("by_account IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    task_id: UUID = Field(foreign_key="task.id")
    at: datetime
    happening: str = Field(max_length=16)
    from_post_id: UUID | None = None
    to_post_id: UUID | None = None
    by_account: UUID | None = None  # NULL: the house itself
    why: str = Field(default="", max_length=16)
    note_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    filled_at: datetime | None = None  # when it was written on a phone that had no network


class TaskPhoto(Table, table=True):
    """A photo of how a task went. Who took it and when stands in the line of the history with the same id."""

    __tablename__ = "task_photo"
    __table_args__ = placed(
        LOCAL,
        CheckConstraint(f"place BETWEEN 1 AND {MOST_PHOTOS}", name="photos_are_few"),
        CheckConstraint("size > 0", name="size_is_positive"),
        Index("uq_task_photo_task_id_place", "task_id", "place", unique=True),
    )

    id: UUID = Field(primary_key=True, foreign_key="task_step.id")
    task_id: UUID = Field(foreign_key="task.id")
    place: int = Field(sa_type=SmallInteger)  # the first, the second ...
    size: int  # bytes of the picture
    picture_sealed: bytes = Field(sa_type=LargeBinary)


class Ladder(Table, table=True):
    """What happens when nobody acts: the steps for one kind of task in one region and below, from a day on. Rows are
    added, never changed."""

    __tablename__ = "ladder"
    __table_args__ = placed(
        REFERENCE,
        Index("uq_ladder_kind_region_in_force", "kind", "region_code", "in_force_from", unique=True),
    )

    version: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    kind: str = Field(max_length=20)
    region_code: int = Field(sa_type=BigInteger)
    last_code: int = Field(sa_type=BigInteger)
    in_force_from: date
    steps: str = Field(sa_type=Text)  # JSON: list of Rung
    source: str = Field(max_length=200)


class Chase(Table, table=True):
    """A step that was taken for everybody whose report of a slot was missing: it is not looked for again."""

    __tablename__ = "chase"
    __table_args__ = placed(LOCAL)

    rule_version: int = Field(primary_key=True)  # of the verdict rule: a programme in a region
    day: date = Field(primary_key=True)
    slot: int = Field(primary_key=True, sa_type=SmallInteger)
    step: int = Field(primary_key=True, sa_type=SmallInteger)
    at: datetime
    found: int
