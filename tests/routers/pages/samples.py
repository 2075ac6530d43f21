"""What the pages are rendered with: Mei, her grid and its roll call; and the samples of all rooms together."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace as Thing
from typing import Any

from routers.kit.forms import Wrong
from tests.routers.pages.samples_accounts import ACCOUNTS
from tests.routers.pages.samples_appointments import APPOINTMENTS
from tests.routers.pages.samples_calls import CALL_LIST
from tests.routers.pages.samples_exports import EXPORTS_AND_ENDS
from tests.routers.pages.samples_messages import MESSAGES
from tests.routers.pages.samples_my_data import AWAY, SEEN, my_data
from tests.routers.pages.samples_notices import NOTICES
from tests.routers.pages.samples_staff import STAFF, WORKER
from tests.routers.pages.samples_tasks import TASKS

DAY = date(2020, 2, 9)
AT = datetime(2020, 2, 9, 8, 41, tzinfo=UTC)
CHAIN = ["浙江省", "衢州市", "常山县", "天马街道", "天马社区"]
MEI = Thing(person_id="mei", name="王小梅", is_self=True)
MOTHER = Thing(person_id="mother", name="李＊", is_self=False)
RESIDENT = Thing(account_id="a1", person_id="mei", is_staff=False, posts=[])
GRID = Thing(code=330822102205001, name="第一网格", chain=CHAIN, level="grid")
COUNTS = Thing(due=312, urgent=1, attention=3, missing=14, done=294)
ERRORS = [Wrong("temperature", "请写一个数字，例如 36.6", "体温"), Wrong("symptoms", "请选一项")]
SYMPTOMS = [
    Thing(code="fever", label="发热", urgent=True),
    Thing(code="cough", label="咳嗽", urgent=False),
    Thing(code="short_breath", label="气促", urgent=True),
    Thing(code="smell_taste_loss", label="嗅味觉减退", urgent=False),
]
NEEDS = [
    Thing(code="medicine", label="药品"),
    Thing(code="food", label="食物"),
    Thing(code="hospital_escort", label="陪同就医"),
    Thing(code="counselling", label="心理支持"),
]
STATES = ("none", "late", "missed", "part", "attention", "urgent", "today")
WEEK = [Thing(day=DAY - timedelta(days=6 - i), state=state) for i, state in enumerate(STATES)]
FORTNIGHT = [Thing(day=DAY - timedelta(days=13 - i), state=state) for i, state in enumerate(("done",) * 7 + STATES)]
EARLIER = Thing(
    at=AT, temperature=Decimal("38.6"), verdict="urgent", symptoms=["发热", "咳嗽"], needs=["药品"], note="昨晚开始咳嗽"
)
BRIEF = Thing(at=AT, temperature=None, verdict="normal", symptoms=[], needs=[], note=None)
RECEIPT = Thing(
    id="r1", person_id="mei", number="0209-7K4Q-9PDM", day=DAY, slot="day", subject_name="王小梅",
    received_at=AT, filled_at=AT, verdict="normal", verdict_worst="normal", level="normal", temperature=Decimal("36.6"),
    symptoms=[], exposed="no", needs=[], note="", rule_version="1", late=False, made_up=False,
    clock_suspect=False, by_proxy=False, corrections=[], is_correction=False,
)  # fmt: skip
ILL = Thing(
    **{**vars(RECEIPT), "verdict": "normal", "verdict_worst": "urgent", "level": "attention", "symptoms": ["发热"]}
    | {"needs": ["药品"], "note": "昨晚开始咳嗽", "late": True, "clock_suspect": True, "corrections": [EARLIER, BRIEF]}
)  # fmt: skip
CAREFUL = Thing(
    **{**vars(RECEIPT), "verdict": "attention", "verdict_worst": "attention", "level": "attention", "made_up": True}
)
SERIOUS = Thing(**{**vars(RECEIPT), "verdict": "urgent", "verdict_worst": "urgent", "level": "urgent"})
PEOPLE = [
    Thing(person_id="mei", label="本人", reported=False, current=True),
    Thing(person_id="mother", label="李＊", reported=True, current=False),
]
CALLS = [Thing(label="急救", phone="120"), Thing(label="网格员 李桂芳", phone="13857001234")]
TODAY: dict[str, Any] = {
    "subject": MEI, "people": PEOPLE, "day": DAY, "report": None, "strip": WEEK, "asks_temperature": True,
    "report_id": "0170-id", "due_words": "请在 20:00 前打卡（北京时间）",
    "grid_worker": Thing(name="李桂芳", phone_masked="138****1234"), "opened": 1,
}  # fmt: skip
FORM: dict[str, Any] = {
    "subject": MEI, "asks_temperature": True, "symptoms": SYMPTOMS, "needs": NEEDS, "correcting": None,
    "make_up_day": None, "on_behalf": False, "values": {"id": "0170-id", "day": "2020-02-09", "slot": "day"},
}  # fmt: skip
RESIDENT_FACTS = Thing(
    name="王小梅", id_mask="11**************2X", phone_mask="138****8000", address="桃源路 18 号 2 幢 301",
    place_chain=[*CHAIN, "第一网格"], identity="居民身份证", current=AWAY, registered=CHAIN[:3],
)  # fmt: skip
ROWS = [
    Thing(person_id="p1", name="周＊", place_words="2 幢 301", state="urgent", temperature=Decimal("38.4"),
          symptoms=["咳嗽"], reported_at=AT, missed_days=0, by_proxy=True, needs=["药品", "食物"], missing_slot="",
          current=AWAY,
          alert=Thing(temperature=Decimal("38.6"), symptoms=["咳嗽"], reported_at=AT)),
    Thing(person_id="p2", name="赵＊", place_words="1 幢 602", state="missing", temperature=None, symptoms=[],
          reported_at=None, missed_days=2, by_proxy=False, needs=[], missing_slot="pm", alert=None, current=None),
]  # fmt: skip
ROLL: dict[str, Any] = {
    "region": GRID, "day": DAY, "as_of": AT, "counts": COUNTS, "show": "todo", "rows": ROWS, "page": 1, "pages": 3,
    "counts_needs": 1, "previous_day": DAY - timedelta(days=1), "next_day": None,
    "visitors": [Thing(person_id="p3", name="孙＊", chain=CHAIN, until=DAY)],
}  # fmt: skip
GRIDS = [
    Thing(code=GRID.code + i, name=f"第{n}网格", due=104, urgent=i, attention=1, missing=5, done=98 - i, percent=95)
    for i, n in enumerate("一二三")
]
REGISTER: dict[str, Any] = {"member_count": 1, "places": [GRID], "chosen": None, "area": None}
COUNTY = Thing(code=330822000000000, name="常山县", chain=CHAIN[:2], level="county")
AREA = Thing(code=330800000000000, way=[(330000000000000, "浙江省"), (330800000000000, "衢州市")], below=[COUNTY])
FAMILY = [Thing(name="李秀英", relation_label="父母", person_id="mother")]
ME: dict[str, Any] = {"me": RESIDENT, "resident": RESIDENT_FACTS, "household": FAMILY, "unread": 2} | SEEN
PERSON = Thing(person_id="p1", name="周建明", id_mask="33**************1X", phone_mask="138****1234",
               place_chain=CHAIN, age_words="62", relation_note="李桂芳", current=AWAY, through_glass=True,
               may_report=True, may_call=True, may_task=True)  # fmt: skip
STAFF_PAGE: dict[str, Any] = {
    "me": WORKER, "person": PERSON, "strip": FORTNIGHT, "reports": [ILL], "household": FAMILY,
}  # fmt: skip
WAY = Thing(label="回到今日", href="/today")

SAMPLES: dict[str, list[dict[str, Any]]] = {
    "home.html": [{}, {"me": RESIDENT}],
    **ACCOUNTS,
    **APPOINTMENTS,
    **CALL_LIST,
    **MESSAGES,
    **NOTICES,
    **STAFF,
    **EXPORTS_AND_ENDS,
    **TASKS,
    **my_data(RECEIPT),
    "residents/new.html": [
        {"me": RESIDENT, **REGISTER},
        {**REGISTER, "chosen": GRID, "member_count": 6},
        {"me": RESIDENT, **REGISTER, "places": [], "area": AREA},
        {"me": RESIDENT, **REGISTER, "places": [], "area": Thing(code=AREA.code, way=AREA.way, below=[])},
    ],
    "residents/member.html": [{"me": RESIDENT}],
    "residents/me.html": [
        ME,
        {"me": WORKER, "resident": None, "household": [], "reads": [], "openings": [], "unread": 0},
    ],
    "residents/show.html": [STAFF_PAGE, {**STAFF_PAGE, "reports": [], "household": []}],
    "residents/call.html": [{"me": WORKER, "person_name": "周建明", "phone": "13857001234"}],
    "checkins/today.html": [
        {"me": RESIDENT, **TODAY},
        {"me": RESIDENT, **TODAY, "report": RECEIPT, "grid_worker": None},
        {"me": RESIDENT, **TODAY, "subject": MOTHER, "confirm": Thing(proposed="36.6"), "errors": ERRORS[:1]},
    ],
    "checkins/new.html": [
        {"me": RESIDENT, **FORM},
        {"me": RESIDENT, **FORM, "errors": ERRORS, "correcting": RECEIPT, "values": {"temperature": "abc"}},
        {"me": WORKER, **FORM, "subject": MOTHER, "on_behalf": True, "make_up_day": DAY},
        {"me": RESIDENT, **FORM, "confirm": Thing(proposed="36.6"), "asks_temperature": False},
    ],
    "checkins/show.html": [
        {
            "me": RESIDENT,
            "receipt": receipt,
            "next_steps": ["明天再报一次。"],
            "contacts": calls,
            "may_correct": True,
            "report_id": "r1",
        }
        for receipt, calls in ((RECEIPT, []), (CAREFUL, CALLS[1:]), (ILL, CALLS))
    ]
    + [
        {"me": WORKER, "receipt": receipt, "next_steps": (), "contacts": [], "may_correct": False, "report_id": "r1"}
        for receipt in (RECEIPT, CAREFUL, SERIOUS)
    ],
    "checkins/index.html": [
        {"me": RESIDENT, "subject": MEI, "people": PEOPLE, "strip": FORTNIGHT, "reports": reports, "make_up": [DAY]}
        for reports in ([], [RECEIPT, ILL, CAREFUL])
    ],
    "checkins/roll_call.html": [{"me": WORKER, **ROLL}, {"me": WORKER, **ROLL, "rows": [], "page": 2}],
    "checkins/roll_call_village.html": [{"me": WORKER, **ROLL, "grids": GRIDS}],
    "checkins/roll_calls.html": [
        {"me": WORKER, "posts": [Thing(region_code=1, name="第一网格", chain=CHAIN, role_label="网格员")]},
        {"me": WORKER, "posts": []},
    ],
    "checkins/roll_call_units.html": [
        {"me": WORKER, "region": GRID, "units": [GRID], "above": GRID.code},
        {"me": WORKER, "region": GRID, "units": [], "above": None},
    ],
    "regions/index.html": [{"region": None, "children": [GRID], "places": []}],
    "regions/show.html": [{"region": GRID, "children": [], "places": [GRID], "values": {"q": "天马"}}],
    "errors/problem.html": [
        {"title": "没有找到", "detail": "这个页面不存在。", "way_out": ways, "status": status, "number": number}
        for ways, status, number in (([WAY], 404, None), ([WAY, Thing(label="求助", href="/help")], 500, "0193a1b2"))
    ],
    "errors/step_up.html": [
        {"me": WORKER, "title": "请确认是您本人", "words": words, "file": file, "again": "/exports/new", "status": 403}
        for words, file in (([("words", "三网格断网"), ("columns", "name")], False), ([], True))
    ],
    "help.html": [{}],
    "privacy.html": [{"erased": []}, {"me": RESIDENT, "erased": [("Sign-in codes; good for ten minutes", 3)]}],
    "offline.html": [{"me": RESIDENT, "header_place": "桃源村"}],
    "dev/outbox.html": [
        {"messages": []},
        {"messages": [Thing(at=AT, phone="13857001234", template="sign_in_code", text="274918")]},
    ],
}
SHARED = {
    "me": None, "flash": "已保存", "header_place": "天马社区 · 第一网格", "text_size": "m", "path": "/today?for=mei",
    "development": True, "now": AT, "errors": [], "values": {}, "confirm": None, "tab": "", "status": 200,
}  # fmt: skip
