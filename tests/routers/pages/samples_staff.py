"""What the pages of the organisation are rendered with: desk, units, duty, colleagues, the ledger, retention."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace as Thing
from typing import Any
from uuid import UUID

from app.kit.tokens import Token
from app.kit.viewer import Held, Viewer
from app.staff import rights_of
from models.regions import last_of
from models.staff import Role
from routers.kit.forms import Wrong
from routers.kit.labels import ACT, LEVEL, PURPOSE, RIGHT, ROLE
from routers.pages.staff import DOORS

AT, DAY = datetime(2020, 2, 9, 8, 41, tzinfo=UTC), date(2020, 2, 9)
LATER = AT + timedelta(hours=8)
GRID, TOWN = 330822102205001, 330822102000000
TOWN_CHAIN = ["浙江省", "衢州市", "常山县", "天马街道"]
CHAIN = [*TOWN_CHAIN, "天马社区", "第一网格"]
NOBODY = UUID(int=1)


def viewer(role: Role, code: int) -> Viewer:
    """A member of staff, seen as a door for staff sees them."""
    token = Token(NOBODY, None, bytes(8), 0, 0, 0, 0, staff=True)
    return Viewer(token, (Held(NOBODY, role, code, last_of(code), ROLE[role]),))


WORKER = viewer(Role.GRID_WORKER, GRID)
ADMINISTRATOR = viewer(Role.ADMINISTRATOR, TOWN)
AUDITOR = viewer(Role.AUDITOR, 330822000000000)
PLACE = Thing(code=TOWN, name="天马街道", chain=TOWN_CHAIN[:-1], level="township")

NEAR = [PLACE, Thing(code=330000000000000, name="浙江省", chain=[], level="province")]
POST = Thing(
    id="p1", name="李桂芳", role="grid_worker", lead=False, region_code=GRID, chain=CHAIN, group=None, department="",
    valid_from=DAY, valid_to=None, phone="138****0010", state="in_force", substitute=None, substitute_id=None,
)  # fmt: skip
LEADS = Thing(
    **vars(POST)
    | {"lead": True, "group": "医疗救治组", "department": "县人民医院", "valid_to": DAY, "substitute_id": NOBODY}
)
STATES = ("invited", "expired", "planned", "in_force", "away")
PEOPLE = Thing(items=[Thing(**vars(POST) | {"state": state, "lead": state == "away"}) for state in STATES], after="x")
GROUPS = [("医疗救治组", "方敏", 4), ("宣传组", None, 1)]
ANSWERS = [
    Thing(post_id="p1", name="李桂芳", role="grid_worker", phone="138****0010", why=why, until=end, stands_in_for=who)
    for why, end, who in (("shift", LATER, None), ("post", None, None), ("substitute", LATER, "陈国平"))
]
DUTY = Thing(gap=False, items=ANSWERS, chain=CHAIN)
GAP = Thing(gap=True, items=[Thing(**vars(ANSWERS[1]) | {"why": "above"})], chain=CHAIN)
NOBODY_AT_ALL = Thing(gap=True, items=[], chain=CHAIN)
UNIT = {"region_code": TOWN, "name": "天马街道", "posts": 62, "activated": 58, "units_without_lead": 1,
        "grids_without_worker": 0, "villages_without_grids": 2}  # fmt: skip
HOURS = [Thing(at=AT, activated=12, units_without_lead=missing, grids_without_worker=0) for missing in (3, 0)]
BOARD = Thing(region=UNIT, parts=[UNIT], hours=HOURS, as_of=AT)
WHOLE = Thing(region=UNIT | {"villages_without_grids": 0}, parts=[UNIT], hours=HOURS, as_of=AT)
SHIFT = Thing(id="s1", name="李桂芳", role="grid_worker", starts_at=AT, ends_at=LATER)
GONE = [Thing(id="a1", post_id=post, name="李桂芳", from_at=AT, until_at=LATER, substitute=substitute)
        for post, substitute in ((1, None), (2, "吴秀英"))]  # fmt: skip
GAPS = [Thing(region_code=GRID, level="grid", chain=CHAIN, kind=kind) for kind in ("nobody", "not_activated", "away")]
DESK_DOORS = [{"href": href, "sign": sign, "words": RIGHT[right][0], "small": RIGHT[right][1]}
              for right, href, sign in DOORS]  # fmt: skip
CHOICES = [(role.value, ROLE[role]) for role in Role]
ON_PAGE: dict[str, Any] = {"me": ADMINISTRATOR, "roles": ROLE, "levels": LEVEL, "region": PLACE, "around": []}
TABLE = rights_of(ADMINISTRATOR.posts)

COLLEAGUE: dict[str, Any] = {
    "post_id": "p1", "name": "李桂芳", "role_label": "Grid worker", "lead": False, "chain": CHAIN, "group": None,
    "department": "", "activated": True, "on_duty": True, "substitute": None, "away_until": None,
    "phone": "138****0010", "may_dial": True,
}  # fmt: skip
FAR = COLLEAGUE | {"lead": True, "group": "医疗救治组", "department": "县人民医院", "away_until": LATER,
                   "substitute": "吴秀英", "may_dial": False}  # fmt: skip
SEARCH: dict[str, Any] = {"me": WORKER, "choices": [("", ""), *CHOICES], "rows": None, "following": None}
LOOK = {"who": "陈国平", "role_label": "Village cadre", "chain": CHAIN, "at": AT}

EVENT = Thing(seq=7, act="saw_person", who="李桂芳", role="grid_worker", region=CHAIN, at=AT, purpose="person_page",
              origin="10.0.0.*", place=CHAIN, person_id="0190a0c0", account_id="a1", subject="e1")  # fmt: skip
UNSEALED = Thing(**vars(EVENT) | {"seq": None, "role": "", "origin": "", "place": None, "person_id": None})
LEDGER: dict[str, Any] = {"me": AUDITOR, "acts": list(ACT.items()), "act_words": ACT, "purposes": PURPOSE,
                          "roles": ROLE, "found": None, "numbers": {"e1": "7K4Q-9PDM"}}  # fmt: skip
RULES = {
    "codes": {"what": "Sign-in codes; good for ten minutes", "days": 1, "after": "row"},
    "reports": {"what": "Sign-in codes; good for ten minutes", "days": 30, "after": "response"},
    "keys": {"what": "Sign-in codes; good for ten minutes", "days": 0, "after": "response"},
}

STAFF: dict[str, list[dict[str, Any]]] = {
    "staff/desk.html": [
        {**ON_PAGE, "posts": [LEADS, POST], "doors": DESK_DOORS, "boards": {GRID}, "unread": 3, "inbox": 2},
        {**ON_PAGE, "me": WORKER, "posts": [POST], "doors": [], "boards": set(), "unread": 0, "inbox": 0},
    ],
    "staff/rights.html": [{**ON_PAGE, "rows": TABLE.items, "mine": TABLE.mine, "words": RIGHT}],
    "staff/on_duty.html": [{**ON_PAGE, "me": WORKER, "found": found} for found in (DUTY, GAP, NOBODY_AT_ALL)],
    "staff/unit.html": [
        {**ON_PAGE, "groups": GROUPS, "people": PEOPLE, "board": BOARD, "duty": DUTY, "may_appoint": True,
         "may_plan": True, "may_run_robots": True, "bars": [{"x": 0, "y": 0, "tall": 40}]},
        {**ON_PAGE, "groups": [], "people": PEOPLE, "board": WHOLE, "duty": DUTY, "may_appoint": False,
         "may_plan": False, "may_run_robots": False, "bars": []},
        {**ON_PAGE, "groups": [], "people": Thing(items=[], after=None), "board": None, "duty": GAP,
         "may_appoint": False, "may_plan": False, "may_run_robots": False, "bars": []},
    ],
    "staff/gaps.html": [
        {**ON_PAGE, "found": Thing(total=total, items=items)} for total, items in ((0, []), (1, GAPS[:1]), (900, GAPS))
    ],
    "staff/duty.html": [
        {**ON_PAGE, "duty": DUTY, "shifts": [SHIFT], "absences": GONE, "may_plan": True, "people": [POST],
         "own": [POST], "mine": set(), "around": [POST]},
        {**ON_PAGE, "me": WORKER, "duty": GAP, "shifts": [], "absences": GONE, "may_plan": False, "people": [POST],
         "own": [POST], "mine": {1}, "values": {"from_at": "x"}, "errors": [Wrong("from_at", "请写起始时间", "从")]},
        {**ON_PAGE, "me": WORKER, "duty": GAP, "shifts": [], "absences": [], "may_plan": False, "people": [],
         "own": [], "mine": set()},
    ],
    "staff/post.html": [
        {**ON_PAGE, "post": post, "absence": absence, "may_appoint": appoints, "may_plan": appoints,
         "choices": CHOICES, "colleagues": [(NOBODY, "吴秀英")], "errors": errors, "failed": failed, "near": NEAR,
         "values": {"name": "", "reason": "调离"}}
        for post, absence, appoints, failed, errors in (
            (LEADS, GONE[0], True, "", []), (PEOPLE.items[0], None, True, "change", [Wrong("name", "请填写", "姓名")]),
            (LEADS, None, True, "dismissal", [Wrong("successor_id", "请选在岗同事", "接手人")]),
            (POST, None, False, "", []),
        )
    ],
    "staff/post_new.html": [
        {**ON_PAGE, "choices": CHOICES, "values": {"role": "doctor", "lead": "yes"}, "errors": errors}
        for errors in ([], [Wrong("phone", "请写 11 位手机号", "电话")])
    ],
    "directory/index.html": [
        SEARCH,
        {**SEARCH, "rows": [], "values": {"q": ""}},
        {**SEARCH, "rows": [], "values": {"q": "李桂花"}},
        {**SEARCH, "rows": [COLLEAGUE, FAR, FAR | {"activated": False}], "values": {"q": "桂芳"}, "following": "20.x"},
        {**SEARCH, "values": {"q": "桂"}, "errors": [Wrong("q", "请稍等片刻", "找谁")]},
    ],
    "directory/show.html": [{"me": WORKER, "colleague": colleague} for colleague in (COLLEAGUE, FAR)],
    "directory/call.html": [{"me": WORKER, "name": "李桂芳", "phone": "13857001234"}],
    "directory/looks.html": [{"me": WORKER, "rows": rows} for rows in ([], [LOOK])],
    "audit/index.html": [
        LEDGER,
        {**LEDGER, "found": {"items": [EVENT, UNSEALED], "next": "2"}, "values": {"act": "saw_person"}},
        {**LEDGER, "found": {"items": [], "next": None}, "errors": [Wrong("since", "请写日期", "第一天")]},
    ],
    "retention/index.html": [
        {"me": AUDITOR, "rules": RULES, "erased": erased}
        for erased in ([], [Thing(kind="codes", day=DAY, rows=3), Thing(kind="reports", day=DAY, rows=1)])
    ],
}  # fmt: skip
