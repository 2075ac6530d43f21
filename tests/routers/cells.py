"""Requests for the rows of the matrix: addresses, bodies and sign-ins of the cast."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.types import ASGIApp

from app import checkins
from app.house import House
from app.kit import clock
from app.kit.ids import new_device, uuid7
from app.kit.tokens import LIFETIME_MS
from tests import cast
from tests.cast import Person, Village
from tests.routers.matrix import Row, letters
from tests.routers.wire import FORM, JSON, OURS, Answer, ask, bearer, cookie

NOBODY = UUID("0190a0c0-0000-7000-8000-000000000009")


async def ready(house: House, village: Village) -> None:
    """Mei has reported for her father today, so that there is something to see."""
    report = cast.report(person_id=village.father.person_id, note="金丝雀")
    await checkins.submit(house.writer, village.mei.viewer, report)


class Ticket(str):
    """A token, and for staff the secret of the session that goes with it."""

    secret: str | None = None


def fresh_token(house: House, person: Person) -> Ticket:
    """A sign-in of its own for one request: the rows that sign out must not disturb the others."""
    now = int(clock.now().timestamp() * 1000)
    token = replace(person.token, device=new_device(), issued=now, expires=now + LIFETIME_MS)
    ticket = Ticket(house.signer.sign(token))
    ticket.secret = person.secret
    return ticket


class _Names(dict[str, object]):
    def __missing__(self, name: str) -> object:
        return "a" * 43 if name == "token" else NOBODY


def target(row: Row, village: Village) -> str:
    """The address of a row, about Mei's father, grid 1 and its worker; every other id is nobody's."""
    father: UUID = village.father.person_id
    known = {"person_id": father, "code": village.grid, "day": clock.today(), "slot": "day", "post_id": village.post}
    path = row.path.format_map(_Names(known))
    if row.method == "GET" and row.path in {"/today", "/checkins", "/checkins/new"}:
        return f"{path}?for={father}"
    queries = {"/api/v1/checkins": f"?person_id={father}", "/api/v1/regions": "?q=changshan"}
    return path + (queries.get(row.path, "") if row.method == "GET" else "")


def words(name: str, person_id: UUID, grid: int) -> dict[str, Any]:
    """The body of a row, as the fields of a form; a name that only the organisation knows is an empty one."""
    report = {"id": str(uuid7()), "person_id": str(person_id), "symptoms": ["none"], "exposed": "no"}
    member = {"name": "孙＊", "id_type": "none", "birth_date": "2020-01-05", "relation": "child"}
    wrong = {
        "name": "甲",
        "id_type": "resident_id",
        "id_number": "1",
        "address": "乙",
        "region_code": str(grid),
    }
    opening = {"id_type": "resident_id", "id_number": "1", "purpose": "transfer", "hours": 1}
    opening["words"] = "转院途中需要核实接触史"
    return {
        "phone": {"phone": cast.fresh_phone()},
        "code": {"phone": cast.fresh_phone(), "code": "000000"},
        "wrong id": wrong,
        "member": member | {"name": f"孙{uuid7().hex[-6:]}"},
        "report": report | {"place": "home", "temperature": 36.6},
        "language": {"lang": "en", "next": "/"},
        "size": {"size": "l", "next": "/"},
        "colleague": {"q": "桂芳"},
        "export": {
            "id": str(uuid7()),
            "region_code": str(grid),
            "columns": ["name_masked"],
            "purpose": "supplies",
            "words": "断网，入户送药两天，需要名单",
        },
        "format": {"format": "csv"},
        "passage": {"passage": "王＊ 第一网格"},
        "wrong name": {"name": "不是这个名字"},
        "nothing": {"x": "1"},
        "home": {"region_code": None},
        "back": {"back": "1"},
        "appeal": {"id": str(uuid7()), "kind": "other", "words": "不对"},
        "answer": {"outcome": "upheld", "words": "已核实"},
        "glass": opening,
        **letters.words(),
    }.get(name, {})


def seated(token: str, *, machine: bool) -> list[tuple[bytes, bytes]]:
    """The headers of a sign-in: token and, for staff, session; as a machine or as a browser sends them."""
    secret = getattr(token, "secret", None)
    if machine:
        return [bearer(token), *([(b"staff-session", secret.encode())] if secret else [])]
    name, value = cookie(token)
    return [(name, value + (b"; shouwang-staff=" + secret.encode() if secret else b""))]


async def send(
    app: ASGIApp, row: Row, village: Village, token: str | None, marks: tuple[tuple[bytes, bytes], ...] = (OURS,)
) -> Answer:
    """The request of a row, as a browser for pages and as a machine for the API (as a browser where marks say so)."""
    api = row.path.startswith("/api/")
    machine = api and marks == (OURS,)
    headers = [] if machine else list(marks)
    if token is not None:
        headers += seated(token, machine=machine)
    if row.method == "GET":
        return await ask(app, "GET", target(row, village), headers)
    data = words(row.body, village.father.person_id, village.grid)
    body = json.dumps(data) if api else urlencode(data, doseq=True)
    return await ask(app, row.method, target(row, village), [*headers, JSON if api else FORM], body.encode())
