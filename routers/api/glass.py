"""Break-glass, as JSON."""

from uuid import UUID

from fastapi import APIRouter, Response

from app import glass
from models.glass import GlassCreate, GlassFound, GlassPublic
from routers.kit.deps import Db, Grave, Staff
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1/glass", tags=["break-glass"])


@router.post("", status_code=201, responses=refusals(401, 403, 404, 409, 413, 415, 422, 429))
async def open_glass(db: Db, me: Grave, form: GlassCreate) -> GlassPublic:
    """Open the record of one person outside one's region, for at most four hours, with a reason.

    Whoever is on duty where the person lives is told at once, one level up as well, and the person sees it. It ends by
    itself. 20 look-ups a day; a number that nobody has gets the same answer as one that may not be opened.
    """
    return await glass.open_glass(db, me, form)


@router.get("", responses=refusals(401, 403, 404, 410))
async def mine(db: Db, me: Staff, response: Response) -> GlassFound:
    """One's own openings, newest first."""
    response.headers["Cache-Control"] = "no-store"
    return GlassFound(items=await glass.mine(db, me))


@router.get("/openings", responses=refusals(401, 403, 404, 422))
async def of_region(db: Db, me: Staff, response: Response, before: UUID | None = None) -> GlassFound:
    """Openings of records of one's region, for those who answer for it or audit it: newest first, 50 a page."""
    response.headers["Cache-Control"] = "no-store"
    return await glass.of_region(db, me, before)


@router.post("/{glass_id}/ending", status_code=204, responses=refusals(401, 403, 404))
async def end_glass(db: Db, me: Staff, glass_id: UUID) -> None:
    """End one's own opening before its time."""
    await glass.end_glass(db, me, glass_id)
