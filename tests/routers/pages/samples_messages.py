"""Sample contexts of the pages of one's own messages and of looking after messages, for the tests of all templates."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace as Thing
from typing import Any

from models.messages import Channel, State
from models.messages.schemas import Reason, TryPublic, WayPublic, WhyPublic
from routers.kit.forms import Wrong
from routers.kit.message_words import ACT, CHANNEL, PROVIDER, SHORT, SLOT, TEMPLATE, TO, spoken

AT = datetime(2020, 2, 9, 12, 0, tzinfo=UTC)
ME = Thing(account_id="a1", person_id="mei", is_staff=False, posts=[])
STAFF = Thing(account_id="a2", person_id=None, is_staff=True, posts=[])
WORDS: dict[str, Any] = {"channels": CHANNEL, "providers": PROVIDER}
PLACE = Thing(code=330822102205000, name="天马社区", chain=["浙江省", "天马社区"], level="village")
UUID_0 = "0193a1b2-c3d4-7000-8000-000000000001"


def message(**changes: object) -> Thing:
    """A reminder that nobody has read."""
    words: dict[str, Any] = {
        "id": "m1", "template": "report_missing", "title": "今天还没有收到您的打卡", "text": "现在补上也可以。",
        "path": "/today", "person_id": "mei", "urgent": False, "erased": False, "sent_at": AT, "read_at": None,
        "cancelled_at": None,
    }  # fmt: skip
    return Thing(**words | changes)


def way(channel: Channel, state: State | None, code: str = "", *tries: TryPublic) -> WayPublic:
    return WayPublic(channel=channel, state=state, since=AT if state else None, next_at=None, code=code,
                     tries=list(tries))  # fmt: skip


def answer(**changes: Any) -> WhyPublic:
    """Why one reminder was written, and what became of it; every way in another state."""
    tried = [TryPublic(at=AT, provider=name, state=State.TEMPORARY_FAILURE, code=code)
             for name, code in (("aliyun", "http-503"), ("tencent", "timeout"))]  # fmt: skip
    ways = [
        way(Channel.PUSH, None, "no-browser"), way(Channel.SMS, State.TEMPORARY_FAILURE, "timeout", *tried),
        way(Channel.WORK, State.PERMANENT_FAILURE, "switched-off"), way(Channel.CALL, State.PENDING),
        way(Channel.ROBOT, State.TECHNICAL_FAILURE, "310000"),
    ]  # fmt: skip
    words: dict[str, Any] = {
        "id": UUID_0, "template": "report_missing", "version": 1, "title": "今天还没有收到您的打卡", "to": "self",
        "reason": Reason(rule="missing_report", version="1", step=1), "data": {"day": "2月9日周日", "slot": ""},
        "written_at": AT, "ways": ways, "left": [Channel.CALL], "waits_until": None, "quiet": False,
        "expires_at": None, "read_at": None, "cancelled_at": None,
    }  # fmt: skip
    return WhyPublic(**words | changes)


def both(**changes: Any) -> list[dict[str, Any]]:
    """The same answer as it is said in Chinese: these samples are read for what is no Chinese."""
    made = answer(**changes)
    spoken("zh-Hans", [made])
    return [{"me": ME, "found": made} | WORDS]


FOUND = Thing(unread=2, items=[message(), message(id="m2", urgent=True, person_id="father", read_at=AT),
                               message(id="m3", cancelled_at=AT), message(id="m4", erased=True, text="")],
              next="m4")  # fmt: skip
NAMES = {"father": "王建国"}
BROWSER = Thing(id="b1", agent="微信（安卓）", created_at=AT, seen_at=AT)
OLD_BROWSER = Thing(**vars(BROWSER) | {"agent": ""})
FORM: dict[str, Any] = {
    "me": ME, "phone": "138****0001", "browsers": [BROWSER, OLD_BROWSER], "push": Thing(connected=True, key="B" * 87),
    "values": {"lang": "zh", "quiet_from": "22:00", "quiet_until": "07:00", "push": "yes", "sms": "yes"},
}  # fmt: skip


def step(number: int, outcome: str, **changes: object) -> Thing:
    acts = [("tell", "self"), ("tell", "household"), ("open", "owner"), ("climb", "above"), ("climb", "above")]
    act, to = acts[number - 1]
    words = {"number": number, "act": act, "to": to, "due_at": AT + timedelta(hours=number), "taken_at": None,
             "outcome": outcome, "said": "还没到时间。", "messages": []}  # fmt: skip
    return Thing(**words | changes)


def reminders(**changes: object) -> dict[str, Any]:
    (told,) = both()
    steps = [step(1, "told", messages=[told["found"]]), step(2, "reported"), step(3, "done"), step(4, "waits"),
             step(5, "soon")]  # fmt: skip
    slot = Thing(slot="am", due_at=AT, asked=True, reported_at=None, version=1, said="还没有收到。", steps=steps)
    later = Thing(**vars(slot) | {"slot": "pm", "asked": False, "steps": []})
    bare = Thing(**vars(slot) | {"slot": "day", "version": None, "steps": []})
    words: dict[str, Any] = {
        "me": ME, "found": Thing(person_id="mei", day=date(2020, 2, 9), slots=[slot, later, bare]), "name": "王小梅",
        "here": "/me/reminders", "official": False, "people": [("mei", "王小梅"), ("father", "王建国")],
        "before": date(2020, 2, 8), "after": None, "acts": ACT, "slots": SLOT, "addressees": TO, "astray": [],
    }  # fmt: skip
    return words | WORDS | changes


ASIDE = Thing(
    id="d1", template="report_missing", channel=Channel.SMS, attempts=3, provider="aliyun", code="worker-died",
    said="发送的程序中途停了。", set_aside_at=AT, over=False,
)  # fmt: skip
COUNT = Thing(channel=Channel.SMS, provider="aliyun", state=State.TECHNICAL_FAILURE, count=12)
WORD = Thing(channel=Channel.PUSH, provider="web-push", code="gone", count=3, said="浏览器已停用提醒。")
PROVIDERS = [
    Thing(provider=name, sent=30, delivered=18, failed=2, unconfirmed=10, slow=slow, shut_until=until, code=code,
          said="没有按时得到回答。" if code else "")
    for name, slow, until, code in (
        ("aliyun", False, AT, "timeout"), ("tencent", True, None, ""), ("new", False, None, ""),
    )
]  # fmt: skip
RECEIPTS = Thing(
    since=AT, items=[Thing(provider="aliyun", taken=1204, moved=1190, unchanged=11, unknown=3, repeated=2)],
    turned_away=[Thing(provider=name, refused=1, unreadable=0) for name in ("tencent", "unknown")],
)  # fmt: skip
ALIKE = Thing(template="notice", channel=Channel.SMS, code="no-template-code", count=12, said="还没有批准。")
DESK: dict[str, Any] = {
    "me": STAFF, "states": SHORT, "names": TEMPLATE, "ways": [Channel.SMS], "shut": [Channel.PUSH, Channel.WORK],
    "found": Thing(since=AT, receipts=RECEIPTS, providers=PROVIDERS, again=[ALIKE, Thing(**vars(ALIKE) | {"said": ""})],
                   counts=[COUNT, Thing(**vars(COUNT) | {"provider": "new", "state": State.PENDING})], failing=12,
                   refused=[WORD, Thing(**vars(WORD) | {"provider": "new", "said": ""})],
                   aside=[ASIDE, Thing(**vars(ASIDE) | {"id": "d2", "over": True})], oldest_at=AT),
} | WORDS  # fmt: skip
QUIET = DESK | {
    "shut": [],
    "found": Thing(
        since=AT,
        receipts=Thing(since=AT, items=[], turned_away=[]),
        providers=[],
        again=[],
        counts=[],
        refused=[],
        failing=0,
        aside=[],
        oldest_at=None,
    ),
}
WORDING = Thing(
    lang="zh", title="今天还没有收到您的打卡", text="请补上。", sms="请补上。编号0209", parts=1,
    push="请补上", robot="",
    spelled={"aliyun": "请补上。编号${number}", "tencent": "请补上。编号{1}"}, codes={"aliyun": "SMS_154950909"},
)  # fmt: skip
SILENT = Thing(**vars(WORDING) | {"sms": "", "parts": 0, "spelled": {}, "codes": {}, "push": "", "robot": "三项待办"})
KIND = Thing(name="report_missing", version=1, urgent=True, inbox=True, channels=[Channel.SMS, Channel.PUSH],
             params=["day"], personal=["day"],
             wordings=[WORDING, Thing(**vars(WORDING) | {"codes": {}, "lang": "en"})])  # fmt: skip
SECOND = Thing(**vars(KIND) | {"name": "unit_digest", "inbox": False, "personal": [], "urgent": False,
                               "wordings": [SILENT, Thing(**vars(SILENT) | {"lang": "en"})]})  # fmt: skip
ROBOT = Thing(
    id="r1", name="指挥部工作群", lang="zh", created_at=AT, ended_at=None, blocked_until=None, code="", said=""
)
ROBOTS = [ROBOT, Thing(**vars(ROBOT) | {"id": "r2", "code": "310000", "said": "签名没有通过。"}),
          Thing(**vars(ROBOT) | {"id": "r3", "ended_at": AT}),
          Thing(**vars(ROBOT) | {"id": "r4", "blocked_until": datetime(2099, 1, 1, tzinfo=UTC)})]  # fmt: skip

MESSAGES: dict[str, list[dict[str, Any]]] = {
    "messages/index.html": [
        {"me": ME, "found": FOUND, "names": NAMES, "paged": True, "astray": []},
        {"me": STAFF, "found": Thing(unread=0, items=[], next=None), "names": {}, "paged": False,
         "astray": [Wrong("last", "地址里的“从哪条起”有误。")]},
    ],
    "messages/show.html": [
        {"me": ME, "names": NAMES, "message": each}
        for each in (message(), message(person_id="father", urgent=True), message(cancelled_at=AT, path=None),
                     message(cancelled_at=AT, template="task_offered", erased=True, text=""))
    ],
    "messages/why.html": [
        *both(), *both(reason=None, ways=[], left=[], template="trial", read_at=AT),
        *both(ways=[way(Channel.CALL, State.DELIVERED, "told",
                        TryPublic(at=AT, provider="", state=State.PENDING, code="not-reached"))], to="nobody"),
        *both(ways=[way(Channel.CALL, State.PERMANENT_FAILURE, "time-over")], left=[]),
        *both(cancelled_at=AT), *both(waits_until=AT + timedelta(hours=8), quiet=True, to="household"),
    ],
    "messages/preferences.html": [
        FORM,
        FORM | {"browsers": [], "push": Thing(connected=False, key=None), "values": {"lang": "en"},
                "errors": [Wrong("quiet_from", "这不是时间。", "开始"), Wrong("lang", "请选择。", "消息的语言")]},
    ],
    "messages/reminders.html": [
        reminders(),
        reminders(me=STAFF, before=None, after=date(2020, 2, 10), official=True, people=[], here="/residents/mei/x"),
    ],
    "messages/gateways.html": [DESK, QUIET | {"errors": [Wrong("channel", "请选择。", "方式")], "values": {}}],
    "messages/templates.html": [{"me": STAFF, "found": {"items": [KIND, SECOND]}, "names": TEMPLATE} | WORDS],
    "messages/template.html": [
        {"me": STAFF, "kind": KIND, "names": TEMPLATE} | WORDS,
        {"me": STAFF, "kind": KIND, "names": TEMPLATE, "values": {"provider": "tencent", "lang": "en", "code": "²"},
         "errors": [Wrong("code", "请照服务商显示的填。", "编号")]} | WORDS,
        {"me": STAFF, "kind": SECOND, "names": TEMPLATE} | WORDS,
    ],
    "messages/robots.html": [
        {"me": STAFF, "region": PLACE, "robots": ROBOTS, "tried": both(to="robot")[0]["found"]} | WORDS,
        {"me": STAFF, "region": PLACE, "robots": [], "tried": None} | WORDS,
    ],
    "messages/robot_new.html": [
        {"me": STAFF, "region": PLACE, "values": {"lang": "zh"}},
        {"me": STAFF, "region": PLACE, "values": {"name": "群", "webhook": "x"},
         "errors": [Wrong("webhook", "请粘贴完整的地址。", "地址"), Wrong("secret", "以 SEC 开头。", "密钥")]},
    ],
}  # fmt: skip
