"""What the pages of files about people and of the end of a response are rendered with."""

from datetime import timedelta
from types import SimpleNamespace as Thing
from typing import Any

from app.exports import COLUMN, PURPOSE
from models.staff import Role
from routers.kit.forms import Wrong
from tests.routers.pages.samples_staff import AT, DAY, LATER, TOWN_CHAIN, viewer

CLERK, HEAD = viewer(Role.LIST_CLERK, 330822000000000), viewer(Role.ADMINISTRATOR, 330822000000000)
EXPORT = Thing(
    id="e1", state="requested", chain=TOWN_CHAIN, day=DAY, columns=["name_masked", "grid"], purpose="supplies",
    words="三网格断网，入户送药两天", rows=312, requested_by="李桂芳", requested_at=AT, decided_by=None,
    good_until=LATER, taken=0, mine=False,
)  # fmt: skip
STATES = ("requested", "ready", "refused", "taken", "expired")
EXPORTS = [Thing(**vars(EXPORT) | {"state": state, "rows": rows}) for rows, state in enumerate(STATES, 1)]
RELEASED = Thing(**vars(EXPORT) | {"state": "ready", "decided_by": "方敏", "taken": 1, "mine": True, "words": ""})
TRACED = Thing(name="李桂芳", place="常山县", purpose="supplies", cells=2, taken_at=[AT, LATER], released_by="方敏")
NUMBERED = Thing(**vars(TRACED) | {"cells": 0})
SHOWN: dict[str, Any] = {"me": CLERK, "columns": COLUMN, "purposes": PURPOSE}
ASK: dict[str, Any] = {**SHOWN, "places": [("330822000000000", "浙江省 衢州市 常山县")], "chosen": ["grid"]}

RESPONSE = Thing(id="r1", name="新冠肺炎疫情应急响应", started_on=DAY, stood_down_at=AT + timedelta(days=60))
WAITING = Thing(id="w1", by_name="方敏", at=AT)
COUNTIES = [Thing(name="衢州市 常山县", people=62)]
SAID = {
    "response": {"name": "新冠肺炎疫情应急响应", "region": TOWN_CHAIN[:1], "started_on": "2020-01-23"},
    "by": ["方敏", "陈国平"], "destroyed_keys": {"1": "5e" * 32}, "ended": {"posts": 12, "data_keys": 3},
    "concerned": {"people": 62, "counties": [{"code": "330822000000000", "name": "衢州市 常山县", "people": 62}]},
    "unreadable": {"post.phone_sealed": 12}, "house": "0190", "signed_at": "2020-04-08",
}  # fmt: skip
OVER: dict[str, Any] = {"response": RESPONSE, "ended_at": RESPONSE.stood_down_at, "signature": "5e" * 64,
                        "public_key": "0c" * 32}  # fmt: skip

EXPORTS_AND_ENDS: dict[str, list[dict[str, Any]]] = {
    "exports/index.html": [
        {**SHOWN, "exports": EXPORTS, "may_ask": True, "may_trace": True},
        {**SHOWN, "exports": [], "may_ask": False, "may_trace": False},
    ],
    "exports/new.html": [
        {**ASK, "values": {"id": "0170-id"}},
        {**ASK, "values": {"words": "x"}, "errors": [Wrong("columns", "请选一项"), Wrong("words", "太短了", "说明")]},
    ],
    "exports/show.html": [
        {**SHOWN, "export": export, "may_take": takes, "may_decide": decides, "errors": errors}
        for export, takes, decides, errors in (
            (EXPORT, False, True, []), (RELEASED, True, False, []), (EXPORT, False, True, [Wrong("act", "不能自批")]),
        )
    ],
    "exports/trace.html": [{**SHOWN, "traced": traced} for traced in (None, [], [TRACED, NUMBERED])],
    "responses/index.html": [
        {"me": HEAD, "response": response, "place": TOWN_CHAIN[:1], "waiting": waiting, "may_ask": asks,
         "may_approve": approves, "past": past, "errors": errors, "people": 62, "counties": COUNTIES, "values": {}}
        for response, waiting, asks, approves, past, errors in (
            (RESPONSE, None, True, False, [], []), (RESPONSE, WAITING, False, True, [RESPONSE], []),
            (None, None, False, False, [RESPONSE], []), (RESPONSE, None, True, False, [], [Wrong("name", "名称不对")]),
        )
    ],
    "responses/certificate.html": [{**OVER, "said": SAID}, {**OVER, "said": None}],
}  # fmt: skip
