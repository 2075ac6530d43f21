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
from tests.routers.matrix import Row
from tests.routers.wire import FORM, JSON, OURS, Answer, ask, bearer, cookie


async def ready(house: House, village: Village) -> None:
    """Mei has reported for her father today, so that there is something to see."""
    report = cast.report(person_id=village.father.person_id, note="金丝雀")
    await checkins.submit(house.writer, village.mei.viewer, report)


def fresh_token(house: House, person: Person) -> str:
    """A sign-in of its own for one request: the rows that sign out must not disturb the others."""
    now = int(clock.now().timestamp() * 1000)
    return house.signer.sign(replace(person.token, device=new_device(), issued=now, expires=now + LIFETIME_MS))


def target(row: Row, village: Village) -> str:
    """The address of a row, about Mei's father and grid 1."""
    father: UUID = village.father.person_id
    path = row.path.format(person_id=father, code=village.grid, day=clock.today(), slot="day")
    if row.method == "GET" and row.path in {"/today", "/checkins", "/checkins/new"}:
        return f"{path}?for={father}"
    queries = {"/api/v1/checkins": f"?person_id={father}", "/api/v1/regions": "?q=changshan"}
    return path + (queries.get(row.path, "") if row.method == "GET" else "")


def words(name: str, village: Village) -> dict[str, Any]:
    """The body of a row, as the fields of a form."""
    report = {"id": str(uuid7()), "person_id": str(village.father.person_id), "symptoms": ["none"], "exposed": "no"}
    member = {"name": "孙＊", "id_type": "none", "birth_date": "2020-01-05", "relation": "child"}
    wrong = {
        "name": "甲",
        "id_type": "resident_id",
        "id_number": "1",
        "address": "乙",
        "region_code": str(village.grid),
    }
    return {
        "phone": {"phone": cast.fresh_phone()},
        "code": {"phone": cast.fresh_phone(), "code": "000000"},
        "wrong id": wrong,
        "member": member | {"name": f"孙{uuid7().hex[-6:]}"},
        "report": report | {"place": "home", "temperature": 36.6},
        "language": {"lang": "en", "next": "/"},
        "size": {"size": "l", "next": "/"},
        "nothing": {"x": "1"},
        "": {},
    }[name]


async def send(
    app: ASGIApp, row: Row, village: Village, token: str | None, marks: tuple[tuple[bytes, bytes], ...] = (OURS,)
) -> Answer:
    """The request of a row, as a browser for pages and as a machine for the API (as a browser where marks say so)."""
    api = row.path.startswith("/api/")
    machine = api and marks == (OURS,)
    headers = [] if machine else list(marks)
    if token is not None:
        headers.append(bearer(token) if machine else cookie(token))
    if row.method == "GET":
        return await ask(app, "GET", target(row, village), headers)
    data = words(row.body, village)
    body = json.dumps(data) if api else urlencode(data, doseq=True)
    return await ask(app, row.method, target(row, village), [*headers, JSON if api else FORM], body.encode())
