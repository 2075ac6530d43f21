"""Examples of the directory: the grid worker looks for colleagues."""

from typing import Any

from routers.kit.examples.staff import GRID, GRID_CHAIN, OTHER_ID, POST_ID, TOWN_CHAIN

COUNTY = "330822000000000"
LI: dict[str, Any] = {
    "post_id": POST_ID, "name": "李桂芳", "role": "grid_worker", "lead": False, "region_code": GRID,
    "chain": GRID_CHAIN, "group": None, "department": "", "activated": True, "on_duty": True, "substitute": None,
    "away_until": None, "phone": "138****0010", "may_dial": True,
}  # fmt: skip
HE = LI | {
    "post_id": OTHER_ID, "name": "何建国", "role": "doctor", "lead": True, "region_code": COUNTY,
    "chain": TOWN_CHAIN[:3], "group": "医疗救治组", "department": "县人民医院", "on_duty": False,
    "substitute": "吴秀英", "away_until": "2020-02-07T00:00:00Z", "phone": "138****0011", "may_dial": False,
}  # fmt: skip

EXAMPLES: dict[str, dict[str, Any]] = {
    "DirectorySearch": {
        "Grid workers of a county": {"q": "常山 网格员", "region": None, "role": None, "after": None},
        "By initials, doctors only": {"q": "hjg", "region": COUNTY, "role": "doctor", "after": None},
    },
    "DirectoryFound": {"Two colleagues": {"items": [LI, HE], "next": None}},
    "Colleague": {"A grid worker on duty": LI, "A doctor who is away": HE},
    "Dialling": {"On the record": {"post_id": POST_ID, "name": "李桂芳", "phone": "13800000010"}},
    "DiallingsSeen": {
        "One look": {
            "items": [{"at": "2020-02-05T03:02:10Z", "who": "何建国", "role": "doctor", "chain": TOWN_CHAIN[:3],
                       "post_id": POST_ID}]
        }
    },
}  # fmt: skip
