"""Staff sign-in, as pages: the second factor, a fresh proof, one's devices, passkeys and authenticator app."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

import segno
from fastapi import APIRouter, Request
from starlette.responses import Response

from app import accounts, messages
from app.accounts import NoChannel, Site, StepUpNeeded
from app.kit import masks
from app.kit.errors import N_, Refusal
from app.kit.viewer import Viewer
from models.accounts import AuthenticatorSecret, Ceremony, PasskeyCreate, SecondFactor
from routers.kit import forms
from routers.kit.deps import Db, Staff, StaffUnproven, TheHouse, TheSite, device_address, idle
from routers.kit.devices import agent_words
from routers.kit.gate import safe_next
from routers.kit.i18n import gettext, language_of
from routers.kit.render import page, see_other

router = APIRouter(include_in_schema=False)

SECURITY = "/me/security"
TOLD = {
    "added": N_("Added. From now on it proves that it is you."),
    "removed": N_("Removed."),
    "ended": N_("Signed out there."),
    "others_ended": N_("Signed out everywhere else."),
    "proved": N_("Confirmed. Close this tab, go back to the other one and send again."),
}


def _wrong(request: Request, refusal: Refusal, field: str) -> list[forms.Wrong]:
    return forms.shown(request, refusal.faults, {"code": field}) or forms.told(request, refusal, field)


async def _prove_page(
    request: Request,
    db: Db,
    who: tuple[Viewer, Site, Ceremony],
    **what: Any,  # noqa: ANN401
) -> Response:
    """The page for a proof: the second factor of a session, or a fresh one."""
    me, site, purpose = who
    shown: dict[str, Any] = {
        "methods": await accounts.methods_of(db, me.account_id), "rp_id": site.rp_id, "sent_to": "", "next": "/",
        "step_up": purpose is Ceremony.STEP_UP,
    }  # fmt: skip
    return page(request, "accounts/prove.html", store=False, **(shown | what))


@router.get("/second-factor")
async def ask(request: Request, db: Db, me: StaffUnproven, site: TheSite, next: str = "/roll-call") -> Response:  # noqa: A002
    """Ask for the second factor; who has none sets one up first, who gave it is sent on."""
    way = safe_next(next, "/roll-call")
    match await accounts.standing(db, me):
        case SecondFactor.ENROL:
            return page(request, "accounts/enrol.html", store=False, next=way, rp_id=site.rp_id)
        case SecondFactor.NEEDED:
            return await _prove_page(request, db, (me, site, Ceremony.SECOND_FACTOR), next=way)
    return see_other(way)


@router.post("/second-factor")
async def give_totp(request: Request, db: Db, me: StaffUnproven, site: TheSite) -> Response:
    """The second factor of this session: the code of the authenticator app."""
    return await _given_totp(request, db, (me, site, Ceremony.SECOND_FACTOR))


async def _given_totp(request: Request, db: Db, who: tuple[Viewer, Site, Ceremony]) -> Response:
    words = await forms.read(request)
    way = safe_next(words.get("next"), SECURITY)
    try:
        await accounts.give_totp(db, who[0], who[2], words.get("totp", ""))
    except Refusal as refusal:
        await forms.undo(db, refusal)
        status = 429 if refusal.status == 429 else 422
        errors = _wrong(request, refusal, "totp")
        return await _prove_page(request, db, who, status=status, next=way, errors=errors)
    return see_other(way)


@router.post("/second-factor/passkey")
async def give_passkey(request: Request, db: Db, me: StaffUnproven, site: TheSite) -> Response:
    """The second factor of this session: a passkey."""
    return await _given_passkey(request, db, (me, site, Ceremony.SECOND_FACTOR))


async def _given_passkey(request: Request, db: Db, who: tuple[Viewer, Site, Ceremony]) -> Response:
    me, site, purpose = who
    words = await forms.read(request)
    way = safe_next(words.get("next"), SECURITY)
    try:
        await accounts.give_passkey(db, me, (site, purpose), forms.credential(words))
    except Refusal as refusal:
        await forms.undo(db, refusal)
        return await _prove_page(request, db, who, status=422, next=way, errors=_wrong(request, refusal, "passkey"))
    return see_other(way)


@router.get("/step-up")
async def ask_again(request: Request, db: Db, me: Staff, site: TheSite, next: str = SECURITY) -> Response:  # noqa: A002
    """Ask for a fresh proof before a grave act."""
    way = safe_next(next, SECURITY)
    if accounts.stepped_up(me):
        return see_other(way)
    return await _prove_page(request, db, (me, site, Ceremony.STEP_UP), next=way)


@router.post("/step-up")
async def step_up(request: Request, db: Db, me: Staff, site: TheSite) -> Response:
    """A fresh proof: the code of the authenticator app."""
    return await _given_totp(request, db, (me, site, Ceremony.STEP_UP))


@router.post("/step-up/passkey")
async def step_up_passkey(request: Request, db: Db, me: Staff, site: TheSite) -> Response:
    """A fresh proof: a passkey."""
    return await _given_passkey(request, db, (me, site, Ceremony.STEP_UP))


@router.post("/step-up/code")
async def send_code(request: Request, db: Db, house: TheHouse, me: Staff) -> Response:
    """Send a code to one's own phone, for who has no second factor; then ask for it."""
    if not messages.connected(house.settings):
        raise NoChannel(retry_after=3600)
    words = await forms.read(request)
    what: dict[str, Any] = {"next": safe_next(words.get("next"), SECURITY), "sent_to": await _own_phone(db, me)}
    try:
        await accounts.send_proof_code(db, me, device_address(request))
    except Refusal as refusal:
        await forms.undo(db, refusal)
        what |= {"status": refusal.status, "errors": _wrong(request, refusal, "code")}
    return await _prove_page(request, db, (me, Site.of(house.settings), Ceremony.STEP_UP), **what)


@router.post("/step-up/code/check")
async def step_up_code(request: Request, db: Db, me: Staff, site: TheSite) -> Response:
    """A fresh proof: the code from the text message."""
    words = await forms.read(request)
    what: dict[str, Any] = {"next": safe_next(words.get("next"), SECURITY), "sent_to": await _own_phone(db, me)}
    try:
        await accounts.confirm_by_code(db, me, words.get("code", ""))
    except Refusal as refusal:
        await forms.undo(db, refusal)
        errors = _wrong(request, refusal, "code")
        return await _prove_page(request, db, (me, site, Ceremony.STEP_UP), status=422, errors=errors, **what)
    return see_other(what["next"])


async def _own_phone(db: Db, me: Viewer) -> str:
    return masks.mask_phone(accounts.phone_in(db, await accounts.account_of(db, me.account_id)))


@router.get(SECURITY)
async def show(request: Request, db: Db, house: TheHouse, me: Staff, told: str = "") -> Response:
    """One's devices and second factors."""
    return await _security(request, db, (house, me), told=told)


async def _security(
    request: Request,
    db: Db,
    who: tuple[TheHouse, Viewer],
    told: str = "",
    **what: Any,  # noqa: ANN401
) -> Response:
    house, me = who
    lang = language_of(request)
    if told in TOLD:
        request.state.flash = gettext(lang, TOLD[told])
    here = await accounts.sittings_of(db, me, idle(house))
    sittings = [each.model_dump() | {"agent": agent_words(lang, each.agent)} for each in here]
    return page(
        request, "accounts/security.html", store=False, sittings=sittings, rp_id=Site.of(house.settings).rp_id,
        factors=await accounts.factors_of(db, me.account_id), stepped_up=accounts.stepped_up(me), **what,
    )  # fmt: skip


@router.post("/me/security/sessions/{session_id}/ending")
async def end_sitting(db: Db, me: Staff, session_id: UUID) -> Response:
    """Sign out there."""
    await accounts.end_sitting(db, me, session_id)
    return see_other(f"{SECURITY}?told=ended")


@router.post("/me/security/other-sessions/ending")
async def end_other_sittings(db: Db, me: Staff) -> Response:
    """Sign out everywhere else."""
    await accounts.end_others(db, me)
    return see_other(f"{SECURITY}?told=others_ended")


def _first(way: str) -> Response:
    """Off to the fresh proof, and back."""
    return see_other(f"/step-up?next={quote(way)}")


@router.post("/me/security/passkeys")
async def add_passkey(request: Request, db: Db, me: StaffUnproven, site: TheSite) -> Response:
    """Keep the passkey that the browser made."""
    words = await forms.read(request)
    way = safe_next(words.get("next"), f"{SECURITY}?told=added")
    name = words.get("passkey_name", "").strip()[:40]
    try:
        form, _ = forms.fill(PasskeyCreate, {"credential": forms.credential(words) or {"id": ""}, "name": name})
        await accounts.add_passkey(db, me, site, form or PasskeyCreate(credential={}))
    except StepUpNeeded:
        return _first(SECURITY)
    except Refusal as refusal:
        await forms.undo(db, refusal)
        errors = _wrong(request, refusal, "passkey")
        return page(request, "accounts/enrol.html", status=422, store=False, next=way, rp_id=site.rp_id, errors=errors)
    return see_other(way)


@router.post("/me/security/passkeys/{passkey_id}/removal")
async def remove_passkey(request: Request, db: Db, house: TheHouse, me: Staff, passkey_id: UUID) -> Response:
    """Take a passkey away, after a fresh proof."""
    try:
        await accounts.remove_passkey(db, me, passkey_id)
    except StepUpNeeded:
        return _first(SECURITY)
    except accounts.LastFactor as refusal:
        return await _security(request, db, (house, me), status=409, errors=_wrong(request, refusal, "passkey"))
    return see_other(f"{SECURITY}?told=removed")


@router.post("/me/security/authenticator")
async def offer_totp(request: Request, db: Db, me: StaffUnproven) -> Response:
    """A secret for the authenticator app: to scan, or to type."""
    words = await forms.read(request)
    try:
        offer = await accounts.offer_totp(db, me)
    except StepUpNeeded:
        return _first(SECURITY)
    return _authenticator(request, offer, next=safe_next(words.get("next"), f"{SECURITY}?told=added"))


def _authenticator(request: Request, offer: AuthenticatorSecret, **what: Any) -> Response:  # noqa: ANN401
    qr = segno.make(offer.uri, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
    return page(request, "accounts/authenticator.html", store=False, secret=offer.secret, qr=qr, **what)


@router.post("/me/security/authenticator/confirmation")
async def confirm_totp(request: Request, db: Db, me: StaffUnproven) -> Response:
    """The first code of the authenticator app."""
    words = await forms.read(request)
    way = safe_next(words.get("next"), f"{SECURITY}?told=added")
    try:
        await accounts.confirm_totp(db, me, words.get("totp", ""))
    except StepUpNeeded:
        return _first(SECURITY)
    except Refusal as refusal:
        await forms.undo(db, refusal)
        offer = await accounts.offered_totp(db, me)
        status = 429 if refusal.status == 429 else 422
        return _authenticator(request, offer, status=status, next=way, errors=_wrong(request, refusal, "totp"))
    return see_other(way)


@router.post("/me/security/authenticator/removal")
async def remove_totp(request: Request, db: Db, house: TheHouse, me: Staff) -> Response:
    """Take the authenticator app away, after a fresh proof."""
    try:
        await accounts.remove_totp(db, me)
    except StepUpNeeded:
        return _first(SECURITY)
    except accounts.LastFactor as refusal:
        return await _security(request, db, (house, me), status=409, errors=_wrong(request, refusal, "totp"))
    return see_other(f"{SECURITY}?told=removed")
