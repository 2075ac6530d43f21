"""Examples: a sheet of the village is brought, planned and applied; codes are printed."""

from typing import Any

from routers.kit.examples.core import TOWN

SHEET = "01700e3a-51a0-7c2e-9b1f-6d1f0c2a7b11"
_SHEET: dict[str, Any] = {
    "id": SHEET, "region_code": "330822001000000", "name": "天马街道花名册.xlsx", "kind": "xlsx", "state": "planned",
    "headers": ["姓名", "手机号", "职务", "单位"], "columns": {"name": 0, "phone": 1, "role": 2, "place": 3},
    "more_worksheets": 1, "rows_in": 62, "new": 58, "changed": 1, "unchanged": 1, "refused": 2, "missing": 3, "kept": 0,
    "created_at": "2020-02-05T01:12:09Z", "applied_at": None, "undone_at": None,
}  # fmt: skip
_APPLIED = _SHEET | {"state": "applied", "applied_at": "2020-02-05T01:14:40Z"}
_REFUSED = {
    "number": 17, "outcome": "refused", "reason": "place_ambiguous", "field": "place", "cell": "双溪村",
    "hint": "径山镇双溪村委会 / 瑶琳镇双溪村委会", "name": "李桂芳", "role": None, "place": [],
    "changes": [],
}  # fmt: skip
_NEW = {
    "number": 2, "outcome": "new", "reason": None, "field": None, "cell": None, "hint": None, "name": "陈国平",
    "role": "village_cadre", "place": ["常山县", "天马街道", "西峰村委会"], "changes": [],
}  # fmt: skip
_CHANGED = _NEW | {
    "number": 5, "outcome": "changed", "changes": [
        {"field": "lead", "old": False, "new": True}, {"field": "valid_to", "old": None, "new": "2020-03-31"},
    ],
}  # fmt: skip

EXAMPLES: dict[str, dict[str, Any]] = {
    "SheetPaste": {
        "With a header": {
            "paste": "姓名\t手机号\t职务\t单位\n陈国平\t13857000010\t村干部\t天马街道西峰村", "region_code": None,
        },
        "Without, for one of several regions": {
            "paste": "13857000010\t陈国平\t村干部\t西峰村", "region_code": "330822001000000",
        },
    },
    "SheetPublic": {"Planned": _SHEET, "Applied": _APPLIED},
    "SheetsFound": {"Two": {"items": [_APPLIED, _SHEET]}, "None yet": {"items": []}},
    "SheetColumns": {"Name and phone the other way round": {"columns": {"name": 1, "phone": 0, "role": 2, "place": 3}}},
    "SheetRowsFound": {
        "A refused row": {"total": 1, "page": 1, "pages": 1, "items": [_REFUSED]},
        "A new one": {"total": 1, "page": 1, "pages": 1, "items": [_NEW]},
        "A changed one": {"total": 1, "page": 1, "pages": 1, "items": [_CHANGED]},
    },
    "ActivationSheetCreate": {"A township": {"region_code": "330822001000000"}},
    "ActivationSheet": {
        "One slip": {
            "region_code": "330822001000000", "chain": TOWN, "expires_at": "2020-02-08T01:20:00Z", "left": 0,
            "guarded": 2,
            "slips": [{
                "url": "https://shouwang.example/activate/GbJmWvYf3sQ0r0mYxW1k9A", "name": "陈＊",
                "role": "village_cadre", "place": ["常山县", "天马街道", "西峰村委会"], "group": None,
            }],
        },
    },
}  # fmt: skip
PARAMETERS = {"sheet_id": SHEET, "class": "refused", "name": "天马街道花名册.csv"}
