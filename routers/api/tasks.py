"""Tasks, as JSON: my day, one task and what can be done to it, the work of a region."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app import tasks
from app.kit.pictures import LARGEST
from app.kit.viewer import Viewer
from models.tasks import (
    TaskAct,
    TaskBoard,
    TaskCalled,
    TaskCancel,
    TaskCreate,
    TaskFinish,
    TaskHandOver,
    TaskHinder,
    TaskPhotoPublic,
    TaskPublic,
    TasksFound,
)
from routers.kit import uploads
from routers.kit.deps import Db, Staff, TheHouse
from routers.kit.openapi import refusals
from routers.kit.params import Code, Offset

router = APIRouter(prefix="/api/v1", tags=["tasks"])

Which = Annotated[tasks.Only, Query(description="which tasks of the region")]
After = Annotated[Offset, Query(description="where the page before ended: its `after`")]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_PHOTO = {
    "requestBody": {"required": True, "content": dict.fromkeys(("image/jpeg", "image/png", "image/webp"), _BINARY)}
}
JPEG = {"description": "The photo, small", "content": {"image/jpeg": {}}}
ACT = refusals(401, 403, 404, 409, 413, 415, 422)


async def _now(db: Db, me: Viewer, task_id: UUID, response: Response) -> TaskPublic:
    """The task as it is after an act."""
    response.headers["Cache-Control"] = "no-store"
    return await tasks.one(db, me, task_id)


@router.get("/tasks", responses=refusals(401, 403))
async def my_day(house: TheHouse, me: Staff, response: Response) -> TasksFound:
    """What I am accountable for, and what stands unowned in my places: urgent first, then overdue, then by building.

    Opening a list of people is recorded, and they can read it.
    """
    response.headers["Cache-Control"] = "no-store"
    async with house.database.writing() as db:
        return await tasks.my_day(db, me)


@router.post("/tasks", status_code=201, responses=refusals(401, 403, 404, 413, 415, 422))
async def create(db: Db, me: Staff, form: TaskCreate, response: Response) -> TaskPublic:
    """Open a visit, a call or an errand, about a person or a place. The same `id` again is the same task."""
    task = await tasks.create(db, me, form)
    return await _now(db, me, task.id, response)


@router.get("/tasks/{task_id}", responses=refusals(401, 403, 404, 422))
async def show(house: TheHouse, me: Staff, task_id: UUID, response: Response) -> TaskPublic:
    """One task with its history, what I may do, and what comes next when nobody acts. The look is recorded."""
    async with house.database.writing() as db:
        return await _now(db, me, task_id, response)


@router.post("/tasks/{task_id}/acceptance", status_code=201, responses=ACT)
async def accept(db: Db, me: Staff, task_id: UUID, form: TaskAct, response: Response) -> TaskPublic:
    """Become the one who does it. Whoever comes second reads who was quicker."""
    await tasks.accept(db, me, task_id, form)
    return await _now(db, me, task_id, response)


@router.post("/tasks/{task_id}/start", status_code=201, responses=ACT)
async def start(db: Db, me: Staff, task_id: UUID, form: TaskAct, response: Response) -> TaskPublic:
    """On the way; accepts what was not accepted yet."""
    await tasks.start(db, me, task_id, form)
    return await _now(db, me, task_id, response)


@router.post("/tasks/{task_id}/notes", status_code=201, responses=refusals(401, 403, 404, 413, 415, 422))
async def note(db: Db, me: Staff, task_id: UUID, form: TaskAct, response: Response) -> TaskPublic:
    """Write something down, on a closed task as well."""
    await tasks.note(db, me, task_id, form)
    return await _now(db, me, task_id, response)


@router.post("/tasks/{task_id}/calls", status_code=201, responses=refusals(401, 403, 404, 413, 415, 422))
async def call(db: Db, me: Staff, task_id: UUID, form: TaskAct, response: Response) -> TaskCalled:
    """The number of whom it is about, to be called: recorded, and seen by the person."""
    response.headers["Cache-Control"] = "no-store"
    return await tasks.call(db, me, task_id, form)


@router.post("/tasks/{task_id}/outcome", status_code=201, responses=ACT)
async def finish(db: Db, me: Staff, task_id: UUID, form: TaskFinish, response: Response) -> TaskPublic:
    """Done, and how it went."""
    await tasks.finish(db, me, task_id, form)
    return await _now(db, me, task_id, response)


@router.post("/tasks/{task_id}/hindrance", status_code=201, responses=ACT)
async def hinder(db: Db, me: Staff, task_id: UUID, form: TaskHinder, response: Response) -> TaskPublic:
    """It cannot be done, and why."""
    await tasks.hinder(db, me, task_id, form)
    return await _now(db, me, task_id, response)


@router.post("/tasks/{task_id}/hand-over", status_code=201, responses=ACT)
async def hand_over(db: Db, me: Staff, task_id: UUID, form: TaskHandOver, response: Response) -> TaskPublic:
    """To a colleague on duty who looks after people there; without one, to whoever the rules of the house find."""
    await tasks.hand_over(db, me, task_id, form)
    return await _now(db, me, task_id, response)


@router.post("/tasks/{task_id}/cancellation", status_code=201, responses=ACT)
async def cancel(db: Db, me: Staff, task_id: UUID, form: TaskCancel, response: Response) -> TaskPublic:
    """The reason for it has gone: by who leads there, or who opened it."""
    await tasks.cancel(db, me, task_id, form)
    return await _now(db, me, task_id, response)


@router.post("/tasks/{task_id}/reopening", status_code=201, responses=ACT)
async def reopen(db: Db, me: Staff, task_id: UUID, form: TaskAct, response: Response) -> TaskPublic:
    """Take back one's own closing, within ten minutes."""
    await tasks.reopen(db, me, task_id, form)
    return await _now(db, me, task_id, response)


@router.put(
    "/tasks/{task_id}/photos/{photo_id}", status_code=201, responses=refusals(401, 403, 404, 409, 413, 422),
    max_body_size=LARGEST, openapi_extra=_PHOTO,
)  # fmt: skip
async def photograph(request: Request, house: TheHouse, me: Staff, task_id: UUID, photo_id: UUID) -> TaskPhotoPublic:
    """Lay a photo with a task, three at most: a JPEG, PNG or WebP of at most 2 MB and 40 million pixels; its bytes say
    which. Kept is a JPEG of at most 1280 pixels a side, without what the camera wrote into it. The client makes
    `photo_id`; the same again is the same photo."""
    async with house.database.reading() as db:
        await tasks.may_photograph(db, me, task_id)
    # Nothing of the database is held while the picture is drawn anew.
    (picture,) = await tasks.drawn([await uploads.picture(request)])
    async with house.database.writing() as db:
        return await tasks.photograph(db, me, task_id, tasks.Drawn(photo_id, picture))


@router.get(
    "/tasks/{task_id}/photos/{photo_id}", response_class=Response,
    responses={**refusals(401, 403, 404, 410, 422), 200: JPEG},
)  # fmt: skip
async def look_at_photo(house: TheHouse, me: Staff, task_id: UUID, photo_id: UUID) -> Response:
    """One photo of a task. The look is recorded, and whom the task is about can read of it."""
    async with house.database.writing() as db:
        found = await tasks.look_at_photo(db, me, task_id, photo_id)
    return Response(found.picture, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.get("/regions/{code}/tasks", responses=refusals(401, 403, 404, 422))
async def listed(db: Db, me: Staff, code: Code, only: Which = tasks.Only.OPEN, after: After = 0) -> TasksFound:
    """The tasks of a region that a post of mine covers whole, by number and place, without names."""
    return await tasks.listed(db, me, code, only, after)


@router.get("/regions/{code}/task-board", responses=refusals(401, 403, 404, 422))
async def board(db: Db, me: Staff, code: Code) -> TaskBoard:
    """How the work of a region stands: counts that add up, and who has how much of it on their hands."""
    return await tasks.board(db, me, code)
