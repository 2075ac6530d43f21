"""The call list on the phone: who is to be told by telephone, the number, and three ways in which a call can go."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import calls
from app.kit import clock
from app.kit.errors import N_
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from models.calls import TRIES, CallFinish, CallListed
from routers.kit import forms, task_words
from routers.kit.deps import Db, Staff, TheHouse
from routers.kit.i18n import language_of, translator
from routers.kit.render import page, see_other

router = APIRouter(prefix="/staff", include_in_schema=False)

TOLD = {
    "told": N_("Written down: told on the phone."),
    "not_reached": N_("Written down: nobody answered. They stay on the list."),
    "wrong_number": N_("Written down: not their number. Please put it right on their personal page."),
}


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    item: CallListed
    building: str
    door: str
    since: str
    tried: str
    until: str


def _row(lang: str, item: CallListed) -> Row:
    building, door = task_words.building_of(item.person.address)
    now = clock.now()
    since, tried = [task_words.when_words(lang, at, now) if at else "" for at in (item.since, item.tried_at)]
    return Row(
        item, building, door, since, tried, task_words.due_words(lang, item.over_at, now) if item.over_at else ""
    )


@router.get("/calls")
async def listed(request: Request, house: TheHouse, me: Staff, told: str = "") -> Response:
    """Whom to call. The opening of a list of people is logged before the page leaves."""
    request.state.flash = translator(request)(TOLD[told]) if told in TOLD else None
    async with house.database.writing() as db:
        return await _list(request, db, me, [])


async def _list(request: Request, db: Db, me: Viewer, errors: list[forms.Wrong]) -> Response:
    lang = language_of(request)
    found = await calls.listed(db, me, lang)
    rows = [_row(lang, item) for item in found.items]
    fresh = [row for row in rows if row.item.tries < TRIES]
    return page(
        request, "calls/index.html", status=422 if errors else 200, store=False, errors=errors, more=found.more,
        count=len(rows) + found.more, urgent=[row for row in fresh if row.item.urgent],
        places=task_words.by_building(row for row in fresh if not row.item.urgent),
        tried=[row for row in rows if row not in fresh], new_id=uuid7,
    )  # fmt: skip


@router.post("/calls/{delivery_id}/number")
async def number(request: Request, db: Db, me: Staff, delivery_id: UUID) -> Response:
    """The number to ring up: logged, and shown to the person; or the list again, and why nobody needs to call."""
    async with forms.trying(request, db, "calls") as errors:
        found = await calls.number(db, me, delivery_id, language_of(request))
        return page(request, "calls/number.html", store=False, called=found, new_id=uuid7)
    return await _list(request, db, me, errors)


@router.post("/calls/{delivery_id}/outcome")
async def finish(request: Request, db: Db, me: Staff, delivery_id: UUID) -> Response:
    """How it went; back to the list."""
    words = await forms.read(request)
    given = {name: words.get(name, "") for name in ("id", "outcome")}
    form, faults = forms.fill(CallFinish, given | {"also": words.get("also", "").split()})
    renamed = {"id": "calls", "outcome": "calls", "also": "calls"}
    errors = forms.shown(request, faults, renamed)
    if form is not None:
        async with forms.trying(request, db, "calls", renamed) as errors:
            await calls.finish(db, me, delivery_id, form)
            return see_other(f"/staff/calls?told={form.outcome}")
    return await _list(request, db, me, errors)
