"""The vocabulary of a task: kinds, states, outcomes, and what happens to it on its way."""

from enum import StrEnum


class Kind(StrEnum):
    """What is to be done."""

    URGENT_REPORT = "urgent_report"
    MISSING_REPORT = "missing_report"
    VISIT = "visit"
    CALL = "call"
    ERRAND = "errand"


# As messages say it, outside any page: Chinese, English.
KIND_WORDS: dict[str, tuple[str, str]] = {
    Kind.URGENT_REPORT: ("居民报告发热或不适", "a resident reports fever or symptoms"),
    Kind.MISSING_REPORT: ("居民未打卡", "a check-in is missing"),
    Kind.VISIT: ("上门走访", "a visit"),
    Kind.CALL: ("电话联系", "a call"),
    Kind.ERRAND: ("代办事项", "an errand"),
}
# How much of a worker's day one is; a worker's load is the sum over what is open.
WEIGHTS: dict[str, int] = {
    Kind.URGENT_REPORT: 4, Kind.MISSING_REPORT: 1, Kind.VISIT: 2, Kind.CALL: 1, Kind.ERRAND: 2,
}  # fmt: skip


class TaskState(StrEnum):
    """Where a task stands. `escalated`: nobody below took care of it in time, and it waits for somebody above."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    ESCALATED = "escalated"
    DONE = "done"
    NOT_EXECUTABLE = "not_executable"
    CANCELLED = "cancelled"


WAITING = (TaskState.OFFERED, TaskState.ESCALATED)  # for somebody to accept it
OPEN = (*WAITING, TaskState.ACCEPTED, TaskState.IN_PROGRESS)


class Outcome(StrEnum):
    """How it went. A task is never done without one."""

    REACHED = "reached"  # spoken to, all is well or looked after
    COOPERATIVE = "cooperative"
    UNCOOPERATIVE = "uncooperative"
    REPORTED = "reported"  # the report has come, by whatever door
    REFERRED = "referred"  # to a doctor, a hospital, 120
    DELIVERED = "delivered"  # an errand


class Hindrance(StrEnum):
    """Why it cannot be done."""

    NOT_REACHED = "not_reached"
    MOVED = "moved"
    WRONG_PERSON = "wrong_person"
    NO_SUCH_ADDRESS = "no_such_address"
    IN_HOSPITAL = "in_hospital"
    DIED = "died"
    OTHER = "other"


_SPOKEN = (Outcome.REACHED, Outcome.REFERRED, Outcome.COOPERATIVE, Outcome.UNCOOPERATIVE)
# How a task of a kind may end.
OUTCOMES: dict[str, tuple[Outcome, ...]] = {
    Kind.URGENT_REPORT: _SPOKEN, Kind.MISSING_REPORT: (Outcome.REPORTED, *_SPOKEN), Kind.VISIT: _SPOKEN,
    Kind.CALL: _SPOKEN, Kind.ERRAND: (Outcome.DELIVERED, *_SPOKEN),
}  # fmt: skip


def hindrances(kind: str) -> tuple[Hindrance, ...]:
    """Why a task of a kind may not be done. That nobody answers never ends an alarm."""
    return tuple(each for each in Hindrance if kind != Kind.URGENT_REPORT or each is not Hindrance.NOT_REACHED)


class Happening(StrEnum):
    """One line of a task's history."""

    OPENED = "opened"
    OFFERED = "offered"  # to whoever is accountable from here on
    QUEUED = "queued"  # nobody on duty: it stands in a unit's queue
    ACCEPTED = "accepted"
    STARTED = "started"
    REPORTED_AGAIN = "reported_again"  # urgent once more, while this alarm was open
    NOTED = "noted"
    PHOTOGRAPHED = "photographed"
    CALLED = "called"
    HANDED_OVER = "handed_over"
    CLIMBED = "climbed"
    DONE = "done"
    NOT_EXECUTABLE = "not_executable"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


class Why(StrEnum):
    """Why somebody became accountable, as the history and the page say it."""

    NAMED = "named"  # by whoever opened or handed it over
    CONTINUITY = "continuity"  # looked after this person last
    LEAST_LOAD = "least_load"
    NOBODY = "nobody"  # nobody on duty up the tree
    FULL = "full"  # everybody on duty is at the cap
    ABSENT = "absent"
    OFF_DUTY = "off_duty"
    LEFT = "left"  # the post has ended
    MOVED = "moved"  # the person has
    LADDER = "ladder"


class Act(StrEnum):
    """What a step of a ladder does."""

    TELL = "tell"
    OPEN = "open"  # a task, for whoever is accountable
    CLIMB = "climb"  # the next level above becomes accountable


class Whom(StrEnum):
    """Whom a step of a ladder tells."""

    SELF = "self"
    HOUSEHOLD = "household"
    OWNER = "owner"
    ABOVE = "above"
