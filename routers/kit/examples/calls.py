"""Examples of the call list."""

from typing import Any

from routers.kit.examples.messages import DELIVERY_ID, NIGHT
from routers.kit.examples.staff import GRID
from routers.kit.examples.tasks import ACT_ID, PERSON

FATHER = PERSON | {"name": "王建国", "phone": None}
LISTED: dict[str, Any] = {
    "id": DELIVERY_ID, "person": FATHER, "region_code": GRID, "why": "2月5日周三早上的健康打卡还没有收到",
    "urgent": False, "since": NIGHT, "tries": 1, "tried_at": "2020-02-05T12:20:00Z", "over_at": "2020-02-06T12:00:00Z",
}  # fmt: skip
NUMBER = {"id": DELIVERY_ID, "name": "王建国", "whose": "reporter", "reporter": "王小梅", "phone": "13857001234"}

EXAMPLES: dict[str, dict[str, Any]] = {
    "CallsFound": {"One person, tried once": {"items": [LISTED], "more": 0}},
    "CallNumber": {
        "Of who reports for him": NUMBER,
        "None is known": NUMBER | {"whose": "nobody", "reporter": None, "phone": None},
    },
    "CallFinish": {
        "Told": {"id": ACT_ID, "outcome": "told", "filled_at": None},
        "Nobody answered, written without network": {
            "id": ACT_ID, "outcome": "not_reached", "filled_at": "2020-02-05T12:20:00Z",
        },
    },
    "CallFinished": {"Stays on the list": {"id": DELIVERY_ID, "state": "pending", "tries": 1}},
}  # fmt: skip
