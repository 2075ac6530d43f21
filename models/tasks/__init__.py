"""Tasks: everything that waits for a named person by a time."""

from models.tasks.schemas import (
    LONGEST_NOTE,
    TaskAct,
    TaskAhead,
    TaskBoard,
    TaskCalled,
    TaskCancel,
    TaskCounts,
    TaskCreate,
    TaskFinish,
    TaskHandOver,
    TaskHinder,
    TaskListed,
    TaskPerson,
    TaskPhotoPublic,
    TaskPublic,
    TasksFound,
    TaskStepPublic,
    TaskWorker,
)
from models.tasks.tables import MOST_PHOTOS, STILL_OPEN, Chase, Ladder, Task, TaskPhoto, TaskStep
from models.tasks.words import (
    KIND_WORDS,
    OPEN,
    OUTCOMES,
    WAITING,
    WEIGHTS,
    Happening,
    Hindrance,
    Kind,
    Outcome,
    TaskState,
    Why,
    hindrances,
)  # fmt: skip

__all__ = [
    "KIND_WORDS", "LONGEST_NOTE", "MOST_PHOTOS", "OPEN", "OUTCOMES", "STILL_OPEN", "WAITING", "WEIGHTS", "Chase",
    "Happening", "Hindrance", "Kind", "Ladder", "Outcome", "Task", "TaskAct", "TaskAhead", "TaskBoard", "TaskCalled",
    "TaskCancel", "TaskCounts", "TaskCreate", "TaskFinish", "TaskHandOver", "TaskHinder", "TaskListed", "TaskPerson",
    "TaskPhoto", "TaskPhotoPublic", "TaskPublic", "TaskState", "TaskStep", "TaskStepPublic", "TaskWorker", "TasksFound",
    "Why", "hindrances",
]  # fmt: skip
