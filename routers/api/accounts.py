"""Sign-in, sign-out and change of phone, as JSON."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request

from app import accounts, messages, residents
from app.accounts import NoChannel
from app.house import House
from app.kit import masks
from app.kit.ids import new_device
from models.accounts import (
    AccountPublic,
    Ceremony,
    CeremonyOptions,
    CodeRequest,
    CodeSent,
    PasskeyAnswer,
    SignedIn,
    SignIn,
    StaffSessionGiven,
)
from routers.kit.deps import Db, Me, TheHouse, TheSite, device_address, house_of
from routers.kit.openapi import refusals
from routers.kit.sign_ins import Entry, enter, leave

router = APIRouter(prefix="/api/v1", tags=["sign-in"])


@router.post("/sign-in/code", status_code=202, responses=refusals(413, 415, 422, 429, 503))
async def send_code(request: Request, db: Db, house: TheHouse, form: CodeRequest) -> CodeSent:
    """Send a one-time code to a phone. The answer is the same for known and unknown phones."""
    if not messages.connected(house.settings):
        raise NoChannel(retry_after=3600)
    await accounts.send_code(db, form.phone, device_address(request))
    return CodeSent(expires_in_s=600, resend_after_s=60)


def signed_in(house: House, entry: Entry, phone: str) -> SignedIn:
    """The answer to a sign-in."""
    token, session = entry.token, None
    if entry.begun is not None:
        secret, ends = entry.begun.secret, entry.begun.row.expires_at
        session = StaffSessionGiven(secret=secret, expires_at=ends, second_factor=entry.factor)
    return SignedIn(
        token=house.signer.sign(token),
        expires_at=datetime.fromtimestamp(token.expires / 1000, UTC),
        account=AccountPublic(account_id=token.account, phone=masks.mask_phone(phone), person_id=token.person),
        staff_session=session,
    )


@router.post("/sign-in", responses=refusals(413, 415, 422, 429, 503))
async def sign_in(request: Request, db: Db, house: TheHouse, form: SignIn) -> SignedIn:
    """Exchange a code for a token. A code is good for 10 minutes, 5 tries and one sign-in.

    Who holds a post gets a staff session as well; its `secret` goes into the header `Staff-Session`.
    """
    account = await accounts.sign_in(db, form.phone, form.code)
    return signed_in(house, await enter(request, db, account), accounts.phone_in(db, account))


@router.post("/sign-in/passkey/options", responses=refusals(429))
async def ask_passkey(request: Request, db: Db, site: TheSite) -> CeremonyOptions:
    """A challenge for signing in with a passkey alone, good once within 5 minutes."""
    accounts.within_rate(device_address(request))
    return await accounts.ask_passkey(db, None, site, Ceremony.SIGN_IN)


@router.post("/sign-in/passkey", responses=refusals(413, 415, 422))
async def sign_in_with_passkey(request: Request, db: Db, site: TheSite, form: PasskeyAnswer) -> SignedIn:
    """Sign in with a passkey alone: it counts as both factors."""
    account = await accounts.sign_in_with_passkey(db, site, form.credential)
    entry = await enter(request, db, account, with_passkey=True)
    return signed_in(house_of(request), entry, accounts.phone_in(db, account))


@router.post("/sign-out", status_code=204, responses=refusals(401))
async def sign_out(request: Request, db: Db, me: Me) -> None:
    """End this sign-in, everywhere this token was copied to, within a second; a staff session at once."""
    await leave(request, db, me)


@router.post("/sign-out/everywhere", status_code=204, responses=refusals(401))
async def sign_out_everywhere(request: Request, db: Db, me: Me) -> None:
    """End every sign-in of this account within a second."""
    await leave(request, db, me, everywhere=True)


@router.post("/me/phone", responses=refusals(401, 409, 410, 413, 415, 422))
async def change_phone(db: Db, house: TheHouse, me: Me, form: SignIn) -> SignedIn:
    """Move the account to a new phone that received a code; all earlier sign-ins end."""
    await residents.change_phone(db, me, form.phone, form.code)
    token = await accounts.claims_of(db, me.account_id, new_device())
    return signed_in(house, Entry(token), accounts.phone_of(form.phone))
