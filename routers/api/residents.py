"""Registering oneself, seeing and correcting oneself, as JSON."""

from dataclasses import replace
from datetime import UTC, datetime

from fastapi import APIRouter, Response

from app import accounts, audit, residents, staff
from app.kit import masks
from app.kit.viewer import Viewer
from models.accounts import AccountPublic
from models.audit import ReadsFound
from models.residents import MemberCreate, MePublic, PlaceChange, ResidentChange, ResidentCreate, ResidentPublic
from routers.kit.deps import Db, Me, TheHouse
from routers.kit.openapi import refusals
from routers.kit.whole import WholeRoute

router = APIRouter(prefix="/api/v1", tags=["residents"], route_class=WholeRoute)


async def _with_token(db: Db, house: TheHouse, me: Viewer) -> ResidentPublic:
    """Oneself, with a token that claims what is true now."""
    token = await accounts.claims_of(db, me.account_id, me.token.device)
    shown = await residents.me(db, Viewer(token))
    shown.token, shown.expires_at = house.signer.sign(token), datetime.fromtimestamp(token.expires / 1000, UTC)
    return shown


@router.post("/residents", status_code=201, responses=refusals(401, 409, 410, 413, 415, 422))
async def register(db: Db, house: TheHouse, me: Me, form: ResidentCreate) -> ResidentPublic:
    """Register oneself with household members. The answer carries a token that knows the new person.

    A document that another record holds gets the same answer as any other: it reveals nothing.
    """
    await residents.register(db, me, form)
    return await _with_token(db, house, me)


@router.post("/me/household", status_code=201, responses=refusals(401, 404, 410, 413, 415, 422))
async def add_member(db: Db, me: Me, form: MemberCreate) -> ResidentPublic:
    """Add a household member who has no phone."""
    await residents.add_member(db, me, form)
    return await residents.me(db, me)


@router.get("/me", responses=refusals(401, 410))
async def show(db: Db, me: Me, response: Response) -> MePublic:
    """The account, oneself with household once registered (document and phone masked), and the posts held."""
    response.headers["Cache-Control"] = "no-store"
    account = await accounts.account_of(db, me.account_id)
    if account.person_id != me.person_id:  # registered a moment ago with this very token
        me = replace(me, token=await accounts.claims_of(db, account.id, me.token.device))
    phone = masks.mask_phone(accounts.phone_in(db, account))
    return MePublic(
        account=AccountPublic(account_id=account.id, phone=phone, person_id=account.person_id),
        resident=await residents.me(db, me) if account.person_id else None,
        posts=await staff.mine(db, me),
    )


@router.patch("/me", responses=refusals(401, 404, 410, 413, 415, 422))
async def correct(db: Db, house: TheHouse, me: Me, form: ResidentChange) -> ResidentPublic:
    """Correct name, address, phone or grid of oneself or a household member. Each change is a row of the ledger.

    A new grid looks after the person from now on; the answer carries a token that claims it. A wrong document number
    is not corrected here: file an appeal of the kind `record`.
    """
    await residents.correct(db, me, form)
    return await _with_token(db, house, me)


@router.put("/me/place", responses=refusals(401, 404, 410, 413, 415, 422))
async def stay(db: Db, me: Me, form: PlaceChange) -> ResidentPublic:
    """Say where one is now. Staff there see the person as well; who looks after them stays the same."""
    await residents.stay(db, me, form)
    return await residents.me(db, me)


@router.get("/me/reads", responses=refusals(401))
async def reads(db: Db, me: Me, response: Response) -> ReadsFound:
    """Who looked at my record and those of my household, or at a list with us in it: when, why and how often."""
    response.headers["Cache-Control"] = "no-store"
    people = await residents.household_of(db, me)
    ids = [person.row.person_id for person in people]
    return ReadsFound(items=await audit.about(db, ids, residents.places_of(people)))
