"""Appointing on paper: invite, change, transfer, dismiss. Every form here stands behind a fresh proof of oneself."""

from collections.abc import Awaitable, Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import regions, staff
from app.kit.errors import N_, Fault, Invalid, NotFound
from app.kit.viewer import Viewer
from models.base import RegionCode
from models.regions import level_of
from models.staff import SERVES, Dismissal, PostChange, PostCreate, Right, Transfer
from routers.kit import forms
from routers.kit.deps import Db, Grave, Staff
from routers.kit.i18n import translator
from routers.kit.labels import ROLE
from routers.kit.render import page, see_other

router = APIRouter(prefix="/staff", include_in_schema=False)

TOLD = {
    "invited": N_("Invited. The person takes up the post by signing in with this phone."),
    "changed": N_("Changed."),
    "transferred": N_("Transferred. The old post has ended."),
    "reset": N_("Reset. With the next sign-in they set up a new second factor."),
}
# The rooms ask a successor to be fit to stand in, and name the field so.
HEIR = {"substitute_id": "successor_id"}


@router.get("/units/{code}/posts/new")
async def ask(request: Request, db: Db, me: Grave, code: RegionCode) -> Response:
    """The form of an invitation."""
    return await _form(request, db, me, code, {}, [])


async def _form(  # noqa: PLR0913
    request: Request, db: Db, me: Viewer, code: int, values: Mapping[str, str], errors: list[forms.Wrong]
) -> Response:
    staff.granting(me, code)
    (place,) = await regions.public(db, [await regions.named(db, code)])
    choices = [(role.value, ROLE[role]) for role, levels in SERVES.items() if level_of(code) in levels]
    return page(
        request, "staff/post_new.html", status=422 if errors else 200, store=False, region=place, choices=choices,
        values=values, errors=errors,
    )  # fmt: skip


@router.post("/units/{code}/posts/new")
async def invite(request: Request, db: Db, me: Grave, code: RegionCode) -> Response:
    """Invite somebody to a post in this unit."""
    words = await forms.read(request)
    fields = ("phone", "name", "role", "group", "department", "valid_from", "valid_to")
    data: dict[str, object] = {name: words.get(name, "") for name in fields}
    form, faults = forms.fill(PostCreate, data | {"region_code": str(code), "lead": "lead" in words})
    errors = forms.shown(request, faults)
    if form is not None:
        async with forms.trying(request, db, "phone") as errors:
            post = await staff.invite(db, me, form)
            return see_other(f"/staff/posts/{post.id}?told=invited")
    return await _form(request, db, me, code, words, errors)


@router.get("/posts/{post_id}")
async def show(request: Request, db: Db, me: Staff, post_id: UUID, told: str = "") -> Response:
    """A post: its facts, and what can be done about it."""
    _ = translator(request)
    request.state.flash = _(TOLD[told]) if told in TOLD else None
    return await _post(request, db, me, post_id, {}, [])


async def _post(  # noqa: PLR0913
    request: Request, db: Db, me: Viewer, post_id: UUID, values: Mapping[str, str], errors: list[forms.Wrong]
) -> Response:
    """The page of a post. Errors belong to the form that this very request sent, and so do the words typed there."""
    post = await staff.one(db, me, post_id)
    over = me.post_over(post.region_code, Right.APPOINT)
    return page(
        request, "staff/post.html", status=422 if errors else 200, store=False, post=post, roles=ROLE,
        errors=errors, values=values, failed=request.url.path.rsplit("/")[-1] if errors else "",
        colleagues=await staff.colleagues_of(db, post.id), absence=await staff.absence_of(db, post.id),
        may_appoint=over is not None, near=await staff.places_near(db, over, post.region_code) if over else [],
        may_plan=me.post_over(post.region_code, Right.PLAN_DUTY) is not None,
        choices=[(role.value, ROLE[role]) for role in SERVES],
    )  # fmt: skip


async def _granting(db: Db, me: Viewer, post_id: UUID) -> int:
    """The unit of a post, for who appoints there: a form is looked at for nobody else. Raises NotFound."""
    unit = (await staff.one(db, me, post_id)).region_code
    staff.granting(me, unit)
    return unit


async def _done(request: Request, db: Db, me: Viewer, post_id: UUID, act: Awaitable[object], told: str) -> Response:  # noqa: PLR0913
    """The post after a button without words."""
    async with forms.trying(request, db, "act") as errors:
        await act
        return see_other(f"/staff/posts/{post_id}?told={told}")
    return await _post(request, db, me, post_id, {}, errors)


@router.post("/posts/{post_id}/invitation")
async def invite_again(request: Request, db: Db, me: Grave, post_id: UUID) -> Response:
    """Send the invitation once more."""
    return await _done(request, db, me, post_id, staff.invite_again(db, me, post_id), "invited")


@router.post("/posts/{post_id}/factor-reset")
async def reset_factors(request: Request, db: Db, me: Grave, post_id: UUID) -> Response:
    """Let a colleague who lost everything begin anew."""
    return await _done(request, db, me, post_id, staff.reset_factors(db, me, post_id), "reset")


@router.post("/posts/{post_id}/change")
async def change(request: Request, db: Db, me: Grave, post_id: UUID) -> Response:
    """Change what may change without ending the post."""
    words = await forms.read(request)
    await _granting(db, me, post_id)
    data: dict[str, object] = {"lead": "lead" in words}
    data |= {name: words[name] for name in ("valid_to", "substitute_id") if words.get(name)}
    # What was emptied is not what was left out: the schema strips the blank.
    data |= {name: words[name] or " " for name in ("name", "department") if name in words}
    form, faults = forms.fill(PostChange, data)
    errors = forms.shown(request, faults)
    if form is not None:
        # A box that was emptied takes away what it held.
        emptied = {name: None for name in ("valid_to", "substitute_id") if name in words and not words[name]}
        form = PostChange.model_validate(form.model_dump(exclude_unset=True) | emptied)
        async with forms.trying(request, db, "act") as errors:
            await staff.change(db, me, post_id, form)
            return see_other(f"/staff/posts/{post_id}?told=changed")
    return await _post(request, db, me, post_id, words, errors)


@router.post("/posts/{post_id}/dismissal")
async def dismiss(request: Request, db: Db, me: Grave, post_id: UUID) -> Response:
    """End the post now."""
    words = await forms.read(request)
    unit = await _granting(db, me, post_id)
    form, faults = forms.fill(Dismissal, {name: words.get(name, "") for name in ("successor_id", "reason")})
    errors = forms.shown(request, faults)
    if form is not None:
        async with forms.trying(request, db, "act", HEIR) as errors:
            await staff.dismiss(db, me, post_id, form)
            return see_other(f"/staff/units/{unit}")
    return await _post(request, db, me, post_id, words, errors)


@router.post("/posts/{post_id}/transfer")
async def transfer(request: Request, db: Db, me: Grave, post_id: UUID) -> Response:
    """Move the holder to another post."""
    words = await forms.read(request)
    await _granting(db, me, post_id)
    fields = ("role", "region_code", "group", "successor_id", "reason")
    data: dict[str, object] = {name: words.get(name, "") for name in fields}
    form, faults = forms.fill(Transfer, data | {"lead": "lead" in words})
    errors = forms.shown(request, faults)
    if form is not None:
        async with forms.trying(request, db, "act", HEIR) as errors:
            try:
                fresh = await staff.transfer(db, me, post_id, form)
            except NotFound:
                # A place that is not there or not mine is said beside its field.
                raise Invalid(faults=(Fault("region_code", N_("There is no such unit in your region.")),)) from None
            return see_other(f"/staff/posts/{fresh.id}?told=transferred")
    return await _post(request, db, me, post_id, words, errors)
