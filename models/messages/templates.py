"""What messages say: every template in both languages, with its version, as data. A new wording is a new version.

`sms` is the text that a provider approves beforehand; at sending only the parameters travel. Parameters marked personal
lie sealed and never reach a push or a robot. A text that is sent more than once carries a number and a day: providers
drop a second text of the same words without a sign.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from models.messages.words import Channel

LANGS = ("zh", "en")
HERE, TODAY = "/inbox", "/today"  # the path of what leads nowhere else; that of a check-in, one's own or for the family
OUTSIDE = (Channel.PUSH, Channel.SMS)
STAFF = (Channel.PUSH, Channel.WORK, Channel.SMS)


class Param(StrEnum):
    """How a parameter is kept, and said in each language."""

    TEXT = "text"  # as it stands, at most 60 characters
    CODE = "code"  # six digits
    NUMBER = "number"  # of a case: 1123-7K4Q
    COUNT = "count"
    DAY = "day"  # 2026-11-22 -> 11月22日周日
    TIME = "time"  # an instant -> 11月22日20:00
    SLOT = "slot"  # day, am, pm
    KIND = "kind"  # of a task
    ACCEPT = "accept"  # an instant -> 请在11月22日20:00前接单。 Empty where nobody has to accept by a time


_T, _N, _D = Param.TEXT, Param.NUMBER, Param.DAY


@dataclass(frozen=True)
class Words:
    """One language of a template. `{name}` stands for a parameter."""

    title: str
    text: str  # inbox and work notice
    sms: str = ""  # empty: never sent as a text message
    push: str = ""  # no parameter may stand in it but day and number; empty: "you have a new message"
    call: str = ""  # why, for whoever telephones


@dataclass(frozen=True)
class Template:
    """A kind of message. The order of `params` is their order at a provider."""

    name: str
    zh: Words
    en: Words
    params: dict[str, Param] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    channels: tuple[Channel, ...] = ()
    version: int = 1
    urgent: bool = False  # passes quiet hours and whatever the person has switched off
    inbox: bool = True
    kept: timedelta = timedelta(days=28)
    lasts: timedelta = timedelta(hours=24)  # nobody wants it any more afterwards
    path: str = HERE  # where a tap leads; `{subject}` stands for what it is about

    def words(self, lang: str) -> Words:
        """The words in a language; Chinese where there is no other."""
        return self.en if lang.startswith("en") else self.zh

    def leads_to(self, subject: UUID | None, about: UUID | None) -> str:
        """The path of a tap, within the house. `about`: of whom the message tells, where that is not its reader."""
        if subject is None and "{subject}" in self.path:
            return HERE
        path = self.path.format(subject=subject)
        return f"{path}?for={about}" if about and path == TODAY else path


_CODE = Template(
    "sign_in_code",
    Words("登录验证码", "", sms="您的验证码是{code}，10分钟内有效。请勿告诉任何人。"),
    Words("Sign-in code", "", sms="Your code is {code}. It is valid for 10 minutes. Do not tell it to anybody."),
    params={"code": Param.CODE}, personal=frozenset({"code"}), channels=(Channel.SMS,), urgent=True, inbox=False,
    kept=timedelta(hours=24), lasts=timedelta(minutes=10),
)  # fmt: skip
_INVITATION = Template(
    "staff_invitation",
    Words("岗位邀请", "", sms="邀请您参加{response}，请用本号码登录守望确认岗位。"),
    Words(
        "Invitation to a post", "",
        sms="You are invited to a post: {response}. Sign in with this phone to take it up.",
    ),
    params={"response": _T}, channels=(Channel.SMS,), inbox=False, kept=timedelta(hours=24), lasts=timedelta(days=14),
)  # fmt: skip
_FACTOR = Template(
    "factor_reset",
    Words(
        "第二验证方式已重置",
        "您的第二验证方式已被重置，工作人员登录已退出。如非本人申请，请立即联系管理员。",
        sms="您的第二验证方式已重置，工作登录已退出。如非本人申请，请联系管理员。",
    ),
    Words(
        "Your second proof was reset",
        "Your second proof was reset and your staff sign-ins ended. If it was not you who asked for it, call your "
        "administrator.",
        sms="Your second proof was reset. If you did not ask for it, please call your administrator.",
    ),
    channels=(Channel.SMS,), urgent=True, path="/me/security",
)  # fmt: skip
_MISSING = Template(
    "report_missing",
    Words(
        "今天还没有收到您的打卡",
        "{day}{slot}的健康打卡还没有收到。如果已经填好，联网后会自动上传；没有填的话，现在补上也可以。",
        sms="{day}{slot}的健康打卡还没有收到，现在补上即可。有不舒服请联系网格员。编号{number}",
        push="{day}的健康打卡还没有收到", call="{day}{slot}的健康打卡还没有收到",
    ),
    Words(
        "We have not received your check-in yet",
        "The check-in for {day} ({slot}) has not arrived. If you have filled it in, it is sent as soon as there is a "
        "network; if not, you can still do it now.",
        sms="Your check-in for {day} ({slot}) has not arrived. You can still do it now. No. {number}",
        push="Your check-in for {day} has not arrived", call="The check-in for {day} ({slot}) has not arrived",
    ),
    params={"day": _D, "slot": Param.SLOT, "number": _N}, channels=(*OUTSIDE, Channel.CALL), path=TODAY,
)  # fmt: skip
_MISSING_HOUSEHOLD = Template(
    "report_missing_household",
    Words(
        "家人的打卡还没有收到",
        "您家人{day}{slot}的健康打卡还没有收到，您可以代为填报，或提醒一声。",
        sms="您家人{day}{slot}的健康打卡还没有收到，您可以代为填报。编号{number}",
        push="家人{day}的健康打卡还没有收到",
    ),
    Words(
        "A check-in of your household is missing",
        "A check-in of your household for {day} ({slot}) has not arrived. You can fill it in, or remind them.",
        sms="A check-in of your household for {day} ({slot}) has not arrived. You can fill it in. No. {number}",
        push="A check-in of your household for {day} has not arrived",
    ),
    params={"day": _D, "slot": Param.SLOT, "number": _N}, channels=OUTSIDE,
    path=TODAY,
)  # fmt: skip


def _task(name: str, titles: tuple[str, str], texts: tuple[str, str], *, urgent: bool = False) -> Template:
    """A message to staff about a task: kind, place, due, number; never about whom."""
    (zh, en), (text_zh, text_en) = titles, texts
    return Template(
        name,
        Words(zh, text_zh, sms=f"{zh}：{{kind}}，{{place}}，{{due}}前。编号{{number}}", push=f"{zh}，编号{{number}}"),
        Words(en, text_en, sms=f"{en}: {{kind}}, {{place}}, by {{due}}. No. {{number}}", push=f"{en}, no. {{number}}"),
        params={"kind": Param.KIND, "place": _T, "due": Param.TIME, "number": _N, "accept": Param.ACCEPT},
        channels=STAFF, path="/staff/tasks/{subject}", urgent=urgent, lasts=timedelta(hours=8),
    )  # fmt: skip


_DO = (
    "{kind}，{place}，请在{due}前完成。{accept}编号{number}。",
    "{kind}, {place}, to be done by {due}. {accept}No. {number}.",
)
_TASKS = (
    _task(
        "task_offered", ("有一项任务等您接单", "A task waits for you"),
        _DO,
    ),
    _task(
        "task_urgent", ("紧急：有居民需要您马上联系", "Urgent: somebody needs you now"),
        ("{kind}，{place}。{accept}请在{due}前联系到人。编号{number}。",
         "{kind}, {place}. {accept}Please reach them by {due}. No. {number}."), urgent=True,
    ),
    _task(
        "task_unaccepted", ("任务还没有人接单", "A task has not been accepted"),
        _DO,
    ),
    _task(
        "task_overdue", ("任务已超时", "A task is overdue"),
        ("{kind}，{place}，应在{due}前完成。编号{number}。", "{kind}, {place}, was due by {due}. No. {number}."),
    ),
    _task(
        "task_climbed", ("下级未处理的任务转到您这里", "A task has climbed to you"),
        _DO,
    ),
    _task(
        "task_handed_over", ("有任务移交给您", "A task was handed over to you"),
        _DO,
    ),
    _task(
        "task_taken", ("您的一项任务已由他人接手", "A task of yours was taken over"),
        ("{kind}，{place}。您不用再处理。编号{number}。", "{kind}, {place}. You need do nothing more. No. {number}."),
    ),
)  # fmt: skip
# What somebody reports stands behind the sign-in; the moment makes each of these another text.
_AGAIN = Template(
    "task_again",
    Words(
        "紧急：同一位居民又报告了", "{at}又报告：{kind}，{place}。请打开任务查看。编号{number}。",
        sms="{at}又报告：{kind}，{place}。请打开任务查看。编号{number}", push="同一位居民又报告了，编号{number}",
    ),
    Words(
        "Urgent: the same resident reported again",
        "Again at {at}: {kind}, {place}. Please open the task. No. {number}.",
        sms="Again at {at}: {kind}, {place}. Please open the task. No. {number}",
        push="The same resident reported again, no. {number}",
    ),
    params={"at": Param.TIME, "kind": Param.KIND, "place": _T, "number": _N}, channels=STAFF,
    path="/staff/tasks/{subject}", urgent=True, lasts=timedelta(hours=8),
)  # fmt: skip
_BUNDLES = tuple(
    Template(
        name,
        Words(zh, f"{zh}：{{count}}项。{{day}} 编号{{number}}", sms=f"{zh}：{{count}}项。{{day}} 编号{{number}}"),
        Words(en, f"{en}: {{count}}. {{day}}, no. {{number}}", sms=f"{en}: {{count}}. {{day}}, no. {{number}}"),
        params={"count": Param.COUNT, "day": _D, "number": _N}, channels=STAFF, path="/staff/day",
        lasts=timedelta(hours=8),
    )
    for name, zh, en in (
        ("task_bundle", "有任务移交给您", "Tasks handed over to you"),
        ("task_bundle_taken", "您的任务已由他人接手", "Your tasks were taken over"),
    )
)  # fmt: skip
_NOTICE = Template(
    "notice",
    Words(
        "您有一条新通知", "您有一条工作通知，请打开查看。{day} 编号{number}",
        sms="您有一条工作通知，请登录守望查看。{day} 编号{number}",
    ),
    Words(
        "A new notice", "There is a notice for you: please open it. {day}, no. {number}",
        sms="You have a notice. Please sign in. {day}, no. {number}",
    ),
    params={"day": _D, "number": _N}, channels=STAFF,
    path="/notices/{subject}", lasts=timedelta(days=3),
)  # fmt: skip
_DIRECT = Template(
    "direct_message",
    Words("同事给您留言", "{sender}给您留言，请打开查看。", sms="有同事给您留言，请登录守望查看。{day} 编号{number}"),
    Words("A message from a colleague", "{sender} wrote to you.", sms="A colleague wrote to you. {day}, no. {number}"),
    params={"sender": _T, "day": _D, "number": _N}, personal=frozenset({"sender"}),
    channels=(Channel.PUSH, Channel.WORK), path="/notices", lasts=timedelta(days=3),
)  # fmt: skip
_UNIT = Template(
    "unit_digest",
    Words("待处理汇总", "{place}：未接单{offered}项，超时{overdue}项，待认领{unowned}项。"),
    Words("What waits", "{place}: {offered} not accepted, {overdue} overdue, {unowned} without an owner."),
    params={"place": _T, "offered": Param.COUNT, "overdue": Param.COUNT, "unowned": Param.COUNT},
    channels=(Channel.ROBOT,), inbox=False, path="/staff/tasks", lasts=timedelta(hours=1),
)  # fmt: skip
_TRIAL = Template(
    "trial",
    Words("测试消息", "这是一条测试消息，不用处理。{day} 编号{number}", sms="测试消息，不用处理。{day} 编号{number}"),
    Words("A test", "This is a test; nothing to do. {day}, no. {number}", sms="This is a test. {day}, no. {number}"),
    params={"day": _D, "number": _N}, channels=(), lasts=timedelta(hours=1),
)  # fmt: skip

# Name -> its versions, the newest last: a message keeps the words of the version it was written with.
TEMPLATES: dict[str, tuple[Template, ...]] = {
    template.name: (template,)
    for template in (
        _CODE, _INVITATION, _FACTOR, _MISSING, _MISSING_HOUSEHOLD, *_TASKS, _AGAIN, *_BUNDLES, _NOTICE, _DIRECT, _UNIT,
        _TRIAL,
    )
}  # fmt: skip


def newest(name: str) -> Template:
    """The version with which a message is written today. Raises KeyError for what is no template: a bug of ours."""
    return TEMPLATES[name][-1]


def as_written(name: str, version: int) -> Template:
    """The version a message was written with; the newest one where that is gone."""
    return next((known for known in TEMPLATES[name] if known.version == version), newest(name))
