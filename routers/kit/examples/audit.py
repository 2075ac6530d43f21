"""Examples of the ledger."""

from typing import Any

ACTED: dict[str, Any] = {
    "id": "0193a1b2-c3d4-7000-8000-00000000000a", "at": "2020-02-05T03:02:10Z",
    "account_id": "0193a1b2-c3d4-7000-8000-00000000000b", "post_id": "0193a1b2-c3d4-7000-8000-000000000001",
    "who": "李桂芳", "role": "grid_worker", "region_code": "330822001202001",
    "region": ["浙江省", "衢州市", "常山县", "天马街道", "西峰村委会", "第一网格"],
    "person_id": "0193a1b2-c3d4-7000-8000-00000000000c", "subject": None, "place_code": None, "place": [],
    "act": "revealed_phone", "purpose": "call", "facts": {}, "origin": "203.0.113.*, Chrome on Android",
    "request_id": "0193a1b2-c3d4-7000-8000-00000000000d", "seq": 4711,
}  # fmt: skip

EXAMPLES: dict[str, dict[str, Any]] = {
    "AuditQuery": {
        "Who looked up numbers that week": {
            "person_id": None, "account_id": None, "actor_name": "李桂芳", "act": "revealed_phone",
            "since": "2020-02-03", "until": "2020-02-09", "page": None,
        }
    },
    "AuditFound": {"One act": {"items": [ACTED], "next": None}},
}  # fmt: skip
