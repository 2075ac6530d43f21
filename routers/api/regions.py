"""The administrative tree, as JSON."""

from typing import Annotated

from fastapi import APIRouter, Query

from app import regions
from models.regions import Level, RegionsFound, RegionWithChildren
from routers.kit.deps import Db
from routers.kit.openapi import refusals
from routers.kit.params import Code

Q = "Code, Chinese name, pinyin or initials; several words narrow by the places above: 天马 双溪"
LEVEL = "Only this level; `grid` answers with the grids below a hit"

router = APIRouter(prefix="/api/v1/regions", tags=["regions"])


@router.get("", responses=refusals(422))
async def find(
    db: Db,
    q: Annotated[str, Query(max_length=60, description=Q)],
    level: Annotated[Level | None, Query(description=LEVEL)] = None,
) -> RegionsFound:
    """Find places, best first, each with the names above it. Public: places are not personal data."""
    return RegionsFound(items=await regions.find(db, q.replace("\x00", ""), level))


@router.get("/{code}", responses=refusals(404))
async def show(db: Db, code: Code) -> RegionWithChildren:
    """One place and what lies directly under it."""
    (region,) = await regions.public(db, [await regions.named(db, code)])
    return RegionWithChildren(**region.model_dump(), children=await regions.children_of(db, code))
