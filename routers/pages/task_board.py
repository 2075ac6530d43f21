"""The work of a region for whoever leads there: counts, workers and their load, and opening a task by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import regions, residents, tasks
from app.kit import clock
from app.kit.errors import N_, NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from models.audit import Act, Purpose
from models.base import RegionCode
from models.regions import RegionPublic, ancestors_of
from models.staff import Right
from models.tasks import TaskBoard, TaskCreate, TaskListed
from routers.kit import forms, task_words
from routers.kit.deps import Db, Staff, TheHouse
from routers.kit.i18n import language_of, translator
from routers.kit.labels import ROLE
from routers.kit.params import Asked, Offset
from routers.kit.render import page, see_other
from routers.pages.tasks import TOLD

router = APIRouter(prefix="/staff", include_in_schema=False)

SHOWN_TAKERS = 6
EVENING, NOON = 20, 12
# Which list, below which word, look and sign.
LISTS = (
    (tasks.Only.UNACCEPTED, N_("Not accepted for 30 minutes"), "warn", "clock"),
    (tasks.Only.OVERDUE, N_("Task overdue"), "warn", "late"),
    (tasks.Only.UNOWNED, N_("Nobody has it"), "danger", "alert"),
    (tasks.Only.URGENT, N_("Urgent"), "danger", "siren"),
    (tasks.Only.OPEN, N_("All open"), "", "history"),
    (tasks.Only.CLOSED, N_("Closed, 7 days"), "ok", "check"),
)


def _code(words: str) -> int | None:
    """A region code as a form carries it."""
    return int(words) if len(words) == 15 and words.isascii() and words.isdigit() else None


def widest(me: Viewer) -> int:
    """The region of the widest post that looks after people. Raises NotFound without one."""
    posts = me.with_right(Right.PEOPLE)
    if not posts:
        raise NotFound
    return max(posts, key=lambda post: post.last_code - post.region_code).region_code


@router.get("/tasks")
async def board(request: Request, db: Db, me: Staff, told: str = "") -> Response:
    """How the work of a region stands: counts that lead to lists, who has how much, and handing over in two taps."""
    asked = Asked(request)
    code = asked.value("region", RegionCode, None) or widest(me)
    which, after = asked.value("only", tasks.Only, tasks.Only.OPEN), asked.value("after", Offset, 0)
    found = await tasks.board(db, me, code)
    listed = await tasks.listed(db, me, code, which, after)
    leads = me.post_over(code, Right.PLAN_DUTY) is not None and which is not tasks.Only.CLOSED
    takers = await tasks.takers(db, me, {item.region_code for item in listed.items}) if leads else {}
    lang, _ = language_of(request), translator(request)
    request.state.flash = _(TOLD[told]) if told in TOLD else None
    (place,) = await regions.public(db, [await regions.named(db, code)])
    return page(
        request, "tasks/board.html", store=False, astray=asked.errors,
        region=place, board=found, only=which, roles=ROLE,
        rows=[_row(lang, item, takers) for item in listed.items], after=listed.after, paged=bool(after),
        lists=[(*each, _count(found, each[0])) for each in LISTS], below=await regions.children_of(db, code),
        above=[step for step in ancestors_of(code) if me.post_over(step)][-1:], kinds=task_words.KIND,
        states=task_words.STATE, new_id=uuid7, leads=leads,
        places=[(worker, (await regions.chain_of(db, worker.region_code))[-1]) for worker in found.workers],
    )  # fmt: skip


def _count(found: TaskBoard, only: tasks.Only) -> int:
    return found.closed if only is tasks.Only.CLOSED else int(getattr(found.counts, only))


def _row(lang: str, item: TaskListed, takers: Mapping[int, list[tasks.Taker]]) -> dict[str, Any]:
    """A task as a list of the board shows it, with those who could take it."""
    words = task_words.late_words if item.overdue else task_words.due_words
    others = [taker for taker in takers.get(item.region_code, []) if taker.post_id != item.owner_post_id]
    return {"item": item, "due": words(lang, item.due_at, clock.now()), "takers": others[:SHOWN_TAKERS]}


# --- a new task ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class About:
    """What a new task is about: somebody, or a place with the ways to another one."""

    code: int
    person_id: UUID | None = None
    name: str = ""
    region: RegionPublic | None = None
    way: tuple[RegionPublic, ...] = ()
    below: tuple[RegionPublic, ...] = ()


async def _person(db: Db, me: Viewer, person_id: UUID) -> About:
    """Somebody who is now where one looks after people: a look that is logged. Raises NotFound, Invalid for others."""
    row = await residents.open_record(db, me, person_id, Act.SAW_PERSON, Purpose.PEOPLE)
    code = tasks.where(me, row)
    (place,) = await regions.public(db, [await regions.named(db, code)])
    return About(code, row.person_id, row.name, place)


async def _place(db: Db, me: Viewer, code: int | None) -> About:
    """The place that was chosen where it is the viewer's, else one of their own."""
    if code is None or me.post_over(code) is None or await regions.known(db, code) is None:
        code = widest(me)
    above = [await regions.named(db, step) for step in ancestors_of(code) if me.post_over(step)]
    (place,) = await regions.public(db, [await regions.named(db, code)])
    way = await regions.public(db, above)
    return About(code, region=place, way=tuple(way), below=tuple(await regions.children_of(db, code)))


def _usual() -> str:
    """By when, if nobody says otherwise: this evening, or tomorrow noon."""
    now = clock.local(clock.now())
    day, hour = (now, EVENING) if now.hour < EVENING - 2 else (now + timedelta(days=1), NOON)
    return day.replace(hour=hour, minute=0).strftime("%Y-%m-%dT%H:%M")


async def _form(  # noqa: PLR0913
    request: Request,
    db: Db,
    me: Viewer,
    about: About,
    values: Mapping[str, str],
    errors: list[forms.Wrong],
    astray: Sequence[forms.Wrong] = (),
) -> Response:
    takers = (await tasks.takers(db, me, [about.code]))[about.code]
    return page(
        request, "tasks/new.html", status=422 if errors else 200, store=False, astray=astray,
        about=about, id=uuid7(), roles=ROLE,
        values={"due_at": _usual()} | dict(values), errors=errors, takers=takers,
        kinds=[(kind.value, *task_words.BY_HAND[kind]) for kind in tasks.BY_HAND],
    )  # fmt: skip


@router.get("/tasks/new")
async def ask(request: Request, db: Db, house: TheHouse, me: Staff) -> Response:
    """The form of a new task, about a place or about somebody: that look is logged before the page leaves."""
    asked = Asked(request)
    person, code = asked.value("person", UUID, None), asked.value("region", RegionCode, None)
    if person is None:
        return await _form(request, db, me, await _place(db, me, code), {}, [], asked.errors)
    async with house.database.writing() as ledger:
        about = await _person(ledger, me, person)
    return await _form(request, db, me, about, {}, [], asked.errors)


@router.post("/tasks")
async def create(request: Request, db: Db, me: Staff) -> Response:
    """Open a task, or choose another place with every word kept."""
    words = await forms.read(request)
    renamed = {"id": "words", "person_id": "words"}
    errors: list[forms.Wrong] = []
    if "browse" not in words:
        data = {name: words.get(name, "") for name in ("id", "kind", "person_id", "words", "owner_post_id")}
        data |= {"due_at": forms.instant(words.get("due_at", ""))}
        data["region_code"] = words.get("region_code", "")
        form, faults = forms.fill(TaskCreate, data)
        errors = forms.shown(request, faults, renamed)
        if form is not None:
            async with forms.trying(request, db, "words", renamed) as errors:
                task = await tasks.create(db, me, form)
                return see_other(f"/staff/tasks/{task.id}?told=created")
    if person_id := forms.uuid_of(words.get("person_id", "")):
        about = await _person(db, me, person_id)
    else:
        about = await _place(db, me, _code(words.get("browse") or words.get("region_code", "")))
    return await _form(request, db, me, about, words, errors)
