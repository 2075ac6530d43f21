"""The end of a response on paper: ask, confirm, and the certificate that everybody may read."""

import json
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import regions, staff, standdown
from app.kit.errors import N_, NotFound, Refusal
from app.kit.viewer import Viewer
from models.retention import StandDownCreate
from models.staff import Response as UnderWay
from routers.kit import forms
from routers.kit.deps import Anyone, Db, Grave, Staff
from routers.kit.i18n import translator
from routers.kit.render import page, see_other

router = APIRouter(prefix="/responses", include_in_schema=False)

TOLD = {"asked": N_("Asked for. A second administrator or a supervisor has 24 hours to confirm it.")}
NAME = N_("Name of the response")


@router.get("")
async def show(request: Request, db: Db, me: Staff, told: str = "") -> Response:
    """The response under way, and what can be done about it."""
    _ = translator(request)
    request.state.flash = _(TOLD[told]) if told in TOLD else None
    return await _shown(request, db, me, [])


async def _shown(
    request: Request, db: Db, me: Viewer, errors: list[forms.Wrong], values: Mapping[str, str] | None = None
) -> Response:
    try:
        response = await staff.active(db)
    except staff.NoResponse:
        response = None
    waiting = await standdown.pending(db, response) if response else None
    return page(
        request, "responses/index.html", status=422 if errors else 200, store=False, response=response,
        place=await regions.chain_of(db, response.region_code) if response else [], waiting=waiting, errors=errors,
        may_ask=response is not None and standdown.may_ask(me, response) is not None,
        may_approve=response is not None and standdown.may_approve(me, response) is not None
        and waiting is not None and waiting.by_account != me.account_id,
        past=await standdown.certificates(db), **await _concerned(db, me, response), values=values or {},
    )  # fmt: skip


async def _concerned(db: Db, me: Viewer, response: UnderWay | None) -> dict[str, object]:
    """Whom the end concerns, for those who may ask for it or confirm it: nobody else waits for the count."""
    counties: list[standdown.County] = []
    if response is not None and standdown.may_approve(me, response):
        counties = await standdown.concerned(db)
    return {"counties": counties, "people": standdown.people_in(counties)}


@router.post("/stand-down")
async def ask(request: Request, db: Db, me: Grave) -> Response:
    """Ask for the stand-down, typing the name of the response."""
    words = await forms.read(request)
    form, faults = forms.fill(StandDownCreate, {"name": words.get("name", "")})
    errors = forms.shown(request, faults)
    if form is not None:
        try:
            await standdown.ask(db, me, form)
        except NotFound:
            raise
        except Refusal as refusal:
            await forms.undo(db, refusal)
            errors = forms.told(request, refusal, "name")
        else:
            return see_other("/responses?told=asked")
    # Elsewhere `name` is somebody's own name.
    label = translator(request)(NAME)
    errors = [replace(wrong, label=label) if wrong.label else wrong for wrong in errors]
    return await _shown(request, db, me, errors, words)


@router.post("/stand-down/{stand_down_id}/approval")
async def approve(request: Request, db: Db, me: Grave, stand_down_id: UUID) -> Response:
    """Confirm it: everything ends now, one's own post included."""
    try:
        row = await standdown.approve(db, me, stand_down_id)
    except (standdown.Alone, standdown.RequestRunOut) as refusal:
        await forms.undo(db, refusal)
        return await _shown(request, db, me, forms.told(request, refusal, "act"))
    return see_other(f"/responses/{row.response_id}/certificate")


@router.get("/{response_id}/certificate")
async def certificate(request: Request, db: Db, me: Anyone, response_id: UUID) -> Response:  # noqa: ARG001
    """The certificate as a page to print. Public: it names two officials and otherwise only counts."""
    response, found = await standdown.certificate_of(db, response_id)
    said = json.loads(found.said) if found else None
    return page(
        request, "responses/certificate.html", store=False, response=response, said=said,
        signature=found.signature.hex() if found else "", public_key=found.public_key.hex() if found else "",
        ended_at=response.stood_down_at,
    )  # fmt: skip


@router.get("/{response_id}/certificate.json")
async def certificate_file(db: Db, me: Anyone, response_id: UUID) -> Response:  # noqa: ARG001
    """The certificate as it was signed, for `shouwang response certificate verify` and anybody's own tools."""
    _, found = await standdown.certificate_of(db, response_id)
    if found is None:
        raise NotFound
    headers = {
        "Content-Disposition": f'attachment; filename="certificate-{response_id}.json"', "Cache-Control": "no-store"
    }  # fmt: skip
    return Response(standdown.document_of(found), media_type="application/json", headers=headers)
