"""The six-level organisation: responses, groups, posts, shifts, and the table of who can do what."""

from models.staff.posts import Absence, Ending, Post, PostEnding, Response, Shift, WorkGroup
from models.staff.rights import (
    GUARDED_ROLES,
    RIGHTS,
    SERVES,
    Right,
    Role,
    guarded,
    may,
)
from models.staff.schemas import (
    AbsenceCreate,
    AbsencePublic,
    AbsencesFound,
    Board,
    Dismissal,
    Gap,
    GapsFound,
    Hour,
    OnDuty,
    OnDutyFound,
    PostChange,
    PostCreate,
    PostListed,
    PostPublic,
    PostsFound,
    RightRow,
    RightsTable,
    ShiftCreate,
    ShiftPublic,
    ShiftsFound,
    Transfer,
    UnitStanding,
)

__all__ = [
    "GUARDED_ROLES", "RIGHTS", "SERVES", "Absence", "AbsenceCreate", "AbsencePublic", "AbsencesFound", "Board",
    "Dismissal", "Ending", "Gap", "GapsFound", "Hour", "OnDuty", "OnDutyFound", "Post", "PostChange", "PostCreate",
    "PostEnding", "PostListed", "PostPublic", "PostsFound", "Response", "Right", "RightRow", "RightsTable", "Role",
    "Shift", "ShiftCreate", "ShiftPublic", "ShiftsFound", "Transfer", "UnitStanding", "WorkGroup", "guarded", "may",
]  # fmt: skip
