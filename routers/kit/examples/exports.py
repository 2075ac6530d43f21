"""Examples of exports."""

from typing import Any

EXPORT_ID = "0193a1b2-c3d4-7000-8000-0000000000e1"
ASKED: dict[str, Any] = {
    "id": EXPORT_ID, "kind": "people_of_region", "region_code": "330822001202001", "day": "2020-02-05",
    "columns": ["name", "grid", "phone"], "purpose": "home_visits", "words": "三网格断网两天，上门送药需要名单",
}  # fmt: skip
SHOWN = ASKED | {
    "state": "requested", "chain": ["浙江省", "衢州市", "常山县", "天马街道", "西峰村委会", "第一网格"], "rows": 26,
    "second": True, "requested_by": "方晓", "requested_at": "2020-02-05T03:00:00Z", "decided_by": None,
    "good_until": "2020-02-06T03:00:00Z", "taken": 0, "mine": True,
}  # fmt: skip

EXAMPLES: dict[str, dict[str, Any]] = {
    "ExportCreate": {"Phones, which need a second person": ASKED},
    "ExportPublic": {
        "Waits for a second person": SHOWN,
        "Released": SHOWN | {"state": "ready", "decided_by": "徐敏", "mine": False},
    },
    "ExportsFound": {"One": {"items": [SHOWN]}},
    "ExportTake": {"As a workbook": {"format": "xlsx"}},
}
PARAMETERS = {"export_id": EXPORT_ID}
