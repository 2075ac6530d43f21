"""Tasks on the phone: my day, the sheet of one task, and every act as a plain form with its id made beforehand."""

from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import calls, tasks
from app.kit import clock
from app.kit.errors import N_
from app.kit.ids import named, uuid7
from app.kit.viewer import Viewer
from models.checkins import Slot
from models.tasks import (
    OUTCOMES,
    WAITING,
    Kind,
    TaskAct,
    TaskCancel,
    TaskFinish,
    TaskHandOver,
    TaskHinder,
    TaskListed,
    TaskPublic,
    hindrances,
)
from routers.kit import forms, task_words, uploads
from routers.kit.deps import Db, Staff, TheHouse
from routers.kit.i18n import language_of, translator
from routers.kit.labels import ROLE
from routers.kit.render import page, see_other

router = APIRouter(prefix="/staff", include_in_schema=False)

AT_ONCE = 100  # accepted with one button: as many as a form may carry
MOST_TAKERS = 12
TOLD = {
    "accepted": N_("Accepted. It is yours now."),
    "all": N_("Accepted. What is urgent you still accept one by one."),
    "some": N_("Accepted what was still waiting for you. The others are accepted already, or with somebody else."),
    "none": N_("Nothing was accepted: none of these tasks was waiting for you any more."),
    "started": N_("Noted: you are on it."),
    "noted": N_("Written down."),
    "done": N_("Finished. You can take this back for ten minutes."),
    "hindered": N_("Noted that it cannot be done, and why."),
    "handed": N_("Handed over. Both sides have been told."),
    "cancelled": N_("Called off."),
    "reopened": N_("Taken back: the task is open again."),
    "created": N_("The task is there. Whoever has it has been told."),
}


# --- my day ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One line of my day."""

    item: TaskListed
    building: str
    door: str
    due: str


def _row(lang: str, item: TaskListed) -> Row:
    now = clock.now()
    words = task_words.late_words if item.overdue else task_words.due_words
    building, door = task_words.building_of(item.person.address) if item.person else (item.chain[-1], "")
    return Row(item, building, door, words(lang, item.due_at, now))


@router.get("/day")
async def day(request: Request, house: TheHouse, me: Staff, told: str = "") -> Response:
    """What is mine to do today. The opening of a list of people is logged before the page leaves."""
    async with house.database.writing() as db:
        found = await tasks.my_day(db, me)
        to_call = await calls.waiting(db, me)
    lang, _ = language_of(request), translator(request)
    request.state.flash = _(TOLD[told]) if told in TOLD else None
    rows = [_row(lang, item) for item in found.items]
    urgent = [row for row in rows if row.item.kind is Kind.URGENT_REPORT]
    mine = [row for row in rows if row not in urgent and row.item.mine]
    offered = [row.item.id for row in mine if row.item.state in WAITING][:AT_ONCE]
    return page(
        request, "tasks/day.html", store=False, counts=found.counts, urgent=urgent,
        late=[row for row in mine if row.item.overdue], offered=offered,
        places=task_words.by_building(row for row in mine if not row.item.overdue),
        unowned=task_words.by_building(row for row in rows if row not in urgent and not row.item.mine),
        today=clock.today(), new_id=uuid7, left_out=max(0, found.counts.open - len(rows)), kinds=task_words.KIND,
        states=task_words.STATE, to_call=to_call,
    )  # fmt: skip


@router.post("/day/acceptance")
async def accept_all(request: Request, db: Db, me: Staff) -> Response:
    """Accept what my day showed as offered to me, but for what is urgent."""
    words = await forms.read(request)
    form, _ = forms.fill(TaskAct, {"id": words.get("id", "")})
    shown = [task_id for name in words.many.get("task_id", []) if (task_id := forms.uuid_of(name))]
    if form is None:
        return see_other("/staff/day")
    accepted = await tasks.accept_all(db, me, form, shown)
    told = "all" if accepted and accepted == len(shown) else "some" if accepted else "none"
    return see_other(f"/staff/day?told={told}")


# --- the sheet -------------------------------------------------------------------------------------------------------


@router.get("/tasks/{task_id}")
async def show(request: Request, house: TheHouse, me: Staff, task_id: UUID, told: str = "") -> Response:
    """A task: who and where, why, what I may do. The look is logged before the page leaves."""
    _ = translator(request)
    request.state.flash = _(TOLD[told]) if told in TOLD else None
    async with house.database.writing() as db:
        return await _sheet(request, db, me, task_id)


async def _sheet(  # noqa: PLR0913
    request: Request,
    db: Db,
    me: Viewer,
    task_id: UUID,
    values: Mapping[str, str] | None = None,
    errors: list[forms.Wrong] | None = None,
    failed: str = "",
) -> Response:
    task = await tasks.one(db, me, task_id)
    takers: list[tasks.Taker] = []
    if "hand_over" in task.may:
        near = (await tasks.takers(db, me, [task.region_code]))[task.region_code]
        takers = [taker for taker in near if taker.post_id != task.owner_post_id][:MOST_TAKERS]
    to_call = await calls.waiting(db, me, task.id) if task.kind is Kind.MISSING_REPORT else 0
    lang, now = language_of(request), clock.now()
    due = (task_words.late_words if task.overdue else task_words.due_words)(lang, task.due_at, now)
    return page(
        request, "tasks/show.html", status=422 if errors else 200, store=False, task=task, takers=takers, roles=ROLE,
        values=values or {}, errors=errors or [], failed=failed, new_id=uuid7, due=due, report=_report(task),
        ahead=task_words.ahead_words(lang, task.ahead, now) if task.ahead else "",
        accept_by=task_words.when_words(lang, task.accept_by, now) if task.accept_by else "",
        steps=[(step, task_words.said(lang, step), task_words.why(lang, step)) for step in reversed(task.history)],
        kinds=task_words.KIND, states=task_words.STATE, outcomes=task_words.OUTCOME,
        answers=OUTCOMES[task.kind],
        hindrances={each: task_words.HINDRANCE[each] for each in hindrances(task.kind)}, to_call=to_call,
    )  # fmt: skip


def _report(task: TaskPublic) -> str | None:
    """Where the report stands that a task is about."""
    if task.kind is not Kind.URGENT_REPORT or task.person is None or task.day is None or task.slot is None:
        return None
    return f"/checkins/{task.person.person_id}/{task.day}/{Slot(task.slot).name.lower()}"


# --- acts ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """One act as a form: the verb of the room, the shape of its words, and what is told afterwards."""

    name: str
    verb: Callable[[Db, Viewer, UUID, Any], Awaitable[object]]
    shape: type[TaskAct]
    told: str
    fields: tuple[str, ...] = ()
    photos: bool = False


DEEDS = (
    Deed("acceptance", tasks.accept, TaskAct, "accepted"),
    Deed("start", tasks.start, TaskAct, "started"),
    Deed("notes", tasks.note, TaskAct, "noted", photos=True),
    Deed("outcome", tasks.finish, TaskFinish, "done", ("outcome",), photos=True),
    Deed("hindrance", tasks.hinder, TaskHinder, "hindered", ("hindrance",)),
    Deed("hand-over", tasks.hand_over, TaskHandOver, "handed", ("post_id",)),
    Deed("cancellation", tasks.cancel, TaskCancel, "cancelled"),
    Deed("reopening", tasks.reopen, TaskAct, "reopened"),
)


async def _act(request: Request, db: Db, me: Viewer, task_id: UUID, deed: Deed) -> Response:
    """Do it, or show the sheet again with every word kept."""
    words, brought = await uploads.pictured(request) if deed.photos else (await forms.read(request), [])
    form, faults = forms.fill(deed.shape, {name: words.get(name, "") for name in ("id", "note", *deed.fields)})
    # Several forms of the sheet ask for a note: each has its own input.
    renamed = {"id": "act", **{name: f"{deed.name}-{name}" for name in ("note", "photo")}}
    errors = forms.shown(request, faults, renamed)
    if form is not None:
        async with forms.trying(request, db, "act", renamed) as errors:
            # Before anything is asked of the database: nothing of it is held while pictures are drawn anew.
            photos = await tasks.drawn(brought)
            if form.note or deed.fields or not photos:  # a photo may say all there is to note
                await deed.verb(db, me, task_id, form)
            for number, picture in enumerate(photos):
                photo = tasks.Drawn(named(f"{form.id}|photo|{number}"), picture)
                await tasks.photograph(db, me, task_id, photo)
            return see_other(_after(words, task_id, deed.told))
    lang = language_of(request)
    errors = [replace(wrong, label=_label(lang, deed, wrong)) for wrong in errors]
    return await _sheet(request, db, me, task_id, words, errors, deed.name)


def _label(lang: str, deed: Deed, wrong: forms.Wrong) -> str:
    """What the sheet calls an input that each of its forms has."""
    name = wrong.field.removeprefix(f"{deed.name}-")
    return wrong.label if name == wrong.field else forms.label_of(lang, name)


def _after(words: forms.Words, task_id: UUID, told: str) -> str:
    """Back to where the button was: my day, the board of a region, or the sheet."""
    back = words.get("back", "")
    if back == "day":
        return f"/staff/day?told={told}"
    if len(back) == 15 and back.isascii() and back.isdigit():
        return f"/staff/tasks?region={back}&told={told}"
    return f"/staff/tasks/{task_id}?told={told}"


def _door(deed: Deed) -> Callable[..., Awaitable[Response]]:
    async def act(request: Request, db: Db, me: Staff, task_id: UUID) -> Response:
        return await _act(request, db, me, task_id, deed)

    return act


for each in DEEDS:
    router.add_api_route(
        f"/tasks/{{task_id}}/{each.name}", _door(each), methods=["POST"], name=each.name,
        max_body_size=uploads.MOST_PHOTO_FORM if each.photos else None,
    )  # fmt: skip


@router.post("/tasks/{task_id}/calls")
async def call(request: Request, db: Db, me: Staff, task_id: UUID) -> Response:
    """The number to call: logged, and shown to the person. A form without an id is a look of its own."""
    words = await forms.read(request)
    form, _ = forms.fill(TaskAct, {"id": words.get("id", "")})
    found = await tasks.call(db, me, task_id, form or TaskAct(id=uuid7()))
    return page(request, "tasks/call.html", store=False, called=found)


@router.get("/tasks/{task_id}/photos/{photo_id}")
async def look_at_photo(request: Request, house: TheHouse, me: Staff, task_id: UUID, photo_id: UUID) -> Response:
    """A photo, in the page itself: one request, one look, logged before it leaves."""
    async with house.database.writing() as db:
        found = await tasks.look_at_photo(db, me, task_id, photo_id)
    return page(
        request, "tasks/photo.html", store=False, task_id=task_id, number=found.number,
        picture=b64encode(found.picture).decode(),
    )  # fmt: skip
