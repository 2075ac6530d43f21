"""Sample contexts of the pages of sheets and of printed codes, for the tests of all templates."""

from datetime import UTC, datetime
from types import SimpleNamespace as Thing
from typing import Any

from app.appointments import COLUMN, ROW
from models.appointments import Column, Reason
from routers.kit.forms import Wrong
from routers.kit.labels import ROLE

AT = datetime(2020, 2, 9, 8, 41, tzinfo=UTC)
CHAIN = ["常山县", "天马街道", "天马社区"]
SHARED: dict[str, Any] = {"me": Thing(account_id="a2", person_id=None, is_staff=True, posts=[])}


def sheet(**changes: object) -> Thing:
    """A sheet that was planned."""
    words: dict[str, Any] = {
        "id": "s1", "name": "花名册.XLSX", "state": "planned", "headers": ["姓名", ""], "rows_in": 62, "new": 58,
        "changed": 1, "unchanged": 1, "refused": 2, "missing": 3, "kept": 0, "created_at": AT, "applied_at": AT,
        "undone_at": AT, "more_worksheets": 0,
    }  # fmt: skip
    return Thing(**words | changes)


def refused(reason: Reason) -> dict[str, object]:
    """A row as the page shows it."""
    row = Thing(number=17, name="李桂芳", cell="双溪村", hint="径山镇双溪村 / 瑶琳镇双溪村", reason=reason, place=[])
    return {"row": row, "words": ROW[reason], "column": COLUMN[Column.PLACE], "role": ""}


TAKEN = {
    "row": Thing(number=2, name="陈国平", cell=None, hint=None, reason=None, place=CHAIN), "words": "", "column": "",
    "role": ROLE["village_cadre"], "changes": [
        ("Lead", False, True), ("Substitute", True, True), ("Last day", None, "2020-03-31"),
        ("Home department", "", "县水利局"),
    ],
}  # fmt: skip
COLUMNS = [{"name": column.value, "words": words, "at": "0"} for column, words in COLUMN.items()]
PLAN = SHARED | {
    "sheet": sheet(more_worksheets=1), "show": "refused", "place": "天马街道",
    "found": Thing(total=27, page=1, pages=1), "rows": [refused(reason) for reason in Reason],
    "columns": COLUMNS, "swapped": True,
}  # fmt: skip
NOTHING = sheet(new=0, changed=0, unchanged=0, missing=0, name="")
SLIP = Thing(url="/activate/x", name="陈＊", place=CHAIN, group="疫情防控组")
TICKET = Thing(name="陈＊", chain=CHAIN)
BROUGHT = [sheet(), sheet(name="", state="undone", refused=0)]
INDEX = SHARED | {"sheets": BROUGHT, "places": [("1", "天马街道")], "most": 9}

APPOINTMENTS: dict[str, list[dict[str, Any]]] = {
    "appointments/index.html": [
        INDEX,
        INDEX | {"places": [("1", "常山县"), ("2", "天马街道")], "sheets": [], "values": {"paste": "<b>"},
                 "errors": [Wrong("paste", "这张表是空的。")]},
    ],
    "appointments/show.html": [
        PLAN,
        PLAN | {"show": "new", "rows": [TAKEN], "found": Thing(total=120, page=2, pages=3), "swapped": False},
        PLAN | {"sheet": NOTHING, "rows": [], "errors": [Wrong("act", "请重新比对，再执行。")]},
        PLAN | {"sheet": sheet(state="applied", more_worksheets=2), "rows": [TAKEN], "show": "changed"},
        PLAN | {"sheet": sheet(state="undone", kept=2), "rows": [], "show": "unchanged"},
    ],
    "appointments/codes.html": [
        SHARED | {"sheet": Thing(chain=CHAIN, expires_at=AT, left=7, guarded=2),
                  "slips": [{"slip": SLIP, "qr": "data:image/svg+xml,x", "role": ROLE["village_cadre"]}]},
        SHARED | {"sheet": Thing(chain=CHAIN, expires_at=AT, left=0, guarded=0), "slips": []},
    ],
    "appointments/activate.html": [
        {"me": None, "ticket": TICKET, "role": ROLE["village_cadre"]},
        {"me": None, "ticket": TICKET, "role": ROLE["village_cadre"], "values": {"phone": "1"},
         "errors": [Wrong("phone", "还可以试 4 次。", "手机号")]},
    ],
}  # fmt: skip
