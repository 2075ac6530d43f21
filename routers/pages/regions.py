"""Finding a place, as pages: by search, or step by step."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import regions
from routers.kit.deps import Anyone, Db
from routers.kit.params import Code
from routers.kit.render import page

router = APIRouter(prefix="/regions", include_in_schema=False)


@router.get("")
async def index(request: Request, db: Db, me: Anyone, q: str = "") -> Response:  # noqa: ARG001
    """Search, and the provinces below."""
    places = await regions.find(db, q[:60].replace("\x00", "")) if q else []
    children = await regions.children_of(db, None)
    return page(request, "regions/index.html", region=None, places=places, children=children, values={"q": q})


@router.get("/{code}")
async def show(request: Request, db: Db, me: Anyone, code: Code) -> Response:  # noqa: ARG001
    """One place, and what lies directly under it."""
    (region,) = await regions.public(db, [await regions.named(db, code)])
    children = await regions.children_of(db, code)
    return page(request, "regions/show.html", region=region, places=[], children=children, values={})
