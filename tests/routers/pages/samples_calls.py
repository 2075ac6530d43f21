"""What the pages of calls are rendered with: a list in its order, an empty one, numbers of all kinds."""

from datetime import UTC, datetime
from types import SimpleNamespace as Thing
from typing import Any

from routers.kit.forms import Wrong

AT = datetime(2020, 2, 9, 8, 41, tzinfo=UTC)
ME = {"me": Thing(account_id="a2", person_id=None, is_staff=True, posts=[]), "new_id": lambda: "0170-id"}
PERSON = Thing(person_id="p1", name="王建国", address="桃园路 18 号 2 幢 301", phone=None)


def row(**changes: object) -> Thing:
    """A line of the list: nobody has tried yet."""
    words: dict[str, Any] = {
        "id": "d1", "person": PERSON, "why": "2月9日周日的健康打卡还没有收到", "urgent": False, "since": AT, "tries": 0,
        "tried_at": None, "over_at": AT, "also": [],
    }  # fmt: skip
    return Thing(item=Thing(**words | changes), building="桃园路 18 号 2 幢", door="301", since="08:41",
                 tried="16:41", until="今天 20:00 前")  # fmt: skip


ALSO = [Thing(id="d2", why="2月8日周六的健康打卡还没有收到")]
ONCE = row(also=ALSO, tries=1, tried_at=AT, person=Thing(**vars(PERSON) | {"phone": "138****1234"}))
TRIED = row(tries=3, tried_at=AT, urgent=True, over_at=None)
LIST = ME | {
    "urgent": [row(urgent=True)], "places": [("桃园路 18 号 2 幢", [row(), ONCE]), ("", [row()])], "tried": [TRIED],
    "count": 107, "more": 3, "errors": [],
}  # fmt: skip
QUIET = LIST | {"urgent": [], "places": [], "tried": [], "count": 0, "more": 0}
NUMBER = Thing(id="d1", why="2月9日周日的健康打卡还没有收到", also=ALSO, name="王建国", whose="reporter",
               reporter="王小梅", phone="13857001234")  # fmt: skip

CALL_LIST: dict[str, list[dict[str, Any]]] = {
    "calls/index.html": [LIST, QUIET, LIST | {"errors": [Wrong("calls", "李桂芳已经打过电话并记下了结果。")]}],
    "calls/number.html": [
        ME | {"called": Thing(**vars(NUMBER) | changes)}
        for changes in ({}, {"reporter": None}, {"whose": "own", "reporter": None}, {"whose": "nobody", "phone": None})
    ],
}
