"""Tasks: everything that waits for a named person by a time."""

from app.tasks.climbing import tick
from app.tasks.history import NUMBERED
from app.tasks.ladders import in_force as ladders_in_force
from app.tasks.opening import New, open_all
from app.tasks.tending import tend

__all__ = ["NUMBERED", "New", "ladders_in_force", "open_all", "tend", "tick"]
