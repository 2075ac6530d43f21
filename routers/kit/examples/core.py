"""The examples of the OpenAPI document: Mei's day in a real village, by the name of the schema they are of."""

from typing import Any

MEI, FATHER, ZHOU = (
    "01700db7-e340-7717-a57e-c3d7fb939eff",
    "01700db7-e3a4-7fe8-acbc-1deafa51c2ec",
    "01700dba-a260-7ece-a32c-a06333275d33",
)
ACCOUNT, REPORT, LATER = (
    "01700db6-0e80-7143-a230-9db5c06d090a",
    "017012b0-8438-7a27-a538-f3b183aad14e",
    "017014ef-9310-79d9-8f2b-f89d621ce2b5",
)
TOKEN = (
    "AQEAAAFwDbYOgHFDojCdtcBtCQoBcA2340B3F6V-w9f7k57_7yYOmqPGc68AASzhf92TUQAAAXASsIQ4"
    "AAABcK0vTDg0imKfXO7QMsPocG7EfZv6-wD7QlCwGN2WVDXKUMuDbg"
)
EXPIRES = "2020-03-06T00:12:03Z"
TOWN = ["浙江省", "衢州市", "常山县", "天马街道"]
VILLAGE = {"code": "330822001202000", "name": "西峰村委会", "level": "village", "chain": TOWN}
HOME = [*TOWN, "西峰村委会", "第一网格"]
GRIDS = [
    {"code": f"33082200120200{number}", "name": f"第{word}网格", "level": "grid", "chain": [*TOWN, "西峰村委会"]}
    for number, word in enumerate("一二三", 1)
]

ACCOUNT_PUBLIC = {"account_id": ACCOUNT, "phone": "138****0001", "person_id": MEI}
PERSON = {
    "person_id": MEI, "name": "王小梅", "id_type": "resident_id", "id_number": "33**************01",
    "phone": "138****0001", "region_code": "330822001202001", "chain": HOME, "current": None,
    "registered": ["浙江省", "衢州市", "常山县"], "programme": "general", "relation": None,
}  # fmt: skip
FATHER_PUBLIC = PERSON | {
    "person_id": FATHER, "name": "王建国", "id_number": "33**************11", "relation": "parent",
}  # fmt: skip
RESIDENT = PERSON | {"household": [FATHER_PUBLIC], "token": None, "expires_at": None}
MEMBER = {
    "name": "王建国", "id_type": "resident_id", "id_number": "330822195203071011", "birth_date": None,
    "relation": "parent",
}  # fmt: skip
REPORT_SENT = {
    "id": REPORT, "person_id": None, "slot": None, "temperature": 36.6, "symptoms": ["none"], "exposed": "no",
    "place": "home", "needs": [], "note": None, "day": "2020-02-05", "filled_at": "2020-02-05T08:12:00+08:00",
    "temperature_confirmed": False,
}  # fmt: skip
RECEIPT = {
    "id": REPORT, "number": "0205-P61T-NMAE", "person_id": MEI, "day": "2020-02-05", "slot": "day",
    "temperature": 36.6, "symptoms": ["none"], "exposed": "no", "place": "home", "needs": [], "note": None,
    "verdict": "normal", "highest_verdict": "normal", "rule_version": 1, "via": "self", "late": False,
    "made_up": False, "clock_suspect": False, "filled_at": "2020-02-05T00:12:00Z",
    "received_at": "2020-02-05T00:12:03Z", "corrects": None, "corrections": [],
}  # fmt: skip
CORRECTION = {
    "id": LATER, "number": "0205-KNH1-SRNN", "via": "self", "filled_at": "2020-02-05T10:40:00Z",
    "received_at": "2020-02-05T10:40:10Z", "temperature": 37.4,
    "symptoms": ["cough"], "exposed": "no", "place": "home", "needs": ["medicine"], "note": "下午开始咳嗽",
    "verdict": "urgent",
}  # fmt: skip
COUNTS = {"due": 26, "urgent": 1, "attention": 0, "missing": 4, "done": 21}
ILL = {
    "person_id": ZHOU, "name": "周建明", "state": "urgent", "address": "桃园路 18 号 2 幢 502", "phone": "138****0002",
    "temperature": 36.8, "symptoms": ["none"], "reported_at": "2020-02-05T02:05:41Z", "needs": ["medicine"],
    "alert": {"temperature": 38.6, "symptoms": ["fever", "cough"], "reported_at": "2020-02-04T23:58:20Z"},
    "missing_slot": None, "by_proxy": False, "missed_days": 0, "current": None,
}  # fmt: skip
MISSING: dict[str, Any] = {
    "person_id": MEI, "name": "王小梅", "state": "missing", "address": "桃园路 18 号 2 幢 301",
    "phone": "138****0001", "temperature": None, "symptoms": [], "reported_at": None, "needs": [], "alert": None,
    "missing_slot": None, "by_proxy": False, "missed_days": 1, "current": None,
}  # fmt: skip
ROLL_CALL = {"region": GRIDS[0], "day": "2020-02-05", "as_of": "2020-02-05T03:00:00Z"}

# Schema -> what the example shows -> the example. Every field is there.
EXAMPLES: dict[str, dict[str, Any]] = {
    "CodeRequest": {"A code for Mei": {"phone": "13800000001"}},
    "CodeSent": {"Sent, or not to be told apart from it": {"expires_in_s": 600, "resend_after_s": 60}},
    "SignIn": {"The code from the message": {"phone": "13800000001", "code": "274918"}},
    "SignedIn": {
        "A resident, signed in for 30 days": {
            "token": TOKEN, "expires_at": EXPIRES, "account": ACCOUNT_PUBLIC, "staff_session": None,
        },
        "A county administrator, who gives a second factor next": {
            "token": TOKEN, "expires_at": EXPIRES, "account": ACCOUNT_PUBLIC | {"person_id": None},
            "staff_session": {
                "secret": "ENJ7hFqDrM5gN9qgFCVdkJQkFqfFPqvHnRzX0lJm5zs", "expires_at": "2020-02-05T12:12:03Z",
                "second_factor": "needed",
            },
        },
    },
    "ResidentCreate": {
        "Mei and her father": {
            "name": "王小梅", "id_type": "resident_id", "id_number": "330822198502141001", "birth_date": None,
            "phone": "13800000001", "address": "桃园路 18 号 2 幢 301", "region_code": "330822001202001",
            "household": [MEMBER],
        }
    },
    "ResidentPublic": {"Registered, with a token that knows it": RESIDENT | {"token": TOKEN, "expires_at": EXPIRES}},
    "MemberCreate": {"Her father, who has no phone": MEMBER},
    "MePublic": {
        "A resident": {"account": ACCOUNT_PUBLIC, "resident": RESIDENT, "posts": []},
        "A grid worker who has not registered": {
            "account": {"account_id": ACCOUNT, "phone": "138****0010", "person_id": None},
            "resident": None,
            "posts": [
                {"id": LATER, "role": "grid_worker", "lead": False, "region_code": "330822001202001", "chain": HOME,
                 "group": None, "department": "", "valid_from": "2020-01-24", "valid_to": None},
            ],
        },
    },
    "ReadsFound": {
        "Two looks of the grid worker": {
            "items": [
                {"id": REPORT, "at": at, "who": "李桂芳", "role": "grid_worker", "act": act, "purpose": purpose,
                 "count": 1, "person_id": MEI, "unit": HOME, "file_purpose": None, "place": None}
                for at, act, purpose in (
                    ("2020-02-05T03:02:10Z", "revealed_phone", "call"),
                    ("2020-02-05T03:01:55Z", "saw_person", "person_page"),
                )
            ]
        }
    },
    "CheckinCreate": {
        "A healthy day": REPORT_SENT,
        "For her father, with fever": REPORT_SENT | {
            "id": LATER, "person_id": FATHER, "temperature": 38.6, "symptoms": ["fever", "cough"],
            "needs": ["medicine"], "note": "昨晚开始发烧",
        },
    },
    "CheckinPublic": {"Stored": RECEIPT},
    "CheckinsFound": {
        "One day, corrected in the evening": {
            "items": [RECEIPT | {"highest_verdict": "urgent", "corrections": [CORRECTION]}]
        }
    },
    "RollCallPublic": {
        "A grid": ROLL_CALL | {
            "counts": {"due": 2, "urgent": 1, "attention": 0, "missing": 1, "done": 0},
            "people": [ILL, MISSING], "grids": None,
            "visitors": [
                {"person_id": FATHER, "name": "王建国", "phone": "138****0001", "until": "2020-02-20",
                 "chain": [*TOWN, "西峰村委会", "第二网格"]},
            ],
        },
        "A village": ROLL_CALL | {
            "region": VILLAGE, "counts": COUNTS, "people": None,
            "grids": [{"code": GRIDS[0]["code"], "name": GRIDS[0]["name"], "counts": COUNTS}], "visitors": [],
        },
    },
    "RegionsFound": {"西峰": {"items": [VILLAGE]}},
    "RegionWithChildren": {"A village and its grids": VILLAGE | {"children": GRIDS}},
}  # fmt: skip

# What answers without a schema of its own.
AT: dict[str, dict[str, Any]] = {
    "/health/live": {"Alive": {"status": "alive"}},
    "/health/ready": {"Ready": {"status": "ready"}},
}

PARAMETERS: dict[str, str] = {
    "code": "330822001202001", "person_id": FATHER, "from": "2020-02-01", "to": "2020-02-05", "day": "2020-02-05",
    "q": "天马 西峰", "level": "village",
}  # fmt: skip
