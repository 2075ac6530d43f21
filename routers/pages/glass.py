"""Break-glass, as pages: open one record with a reason, end it, and who opened records of one's region."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import accounts, glass
from app.kit import clock
from app.kit.errors import NotFound, Refusal
from app.kit.viewer import Viewer
from models.glass import GlassCreate, GlassPublic
from models.staff import Right
from routers.kit import forms
from routers.kit.deps import Db, Grave, Staff
from routers.kit.i18n import translator
from routers.kit.labels import REASON, ROLE
from routers.kit.render import page, see_other

router = APIRouter(prefix="/glass", include_in_schema=False)

_FIELDS = ("id_type", "id_number", "purpose", "words", "hours")


def _row(each: GlassPublic) -> dict[str, object]:
    return {**each.model_dump(), "role": ROLE[each.role], "reason": REASON[each.purpose],
            "open": each.ended_at is None and each.expires_at > clock.now()}  # fmt: skip


async def _page(  # noqa: PLR0913
    request: Request, db: Db, me: Viewer, values: Mapping[str, str], errors: list[forms.Wrong], status: int
) -> Response:
    _ = translator(request)
    may_open = bool(me.with_right(Right.BREAK_GLASS))
    watches = any(me.with_right(right) for right in glass.WATCHES)
    if not (may_open or watches):
        raise NotFound
    before = request.query_params.get("before", "")
    found = await glass.of_region(db, me, _uuid(before) if before else None) if watches else None
    return page(
        request, "glass/index.html", status=status, store=False, values=values, errors=errors, may_open=may_open,
        stepped_up=accounts.stepped_up(me),
        mine=[_row(each) for each in await glass.mine(db, me)] if may_open else [], watches=watches,
        reasons=[(code.value, _(words)) for code, words in REASON.items()],
        openings=[_row(each) for each in found.items] if found else [], more=found.next if found else None,
    )  # fmt: skip


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


@router.get("")
async def index(request: Request, db: Db, me: Staff) -> Response:
    """What one has opened, the form for another opening, and the openings of one's region."""
    return await _page(request, db, me, {}, [], 200)


@router.post("")
async def open_glass(request: Request, db: Db, me: Grave) -> Response:
    """Open one record, and go to it."""
    if not me.with_right(Right.BREAK_GLASS):
        raise NotFound
    words = await forms.read(request)
    data: dict[str, object] = {name: words.get(name, "") for name in _FIELDS}
    form, faults = forms.fill(GlassCreate, data)
    errors, status = forms.shown(request, faults), 422
    if form is not None:
        try:
            opened = await glass.open_glass(db, me, form)
        except (glass.NobodyThere, glass.WrongDocument, glass.TooManyLooks, glass.OpenAlready) as refusal:
            await forms.undo(db, refusal)
            errors, status = forms.told(request, refusal, "id_number"), refusal.status
        except Refusal:
            raise
        else:
            return see_other(f"/residents/{opened.person_id}")
    return await _page(request, db, me, words, errors, status)


@router.post("/{glass_id}/ending")
async def end_glass(db: Db, me: Staff, glass_id: UUID) -> Response:
    """End one's own opening before its time."""
    await glass.end_glass(db, me, glass_id)
    return see_other("/glass")
