"""One's own page: what is held, who looked, until when it is kept; correcting it, and saying where one is."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import accounts, appeals, audit, exports, glass, messages, regions, residents, retention
from app.kit.errors import N_, Fault, NotFound, Refusal
from app.kit.viewer import Viewer
from models.audit import Act, ReadPublic
from models.exports import ExportPurpose
from models.residents import PlaceChange, ResidentChange
from routers.kit import forms, picking
from routers.kit.deps import Db, Me, keep_cookie
from routers.kit.i18n import translator
from routers.kit.labels import ACT, DOCUMENT, PURPOSE, REASON, RELATION, ROLE
from routers.kit.render import page, see_other

router = APIRouter(include_in_schema=False)

TOLD = {
    "phone_changed": N_("Your new number signs in from now on."),
    "added": N_("Added. You can report for them today."),
    "corrected": N_("Changed. The change is noted in your record."),
    "place": N_("Noted. The people of both places know where to find you."),
}


@router.get("/me")
async def show(request: Request, db: Db, me: Me, told: str = "") -> Response:
    """What the house holds about oneself, who looked at it, what became of one's appeals, and the settings."""
    people = await residents.household_of(db, me)
    ids = [person.row.person_id for person in people]
    own = people[0] if people and me.person_id == ids[0] else None
    resident = None
    if own is not None:
        shown_as = await residents.public(db, own)
        resident = {
            "name": own.row.name, "id_mask": shown_as.id_number or "", "phone_mask": shown_as.phone or "",
            "address": residents.address_of(db, own.row), "place_chain": shown_as.chain, "current": shown_as.current,
            "registered": shown_as.registered, "identity": DOCUMENT[shown_as.id_type],
        }  # fmt: skip
    household = [
        {"name": person.row.name, "person_id": person.row.person_id, "relation_label": RELATION[person.relation]}
        for person in people
        if person.relation is not None
    ]
    reads = await audit.about(db, ids, residents.places_of(people))
    names = {person.row.person_id: person.row.name for person in people} if len(people) > 1 else {}
    openings = [
        {"id": each.id, "person": names.get(each.person_id),
         "who": each.who, "role": ROLE[each.role], "unit": each.unit, "reason": REASON[each.purpose],
         "person_id": each.person_id, "opened_at": each.opened_at, "ended_at": each.ended_at}
        for each in await glass.about(db, ids)
    ]  # fmt: skip
    request.state.flash = translator(request)(TOLD[told]) if told in TOLD else None
    return page(
        request, "residents/me.html", store=False, resident=resident, household=household,
        reads=[_read(read, names) for read in reads], openings=openings, values={},
        unread=await messages.unread(db, me),
        appeals_open=sum(each.closed_at is None for each in (await appeals.mine(db, me)).items),
        kept=await retention.about_me(db, me.person_id) if me.person_id else [],
    )  # fmt: skip


def _read(read: ReadPublic, names: Mapping[UUID, str]) -> dict[str, object]:
    """A line of "who looked", in words. What oneself did has no name and nothing to object to.

    `names`: of the household, where it has several people, so that each line says about whom it is.
    """
    official = read.role in ROLE
    purpose = PURPOSE.get(read.purpose, "")
    if read.file_purpose:
        purpose = exports.PURPOSE[ExportPurpose(read.file_purpose)]
    return {
        "id": read.id, "at": read.at, "who": read.who, "role": ROLE.get(read.role, ""), "count": read.count,
        "act": ACT.get(Act(read.act), read.act), "purpose": purpose if official else "",
        "place": read.place, "official": official, "person": names.get(read.person_id) if read.person_id else None,
        "person_id": read.person_id, "unit": read.unit[-2:],
    }  # fmt: skip


# --- correcting oneself ----------------------------------------------------------------------------------------------


async def _whom(db: Db, me: Viewer, wanted: str) -> residents.Person:
    """Oneself, or the household member that a form is about. Raises NotFound."""
    for person in await residents.household_of(db, me):
        if wanted in {"", str(person.row.person_id)}:
            return person
    raise NotFound


async def _edit(
    request: Request, db: Db, person: residents.Person, values: Mapping[str, str], errors: list[forms.Wrong]
) -> Response:
    return page(
        request, "residents/edit.html", status=422 if errors else 200, store=False, values=values, errors=errors,
        person=person.row, own=person.relation is None, picker_at="/me/edit", **await picking.picker(db, values),
    )  # fmt: skip


@router.get("/me/edit")
async def ask_correction(request: Request, db: Db, me: Me) -> Response:
    """The form for name, address, phone and grid."""
    person = await _whom(db, me, request.query_params.get("for", ""))
    values = {
        "name": person.row.name, "address": residents.address_of(db, person.row),
        "region_code": str(person.row.region_code),
    }  # fmt: skip
    return await _edit(request, db, person, values, [])


@router.post("/me/edit")
async def correct(request: Request, db: Db, me: Me) -> Response:
    """Correct one's record, or that of a household member."""
    words = await forms.read(request)
    person = await _whom(db, me, words.get("person_id", ""))
    if picking.asks(words):
        return await _edit(request, db, person, words, [])
    data: dict[str, object] = {name: words.get(name, "") for name in ("name", "address", "phone", "region_code")}
    form, faults = forms.fill(
        ResidentChange, data | {"person_id": person.row.person_id, "together": bool(words.get("together"))}
    )
    errors = forms.shown(request, faults)
    if form is not None:
        try:
            await residents.correct(db, me, form)
        except Refusal as refusal:
            await forms.undo(db, refusal)
            errors = forms.told(request, refusal, "name")
    if errors:  # what was read before was undone with the rest
        return await _edit(request, db, await _whom(db, me, words.get("person_id", "")), words, errors)
    keep_cookie(request, await accounts.claims_of(db, me.account_id, me.token.device))
    return see_other("/me?told=corrected")


async def _away(
    request: Request, db: Db, person: residents.Person, values: Mapping[str, str], errors: list[forms.Wrong]
) -> Response:
    return page(
        request, "residents/place.html", status=422 if errors else 200, store=False, values=values, errors=errors,
        person=person.row, chain=await regions.chain_of(db, person.row.region_code), picker_at="/me/place",
        current=await residents.current(db, person.row), **await picking.picker(db, values),
    )  # fmt: skip


@router.get("/me/place")
async def ask_place(request: Request, db: Db, me: Me) -> Response:
    """The form for where one is now."""
    person = await _whom(db, me, request.query_params.get("for", ""))
    row = person.row
    values = {"region_code": str(row.current_code or ""), "until": str(row.current_until or "")}
    return await _away(request, db, person, values, [])


@router.post("/me/place")
async def stay(request: Request, db: Db, me: Me) -> Response:
    """Say where one is now, or that one is back."""
    words = await forms.read(request)
    person = await _whom(db, me, words.get("person_id", ""))
    if picking.asks(words):
        return await _away(request, db, person, words, [])
    form: PlaceChange | None = PlaceChange(person_id=person.row.person_id, region_code=None)
    faults: tuple[Fault, ...] = ()
    if not words.get("back"):
        data = {name: words.get(name, "") for name in ("person_id", "region_code", "until")}
        form, faults = forms.fill(PlaceChange, data)
    errors = forms.shown(request, faults)
    if form is not None:
        try:
            await residents.stay(db, me, form)
        except Refusal as refusal:
            await forms.undo(db, refusal)
            errors = forms.told(request, refusal, "region_code")
    if errors:
        return await _away(request, db, await _whom(db, me, words.get("person_id", "")), words, errors)
    return see_other("/me?told=place")
