"""Examples of the organisation: posts, duty, the board."""

from typing import Any

POST_ID, OTHER_ID = "0193a1b2-c3d4-7000-8000-000000000001", "0193a1b2-c3d4-7000-8000-000000000002"
SHIFT_ID = "0193a1b2-c3d4-7000-8000-000000000003"
GRID, VILLAGE, TOWN = "330822001202001", "330822001202000", "330822001000000"
TOWN_CHAIN = ["浙江省", "衢州市", "常山县", "天马街道"]
VILLAGE_CHAIN = [*TOWN_CHAIN, "西峰村委会"]
GRID_CHAIN = [*VILLAGE_CHAIN, "第一网格"]

POST: dict[str, Any] = {
    "id": POST_ID, "role": "grid_worker", "lead": False, "region_code": GRID, "chain": GRID_CHAIN, "group": None,
    "department": "", "valid_from": "2020-02-03", "valid_to": None,
}  # fmt: skip
LISTED = POST | {
    "name": "李桂芳",
    "phone": "138****0010",
    "state": "in_force",
    "substitute": None,
    "substitute_id": None,
}
DUTY = {
    "post_id": POST_ID, "name": "李桂芳", "role": "grid_worker", "region_code": GRID, "phone": "138****0010",
    "why": "shift", "until": "2020-02-06T00:00:00Z", "stands_in_for": None,
}  # fmt: skip
SHIFT = {"post_id": POST_ID, "starts_at": "2020-02-05T12:00:00Z", "ends_at": "2020-02-06T00:00:00Z"}
AWAY = {
    "post_id": POST_ID, "from_at": "2020-02-05T12:00:00Z", "until_at": "2020-02-07T00:00:00Z",
    "substitute_id": OTHER_ID, "reason": "事假",
}  # fmt: skip
UNIT = {
    "region_code": TOWN, "name": "天马街道", "level": "township", "posts": 62, "activated": 58, "units": 13,
    "units_without_lead": 1, "grids": 40, "grids_without_worker": 2,
    "villages_without_grids": 0,
}  # fmt: skip

EXAMPLES: dict[str, dict[str, Any]] = {
    "PostCreate": {
        "A grid worker": {
            "phone": "13800000010", "name": "李桂芳", "role": "grid_worker", "region_code": GRID, "group": None,
            "lead": False, "department": "", "valid_from": None, "valid_to": None,
        },
        "A doctor in a group of the command": {
            "phone": "13800000030", "name": "方敏", "role": "doctor", "region_code": TOWN, "group": "医疗救治组",
            "lead": True, "department": "县人民医院", "valid_from": "2020-02-05", "valid_to": "2020-03-31",
        },
    },
    "PostListed": {"A post that has been taken up": LISTED, "An invitation": LISTED | {"state": "invited"}},
    "PostsFound": {"A grid's people": {"items": [LISTED], "after": None}},
    "PostChange": {"Somebody to stand in": {
        "name": "李桂芳", "lead": False, "department": "", "valid_to": None, "substitute_id": OTHER_ID,
    }},
    "Dismissal": {"With a successor": {"successor_id": OTHER_ID, "reason": "调往青石镇"}},
    "Transfer": {"To another grid": {
        "role": "grid_worker", "region_code": "330822001202002", "group": None, "lead": False,
        "successor_id": OTHER_ID, "reason": "第二网格缺人",
    }},
    "ShiftCreate": {"A night": SHIFT},
    "ShiftPublic": {"A night": SHIFT | {"id": SHIFT_ID, "name": "李桂芳", "role": "grid_worker"}},
    "ShiftsFound": {"A night": {"items": [SHIFT | {"id": SHIFT_ID, "name": "李桂芳", "role": "grid_worker"}]}},
    "AbsenceCreate": {"Ill, with somebody who stands in": AWAY},
    "AbsencePublic": {"Ill": AWAY | {"id": SHIFT_ID, "name": "李桂芳", "substitute": "吴秀英", "ended_at": None}},
    "AbsencesFound": {"Ill": {"items": [
        AWAY | {"id": SHIFT_ID, "name": "李桂芳", "substitute": "吴秀英", "ended_at": None}
    ]}},
    "OnDutyFound": {
        "The grid's own worker": {"region_code": GRID, "chain": GRID_CHAIN, "gap": False, "items": [DUTY]},
        "A gap: the village answers": {
            "region_code": GRID, "chain": GRID_CHAIN, "gap": True,
            "items": [DUTY | {"region_code": VILLAGE, "role": "village_cadre", "name": "陈国平", "why": "above",
                              "until": None, "phone": "138****0020"}],
        },
    },
    "GapsFound": {"One grid": {"total": 1, "items": [
        {"region_code": GRID, "level": "grid", "chain": GRID_CHAIN, "kind": "not_activated"}
    ]}},
    "Board": {"A township": {
        "region": UNIT, "parts": [UNIT | {
            "region_code": VILLAGE, "name": "西峰村委会", "level": "village", "posts": 6, "activated": 6, "units": 1,
            "units_without_lead": 0, "grids": 3, "grids_without_worker": 0,
        }],
        "hours": [{"at": "2020-02-05T00:00:00Z", "activated": 12, "total": 58, "units_without_lead": 1,
                   "grids_without_worker": 2}],
        "as_of": "2020-02-05T00:41:00Z",
    }},
    "RightsTable": {"What a grid worker may": {
        "items": [{"right": "call", "roles": {"grid_worker": ["grid"], "village_cadre": ["village"]}}],
        "mine": ["directory", "message", "people", "call", "report_for"],
    }},
}  # fmt: skip

PARAMETERS: dict[str, str] = {
    "post_id": POST_ID, "shift_id": SHIFT_ID, "absence_id": SHIFT_ID, "region": VILLAGE, "after": f"{GRID}.{SHIFT_ID}",
}  # fmt: skip
