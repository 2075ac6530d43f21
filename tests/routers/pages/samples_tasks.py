"""What the pages of tasks are rendered with: my day, sheets in every state, the board, a new task, a number to call."""

from datetime import UTC, date, datetime
from types import SimpleNamespace as Thing
from typing import Any

from app.tasks import Only
from models.tasks import OUTCOMES, Hindrance, Kind, Outcome
from routers.kit import ladder_words, task_words
from routers.kit.forms import Wrong
from routers.kit.labels import ROLE
from routers.pages.task_board import LISTS

AT, DAY = datetime(2020, 2, 9, 8, 41, tzinfo=UTC), date(2020, 2, 9)
CHAIN = ["浙江省", "衢州市", "常山县", "天马街道", "天马社区", "第一网格"]
GRID = 330822102205001
ME = Thing(account_id="a2", person_id=None, is_staff=True, posts=[])
SHARED: dict[str, Any] = {
    "me": ME, "roles": ROLE, "kinds": task_words.KIND, "states": task_words.STATE, "new_id": lambda: "0170-id",
    "header_place": "天马社区 · 第一网格",
}  # fmt: skip
PERSON = Thing(person_id="p1", name="王小梅", address="桃园路 18 号 2 幢 301", phone="138****1234")


def item(**changes: object) -> Thing:
    """A visit that was offered to the viewer."""
    words: dict[str, Any] = {
        "id": "t1", "number": "0209-7B04E1", "kind": "visit", "state": "offered", "region_code": GRID, "chain": CHAIN,
        "due_at": AT, "start_at": AT, "held_since": AT, "overdue": False, "day": None, "slot": None,
        "owner_post_id": "o1", "owner": "李桂芳", "mine": True, "person": PERSON,
    }  # fmt: skip
    return Thing(**words | changes)


def row(**changes: object) -> Thing:
    """A line of my day."""
    return Thing(item=item(**changes), building="桃园路 18 号 2 幢", door="301", due="今天 20:00 前")


NOBODYS = {"owner_post_id": None, "owner": None, "mine": False}
URGENT = row(kind="urgent_report", day=DAY, slot=0, state="escalated")
LATE = row(overdue=True, state="accepted", person=None)
COUNTS = Thing(open=7, offered=3, escalated=1, accepted=2, in_progress=1, urgent=1, overdue=1, unaccepted=1, unowned=2)
NOTHING = Thing(**dict.fromkeys(vars(COUNTS), 0))
TODAY = SHARED | {
    "counts": COUNTS, "urgent": [URGENT, row(kind="urgent_report", **NOBODYS)], "late": [LATE], "today": DAY,
    "to_call": 2,
    "places": [("桃园路 18 号 2 幢", [row(), row(state="in_progress")])], "offered": ["t1", "t2"], "left_out": 3,
    "unowned": [("桃园路 18 号 2 幢", [row(**NOBODYS)])],
}  # fmt: skip
QUIET = TODAY | {
    "counts": NOTHING, "urgent": [], "late": [], "places": [], "offered": [], "left_out": 0, "unowned": [],
    "to_call": 0,
}  # fmt: skip

STEP = Thing(at=AT, note=None, filled_at=None, photo=None)
NOTED = Thing(at=AT, note="敲门无人\n留了字条", filled_at=AT, photo=None)
PHOTOGRAPHED = Thing(at=AT, note=None, filled_at=None, photo=Thing(id="p9", size=184320))
OPEN = {
    "words": "送体温计。", "closed_at": None, "outcome": None, "hindrance": None,
    "may": ["accept", "start", "note", "call", "finish", "hinder", "hand_over", "cancel"],
}  # fmt: skip
DONE = OPEN | {"state": "done", "closed_at": AT, "outcome": Outcome.REFERRED, "may": ["note", "reopen"], "mine": False}
FAILED = DONE | {"state": "not_executable", "outcome": None, "hindrance": Hindrance.MOVED, **NOBODYS}
TAKERS = [
    Thing(post_id="o2", name="孙红梅", role="grid_worker", open=3, full=False),
    Thing(post_id="o3", name="陈国平", role="village_cadre", open=41, full=True),
]
SHEET = SHARED | {
    "task": item(**OPEN), "takers": TAKERS, "failed": "", "due": "今天 20:00 前", "report": None, "to_call": 0,
    "ahead": "到 20:45 还没人接单，会转给村干部。", "accept_by": "20:45",
    "outcomes": task_words.OUTCOME, "hindrances": task_words.HINDRANCE,
    "steps": [
        (PHOTOGRAPHED, "李桂芳添加了照片", ""), (NOTED, "李桂芳写了记录", ""), (STEP, "派给李桂芳", "当时手上最少"),
    ],
    "answers": OUTCOMES[Kind.VISIT],
}  # fmt: skip
URGENT_ONE = item(kind="urgent_report", day=DAY, slot=0, overdue=True, **OPEN | {"words": "", "state": "accepted"})
MISSING = item(kind="missing_report", day=DAY, slot=0, **OPEN | NOBODYS | {"words": ""})
ERRORS = {
    "outcome": [
        Wrong("outcome", "请选一项", "办理结果"),
        Wrong("outcome-note", "太长了", "备注"),
        Wrong("outcome-photo", "第 1 张照片超过 2 MB。", "照片"),
    ],
    "hindrance": [Wrong("hindrance", "请选一项", "办不了的原因")],
    "hand-over": [Wrong("post_id", "请选择在岗的同事。", "谁")],
    "cancellation": [Wrong("cancellation-note", "这一项要填。", "备注")],
    "notes": [Wrong("notes-note", "这一项要填。", "备注")],
    "acceptance": [Wrong("act", "李桂芳已接单。")],
}

REGION = Thing(code=GRID, name="第一网格", chain=CHAIN[:-1], level="grid")
WORKER = Thing(
    post_id="o1", name="李桂芳", role="grid_worker", open=41, overdue=2, unaccepted=1, present=True, overloaded=True,
    silent_since=AT,
)  # fmt: skip
IDLE = Thing(**vars(WORKER) | {"open": 0, "overdue": 0, "unaccepted": 0, "overloaded": False, "silent_since": None})
AWAY = Thing(**vars(WORKER) | {"open": 3, "present": False, "overloaded": False, "silent_since": None})
LINE = {"item": item(person=None), "due": "今天 20:00 前", "takers": TAKERS}
ASTRAY = [Wrong("only", "地址里的“哪些”有误：请从列出的选项中选。下面按平时的样子显示。")]
BOARD = SHARED | {"astray": []} | {
    "region": REGION, "board": Thing(counts=COUNTS, as_of=AT, more_workers=2), "only": Only.OPEN, "after": "50",
    "rows": [LINE, LINE | {"item": item(kind="urgent_report", person=None, **NOBODYS), "takers": []}], "paged": True,
    "lists": [(*each, 3) for each in LISTS], "below": [REGION], "above": [330822102205000], "leads": True,
    "places": [(worker, "第一网格") for worker in (WORKER, IDLE, AWAY)],
}  # fmt: skip
ABOUT = Thing(code=GRID, person_id=None, name="", region=REGION, way=[REGION], below=[REGION])
NEW = SHARED | {"astray": []} | {
    "about": ABOUT, "id": "0170-id", "takers": TAKERS, "values": {"due_at": "2020-02-09T20:00"},
    "kinds": [(kind.value, *words) for kind, words in task_words.BY_HAND.items()],
}  # fmt: skip

POLICY = {
    "kind": Kind.VISIT, "now": Thing(version=3, since=DAY), "coming": Thing(version=9, since=DAY), "place": ["常山县"],
    "steps": [Thing(when="2 小时后", what="提醒本人", how="打卡一到就停止")], "below": [(GRID, "第一网格")],
}  # fmt: skip
LADDERS_SHOWN = SHARED | {
    "region": REGION, "since": ladder_words.FROM, "astray": [],
    "policies": [POLICY, POLICY | {"kind": Kind.CALL, "coming": None, "place": [], "below": []}],
}  # fmt: skip

TASKS: dict[str, list[dict[str, Any]]] = {
    "tasks/day.html": [TODAY, QUIET],
    "tasks/show.html": [
        SHEET,
        SHEET | {"task": item(**DONE), "ahead": "", "takers": []},
        SHEET | {"task": item(**FAILED, person=None), "ahead": ""},
        SHEET | {"task": URGENT_ONE, "report": "/checkins/p1/2020-02-09/day", "takers": []},
        SHEET | {"task": MISSING, "to_call": 1},
        SHEET | {"task": item(**OPEN | {"person": Thing(**vars(PERSON) | {"phone": None}), "words": ""})},
        *(SHEET | {"errors": wrong, "failed": form, "values": {"note": "<b>"}} for form, wrong in ERRORS.items()),
    ],
    "tasks/call.html": [SHARED | {"called": Thing(task_id="t1", name="周建明", phone="13857001234")}],
    "tasks/photo.html": [SHARED | {"task_id": "t1", "number": "0209-7B04E1", "picture": "/9j/4A=="}],
    "tasks/board.html": [
        BOARD,
        BOARD | {"only": Only.CLOSED, "leads": False, "after": None, "paged": False, "below": [], "above": []},
        BOARD | {"rows": [], "places": [], "board": Thing(counts=NOTHING, as_of=AT, more_workers=0)},
        BOARD | {"rows": [], "only": Only.OVERDUE, "astray": ASTRAY},
    ],
    "tasks/ladders.html": [
        LADDERS_SHOWN, LADDERS_SHOWN | {"policies": [POLICY | {"now": None, "steps": []}], "astray": ASTRAY},
    ],
    "tasks/new.html": [
        NEW,
        NEW | {"about": Thing(**vars(ABOUT) | {"person_id": "p1", "name": "王小梅"}), "takers": []},
        NEW | {"values": {"kind": "call", "words": "<b>", "browse": "1", "owner_post_id": "o2"}, "errors": [
            Wrong("kind", "请选一项", "要办什么"), Wrong("due_at", "请选择 31 天以内的时间。", "办完时间"),
        ]},
    ],
}  # fmt: skip
