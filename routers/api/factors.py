"""Staff sign-in as JSON: second factor, fresh proof, the list of devices, passkeys and authenticator app."""

from uuid import UUID

from fastapi import APIRouter, Request

from app import accounts, messages
from app.accounts import NoChannel
from models.accounts import (
    AuthenticatorSecret,
    Ceremony,
    CeremonyOptions,
    CodeSent,
    FactorsPublic,
    OneTimeCode,
    PasskeyAnswer,
    PasskeyCreate,
    PasskeyPublic,
    StaffSessionsFound,
)
from routers.kit.deps import Db, Staff, StaffUnproven, TheHouse, TheSite, device_address, idle
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1", tags=["staff sign-in"])


@router.post("/second-factor/totp", status_code=204, responses=refusals(401, 403, 413, 415, 422, 429))
async def give_totp(db: Db, me: StaffUnproven, form: OneTimeCode) -> None:
    """The second factor of this session: the code of the authenticator app. Each code is good once."""
    await accounts.give_totp(db, me, Ceremony.SECOND_FACTOR, form.code)


@router.post("/second-factor/passkey/options", responses=refusals(401, 403))
async def ask_passkey(db: Db, site: TheSite, me: StaffUnproven) -> CeremonyOptions:
    """A challenge for one's passkeys, good once within 5 minutes."""
    return await accounts.ask_passkey(db, me, site, Ceremony.SECOND_FACTOR)


@router.post("/second-factor/passkey", status_code=204, responses=refusals(401, 403, 413, 415, 422))
async def give_passkey(db: Db, site: TheSite, me: StaffUnproven, form: PasskeyAnswer) -> None:
    """The second factor of this session: a passkey of one's own."""
    await accounts.give_passkey(db, me, (site, Ceremony.SECOND_FACTOR), form.credential)


@router.post("/step-up/totp", status_code=204, responses=refusals(401, 403, 413, 415, 422, 429))
async def step_up_totp(db: Db, me: Staff, form: OneTimeCode) -> None:
    """A fresh proof for grave acts, good for 10 minutes: the code of the authenticator app."""
    await accounts.give_totp(db, me, Ceremony.STEP_UP, form.code)


@router.post("/step-up/passkey/options", responses=refusals(401, 403))
async def step_up_ask_passkey(db: Db, site: TheSite, me: Staff) -> CeremonyOptions:
    """A challenge for a fresh proof with a passkey."""
    return await accounts.ask_passkey(db, me, site, Ceremony.STEP_UP)


@router.post("/step-up/passkey", status_code=204, responses=refusals(401, 403, 413, 415, 422))
async def step_up_passkey(db: Db, site: TheSite, me: Staff, form: PasskeyAnswer) -> None:
    """A fresh proof for grave acts, good for 10 minutes: a passkey."""
    await accounts.give_passkey(db, me, (site, Ceremony.STEP_UP), form.credential)


@router.post("/step-up/code", status_code=202, responses=refusals(401, 403, 429))
async def step_up_send_code(request: Request, db: Db, house: TheHouse, me: Staff) -> CodeSent:
    """For who has no second factor: a code to one's own phone. Others prove themselves with their factor."""
    if not messages.connected(house.settings):
        raise NoChannel(retry_after=3600)
    await accounts.send_proof_code(db, me, device_address(request))
    return CodeSent(expires_in_s=600, resend_after_s=60)


@router.post("/step-up", status_code=204, responses=refusals(401, 403, 413, 415, 422))
async def step_up(db: Db, me: Staff, form: OneTimeCode) -> None:
    """A fresh proof for grave acts, good for 10 minutes: the code from the text message."""
    await accounts.confirm_by_code(db, me, form.code)


@router.get("/staff-sessions", responses=refusals(401, 403))
async def sittings(db: Db, house: TheHouse, me: Staff) -> StaffSessionsFound:
    """The devices on which one is signed in for staff work."""
    return StaffSessionsFound(items=await accounts.sittings_of(db, me, idle(house)))


@router.delete("/staff-sessions/{session_id}", status_code=204, responses=refusals(401, 403, 404))
async def end_sitting(db: Db, me: Staff, session_id: UUID) -> None:
    """Sign out there: the next request of that device is refused."""
    await accounts.end_sitting(db, me, session_id)


@router.delete("/staff-sessions", status_code=204, responses=refusals(401, 403))
async def end_other_sittings(db: Db, me: Staff) -> None:
    """Sign out everywhere else."""
    await accounts.end_others(db, me)


@router.get("/factors", responses=refusals(401, 403))
async def factors(db: Db, me: StaffUnproven) -> FactorsPublic:
    """The second factors of one's account."""
    return await accounts.factors_of(db, me.account_id)


@router.post("/passkeys/options", responses=refusals(401, 403, 409))
async def offer_passkey(db: Db, site: TheSite, me: StaffUnproven) -> CeremonyOptions:
    """What a browser needs to make a passkey. The first one in a fresh session, further ones after a step-up."""
    return await accounts.offer_passkey(db, me, site)


@router.post("/passkeys", status_code=201, responses=refusals(401, 403, 413, 415, 422))
async def add_passkey(db: Db, site: TheSite, me: StaffUnproven, form: PasskeyCreate) -> PasskeyPublic:
    """Keep the passkey that the browser made; in this session it counts as the second factor at once."""
    row = await accounts.add_passkey(db, me, site, form)
    return PasskeyPublic(id=row.id, name=row.name, created_at=row.created_at, used_at=row.used_at)


@router.delete("/passkeys/{passkey_id}", status_code=204, responses=refusals(401, 403, 404, 409))
async def remove_passkey(db: Db, me: Staff, passkey_id: UUID) -> None:
    """Take a passkey away, after a step-up; the last factor of a guarded post stays."""
    await accounts.remove_passkey(db, me, passkey_id)


@router.post("/authenticator", responses=refusals(401, 403))
async def offer_totp(db: Db, me: StaffUnproven) -> AuthenticatorSecret:
    """A secret for the authenticator app, shown this once; it counts when a code has confirmed it."""
    return await accounts.offer_totp(db, me)


@router.post("/authenticator/confirmation", status_code=204, responses=refusals(401, 403, 409, 413, 415, 422, 429))
async def confirm_totp(db: Db, me: StaffUnproven, form: OneTimeCode) -> None:
    """The first code of the new secret: from now on it counts, and in this session at once."""
    await accounts.confirm_totp(db, me, form.code)


@router.delete("/authenticator", status_code=204, responses=refusals(401, 403, 404, 409))
async def remove_totp(db: Db, me: Staff) -> None:
    """Take the authenticator app away, after a step-up; the last factor of a guarded post stays."""
    await accounts.remove_totp(db, me)
