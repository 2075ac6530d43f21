"""Examples of the call list."""

from typing import Any

from routers.kit.examples.messages import DELIVERY_ID, NIGHT
from routers.kit.examples.staff import GRID
from routers.kit.examples.tasks import ACT_ID, PERSON

SECOND_ID = "0193a1b2-c3d4-7000-8000-000000000035"
FATHER = PERSON | {"name": "王建国", "phone": None}
WHY = {"id": DELIVERY_ID, "why": "2月5日周三早上的健康打卡还没有收到", "also": []}
LISTED: dict[str, Any] = WHY | {
    "person": FATHER, "region_code": GRID,
    "urgent": False, "since": NIGHT, "tries": 1, "tried_at": "2020-02-05T12:20:00Z", "over_at": "2020-02-06T12:00:00Z",
}  # fmt: skip
NUMBER = WHY | {"name": "王建国", "whose": "reporter", "reporter": "王小梅", "phone": "13857001234"}

EXAMPLES: dict[str, dict[str, Any]] = {
    "CallsFound": {"One person, tried once": {"items": [LISTED], "more": 0}},
    "CallNumber": {
        "Of who reports for him": NUMBER,
        "Two things to tell": NUMBER | {"also": [{"id": SECOND_ID, "why": "2月4日周二晚上的健康打卡还没有收到"}]},
        "None is known": NUMBER | {"whose": "nobody", "reporter": None, "phone": None},
    },
    "CallFinish": {
        "Told": {"id": ACT_ID, "outcome": "told", "also": [], "filled_at": None},
        "Nobody answered, written without network": {
            "id": ACT_ID, "outcome": "not_reached", "also": [SECOND_ID], "filled_at": "2020-02-05T12:20:00Z",
        },
    },
    "CallFinished": {"Stays on the list": {"id": DELIVERY_ID, "state": "pending", "tries": 1}},
}  # fmt: skip
