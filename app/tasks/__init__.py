"""Tasks: everything that waits for a named person by a time."""

from app.tasks.acting import Closed, NotYourOrder, TakenAlready
from app.tasks.board import board
from app.tasks.climbing import tick
from app.tasks.closing import cancel, finish, hinder, reopen
from app.tasks.digest import digest
from app.tasks.doing import accept, accept_all, call, note, start
from app.tasks.giving import BY_HAND, create, hand_over, where
from app.tasks.history import NUMBERED
from app.tasks.ladders import in_force as ladders_in_force
from app.tasks.looking import Only, listed, my_day, one
from app.tasks.opening import New, open_all, reported_again
from app.tasks.photos import Drawn, EnoughPhotos, drawn, look_at_photo, may_photograph, photograph
from app.tasks.policies import Decided, Policy, checked, decide, policies, rungs_of
from app.tasks.taking import Taker, takers
from app.tasks.tending import tend

__all__ = [
    "BY_HAND", "NUMBERED", "Closed", "Decided", "Drawn", "EnoughPhotos", "New", "NotYourOrder", "Only", "Policy",
    "TakenAlready", "Taker", "accept", "accept_all", "board", "call", "cancel", "checked", "create", "decide", "digest",
    "drawn", "finish", "hand_over", "hinder", "ladders_in_force", "listed", "look_at_photo", "may_photograph", "my_day",
    "note", "one", "open_all", "photograph", "policies", "reopen", "reported_again", "rungs_of", "start", "takers",
    "tend", "tick", "where",
]  # fmt: skip
