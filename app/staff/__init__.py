"""The six-level organisation: posts and what they are good for, appointing, duty, the board of a stand-up."""

from app.kit.viewer import Held
from app.staff.appointing import (
    AlreadyAppointed,
    appoint,
    change,
    dismiss,
    invite,
    invite_again,
    reset_factors,
    run_out,
    transfer,
)  # fmt: skip
from app.staff.board import board, gaps
from app.staff.duty import Answer, Duty, answering, answers, heir_of, on_duty, present, worker_of
from app.staff.names import typed
from app.staff.planning import absences_of, cancel, come_back, leave, plan, shifts_of
from app.staff.posts import claim, complete, in_force, mine, phone_mask, phone_of, posts_of, public, reached
from app.staff.responses import NoResponse, ResponseUnderWay, active, group_of, groups_of, start
from app.staff.rules import LastAdministrator, fits, granting, separate
from app.staff.units import SEEING, absence_of, around, colleagues_of, one, place_of, places_near, posts_in, present_in
from models.staff import RIGHTS, Hour, Right, RightRow, RightsTable, may

__all__ = [
    "SEEING", "AlreadyAppointed", "Answer", "Duty", "Hour", "LastAdministrator", "NoResponse", "ResponseUnderWay",
    "absence_of", "absences_of", "active", "answering", "answers", "appoint", "around", "board", "cancel", "change",
    "claim",
    "colleagues_of", "come_back", "complete", "dismiss", "fits", "gaps", "granting", "group_of", "groups_of",
    "heir_of", "in_force", "invite", "invite_again", "leave", "mine", "on_duty", "one", "phone_mask", "phone_of",
    "place_of", "places_near", "plan", "posts_in", "posts_of", "present", "present_in", "public", "reached",
    "reset_factors", "rights_of", "run_out", "separate", "shifts_of", "start", "transfer", "typed", "worker_of",
]  # fmt: skip


def rights_of(posts: tuple[Held, ...]) -> RightsTable:
    """The table who can do what, as the house asks it, and what these posts are good for."""
    items = [RightRow(right=right, roles={role: list(levels) for role, levels in roles.items()})
             for right, roles in RIGHTS.items()]  # fmt: skip
    mine_now = [right for right in Right if any(may(post.role, right, post.level) for post in posts)]
    return RightsTable(items=items, mine=mine_now)
