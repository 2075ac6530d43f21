"""The directory, as pages. Searching is a POST: names do not belong into addresses, histories and logs."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import directory
from models.directory import Colleague, DirectorySearch
from models.staff import Role
from routers.kit import forms
from routers.kit.deps import Db, Staff
from routers.kit.labels import ROLE
from routers.kit.render import page

router = APIRouter(prefix="/directory", include_in_schema=False)

FIELDS = ("q", "region", "role", "after")


@router.get("")
async def ask(request: Request, me: Staff) -> Response:  # noqa: ARG001
    """The search box."""
    return _page(request, {}, None)


@router.post("")
async def find(request: Request, db: Db, me: Staff) -> Response:
    """Colleagues, twenty at a time."""
    words = await forms.read(request)
    values = {name: words.get(name, "") for name in FIELDS}
    form, faults = forms.fill(DirectorySearch, {**values, "q": values["q"].replace("\x00", "")})
    errors = forms.shown(request, faults)
    if form is not None:
        async with forms.trying(request, db, "q") as errors:
            found = await directory.find(db, me, form)
            return _page(request, values, [_row(each) for each in found.items], following=found.next)
    return _page(request, values, None, errors)


def _page(
    request: Request,
    values: Mapping[str, str],
    rows: list[dict[str, object]] | None,
    errors: list[forms.Wrong] | None = None,
    *,
    following: str | None = None,
) -> Response:
    choices = [("", ""), *((role.value, ROLE[role.value]) for role in Role)]
    return page(
        request, "directory/index.html", status=422 if errors else 200, store=False, values=values, rows=rows,
        errors=errors or [], following=following, choices=choices,
    )  # fmt: skip


def _row(colleague: Colleague) -> dict[str, object]:
    """A colleague as a cell shows them."""
    return {
        **colleague.model_dump(), "role_label": ROLE[colleague.role], "unit": colleague.chain[-1:],
        "above": colleague.chain[:-1],
    }  # fmt: skip


@router.get("/looks")
async def looks(request: Request, db: Db, me: Staff) -> Response:
    """Who looked up one's own duty phone."""
    seen = await directory.looked_up(db, me)
    rows = [{**look.model_dump(), "role_label": ROLE[look.role]} for look in seen.items]
    return page(request, "directory/looks.html", store=False, rows=rows)


@router.get("/{post_id}")
async def show(request: Request, db: Db, me: Staff, post_id: UUID) -> Response:
    """One colleague."""
    colleague = await directory.colleague(db, me, post_id)
    return page(request, "directory/show.html", store=False, colleague=_row(colleague))


@router.post("/{post_id}/call")
async def call(request: Request, db: Db, me: Staff, post_id: UUID) -> Response:
    """The duty phone in full: recorded, and seen by the colleague."""
    told = await directory.dial(db, me, post_id)
    return page(request, "directory/call.html", store=False, name=told.name, phone=told.phone)
