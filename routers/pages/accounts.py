"""Sign-in, sign-out and change of phone, as pages."""

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from app import accounts, messages, residents
from app.accounts import NoChannel
from app.kit import masks
from app.kit.errors import Invalid, QuotaSpent, Refusal
from app.kit.ids import new_device
from app.kit.tokens import Token
from routers.kit import forms
from routers.kit.deps import Anyone, Db, Me, TheHouse, drop_cookie, keep_cookie
from routers.kit.gate import safe_next
from routers.kit.render import page, see_other

router = APIRouter(include_in_schema=False)

RESEND_S = 60


@router.get("/sign-in")
async def ask_phone(request: Request, me: Anyone, next: str = "/today") -> Response:  # noqa: A002
    """Ask for the phone; somebody signed in is sent on."""
    if me is not None:
        return see_other(safe_next(next))
    return page(request, "accounts/sign_in.html", next=safe_next(next))


async def _send(request: Request, db: AsyncSession, house: TheHouse, phone: str) -> tuple[list[forms.Wrong], int]:
    """Send a code; what is wrong, if anything, and after how many seconds another may be sent."""
    if not messages.connected(house.settings):
        raise NoChannel(retry_after=3600)
    try:
        await accounts.send_code(db, phone, request.client.host if request.client else "")
    except (Invalid, QuotaSpent) as refusal:
        await forms.undo(db, refusal)
        return forms.told(request, refusal, "phone"), refusal.retry_after or RESEND_S
    return [], RESEND_S


@router.post("/sign-in")
async def send_code(request: Request, db: Db, house: TheHouse) -> Response:
    """Send a code to the phone, then ask for it."""
    words = await forms.read(request)
    way = safe_next(words.get("next"))
    errors, wait = await _send(request, db, house, words.get("phone", ""))
    if errors and not _looks_like_a_phone(words.get("phone", "")):
        return page(request, "accounts/sign_in.html", status=422, values=words, errors=errors, next=way)
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
    try:
        account = await accounts.sign_in(db, words.get("phone", ""), words.get("code", ""))
    except Refusal as refusal:
        await forms.undo(db, refusal)
        return _code_page(request, words, "accounts/code.html", (forms.told(request, refusal, "code"), 0, 422))
    token = await accounts.claims_of(db, account.id, new_device())
    keep_cookie(request, token)
    return see_other(_first_page(token, safe_next(words.get("next"))))


def _first_page(token: Token, wanted: str) -> str:
    if token.person is None:
        return "/roll-call" if token.staff else "/register"
    return wanted


def _signed_out(request: Request) -> Response:
    drop_cookie(request)
    response = see_other("/")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.post("/sign-out")
async def sign_out(request: Request, db: Db, me: Anyone) -> Response:
    """Sign out on this phone."""
    if me is not None:
        await accounts.end(db, me.token)
    return _signed_out(request)


@router.post("/sign-out/everywhere")
async def sign_out_everywhere(request: Request, db: Db, me: Anyone) -> Response:
    """Sign out everywhere."""
    if me is not None:
        await accounts.end_all(db, me.account_id)
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
    try:
        await residents.change_phone(db, me, words.get("phone", ""), words.get("code", ""))
    except Refusal as refusal:
        await forms.undo(db, refusal)
        errors = forms.told(request, refusal, "code")
        return _code_page(request, words, "accounts/phone_code.html", (errors, 0, 422))
    keep_cookie(request, await accounts.claims_of(db, me.account_id, new_device()))
    return see_other("/me?told=phone_changed")
