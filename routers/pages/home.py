"""The start page, help, privacy, and the settings of a visitor."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import retention
from routers.kit import forms
from routers.kit.deps import Anyone, Db
from routers.kit.gate import safe_next
from routers.kit.i18n import LANGUAGES
from routers.kit.render import TEXT_SIZES, page, see_other

router = APIRouter(include_in_schema=False)

A_YEAR_S = 31_536_000


@router.get("/")
async def home(request: Request, me: Anyone) -> Response:  # noqa: ARG001  (the header shows who is signed in)
    """The doors."""
    return page(request, "home.html")


@router.get("/help")
async def get_help(request: Request, me: Anyone) -> Response:  # noqa: ARG001
    """Whom to call."""
    return page(request, "help.html")


@router.get("/privacy")
async def privacy(request: Request, db: Db, me: Anyone) -> Response:  # noqa: ARG001
    """What is kept, why, how long, who sees it, and how much was erased."""
    return page(request, "privacy.html", erased=await retention.erased(db))


def _remembering(name: str, value: str, way_back: str) -> Response:
    response = see_other(safe_next(way_back, "/"))
    response.set_cookie(name, value, max_age=A_YEAR_S, httponly=True, samesite="lax")
    return response


@router.post("/settings/language")
async def language(request: Request) -> Response:
    """Choose the language."""
    words = await forms.read(request)
    chosen = words.get("lang", "")
    return _remembering("lang", chosen if chosen in LANGUAGES else "zh-Hans", words.get("next", "/"))


@router.post("/settings/text")
async def text_size(request: Request) -> Response:
    """Choose the size of the text."""
    words = await forms.read(request)
    chosen = words.get("size", "")
    return _remembering("text", chosen if chosen in TEXT_SIZES else TEXT_SIZES[0], words.get("next", "/"))
