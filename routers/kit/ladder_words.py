"""What pages say about ladders: when a step comes, what happens then, what stops it, and how it is told."""

from dataclasses import dataclass
from functools import partial

from app.kit.errors import N_
from models.messages import Channel
from models.messages.templates import newest
from models.tasks import Kind
from models.tasks.ladders import Rung
from models.tasks.words import Act, Whom
from routers.kit import i18n
from routers.kit.i18n import gettext

# From which moment the steps of a ladder count.
FROM = {
    Kind.MISSING_REPORT: N_("Counted from the end of the time for the report"),
    Kind.URGENT_REPORT: N_("Counted from the report"), Kind.VISIT: N_("Counted from the opening of the task"),
    Kind.CALL: N_("Counted from the opening of the task"), Kind.ERRAND: N_("Counted from the opening of the task"),
}  # fmt: skip
TELL = {
    Whom.SELF: N_("The person is reminded"), Whom.HOUSEHOLD: N_("Whoever reports for them is reminded"),
    Whom.OWNER: N_("Whoever has the task is reminded"), Whom.ABOVE: N_("Whoever leads above is told"),
}  # fmt: skip
DO = {
    Act.OPEN: N_("A task for whoever is on duty there"),
    Act.CLIMB: N_("The task passes to the next level above"),
}
UNLESS = {
    (Kind.MISSING_REPORT, "closed"): N_("stops when the report comes, by whatever way"),
    ("", "closed"): N_("stops when the task is finished"),
    ("", "accepted"): N_("stops when somebody accepts the task"),
}
HOURS = {True: N_("its message comes at any hour"), False: N_("its message waits for the end of quiet hours")}


@dataclass(frozen=True)
class Step:
    """One step in words."""

    when: str
    what: str
    how: str


def step(lang: str, kind: str, rung: Rung) -> Step:
    """A rung as people read it."""
    what = TELL[rung.to] if rung.act is Act.TELL else DO[rung.act]
    unless = UNLESS.get((kind, rung.unless)) or UNLESS["", rung.unless]
    template = newest(rung.template)
    words = [HOURS[template.urgent or kind == Kind.URGENT_REPORT], unless]
    if rung.act is Act.TELL and Channel.CALL in template.channels:
        words.insert(0, N_("by their own ways, at last by a call"))
    told = gettext(lang, N_("; ")).join(gettext(lang, each) for each in words)
    return Step(_when(lang, rung), gettext(lang, what), told)


def _when(lang: str, rung: Rung) -> str:
    ngettext = partial(i18n.ngettext, lang)
    late = rung.base == "due"
    if not rung.after:
        return gettext(lang, N_("When it was to be done") if late else N_("At once"))
    if rung.after % 3600:
        minutes = rung.after // 60
        if late:
            return ngettext("%(n)s minute overdue", "%(n)s minutes overdue", minutes)
        return ngettext("After %(n)s minute", "After %(n)s minutes", minutes)
    hours = rung.after // 3600
    if late:
        return ngettext("%(n)s hour overdue", "%(n)s hours overdue", hours)
    return ngettext("After %(n)s hour", "After %(n)s hours", hours)
