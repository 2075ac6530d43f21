"""The request of a row as somebody of the organisation makes it, about the child and her grid."""

import json
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp

from app.kit import clock
from tests.organisation import Actor
from tests.routers import cells
from tests.routers.cells import Ticket, fresh_token
from tests.routers.matrix.row import Row
from tests.routers.matrix.things import NOBODY, Things, place_of, words
from tests.routers.wire import FORM, JSON, OURS, Answer, ask

ASKS_REGION = {"posts", "board", "gaps", "on-duty", "shifts", "absences", "robots"}  # as ?region=


class _Ids(dict[str, object]):
    def __missing__(self, name: str) -> object:
        return "a" * 43 if name == "token" else NOBODY


def target(row: Row, things: Things) -> str:
    """The address of a row."""
    org = things.org
    child = org.child.person_id
    about = things.ids | {
        "person_id": child, "code": place_of(row.path, org), "day": clock.today(), "slot": "day", "id": NOBODY,
        "name": "trial",
    }  # fmt: skip
    if row.path.endswith("/posts/{post_id}/invitation"):
        about["post_id"] = things.ids["invited"]
    path = row.path.format_map(_Ids(about))
    if row.method != "GET":
        return path
    if row.path in {"/today", "/checkins", "/checkins/new"}:
        return f"{path}?for={child}"
    if row.path.startswith("/api/v1/staff/") and row.path.rpartition("/")[2] in ASKS_REGION:
        return f"{path}?region={place_of(row.path, org)}"
    return path + {"/api/v1/checkins": f"?person_id={child}", "/api/v1/regions": "?q=changshan"}.get(row.path, "")


def body(row: Row, things: Things) -> dict[str, Any]:
    """The fields of a row's body."""
    org = things.org
    shared = cells.words(row.body, org.child.person_id, place_of("roll-call", org))
    found = words(row.body, things) or shared
    if row.page:  # a form's times are those of a clock on the wall
        found = {k: v[:16] if k.endswith("_at") else v for k, v in found.items()}
    return found


async def send(app: ASGIApp, row: Row, things: Things, ticket: Ticket | None) -> Answer:
    """The request as a browser makes it for pages and a machine for the API."""
    machine = not row.page
    headers = [] if machine else [OURS]
    if ticket is not None:
        headers += cells.seated(ticket, machine=machine)
    if row.method == "GET":
        return await ask(app, "GET", target(row, things), headers)
    data = body(row, things)
    raw = json.dumps(data) if machine else urlencode(data, doseq=True)
    return await ask(app, row.method, target(row, things), [*headers, JSON if machine else FORM], raw.encode())


async def ask_as(app: ASGIApp, row: Row, things: Things, actor: Actor) -> Answer:
    """The request of a row by an actor."""
    ticket = fresh_token(things.house, actor.person) if actor.person else None
    if ticket is not None and not actor.seated:
        ticket.secret = None
    return await send(app, row, things, ticket)
