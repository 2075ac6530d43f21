"""Examples of tasks."""

from typing import Any

from routers.kit.examples.staff import GRID, GRID_CHAIN, OTHER_ID, POST_ID, VILLAGE, VILLAGE_CHAIN

TASK_ID, ACT_ID = "0193a1b2-c3d4-7000-8000-000000000031", "0193a1b2-c3d4-7000-8000-000000000032"
PERSON_ID, PHOTO_ID = "0193a1b2-c3d4-7000-8000-000000000033", "0193a1b2-c3d4-7000-8000-000000000034"

ACT: dict[str, Any] = {"id": ACT_ID, "note": "", "filled_at": None}
NOTE = "打了三次电话，第三次接通，体温 38.1，已联系医生。"
PERSON = {
    "person_id": PERSON_ID, "name": "王小梅", "address": "桃园路 18 号 2 幢 301", "phone": "138****1234",
}  # fmt: skip
URGENT: dict[str, Any] = {
    "id": TASK_ID, "number": "0205-0193A1", "kind": "urgent_report", "state": "offered", "region_code": GRID,
    "chain": GRID_CHAIN, "due_at": "2020-02-05T02:41:00Z", "start_at": "2020-02-05T00:41:00Z",
    "held_since": "2020-02-05T00:41:00Z", "overdue": False, "day": "2020-02-05", "slot": 0, "owner_post_id": POST_ID,
    "owner": "李桂芳", "mine": True, "person": PERSON,
}  # fmt: skip
UNOWNED = URGENT | {"owner_post_id": None, "owner": None, "mine": False, "person": None}
STEP: dict[str, Any] = {
    "at": "2020-02-05T00:41:00Z", "happening": "opened", "why": None, "from_name": None, "to_name": None,
    "by_house": True, "by_name": None, "note": None, "photo": None, "filled_at": None,
}  # fmt: skip
OFFERED = STEP | {"happening": "offered", "why": "least_load", "to_name": "李桂芳"}
NOTED = STEP | {
    "at": "2020-02-05T00:59:00Z", "happening": "noted", "to_name": "李桂芳", "by_house": False, "by_name": "李桂芳",
    "note": NOTE, "filled_at": "2020-02-05T00:52:00Z",
}  # fmt: skip
PHOTO = {"id": PHOTO_ID, "size": 184320}
PHOTOGRAPHED = NOTED | {"happening": "photographed", "note": None, "filled_at": None, "photo": PHOTO}
SHEET = {
    "created_at": "2020-02-05T00:41:00Z", "accept_by": "2020-02-05T00:56:00Z", "accepted_at": None,
    "closed_at": None, "outcome": None, "hindrance": None, "words": "", "history": [STEP, OFFERED],
    "ahead": {"at": "2020-02-05T00:56:00Z", "act": "climb", "unless": "accepted", "level": "village"},
    "may": ["accept", "start", "note", "call", "finish", "hinder", "hand_over"],
}  # fmt: skip
DONE = {
    "state": "done", "accept_by": None, "accepted_at": "2020-02-05T00:44:00Z",
    "closed_at": "2020-02-05T01:10:00Z", "outcome": "referred",
    "history": [STEP, OFFERED, NOTED, PHOTOGRAPHED], "ahead": None, "may": ["note", "reopen"],
}  # fmt: skip
COUNTS = {
    "open": 12, "offered": 3, "escalated": 1, "accepted": 5, "in_progress": 3, "urgent": 1, "overdue": 2,
    "unaccepted": 1, "unowned": 2,
}  # fmt: skip
WORKER = {
    "post_id": POST_ID, "name": "李桂芳", "role": "grid_worker", "region_code": GRID, "open": 10, "weight": 17,
    "unaccepted": 1, "overdue": 2, "present": True, "overloaded": False,
    "silent_since": "2020-02-04T23:10:00Z",
}  # fmt: skip

EXAMPLES: dict[str, dict[str, Any]] = {
    "TasksFound": {
        "A worker's day": {"counts": COUNTS, "items": [URGENT], "after": None},
        "A region: no names": {"counts": COUNTS, "items": [UNOWNED], "after": "50"},
    },
    "TaskPublic": {"An urgent report, just arrived": URGENT | SHEET, "Done": URGENT | SHEET | DONE},
    "TaskCreate": {
        "About somebody": {
            "id": ACT_ID, "kind": "errand", "region_code": None, "person_id": PERSON_ID,
            "due_at": "2020-02-05T12:00:00Z", "start_at": None, "words": "送两包米，一桶油", "owner_post_id": None,
        },
        "About a place": {
            "id": ACT_ID, "kind": "visit", "region_code": VILLAGE, "person_id": None,
            "due_at": "2020-02-05T12:00:00Z", "start_at": "2020-02-05T08:00:00Z", "words": "看一遍各路口的卡点",
            "owner_post_id": OTHER_ID,
        },
    },
    "TaskAct": {"With a note, written without network": ACT | {"note": NOTE, "filled_at": "2020-02-05T00:52:00Z"}},
    "TaskFinish": {"Sent on to a doctor": ACT | {"outcome": "referred", "note": NOTE}},
    "TaskHinder": {"Nobody answers": ACT | {"hindrance": "not_reached", "note": "敲门无人，留了字条"}},
    "TaskHandOver": {"To a colleague": ACT | {"post_id": OTHER_ID, "note": "李桂芳今天满了"}},
    "TaskCancel": {"A false alarm": ACT | {"note": "体温计坏了，换一支再量是 36.6"}},
    "TaskCalled": {"A number": {"task_id": TASK_ID, "name": "王小梅", "phone": "13857001234"}},
    "TaskPhotoPublic": {"180 KB": PHOTO},
    "TaskBoard": {"A village": {
        "region_code": VILLAGE, "chain": VILLAGE_CHAIN, "as_of": "2020-02-05T01:30:00Z", "counts": COUNTS,
        "workers": [WORKER, WORKER | {
            "post_id": OTHER_ID, "name": "吴秀英", "open": 0, "weight": 0, "unaccepted": 0, "overdue": 0,
            "silent_since": None,
        }],
        "more_workers": 0, "closed": 31,
    }},
}  # fmt: skip
PARAMETERS = {"task_id": TASK_ID, "photo_id": PHOTO_ID, "only": "overdue", "/api/v1/regions/{code}/tasks?after": "50"}
