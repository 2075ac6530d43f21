"""Examples of one's own data, appeals and break-glass."""

from typing import Any

from routers.kit.examples.core import FATHER, HOME, LATER, MEI, RECEIPT, REPORT, TOWN

APPEAL, OPENING = "017014ef-9310-79d9-8f2b-f89d621ce2c7", "017014ef-9310-79d9-8f2b-f89d621ce2d9"
UNIT = [*TOWN, "西峰村委会"]
PLACE: dict[str, Any] = {"region_code": "330822001202003", "chain": [*UNIT, "第三网格"], "until": "2020-02-20"}
STEPS: list[dict[str, Any]] = [
    {"kind": "filed", "outcome": None, "words": None, "unit": UNIT, "who": None, "role": None,
     "at": "2020-02-05T03:10:00Z"},
    {"kind": "owned", "outcome": None, "words": None, "unit": UNIT, "who": "陈国平", "role": "village_cadre",
     "at": "2020-02-05T03:10:00Z"},
    {"kind": "answered", "outcome": "corrected", "words": "已与您电话核实，按 36.6 更正。", "unit": UNIT,
     "who": "陈国平", "role": "village_cadre", "at": "2020-02-05T05:02:00Z"},
]  # fmt: skip
APPEAL_PUBLIC: dict[str, Any] = {
    "id": APPEAL, "person_id": MEI, "person": "王小梅", "kind": "verdict", "decision_id": REPORT,
    "decision": "0205-P61T-NMAE", "words": "我昨天体温 36.6，单子上写的是 38.6。", "state": "answered",
    "unit_code": "330822001202000", "unit": UNIT, "owner": "陈国平", "filed_at": "2020-02-05T03:10:00Z",
    "due_at": "2020-02-06T03:10:00Z", "overdue": False, "second_look_possible": True, "closed_at": None, "steps": STEPS,
}  # fmt: skip
GLASS: dict[str, Any] = {
    "id": OPENING, "person_id": MEI, "person": "王＊", "chain": HOME, "region_code": "330822001202001", "who": "徐敏",
    "role": "doctor", "unit": ["浙江省", "衢州市", "江山市"], "purpose": "medical_emergency",
    "words": "患者在急诊，昏迷，需要核实接触史。", "opened_at": "2020-02-05T03:00:00Z",
    "expires_at": "2020-02-05T05:00:00Z",
    "ended_at": None,
}  # fmt: skip
ABOUT = {
    "id": OPENING, "person_id": MEI, "who": "徐敏", "role": "doctor", "unit": ["浙江省", "衢州市", "江山市"],
    "purpose": "medical_emergency", "opened_at": "2020-02-05T03:00:00Z", "ended_at": "2020-02-05T05:00:00Z",
}  # fmt: skip
LOOK = {
    "id": LATER, "at": "2020-02-05T03:02:10Z", "who": "李桂芳", "role": "grid_worker", "act": "saw_list",
    "purpose": "people", "count": 3, "person_id": None, "unit": HOME, "file_purpose": None, "place": HOME,
}  # fmt: skip
COPIED: dict[str, Any] = {
    "person_id": MEI, "relation": None, "name": "王小梅", "id_type": "resident_id", "id_number": "330822198502141001",
    "birth_date": "1985-02-14", "phone": "13800000001", "address": "桃园路 18 号 2 幢 301",
    "region_code": "330822001202001",
    "chain": HOME, "current": PLACE, "registered": ["浙江省", "衢州市", "常山县"], "programme": "general",
    "registered_at": "2020-02-03T00:00:00Z", "checkins": [RECEIPT],
}  # fmt: skip

EXAMPLES: dict[str, dict[str, Any]] = {
    "ResidentChange": {
        "A new address for the whole household": {
            "person_id": None, "name": None, "address": "桃园路 20 号 1 幢 102", "phone": None, "region_code": None,
            "together": True,
        }
    },
    "PlaceChange": {
        "Mei's father stays in grid 3 until the 20th": {
            "person_id": FATHER, "region_code": "330822001202003", "until": "2020-02-20",
        },
    },
    "CopyCreate": {"The code from the message": {"code": "274918"}},
    "CopyPublic": {
        "Everything about Mei": {
            "made_at": "2020-02-05T04:00:00Z", "account_id": "01700db6-0e80-7143-a230-9db5c06d090a",
            "sign_in_phone": "13800000001", "people": [COPIED], "appeals": [APPEAL_PUBLIC], "looks": [LOOK],
            "openings": [ABOUT],
        }
    },
    "AppealCreate": {
        "A reading that is not right": {
            "id": APPEAL, "kind": "verdict", "decision_id": REPORT, "person_id": None,
            "words": "我昨天体温 36.6，单子上写的是 38.6。",
        }
    },
    "AppealPublic": {"Answered": APPEAL_PUBLIC},
    "AppealsFound": {"One": {"items": [APPEAL_PUBLIC]}},
    "AppealsWaiting": {
        "One, due tomorrow": {
            "waiting": 1, "overdue": 0, "unowned": 0,
            "items": [
                {"id": APPEAL, "person": "王＊", "kind": "verdict", "unit": UNIT, "owner": "陈国平", "mine": True,
                 "state": "owned", "filed_at": "2020-02-05T03:10:00Z", "due_at": "2020-02-06T03:10:00Z",
                 "overdue": False},
            ],
        }
    },
    "AnswerCreate": {"Corrected": {
        "outcome": "corrected", "words": "已与您电话核实，按 36.6 更正。", "id_type": None, "id_number": None,
    }},
    "GlassCreate": {
        "By the resident ID": {
            "person_id": None, "id_type": "resident_id", "id_number": "330822198502141001",
            "purpose": "medical_emergency", "words": "患者在急诊，昏迷，需要核实接触史。", "hours": 2,
        }
    },
    "GlassPublic": {"Open for two hours": GLASS},
    "GlassFound": {"One": {"items": [GLASS | {"person": None}], "next": None}},
}  # fmt: skip
PARAMETERS = {"appeal_id": APPEAL, "glass_id": OPENING, "before": OPENING}
