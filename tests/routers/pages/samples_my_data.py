"""What the pages of one's own data, appeals and break-glass are shown with in tests."""

from datetime import UTC, date, datetime
from types import SimpleNamespace as Thing
from typing import Any

AT, DAY = datetime(2020, 2, 9, 8, 41, tzinfo=UTC), date(2020, 2, 9)
CHAIN = ["浙江省", "衢州市", "常山县", "天马街道", "天马社区", "第一网格"]
ME = Thing(account_id="a1", person_id="mei", is_staff=False, posts=[])
STAFF = Thing(account_id="a2", person_id=None, is_staff=True, posts=[])
AWAY = Thing(region_code=330822102205002, chain=CHAIN, until=DAY)
PICKER: dict[str, Any] = {"places": [], "chosen": None, "area": None}
ROW = Thing(person_id="mei", name="王小梅")
READS = [
    {"id": "e1", "at": AT, "who": "李桂芳", "role": "Grid worker", "count": 3, "act": "Opened a list", "place": CHAIN,
     "purpose": "See residents", "official": True,
     "unit": CHAIN[-2:], "person": "李子轩", "person_id": "child"},
    {"id": "e2", "at": AT, "who": "", "role": "", "count": 1, "act": "Corrected a record", "place": None, "purpose": "",
     "official": False, "unit": [], "person": None, "person_id": None},
]  # fmt: skip
OPENINGS = [
    {"id": "g1", "who": "徐敏", "role": "Doctor", "unit": CHAIN[:3], "reason": "Medical emergency", "person_id": "mei",
     "person": "王小梅", "opened_at": AT, "ended_at": AT},
]  # fmt: skip
KEPT = [("Who looked at your record: three years", None), ("Your appeals and their answers", DAY)]
SEEN: dict[str, Any] = {"reads": READS, "openings": OPENINGS, "appeals_open": 2, "kept": KEPT}
STEPS = [
    {"kind": "Answered", "outcome": "It stays as it is", "words": "已核实。", "who": "陈国平", "role": "Village cadre",
     "unit": CHAIN[-2:], "at": AT},
    {"kind": "Closed", "outcome": None, "words": None, "who": None, "role": None, "unit": CHAIN[-2:], "at": AT},
]  # fmt: skip
APPEAL = {
    "id": "a1", "person": "王小梅", "kind": "Something in my record is wrong", "decision": "0209-7K4Q-9PDM",
    "words": "不对。", "state_words": "Answered", "overdue": False, "is_open": True, "answered": True, "unit": CHAIN,
    "owner": "陈国平", "filed_at": AT, "due_at": AT, "second_look_possible": True, "steps": STEPS, "mine": True,
}  # fmt: skip
LATE = APPEAL | {"overdue": True, "answered": False, "owner": None, "second_look_possible": False, "mine": False}
GLASS = {
    "id": "g1", "person": "王＊", "person_id": "mei", "who": "徐敏", "role": "Doctor", "unit": CHAIN[:3], "open": True,
    "chain": CHAIN, "reason": "Medical emergency", "words": "患者昏迷。", "opened_at": AT, "expires_at": AT,
    "ended_at": None,
}  # fmt: skip


def copied(receipt: object) -> dict[str, Any]:
    """A copy with one report in it."""
    row = Thing(name="王小梅", id_number="11010519491231002X", birth_date=DAY, phone="13800000001", address="桃源路",
                chain=CHAIN, current=AWAY, registered=CHAIN[:3], registered_at=AT)  # fmt: skip
    look = Thing(role="grid_worker", who="李桂芳", act="saw_list", place=CHAIN, count=3, at=AT)
    step = Thing(at=AT, kind="answered", outcome="upheld", who="陈国平", words="已核实。")
    opening = Thing(who="徐敏", role="doctor", unit=CHAIN[:3], purpose="transfer", opened_at=AT, ended_at=AT)
    appeal = Thing(kind="other", person="王小梅", words="不对。", steps=[step])
    made = Thing(made_at=AT, appeals=[appeal], looks=[look], openings=[opening])
    return {
        "me": ME, "made": made, "slip": "1.x", "acts": {"saw_list": "Opened a list"},
        "people": [{"row": row, "document": "Resident ID card", "relation": "Parent", "reports": [receipt]}],
        "roles": {"grid_worker": "Grid worker", "doctor": "Doctor"}, "reasons": {"transfer": "Missing person"},
        "kinds": {"other": "Something else"}, "steps": {"answered": "Answered"},
        "outcomes": {"upheld": "It stays as it is"},
    }  # fmt: skip


def my_data(receipt: object) -> dict[str, list[dict[str, Any]]]:
    """The samples by page."""
    edit = {"me": ME, "person": ROW, "own": True, "picker_at": "/me/edit", **PICKER}
    place = {"me": ME, "person": ROW, "chain": CHAIN, "picker_at": "/me/place", **PICKER}
    ask = {"me": ME, "people": [("mei", "王小梅"), ("mother", "李＊")], "kinds": [("record", "档案有误")]}
    index = {"me": STAFF, "counts": Thing(waiting=2, overdue=1, unowned=1)}
    glass = {"me": STAFF, "reasons": [("transfer", "转运")], "stepped_up": True}
    return {
        "residents/edit.html": [edit],
        "residents/place.html": [place | {"current": None}, place | {"current": AWAY}],
        "residents/copy.html": [{"me": ME, "sent": sent, "as_staff": staff}
                                for sent, staff in ((False, False), (True, False), (False, True))],
        "residents/copied.html": [copied(receipt)],
        "appeals/mine.html": [{"me": ME, "appeals": [APPEAL, LATE]}, {"me": ME, "appeals": []}],
        "appeals/new.html": [ask | {"kind_words": None}, ask | {"kind_words": "Somebody looked at my information"}],
        "appeals/own.html": [
            {"me": ME, "appeal": APPEAL, "before": True}, {"me": ME, "appeal": LATE, "before": False},
        ],
        "appeals/index.html": [index | {"rows": [APPEAL, LATE], "show": ""}, index | {"rows": [], "show": "unowned"}],
        "appeals/show.html": [
            {"me": STAFF, "appeal": each, "outcomes": [("upheld", "维持")], "record": record,
             "documents": [("passport", "护照")]}
            for each, record in ((APPEAL, False), (LATE, True))
        ],
        "glass/index.html": [
            glass | {"may_open": True, "watches": True, "mine": [GLASS], "openings": [GLASS], "more": "g1"},
            glass | {"may_open": False, "watches": True, "mine": [], "openings": [], "more": None},
            glass | {"may_open": True, "watches": False, "mine": [], "openings": [], "more": None, "stepped_up": False},
        ],
    }  # fmt: skip
