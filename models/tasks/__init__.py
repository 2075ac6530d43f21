"""Tasks: everything that waits for a named person by a time."""

from models.tasks.tables import STILL_OPEN, Chase, Ladder, Task, TaskStep
from models.tasks.words import (
    KIND_WORDS,
    OPEN,
    WAITING,
    WEIGHTS,
    Happening,
    Hindrance,
    Kind,
    Outcome,
    TaskState,
    Why,
)  # fmt: skip

__all__ = [
    "KIND_WORDS", "OPEN", "STILL_OPEN", "WAITING", "WEIGHTS", "Chase", "Happening", "Hindrance", "Kind", "Ladder",
    "Outcome", "Task", "TaskState", "TaskStep", "Why",
]  # fmt: skip
