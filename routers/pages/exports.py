"""Exports on paper: ask for a file, release somebody else's, take one's own, trace one that turned up."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import exports, regions
from app.kit.errors import N_, NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from models.exports import Column, ExportCreate, ExportTake
from models.staff import Right
from routers.kit import forms
from routers.kit.deps import Db, Grave, Staff
from routers.kit.files import export_file
from routers.kit.i18n import translator
from routers.kit.render import page, see_other

router = APIRouter(prefix="/exports", include_in_schema=False)

TOLD = {
    "requested": N_("Noted. What needs a second person waits for them; you see it here."),
    "approved": N_("Released. It can be taken for 24 hours."),
    "refused": N_("Refused."),
}
MOST_TEXT = 64_000


@router.get("")
async def found(request: Request, db: Db, me: Staff) -> Response:
    """One's own requests and those that wait for one."""
    items = (await exports.found(db, me)).items
    return page(
        request, "exports/index.html", store=False, exports=items, purposes=exports.PURPOSE,
        may_ask=bool(me.with_right(Right.EXPORT)), may_trace=bool(me.with_right(Right.AUDIT)),
    )  # fmt: skip


@router.get("/new")
async def ask(request: Request, db: Db, me: Grave) -> Response:
    """The form of a request. The fresh proof comes before the words, not after them."""
    return await _form(request, db, me, {"id": str(uuid7())}, [])


async def _form(request: Request, db: Db, me: Viewer, values: Mapping[str, str], errors: list[forms.Wrong]) -> Response:
    posts = me.with_right(Right.EXPORT)
    if not posts:
        raise NotFound
    places = []
    for post in posts:
        places.append((str(post.region_code), " ".join(await regions.chain_of(db, post.region_code))))
        below = await regions.children_of(db, post.region_code)
        places += [(str(child.code), f"{child.chain[-1]} {child.name}") for child in below]
    chosen = getattr(values, "many", {}).get("columns", [Column.NAME_MASKED, Column.GRID])
    return page(
        request, "exports/new.html", status=422 if errors else 200, store=False, values=values, errors=errors,
        places=places, chosen=chosen, columns=exports.COLUMN, purposes=exports.PURPOSE,
    )  # fmt: skip


@router.post("/new")
async def request(request: Request, db: Db, me: Grave) -> Response:
    """Ask for a file."""
    words = await forms.read(request)
    data: dict[str, object] = {name: words.get(name, "") for name in ("id", "day", "purpose", "words")}
    data["region_code"] = words.get("place_code") or words.get("region_code", "")
    data["columns"] = words.many.get("columns", [])
    form, faults = forms.fill(ExportCreate, data)
    errors = forms.shown(request, faults)
    if form is not None:
        async with forms.trying(request, db, "region_code") as errors:
            wanted = await exports.request(db, me, form)
            return see_other(f"/exports/{wanted.id}?told=requested")
    return await _form(request, db, me, words, errors)


@router.get("/trace")
async def ask_trace(request: Request, me: Staff) -> Response:
    """The form for a passage that turned up somewhere."""
    if not me.with_right(Right.AUDIT):
        raise NotFound
    return page(request, "exports/trace.html", store=False, traced=None, purposes=exports.PURPOSE)


@router.post("/trace")
async def trace(request: Request, db: Db, me: Staff) -> Response:
    """Who took the rows of a passage."""
    words = await forms.read(request)
    traced = await exports.trace(db, me, words.get("passage", "")[:MOST_TEXT])
    return page(request, "exports/trace.html", store=False, traced=traced, purposes=exports.PURPOSE)


@router.get("/{export_id}")
async def show(request: Request, db: Db, me: Staff, export_id: UUID, told: str = "") -> Response:
    """A request: what was asked, where it stands, what can be done."""
    _ = translator(request)
    request.state.flash = _(TOLD[told]) if told in TOLD else None
    return await _shown(request, db, me, export_id, [])


async def _shown(request: Request, db: Db, me: Viewer, export_id: UUID, errors: list[forms.Wrong]) -> Response:
    export = await exports.one(db, me, export_id)
    may_decide = not export.mine and me.post_over(export.region_code, Right.APPROVE) is not None
    return page(
        request, "exports/show.html", status=422 if errors else 200, store=False, export=export, errors=errors,
        may_take=exports.takeable(export), may_decide=may_decide and export.state == "requested",
        columns=exports.COLUMN, purposes=exports.PURPOSE,
    )  # fmt: skip


@router.post("/{export_id}/approval")
async def approve(request: Request, db: Db, me: Grave, export_id: UUID) -> Response:
    """Release somebody else's request."""
    try:
        await exports.approve(db, me, export_id)
    except (exports.OwnRequest, exports.NotReleased) as refusal:
        await forms.undo(db, refusal)
        return await _shown(request, db, me, export_id, forms.told(request, refusal, "act"))
    return see_other(f"/exports/{export_id}?told=approved")


@router.post("/{export_id}/refusal")
async def refuse(request: Request, db: Db, me: Staff, export_id: UUID) -> Response:
    """Say no to somebody else's request."""
    try:
        await exports.refuse(db, me, export_id)
    except (exports.OwnRequest, exports.NotReleased) as refusal:
        await forms.undo(db, refusal)
        return await _shown(request, db, me, export_id, forms.told(request, refusal, "act"))
    return see_other(f"/exports/{export_id}?told=refused")


@router.post("/{export_id}/file")
async def take(request: Request, db: Db, me: Grave, export_id: UUID) -> Response:
    """The file itself."""
    words = await forms.read(request)
    form = ExportTake(format="xlsx" if words.get("format") == "xlsx" else "csv")
    return await export_file(request, await exports.take(db, me, export_id, form), form.format)
