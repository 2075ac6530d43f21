"""The first ladders, as data: what happens when nobody acts. Operators add versions by region; these apply everywhere.

Source: rules of the mission, 3.3: T+0 the person, T+2 h the household, T+4 h a task for the grid worker, T+8 h the
village, T+24 h the township; an urgent verdict is accepted within 15 minutes or climbs.
"""

from typing import Literal, NamedTuple

import msgspec

from models.tasks.words import Act, Kind, Whom

MINUTE, HOUR = 60, 3600


class Rung(NamedTuple):
    """One step: so many seconds after `base`, unless somebody has done what `unless` says."""

    after: int
    act: Act
    to: Whom = Whom.OWNER
    template: str = ""
    base: Literal["start", "due"] = "start"
    unless: Literal["accepted", "closed"] = "closed"


_PATIENT = (
    Rung(30 * MINUTE, Act.TELL, template="task_unaccepted", unless="accepted"),
    Rung(2 * HOUR, Act.CLIMB, Whom.ABOVE, "task_climbed", unless="accepted"),
    Rung(0, Act.TELL, template="task_overdue", base="due"),
    Rung(4 * HOUR, Act.CLIMB, Whom.ABOVE, "task_climbed", base="due"),
    Rung(24 * HOUR, Act.CLIMB, Whom.ABOVE, "task_climbed", base="due"),
)
LADDERS: dict[str, tuple[Rung, ...]] = {
    Kind.MISSING_REPORT: (
        Rung(0, Act.TELL, Whom.SELF, "report_missing"),
        Rung(2 * HOUR, Act.TELL, Whom.HOUSEHOLD, "report_missing_household"),
        Rung(4 * HOUR, Act.OPEN, template="task_offered"),
        Rung(8 * HOUR, Act.CLIMB, Whom.ABOVE, "task_climbed"),
        Rung(24 * HOUR, Act.CLIMB, Whom.ABOVE, "task_climbed"),
    ),
    Kind.URGENT_REPORT: (
        Rung(0, Act.OPEN, template="task_urgent"),
        Rung(15 * MINUTE, Act.CLIMB, Whom.ABOVE, "task_climbed", unless="accepted"),
        Rung(30 * MINUTE, Act.CLIMB, Whom.ABOVE, "task_climbed", unless="accepted"),
        Rung(60 * MINUTE, Act.CLIMB, Whom.ABOVE, "task_climbed", unless="accepted"),
        Rung(0, Act.TELL, template="task_overdue", base="due"),
        Rung(1 * HOUR, Act.CLIMB, Whom.ABOVE, "task_climbed", base="due"),
    ),
    Kind.VISIT: _PATIENT,
    Kind.CALL: _PATIENT,
    Kind.ERRAND: _PATIENT,
}
VERSIONS = {kind: version for version, kind in enumerate(LADDERS, 1)}


def spelled(rungs: tuple[Rung, ...]) -> str:
    """As the table keeps it."""
    return msgspec.json.encode([rung._asdict() for rung in rungs]).decode()


def read(text: str) -> tuple[Rung, ...]:
    """What `spelled` spelled. Raises ValueError for what is no ladder."""
    try:
        steps = msgspec.json.decode(text, type=list[_Step])
    except msgspec.DecodeError as error:
        raise ValueError(f"not a ladder: {error}") from None
    return tuple(Rung(step.after, step.act, step.to, step.template, step.base, step.unless) for step in steps)


class _Step(msgspec.Struct, forbid_unknown_fields=True):
    after: int
    act: Act
    to: Whom
    template: str
    base: Literal["start", "due"]
    unless: Literal["accepted", "closed"]
