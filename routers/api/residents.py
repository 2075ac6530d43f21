"""Registering oneself and seeing oneself, as JSON."""

from dataclasses import replace
from datetime import UTC, datetime

from fastapi import APIRouter, Response

from app import accounts, audit, regions, residents
from app.kit import masks
from app.kit.viewer import Viewer
from models.accounts import AccountPublic
from models.audit import ReadsFound
from models.residents import MemberCreate, MePublic, ResidentCreate, ResidentPublic
from models.staff import PostPublic, Role
from routers.kit.deps import Db, Me, MeWithPosts, TheHouse
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1", tags=["residents"])


@router.post("/residents", status_code=201, responses=refusals(401, 409, 413, 415, 422))
async def register(db: Db, house: TheHouse, me: Me, form: ResidentCreate) -> ResidentPublic:
    """Register oneself with household members. The answer carries a token that knows the new person.

    A document that another record holds gets the same answer as any other: it reveals nothing.
    """
    await residents.register(db, me, form)
    token = await accounts.claims_of(db, me.account_id, me.token.device)
    shown = await residents.me(db, Viewer(token))
    shown.token, shown.expires_at = house.signer.sign(token), datetime.fromtimestamp(token.expires / 1000, UTC)
    return shown


@router.post("/me/household", status_code=201, responses=refusals(401, 404, 413, 415, 422))
async def add_member(db: Db, me: Me, form: MemberCreate) -> ResidentPublic:
    """Add a household member who has no phone."""
    await residents.add_member(db, me, form)
    return await residents.me(db, me)


@router.get("/me", responses=refusals(401))
async def show(db: Db, me: MeWithPosts, response: Response) -> MePublic:
    """The account, oneself with household once registered (document and phone masked), and the posts held."""
    response.headers["Cache-Control"] = "no-store"
    account = await accounts.account_of(db, me.account_id)
    if account.person_id != me.person_id:  # registered a moment ago with this very token
        me = replace(me, token=await accounts.claims_of(db, account.id, me.token.device))
    phone = masks.mask_phone(accounts.phone_in(db, account))
    return MePublic(
        account=AccountPublic(account_id=account.id, phone=phone, person_id=account.person_id),
        resident=await residents.me(db, me) if account.person_id else None,
        posts=[
            PostPublic(
                role=Role(post.role), region_code=post.region_code, chain=await regions.chain_of(db, post.region_code)
            )
            for post in me.posts
        ],
    )


@router.get("/me/reads", responses=refusals(401))
async def reads(db: Db, me: Me, response: Response) -> ReadsFound:
    """Who looked at my record and those of my household, when and why."""
    response.headers["Cache-Control"] = "no-store"
    people = [person.row.person_id for person in await residents.household_of(db, me)]
    return ReadsFound(items=await audit.about(db, people))
