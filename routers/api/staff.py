"""The organisation as JSON: who can do what, posts, duty, the board."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app import staff
from models.base import RegionCode
from models.staff import (
    AbsenceCreate,
    AbsencePublic,
    AbsencesFound,
    Board,
    Dismissal,
    GapsFound,
    OnDutyFound,
    PostChange,
    PostCreate,
    PostListed,
    PostsFound,
    RightsTable,
    ShiftCreate,
    ShiftPublic,
    ShiftsFound,
    Transfer,
)  # fmt: skip
from routers.kit.deps import Db, Grave, Staff
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1/staff", tags=["staff"])

Region = Annotated[RegionCode, Query(description="A unit: its 15 digits, or the 12 of the national table")]
After = Annotated[str | None, Query(max_length=60, description="`after` of the page before")]


@router.get("/rights", responses=refusals(401, 403))
async def rights(me: Staff) -> RightsTable:
    """Who can do what: the very table that the house asks, and what my own posts are good for."""
    return staff.rights_of(me.posts)


@router.get("/posts", responses=refusals(401, 403, 404, 422))
async def posts(db: Db, me: Staff, region: Region, after: After = None, *, whole: bool = False) -> PostsFound:
    """The posts of a unit, or with `whole` of everything inside it."""
    return await staff.posts_in(db, me, region, after, whole=whole)


@router.post("/posts", status_code=201, responses=refusals(401, 403, 404, 409, 413, 415, 422))
async def invite(db: Db, me: Grave, form: PostCreate) -> PostListed:
    """Invite somebody to a post at or below one's own level, in one's own region. They take it up by signing in."""
    post = await staff.invite(db, me, form)
    return await staff.one(db, me, post.id)


@router.get("/posts/{post_id}", responses=refusals(401, 403, 404, 422))
async def show(db: Db, me: Staff, post_id: UUID) -> PostListed:
    """One post, for those who appoint, plan or watch over its unit."""
    return await staff.one(db, me, post_id)


@router.patch("/posts/{post_id}", responses=refusals(401, 403, 404, 409, 413, 415, 422))
async def change(db: Db, me: Grave, post_id: UUID, form: PostChange) -> PostListed:
    """Change name, lead, department, last day or standing substitute. Left out = unchanged; null takes away."""
    post = await staff.change(db, me, post_id, form)
    return await staff.one(db, me, post.id)


@router.post("/posts/{post_id}/invitation", status_code=201, responses=refusals(401, 403, 404, 409))
async def invite_again(db: Db, me: Grave, post_id: UUID) -> PostListed:
    """Send an invitation once more; it may be taken up for another fortnight."""
    post = await staff.invite_again(db, me, post_id)
    return await staff.one(db, me, post.id)


@router.post("/posts/{post_id}/dismissal", status_code=204, responses=refusals(401, 403, 404, 409, 413, 415, 422))
async def dismiss(db: Db, me: Grave, post_id: UUID, form: Dismissal) -> None:
    """End a post now. The next request of its holder is refused; open work goes to the successor."""
    await staff.dismiss(db, me, post_id, form)


@router.post("/posts/{post_id}/transfer", status_code=201, responses=refusals(401, 403, 404, 409, 413, 415, 422))
async def transfer(db: Db, me: Grave, post_id: UUID, form: Transfer) -> PostListed:
    """Move somebody to another post; the old one ends in the same moment."""
    post = await staff.transfer(db, me, post_id, form)
    return await staff.one(db, me, post.id)


@router.post("/posts/{post_id}/factor-reset", status_code=204, responses=refusals(401, 403, 404, 409, 422))
async def reset_factors(db: Db, me: Grave, post_id: UUID) -> None:
    """Everything was lost: second factors go, sessions end; the next sign-in by code may add a new factor."""
    await staff.reset_factors(db, me, post_id)


@router.get("/board", responses=refusals(401, 403, 404, 422))
async def board(db: Db, me: Staff, region: Region) -> Board:
    """How far a region stands: posts, activations, units without a lead, grids without a worker, hour by hour."""
    return await staff.board(db, me, region)


@router.get("/gaps", responses=refusals(401, 403, 404, 422))
async def gaps(db: Db, me: Staff, region: Region) -> GapsFound:
    """Units that nobody of their own answers for now, from the top down; at most 200 of them, and the total."""
    return await staff.gaps(db, me, region)


@router.get("/on-duty", responses=refusals(401, 403, 404, 422))
async def on_duty(db: Db, me: Staff, region: Region) -> OnDutyFound:  # noqa: ARG001  (any member of staff may ask)
    """Who answers for a region now, and why it is they. Where nobody of its own does: who answers above it."""
    return await staff.on_duty(db, region)


@router.get("/shifts", responses=refusals(401, 403, 404, 422))
async def shifts(db: Db, me: Staff, region: Region) -> ShiftsFound:
    """The shifts of a region from now on."""
    return await staff.shifts_of(db, me, region)


@router.post("/shifts", status_code=201, responses=refusals(401, 403, 404, 409, 413, 415, 422))
async def plan(db: Db, me: Staff, form: ShiftCreate) -> ShiftPublic:
    """Put a post on duty for a span."""
    return await staff.plan(db, me, form)


@router.post("/shifts/{shift_id}/cancellation", status_code=204, responses=refusals(401, 403, 404, 422))
async def cancel(db: Db, me: Staff, shift_id: UUID) -> None:
    """Take a shift off the plan."""
    await staff.cancel(db, me, shift_id)


@router.get("/absences", responses=refusals(401, 403, 404, 422))
async def absences(db: Db, me: Staff, region: Region) -> AbsencesFound:
    """Who is or will be away in a region."""
    return await staff.absences_of(db, me, region)


@router.post("/absences", status_code=201, responses=refusals(401, 403, 404, 409, 413, 415, 422))
async def leave(db: Db, me: Staff, form: AbsenceCreate) -> AbsencePublic:
    """Be away, or mark a colleague as away; the substitute answers meanwhile."""
    return await staff.leave(db, me, form)


@router.post("/absences/{absence_id}/return", status_code=204, responses=refusals(401, 403, 404, 422))
async def come_back(db: Db, me: Staff, absence_id: UUID) -> None:
    """Be back before the time."""
    await staff.come_back(db, me, absence_id)
