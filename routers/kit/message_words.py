"""Messages in plain words: ways, states, what a gateway said, why something was written, and what comes next."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from app.kit import clock
from app.kit.errors import N_
from app.messages.again import UNKNOWN_SIGN, UNKNOWN_TEXT
from models.messages import Channel, State
from models.messages.keeping import FailedAlike, ProviderHealth, RefusedWith, SetAside, StuckFound
from models.messages.schemas import RemindersFound, SlotPublic, StepPublic, WayPublic, WhyPublic
from routers.kit import i18n, metrics

BEHIND = timedelta(minutes=1)  # what has waited longer is said to wait
CHANNEL = {
    Channel.PUSH: N_("Notification on the phone"), Channel.SMS: N_("Text message"),
    Channel.WORK: N_("Work notice"), Channel.ROBOT: N_("Group robot"), Channel.CALL: N_("A call"),
}  # fmt: skip
PROVIDER = {
    "aliyun": N_("Alibaba Cloud"), "tencent": N_("Tencent Cloud"), "web-push": N_("Push service of the browser"),
    "dingtalk-robot": N_("DingTalk robot"), "dingtalk-work-notice": N_("DingTalk work notice"),
    "outbox": N_("Outbox of this computer"), "": N_("The house itself"),
}  # fmt: skip
STATE = {
    State.CREATED: N_("Waits to be sent."), State.SENDING: N_("Is being sent now."),
    State.PENDING: N_("Handed over. The provider has not said yet whether it arrived."),
    State.TEMPORARY_FAILURE: N_("Did not go through; it is tried again."),
    State.DELIVERED: N_("Arrived."), State.PERMANENT_FAILURE: N_("Could not go this way."),
    State.TECHNICAL_FAILURE: N_("Did not go through: something is wrong on our side."),
    State.CANCELLED: N_("Not sent: the reason had gone."),
}  # fmt: skip
_PENDING = {
    Channel.CALL: N_("Stands on the list of people to call."),
    Channel.PUSH: N_("Handed to the push service, which never says whether it was seen."),
}
# Our own codes first, then those of the transport; a provider's other words are shown as they came.
_TEXT_UNKNOWN = N_("The provider does not know this text, or has not approved it. Check its code under “All texts”.")
_NOT_SAID = N_("The provider could not say yet whether it had taken it.")
_SIGN_UNKNOWN = N_("The provider has not approved the sign. Check it in the provider's console and in the settings.")
CODE = {
    "no-browser": N_("No browser of this account takes notifications."),
    "passed-by": N_("Not tried: this way is not connected here, or was not meant for this message."),
    "switched-off": N_("This way is switched off in the settings."),
    "no-gateway": N_("This way is not connected here."),
    "no-template-code": N_("No provider has approved this text yet. An administrator can enter its code."),
    **dict.fromkeys(UNKNOWN_TEXT, _TEXT_UNKNOWN), **dict.fromkeys(UNKNOWN_SIGN, _SIGN_UNKNOWN),
    "erased": N_("What was to be sent was erased when the response ended."),
    "worker-died": N_("The program that sent it stopped in the middle."),
    "gateways-shut": N_("All providers were out of order for a moment."),
    "keys-changing": N_("The keys of this service were being renewed."),
    "robot-ended": N_("This robot was ended here before it could post. Add it again to use it."),
    "robot-shut": N_("The provider has closed the group to this robot for ten minutes."),
    "budget": N_("The robot had posted eighteen times within a minute: it waits its turn."),
    "no-phone": N_("This account has no phone number."),
    "expired": N_("Its time was over before it could go out."),
    "worker-stopped": N_("The program that sent it was restarted in the middle."),
    "gateway-shut": N_("The provider was out of order for a moment."),
    **dict.fromkeys(("too-many-records", "not-mentioned", "not-reported-yet"), _NOT_SAID),
    "unreachable": N_("The provider could not be reached."),
    "no-answer": N_("No answer came in time."),
    "broken-off": N_("The connection broke off in the middle."),
    "not-understood": N_("The answer could not be read."),
    "not-tried": N_("It was not tried: the calls before it had failed."),
    "no-userid": N_("Nobody in this DingTalk organisation has this phone number."),
    "invalid": N_("DingTalk knows nobody to give it to."),
    "failed": N_("DingTalk could not deliver it."),
    "no-task": N_("DingTalk took it, and gave no number under which to ask after it."),
    "working": N_("DingTalk is still sending it."),
    "read": N_("It was read."),
    "unread": N_("It lies there, not read yet."),
    "sent-again": N_("An administrator had it sent again."),
    "told": N_("Told on the phone."),
    "not-reached": N_("Nobody answered the call."),
    "wrong-number": N_("The number was wrong, or somebody else's. It has to be put right."),
    "time-over": N_("Nobody was reached by telephone before its time was over."),
    "gone": N_("The browser has ended its notifications."),
    "moved": N_("The browser's push address has moved."),
    "bad-keys": N_("The keys that the browser gave do not fit."),
    "refused-address": N_("The address leads where nothing is ever sent."),
    "too-large": N_("The text was too long."),
    "timeout": N_("No answer came in time."),
    "network": N_("The network was down."),
    "unreadable": N_("The answer could not be read."),
    "130101": N_("Too many posts in one minute: the group is closed for ten minutes."),
    "410100": N_("Too many posts in one minute: the group is closed for ten minutes."),
    "300001": N_("There is no such robot any more. Add it again with the address from the group's settings."),
    "310000": N_(
        "The signature was refused: the secret is wrong, or the robot asks for a keyword or an address instead of a "
        "signature. In the group's settings choose signing, copy the secret, and add the robot again."
    ),
}  # fmt: skip
SHORT = {
    State.CREATED: N_("waiting"), State.SENDING: N_("being sent"), State.PENDING: N_("handed over"),
    State.TEMPORARY_FAILURE: N_("tried again"), State.DELIVERED: N_("arrived"),
    State.PERMANENT_FAILURE: N_("not possible this way"), State.TECHNICAL_FAILURE: N_("failed on our side"),
    State.CANCELLED: N_("no longer needed"),
}  # fmt: skip
TEMPLATE = {
    "sign_in_code": N_("Sign-in code"), "staff_invitation": N_("Invitation to a post"),
    "factor_reset": N_("Second proof was reset"), "report_missing": N_("Report missing: to the person"),
    "report_missing_household": N_("Report missing: to the family"), "task_offered": N_("Task: offered"),
    "task_urgent": N_("Task: urgent"), "task_unaccepted": N_("Task: not accepted"),
    "task_overdue": N_("Task: overdue"), "task_climbed": N_("Task: one level up"),
    "task_handed_over": N_("Task: handed over"), "task_taken": N_("Task: taken over by somebody"),
    "task_again": N_("Task: reported again"),
    "task_bundle": N_("Several tasks: handed over"), "task_bundle_taken": N_("Several tasks: taken over by somebody"),
    "notice": N_("New notice"), "direct_message": N_("Message from a colleague"),
    "unit_digest": N_("Digest for a group"), "trial": N_("Test message"),
}  # fmt: skip
_BY_RULE = {
    "missing_report": N_(
        "No report had come when this was written (%(when)s): ladder of missing reports, version %(version)s, step "
        "%(step)s."
    ),
    "urgent_report": N_("Somebody reported an alarm: ladder of urgent reports, version %(version)s, step %(step)s."),
    "task": N_("A task waits for you: its ladder, version %(version)s, step %(step)s."),
}
_BY_TEMPLATE = {
    "factor_reset": N_("An administrator has reset your second proof."),
    "notice": N_("A notice was sent to one of your posts."),
    "direct_message": N_("A colleague wrote to one of your posts."),
    "task_handed_over": N_(
        "A task came to you: a colleague handed it over, or whoever had it is away or has left, or the person has "
        "moved. Its history says which."
    ),
    "task_again": N_("While you have this alarm, the same person has sent another urgent report."),
    "task_taken": N_("Somebody else has this task now. Its history says who, and why."),
    "task_bundle": N_("Tasks came to you from a colleague who cannot do them now."),
    "task_bundle_taken": N_("Tasks of yours went to a colleague, because you are away or have left the post."),
    "trial": N_("You asked for a test."),
}
_WRITTEN = N_("It was written when what it tells of happened.")
OUTCOME = {
    "told": N_("Told."), "done": N_("Done."),
    "reported": N_("Not sent: the report had come by then."),
    "spared": N_("Will not be needed: the report has come."),
    "waits": N_("Not yet. It will be done then, unless the report comes before."),
    "soon": N_("Due. It is done within a minute; if it still stands here later, tell your administrator."),
    "nobody": N_("Not sent: nobody reports for this person."),
    "too_late": N_("Not sent: more than 48 hours had passed; the day was only counted."),
    "not_then": N_("Not sent: at that time this report was not asked of this person."),
    "closed": N_("Not needed: nothing was open any more."),
}  # fmt: skip
ACT = {
    ("tell", "self"): N_("Remind the person"), ("tell", "household"): N_("Tell who reports for them"),
    ("open", "owner"): N_("A task for the grid worker"), ("climb", "above"): N_("One level up"),
}  # fmt: skip
TO = {
    "self": N_("To the person"), "household": N_("To somebody who reports for them"), "staff": N_("To staff"),
    "robot": N_("To a group"), "nobody": N_("Nobody signs in for this person: a grid worker calls"),
}  # fmt: skip
SLOT = {"day": N_("Report of the day"), "am": N_("Morning report"), "pm": N_("Evening report")}


def joined(lang: str, *sentences: str) -> str:
    """Sentences one after the other: with a space between them where the language has spaces."""
    return (" " if lang == "en" else "").join(filter(None, sentences))


def code_words(lang: str, code: str) -> str:
    """What a gateway's word means; empty for what says nothing beyond the state."""
    _ = partial(i18n.gettext, lang)
    if code.startswith("gave-up"):
        last = code_words(lang, code.removeprefix("gave-up").strip())
        return joined(lang, _(N_("It was tried until its time was over.")), last)
    if code in CODE:
        return _(CODE[code])
    if code == "http-429":
        return _(N_("The provider asked us to wait."))
    if code.startswith("http-5"):
        return _(N_("The provider was out of order."))
    if code.startswith("vapid-"):
        return _(N_("The push service did not accept our name. An administrator has to look at it."))
    return _(N_("The provider said: %(code)s"), code=code) if code not in {"", "OK", "Ok", "0", "http-201"} else ""


def explained(lang: str, found: StuckFound) -> None:
    """Fill in what gateways said of what is stuck, and which of their calls were turned away."""
    those: Iterable[SetAside | RefusedWith | FailedAlike | ProviderHealth] = (
        *found.aside, *found.refused, *found.again, *found.providers,
    )  # fmt: skip
    for one in those:
        one.said = code_words(lang, one.code)
    found.receipts.turned_away = metrics.turned_away()


def _way(lang: str, way: WayPublic) -> str:
    words = STATE[way.state] if way.state else ""
    if way.state is State.PENDING:
        words = _PENDING.get(way.channel, words)
    if way.state is State.PERMANENT_FAILURE and way.code == "switched-off":
        words = N_("Not sent this way.")
    if way.channel is Channel.CALL and way.state in {State.DELIVERED, State.PERMANENT_FAILURE}:
        words = ""  # how the call went says it
    return joined(lang, i18n.gettext(lang, words) if words else "", code_words(lang, way.code))


def spoken(lang: str, items: Iterable[WhyPublic]) -> None:
    """Fill in the sentences of some answers."""
    for one in items:
        one.because, one.following = _because(lang, one), _following(lang, one)
        for way in one.ways:
            way.said = _way(lang, way)
            for each in way.tries:
                words = _PENDING.get(way.channel) if each.state is State.PENDING else None
                state = "" if way.channel is Channel.CALL else i18n.gettext(lang, words or STATE[each.state])
                each.said = joined(lang, state, code_words(lang, each.code))


def _because(lang: str, one: WhyPublic) -> str:
    if one.reason is None or one.reason.rule not in _BY_RULE or one.template in _BY_TEMPLATE:
        return i18n.gettext(lang, _BY_TEMPLATE.get(one.template, _WRITTEN))
    if not one.reason.step:
        return i18n.gettext(lang, N_("A task waits for you: somebody opened it, or gave it to you."))
    about = {"version": one.reason.version, "step": one.reason.step}
    if one.reason.rule == "missing_report":
        about["when"] = i18n.day_clock(lang, one.written_at)
    return i18n.gettext(lang, _BY_RULE[one.reason.rule], **about)


def _following(lang: str, one: WhyPublic) -> str:
    _ = partial(i18n.gettext, lang)
    if one.cancelled_at is not None:
        return _(N_("Nothing more is sent: the reason has gone. For a reminder this means that the report has come."))
    next_at = min((way.next_at for way in one.ways if way.next_at), default=None)
    if next_at is not None:
        return _(N_("The next try is at %(when)s."), when=i18n.day_clock(lang, next_at))
    if one.waits_until is not None:
        return _waiting(lang, one, one.waits_until)
    over = one.expires_at is not None and one.expires_at <= clock.now()
    if one.left and not over:
        ways = _(N_(", ")).join(_(CHANNEL[channel]) for channel in one.left)
        return _(N_("If it does not arrive, these follow: %(ways)s."), ways=ways)
    if over:
        return _(N_("Its time is over: nothing more is sent."))
    return _(N_("Nothing more is to be sent.")) if one.ways else _(N_("It lies in the inbox; no other way is needed."))


def _waiting(lang: str, one: WhyPublic, until: datetime) -> str:
    when = i18n.day_clock(lang, until)
    if until <= clock.now() - BEHIND:
        return i18n.gettext(lang, N_("It was to go out at %(when)s and still waits. Nothing is lost."), when=when)
    if until <= clock.now():
        return i18n.gettext(lang, N_("It is on its way out; that takes seconds."))
    if one.quiet:
        return i18n.gettext(
            lang, N_("Quiet hours: it waits until %(when)s. Urgent messages would not wait."), when=when
        )
    return i18n.gettext(lang, N_("It waits until %(when)s."), when=when)


def told(lang: str, found: RemindersFound) -> RemindersFound:
    """Fill in the sentences of the reminders of a day."""
    for slot in found.slots:
        slot.said = _slot(lang, slot)
        for step in slot.steps:
            step.said = _step(lang, step)
            spoken(lang, step.messages)
    return found


def _slot(lang: str, slot: SlotPublic) -> str:
    due = i18n.day_clock(lang, slot.due_at)
    if not slot.asked:
        return i18n.gettext(lang, N_("Registered after %(due)s: this report was not asked for."), due=due)
    if slot.reported_at is not None:
        came = i18n.day_clock(lang, slot.reported_at)
        return i18n.gettext(lang, N_("Due by %(due)s. It came at %(came)s."), due=due, came=came)
    if slot.due_at > clock.now():
        return i18n.gettext(lang, N_("Due by %(due)s. Nobody is reminded before that."), due=due)
    return i18n.gettext(lang, N_("Due by %(due)s. It has not come yet."), due=due)


def _step(lang: str, step: StepPublic) -> str:
    if step.outcome == "done" and step.taken_at is not None:
        return i18n.gettext(lang, N_("Done at %(when)s."), when=i18n.day_clock(lang, step.taken_at))
    return i18n.gettext(lang, OUTCOME[step.outcome])
