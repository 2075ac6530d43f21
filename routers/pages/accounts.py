"""Sign-in, sign-out and change of phone, as pages."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from app import accounts, messages, residents
from app.accounts import NoChannel, PasskeyRefused
from app.kit import masks
from app.kit.errors import Invalid, QuotaSpent
from app.kit.ids import new_device
from models.accounts import SecondFactor
from routers.kit import forms
from routers.kit.deps import (
    Anyone,
    Db,
    Me,
    TheHouse,
    TheSite,
    device_address,
    drop_cookie,
    drop_staff_cookie,
    keep_cookie,
    keep_staff_cookie,
)
from routers.kit.gate import safe_next
from routers.kit.render import page, see_other
from routers.kit.sign_ins import Entry, enter, leave

router = APIRouter(include_in_schema=False)

RESEND_S = 60


@router.get("/sign-in")
async def ask_phone(request: Request, me: Anyone, site: TheSite, next: str = "/today", staff: str = "") -> Response:  # noqa: A002
    """Ask for the phone; somebody signed in is sent on, unless staff work asks for a sign-in of now."""
    if me is not None and not staff:
        return see_other(safe_next(next))
    return _phone_page(request, site, safe_next(next), staff=bool(staff))


def _phone_page(request: Request, site: TheSite, way: str, **what: Any) -> Response:  # noqa: ANN401
    return page(request, "accounts/sign_in.html", **{"next": way, "rp_id": site.rp_id, "staff": False, **what})


async def _send(request: Request, db: AsyncSession, house: TheHouse, phone: str) -> tuple[list[forms.Wrong], int]:
    """Send a code; what is wrong, if anything, and after how many seconds another may be sent."""
    if not messages.connected(house.settings):
        raise NoChannel(retry_after=3600)
    try:
        await accounts.send_code(db, phone, device_address(request))
    except (Invalid, QuotaSpent) as refusal:
        await forms.undo(db, refusal)
        return forms.told(request, refusal, "phone"), refusal.retry_after or RESEND_S
    return [], RESEND_S


@router.post("/sign-in")
async def send_code(request: Request, db: Db, house: TheHouse, site: TheSite) -> Response:
    """Send a code to the phone, then ask for it."""
    words = await forms.read(request)
    way = safe_next(words.get("next"))
    errors, wait = await _send(request, db, house, words.get("phone", ""))
    if errors and not _looks_like_a_phone(words.get("phone", "")):
        return _phone_page(request, site, way, status=422, values=words, errors=errors)
    # A code sent a moment ago is still good: the same page, with the seconds to wait.
    return _code_page(request, words, "accounts/code.html", (errors, wait, 429 if errors else 200))


def _looks_like_a_phone(text: str) -> bool:
    try:
        accounts.phone_of(text)
    except Invalid:
        return False
    return True


def _code_page(
    request: Request, words: forms.Words, template: str, what: tuple[list[forms.Wrong], int, int]
) -> Response:
    errors, wait, status = what
    phone = words.get("phone", "")
    masked = masks.mask_phone(phone) if _looks_like_a_phone(phone) else phone
    kept = [forms.Wrong("code", wrong.message) for wrong in errors]
    response = page(
        request, template, status=status, store=False, values={"code": words.get("code", "")}, errors=kept,
        phone=phone, phone_masked=masked, resend_after_s=wait, next=safe_next(words.get("next")),
    )  # fmt: skip
    if status == 429:
        response.headers["Retry-After"] = str(wait)
    return response


@router.post("/sign-in/code")
async def sign_in(request: Request, db: Db) -> Response:
    """Check the code and sign in; whoever has not registered yet does that next."""
    words = await forms.read(request)
    async with forms.trying(request, db, "code") as errors:
        account = await accounts.sign_in(db, words.get("phone", ""), words.get("code", ""))
        return _entered(request, await enter(request, db, account), safe_next(words.get("next")))
    return _code_page(request, words, "accounts/code.html", (errors, 0, 422))


@router.post("/sign-in/passkey")
async def sign_in_with_passkey(request: Request, db: Db, site: TheSite) -> Response:
    """Sign in with a passkey alone."""
    words = await forms.read(request)
    way = safe_next(words.get("next"))
    try:
        account = await accounts.sign_in_with_passkey(db, site, forms.credential(words))
    except PasskeyRefused as refusal:
        await forms.undo(db, refusal)
        return _phone_page(request, site, way, status=422, errors=forms.told(request, refusal, "phone"))
    return _entered(request, await enter(request, db, account, with_passkey=True), way)


def _entered(request: Request, entry: Entry, way: str) -> Response:
    keep_cookie(request, entry.token)
    drop_staff_cookie(request)  # of another member of staff on the same machine
    if entry.begun is not None:
        keep_staff_cookie(request, entry.begun.secret)
    first = _first_page(entry, way)
    if entry.factor in {SecondFactor.NEEDED, SecondFactor.ENROL}:
        return see_other(f"/second-factor?next={quote(first)}")
    return see_other(first)


def _first_page(entry: Entry, wanted: str) -> str:
    if entry.token.person is None and wanted == "/today":
        return "/staff" if entry.token.staff else "/register"
    return wanted if entry.token.person or entry.token.staff else "/register"


def _signed_out(request: Request) -> Response:
    drop_cookie(request)
    drop_staff_cookie(request)
    response = see_other("/")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.post("/sign-out")
async def sign_out(request: Request, db: Db, me: Anyone) -> Response:
    """Sign out on this phone."""
    if me is not None:
        await leave(request, db, me)
    return _signed_out(request)


@router.post("/sign-out/everywhere")
async def sign_out_everywhere(request: Request, db: Db, me: Anyone) -> Response:
    """Sign out everywhere."""
    if me is not None:
        await leave(request, db, me, everywhere=True)
    return _signed_out(request)


@router.post("/me/phone")
async def new_phone(request: Request, db: Db, house: TheHouse, me: Me) -> Response:  # noqa: ARG001
    """Send a code to the new phone, then ask for it."""
    words = await forms.read(request)
    errors, wait = await _send(request, db, house, words.get("phone", ""))
    return _code_page(request, words, "accounts/phone_code.html", (errors, wait, 422 if errors else 200))


@router.post("/me/phone/code")
async def change_phone(request: Request, db: Db, me: Me) -> Response:
    """Move the account to the new phone."""
    words = await forms.read(request)
    async with forms.trying(request, db, "code") as errors:
        await residents.change_phone(db, me, words.get("phone", ""), words.get("code", ""))
    if errors:
        return _code_page(request, words, "accounts/phone_code.html", (errors, 0, 422))
    keep_cookie(request, await accounts.claims_of(db, me.account_id, new_device()))
    return see_other("/me?told=phone_changed")
