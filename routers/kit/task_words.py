"""What pages say about tasks: kinds, states, outcomes, by when, what happened, and what comes next."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from app.kit import clock as here
from app.kit.errors import N_
from models.regions import Level
from models.tasks import Happening, Hindrance, Kind, Outcome, TaskAhead, TaskState, TaskStepPublic, Why
from routers.kit import i18n
from routers.kit.i18n import clock, day_clock, gettext

KIND = {
    Kind.URGENT_REPORT: N_("Urgent report"), Kind.MISSING_REPORT: N_("Check-in missing"), Kind.VISIT: N_("Visit"),
    Kind.CALL: N_("Phone call"), Kind.ERRAND: N_("Errand"),
}  # fmt: skip
BY_HAND = {
    Kind.VISIT: (N_("Visit"), N_("Go there and see")), Kind.CALL: (N_("Phone call"), N_("Ask how they are")),
    Kind.ERRAND: (N_("Errand"), N_("Bring or fetch something")),
}  # fmt: skip
# The state in words, the look and the sign that go with it.
STATE = {
    TaskState.OFFERED: (N_("Not accepted yet"), "warn", "clock"),
    TaskState.ESCALATED: (N_("Passed upward, not accepted yet"), "danger", "alert"),
    TaskState.ACCEPTED: (N_("Accepted"), "info", "check"), TaskState.IN_PROGRESS: (N_("On it"), "info", "out"),
    TaskState.DONE: (N_("Task done"), "ok", "check"), TaskState.NOT_EXECUTABLE: (N_("Cannot be done"), "", "minus"),
    TaskState.CANCELLED: (N_("Called off"), "", "minus"),
}  # fmt: skip
OUTCOME = {
    Outcome.REACHED: (N_("Spoken to, all is well"), N_("or looked after")),
    Outcome.COOPERATIVE: (N_("Cooperates"), N_("follows what was agreed")),
    Outcome.UNCOOPERATIVE: (N_("Does not cooperate"), N_("please write down what they need")),
    Outcome.REPORTED: (N_("The check-in has come"), N_("by whatever way")),
    Outcome.REFERRED: (N_("Handed to a doctor"), N_("a doctor, a hospital or 120 has taken over")),
    Outcome.DELIVERED: (N_("Delivered"), N_("it is with them")),
}  # fmt: skip
HINDRANCE = {
    Hindrance.NOT_REACHED: N_("Nobody answers"), Hindrance.MOVED: N_("Has moved away"),
    Hindrance.WRONG_PERSON: N_("Another person lives there"), Hindrance.NO_SUCH_ADDRESS: N_("No such address"),
    Hindrance.IN_HOSPITAL: N_("Is in hospital"), Hindrance.DIED: N_("Has died"),
    Hindrance.OTHER: N_("Another reason; please write it down"),
}  # fmt: skip
WHY = {
    Why.CONTINUITY: N_("looked after this person last"),
    Why.LEAST_LOAD: N_("of those on duty who answer for the nearest unit, had the least to do"),
    Why.NOBODY: N_("nobody is on duty"), Why.FULL: N_("everybody on duty has too much already"),
    Why.ABSENT: N_("the one before is away"), Why.OFF_DUTY: N_("the one before went off duty"),
    Why.LEFT: N_("the one before has left the post"), Why.MOVED: N_("the person is somewhere else now"),
    Why.LADDER: N_("nobody took care of it in time"),
}  # fmt: skip
# Who is meant when work climbs to a level.
ABOVE = {
    Level.PROVINCE: N_("the province"), Level.CITY: N_("the city"), Level.COUNTY: N_("the county"),
    Level.TOWNSHIP: N_("the township"), Level.VILLAGE: N_("the village cadres"), Level.GRID: N_("the grid worker"),
}  # fmt: skip
AHEAD = {
    ("climb", "accepted"): N_("If nobody has accepted it by %(time)s, it goes to %(who)s."),
    ("climb", "closed"): N_("If it is not finished by %(time)s, it goes to %(who)s."),
    ("tell", "accepted"): N_("If nobody has accepted it by %(time)s, a reminder is sent."),
    ("tell", "closed"): N_("If it is not finished by %(time)s, a reminder is sent."),
}
SAID = {
    Happening.OPENED: N_("%(by)s opened this task"), Happening.OFFERED: N_("Given to %(to)s"),
    Happening.QUEUED: N_("Waits for somebody to claim it"), Happening.ACCEPTED: N_("%(by)s accepted it"),
    Happening.STARTED: N_("%(by)s set about it"), Happening.NOTED: N_("%(by)s wrote a note"),
    Happening.REPORTED_AGAIN: N_("Another report came, urgent as well"),
    Happening.PHOTOGRAPHED: N_("%(by)s added a photo"),
    Happening.CALLED: N_("%(by)s looked up the number to call"),
    Happening.HANDED_OVER: N_("From %(from)s to %(to)s"), Happening.CLIMBED: N_("Passed upward to %(to)s"),
    Happening.DONE: N_("%(by)s finished it"), Happening.NOT_EXECUTABLE: N_("%(by)s could not do it"),
    Happening.CANCELLED: N_("%(by)s called it off"), Happening.REOPENED: N_("%(by)s took the closing back"),
}  # fmt: skip
STAYED = N_("Nobody is on duty above: it stays with %(to)s")
TAKEN = N_("%(by)s took it over from %(from)s")
_STAIRS = re.compile(r"^(.*(?:幢|栋|号楼|单元))\s*\S*$")


def due_words(lang: str, due: datetime, now: datetime) -> str:
    """By when, as people say it: "今天 20:00 前"."""
    days = (here.local_day(due) - here.local_day(now)).days
    if days == 0:
        return gettext(lang, N_("today by %(time)s"), time=clock(due))
    if days == 1:
        return gettext(lang, N_("tomorrow by %(time)s"), time=clock(due))
    return gettext(lang, N_("by %(time)s"), time=day_clock(lang, due))


def late_words(lang: str, due: datetime, now: datetime) -> str:
    """How long overdue: "超时 35 分钟"."""
    ngettext = partial(i18n.ngettext, lang)
    minutes = max(1, int((now - due) / timedelta(minutes=1)))
    if minutes < 60:
        return ngettext("%(n)s minute overdue", "%(n)s minutes overdue", minutes)
    if minutes < 48 * 60:
        return ngettext("%(n)s hour overdue", "%(n)s hours overdue", minutes // 60)
    return ngettext("%(n)s day overdue", "%(n)s days overdue", minutes // 1440)


def when_words(lang: str, at: datetime, now: datetime) -> str:
    """A moment: the hour alone today, else with its day."""
    return clock(at) if here.local_day(at) == here.local_day(now) else day_clock(lang, at)


def ahead_words(lang: str, ahead: TaskAhead, now: datetime) -> str:
    """The ladder's next step in words."""
    who = gettext(lang, ABOVE[ahead.level]) if ahead.level else ""
    said = gettext(lang, AHEAD[ahead.act, ahead.unless])
    return said % {"time": when_words(lang, ahead.at, now), "who": who}


def said(lang: str, step: TaskStepPublic) -> str:
    """One line of the history: who did what, to whom."""
    somebody = gettext(lang, N_("somebody"))
    by = step.by_name or (gettext(lang, N_("The house")) if step.by_house else step.to_name or somebody)
    words = SAID[step.happening]
    if step.happening is Happening.CLIMBED and step.from_name == step.to_name:
        words = STAYED
    elif step.happening is Happening.ACCEPTED and step.from_name not in {None, step.to_name}:
        words = TAKEN
    elif step.happening is Happening.HANDED_OVER and step.from_name is None:
        words = SAID[Happening.OFFERED]
    names = {"by": by, "from": step.from_name or somebody, "to": step.to_name or somebody}
    return gettext(lang, words) % names


def why(lang: str, step: TaskStepPublic) -> str:
    """Why it happened: a rule, an outcome, a hindrance; empty where nothing needs saying."""
    if step.happening is Happening.DONE and step.why:
        return gettext(lang, OUTCOME[Outcome(step.why)][0])
    if step.happening is Happening.NOT_EXECUTABLE and step.why:
        return gettext(lang, HINDRANCE[Hindrance(step.why)])
    words = WHY.get(Why(step.why)) if step.why in set(Why) else None
    return gettext(lang, words) if words else ""


def building_of(address: str) -> tuple[str, str]:
    """An address as its stairs and its door: one way up serves several doors."""
    if stairs := _STAIRS.match(address):
        return stairs[1], address[len(stairs[1]) :].strip()
    before, _, last = address.rpartition(" ")
    return (before, last) if before and any(letter.isdigit() for letter in last) else (address, "")


class Placed(Protocol):
    """A line of a list that knows its building."""

    @property
    def building(self) -> str: ...


P = TypeVar("P", bound=Placed)


def by_building(rows: Iterable[P]) -> list[tuple[str, list[P]]]:
    """One way up the stairs serves several doors."""
    found: dict[str, list[P]] = {}
    for row in rows:
        found.setdefault(row.building, []).append(row)
    return list(found.items())
