"""Duty on paper: the shifts and absences of a unit. Times are those of a clock on a wall in Shanghai."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import regions, staff
from app.kit.errors import N_
from app.kit.viewer import Viewer
from models.base import RegionCode
from models.staff import AbsenceCreate, Right, ShiftCreate
from routers.kit import forms
from routers.kit.deps import Db, Staff
from routers.kit.i18n import translator
from routers.kit.labels import ROLE
from routers.kit.render import page, see_other

router = APIRouter(prefix="/staff", include_in_schema=False)

TOLD = {"planned": N_("On the plan."), "away": N_("Noted. The substitute answers meanwhile."),
        "cancelled": N_("Taken off the plan."), "back": N_("Noted: back on duty.")}  # fmt: skip


@router.get("/duty/{code}")
async def show(request: Request, db: Db, me: Staff, code: RegionCode, told: str = "") -> Response:
    """Who answers now, the shifts to come, who is away."""
    _ = translator(request)
    request.state.flash = _(TOLD[told]) if told in TOLD else None
    return await _plan(request, db, me, code, {}, [])


async def _plan(  # noqa: PLR0913
    request: Request, db: Db, me: Viewer, code: int, values: Mapping[str, str], errors: list[forms.Wrong]
) -> Response:
    shifts = await staff.shifts_of(db, me, code)
    absences = await staff.absences_of(db, me, code)
    (place,) = await regions.public(db, [await regions.named(db, code)])
    may_plan = me.post_over(code, Right.PLAN_DUTY) is not None
    mine = {post.id for post in me.posts}
    people = await staff.present_in(db, me, code)
    return page(
        request, "staff/duty.html", status=422 if errors else 200, store=False, region=place, roles=ROLE,
        duty=await staff.on_duty(db, code), shifts=shifts.items, absences=absences.items, may_plan=may_plan,
        people=people, around=await staff.around(db, me, code), mine=mine,
        own=[person for person in people if may_plan or person.id in mine],
        values=values, errors=errors,
    )  # fmt: skip


@router.post("/duty/{code}/shifts")
async def plan(request: Request, db: Db, me: Staff, code: RegionCode) -> Response:
    """Put somebody on duty."""
    words = await forms.read(request)
    data = {"post_id": words.get("post_id", "")}
    data |= {name: forms.instant(words.get(name, "")) for name in ("starts_at", "ends_at")}
    form, faults = forms.fill(ShiftCreate, data)
    errors = forms.shown(request, faults)
    if form is not None:
        async with forms.trying(request, db, "starts_at") as errors:
            await staff.plan(db, me, form)
            return see_other(f"/staff/duty/{code}?told=planned")
    return await _plan(request, db, me, code, words, errors)


@router.post("/duty/{code}/absences")
async def leave(request: Request, db: Db, me: Staff, code: RegionCode) -> Response:
    """Mark somebody, or oneself, as away."""
    words = await forms.read(request)
    data = {name: words.get(name, "") for name in ("post_id", "substitute_id", "reason")}
    data |= {name: forms.instant(words.get(name, "")) for name in ("from_at", "until_at")}
    form, faults = forms.fill(AbsenceCreate, data)
    errors = forms.shown(request, faults)
    if form is not None:
        async with forms.trying(request, db, "from_at") as errors:
            await staff.leave(db, me, form)
            return see_other(f"/staff/duty/{code}?told=away")
    return await _plan(request, db, me, code, words, errors)


@router.post("/shifts/{shift_id}/cancellation")
async def cancel(db: Db, me: Staff, shift_id: UUID) -> Response:
    """Take a shift off the plan."""
    shift = await staff.cancel(db, me, shift_id)
    return see_other(f"/staff/duty/{shift.region_code}?told=cancelled")


@router.post("/absences/{absence_id}/return")
async def come_back(db: Db, me: Staff, absence_id: UUID) -> Response:
    """Back before the time."""
    absence = await staff.come_back(db, me, absence_id)
    post = await staff.place_of(db, absence.post_id)
    return see_other(f"/staff/duty/{post}?told=back")
