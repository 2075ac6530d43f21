"""Sign-in, sign-out and change of phone, as JSON."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request

from app import accounts, messages, residents
from app.accounts import NoChannel
from app.kit import masks
from app.kit.ids import new_device
from app.kit.tokens import Token
from models.accounts import AccountPublic, CodeRequest, CodeSent, SignedIn, SignIn
from routers.kit.deps import Db, Me, TheHouse
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1", tags=["sign-in"])


@router.post("/sign-in/code", status_code=202, responses=refusals(413, 415, 422, 429, 503))
async def send_code(request: Request, db: Db, house: TheHouse, form: CodeRequest) -> CodeSent:
    """Send a one-time code to a phone. The answer is the same for known and unknown phones."""
    if not messages.connected(house.settings):
        raise NoChannel(retry_after=3600)
    await accounts.send_code(db, form.phone, request.client.host if request.client else "")
    return CodeSent(expires_in_s=600, resend_after_s=60)


def signed_in(house: TheHouse, token: Token, phone: str) -> SignedIn:
    """The answer to a sign-in."""
    return SignedIn(
        token=house.signer.sign(token),
        expires_at=datetime.fromtimestamp(token.expires / 1000, UTC),
        account=AccountPublic(account_id=token.account, phone=masks.mask_phone(phone), person_id=token.person),
    )


@router.post("/sign-in", responses=refusals(413, 415, 422, 429, 503))
async def sign_in(db: Db, house: TheHouse, form: SignIn) -> SignedIn:
    """Exchange a code for a token. A code is good for 10 minutes, 5 tries and one sign-in."""
    account = await accounts.sign_in(db, form.phone, form.code)
    token = await accounts.claims_of(db, account.id, new_device())
    return signed_in(house, token, accounts.phone_in(db, account))


@router.post("/sign-out", status_code=204, responses=refusals(401))
async def sign_out(db: Db, me: Me) -> None:
    """End this sign-in, everywhere this token was copied to, within a second."""
    await accounts.end(db, me.token)


@router.post("/sign-out/everywhere", status_code=204, responses=refusals(401))
async def sign_out_everywhere(db: Db, me: Me) -> None:
    """End every sign-in of this account within a second."""
    await accounts.end_all(db, me.account_id)


@router.post("/me/phone", responses=refusals(401, 409, 413, 415, 422))
async def change_phone(db: Db, house: TheHouse, me: Me, form: SignIn) -> SignedIn:
    """Move the account to a new phone that received a code; all earlier sign-ins end."""
    await residents.change_phone(db, me, form.phone, form.code)
    token = await accounts.claims_of(db, me.account_id, new_device())
    return signed_in(house, token, accounts.phone_of(form.phone))
