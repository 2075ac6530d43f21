"""Appeals, as JSON: the person's side under /me, the side that answers beside it."""

from uuid import UUID

from fastapi import APIRouter, Response

from app import appeals
from models.appeals import AnswerCreate, AppealCreate, AppealPublic, AppealsFound, AppealsWaiting
from routers.kit.deps import Db, Me, Staff, TheHouse
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1", tags=["appeals"])


@router.post("/me/appeals", status_code=201, responses=refusals(401, 404, 409, 410, 413, 415, 422))
async def file(db: Db, me: Me, form: AppealCreate) -> AppealPublic:
    """Object to a decision about oneself or a household member; whoever is on duty in the village answers in 24 hours.

    One open appeal on one decision: a second one is 409, and `appeal_id` names the first.
    """
    return await appeals.file(db, me, form)


@router.get("/me/appeals", responses=refusals(401, 410))
async def mine(db: Db, me: Me, response: Response) -> AppealsFound:
    """The appeals of oneself and those one reports for, newest first."""
    response.headers["Cache-Control"] = "no-store"
    return await appeals.mine(db, me)


@router.get("/me/appeals/{appeal_id}", responses=refusals(401, 404, 410, 422))
async def own(db: Db, me: Me, response: Response, appeal_id: UUID) -> AppealPublic:
    """One of them, with every step."""
    response.headers["Cache-Control"] = "no-store"
    return await appeals.own(db, me, appeal_id)


@router.post("/me/appeals/{appeal_id}/second-look", responses=refusals(401, 404, 409, 410))
async def second_look(db: Db, me: Me, appeal_id: UUID) -> AppealPublic:
    """Not content with the answer: the level above answers, once, and that closes the appeal."""
    await appeals.second_look(db, me, appeal_id)
    return await appeals.own(db, me, appeal_id)


@router.post("/me/appeals/{appeal_id}/closure", responses=refusals(401, 404, 410))
async def close(db: Db, me: Me, appeal_id: UUID) -> AppealPublic:
    """Settled, or no longer of interest."""
    await appeals.close(db, me, appeal_id)
    return await appeals.own(db, me, appeal_id)


@router.get("/appeals", responses=refusals(401, 403, 404, 422))
async def waiting(db: Db, me: Staff, response: Response, *, unowned: bool = False) -> AppealsWaiting:
    """Open appeals of one's region, due first; with `unowned` only those nobody answers for yet."""
    response.headers["Cache-Control"] = "no-store"
    return await appeals.waiting(db, me, unowned=unowned)


@router.get("/appeals/{appeal_id}", responses=refusals(401, 403, 404, 410, 422))
async def show(house: TheHouse, me: Staff, response: Response, appeal_id: UUID) -> AppealPublic:
    """One appeal, for those who may answer it. The look is recorded before the answer leaves."""
    response.headers["Cache-Control"] = "no-store"
    async with house.database.writing() as db:
        return await appeals.open_appeal(db, me, appeal_id)


@router.post("/appeals/{appeal_id}/owner", responses=refusals(401, 403, 404, 409, 410))
async def take_on(db: Db, me: Staff, appeal_id: UUID) -> AppealPublic:
    """Become the one who answers."""
    await appeals.take_on(db, me, appeal_id)
    return await appeals.open_appeal(db, me, appeal_id)


@router.post("/appeals/{appeal_id}/answer", responses=refusals(401, 403, 404, 409, 410, 413, 415, 422))
async def answer(db: Db, me: Staff, appeal_id: UUID, form: AnswerCreate) -> AppealPublic:
    """Answer, in words the person understands. Nobody answers about their own act."""
    await appeals.answer(db, me, appeal_id, form)
    return await appeals.open_appeal(db, me, appeal_id)
