"""Who is asking, and the transaction their request runs in."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, glass, staff
from app.accounts import Device, SecondFactorNeeded, SessionOver, Site, Standing
from app.house import House
from app.kit.db import DatabaseAway
from app.kit.errors import NotSignedIn, PostMissing
from app.kit.tokens import RENEW_AFTER_MS, Token
from app.kit.viewer import Viewer

SAFE = {"GET", "HEAD", "OPTIONS"}
COOKIE_S = 30 * 86_400
STAFF_HEADER = "staff-session"


def house_of(request: Request) -> House:
    """The running house behind a request."""
    house: House = request.app.state.house
    return house


async def _transaction(request: Request) -> AsyncIterator[AsyncSession]:
    database = house_of(request).database
    opened = database.reading() if request.method in SAFE else database.writing()
    async with opened as db:
        yield db


# The method decides: GET reads in a read-only transaction; everything else writes in one that commits before the
# answer leaves (scope="function": with FastAPI's default the commit would run after the response had started).
Db = Annotated[AsyncSession, Depends(_transaction, scope="function")]
TheHouse = Annotated[House, Depends(house_of)]


def _site(house: TheHouse) -> Site:
    return Site.of(house.settings)


TheSite = Annotated[Site, Depends(_site)]


def cookie_name(house: House) -> str:
    """`__Host-` binds the cookie to this very host; a browser accepts it on https only."""
    return "shouwang" if house.settings.development else "__Host-shouwang"


def staff_cookie_name(house: House) -> str:
    """The cookie of the staff session, beside the one of the sign-in."""
    return f"{cookie_name(house)}-staff"


def credential(request: Request) -> bytes | None:
    """The token of a request: Bearer when there is one (then cookies do not count), else the cookie."""
    header = request.headers.get("authorization")
    if header is not None:
        kind, _, token = header.partition(" ")
        return token.strip().encode("latin-1") if kind.lower() == "bearer" else b""
    cookie = request.cookies.get(cookie_name(house_of(request)))
    return cookie.encode("latin-1", "replace") if cookie else None


async def _token(request: Request) -> Token | None:
    house = house_of(request)
    text = credential(request)
    if text is None:
        return None
    now = int(datetime.now(UTC).timestamp() * 1000)
    token = house.signer.check(text, now)
    if token is None:
        return None
    standing = house.endings.standing(token)
    if standing is Standing.ENDED:
        return None
    if standing is Standing.STALE or now - token.issued > RENEW_AFTER_MS:
        async with house.database.reading() as db:
            token = await accounts.claims_of(db, token.account, token.device)
        if "authorization" not in request.headers:
            keep_cookie(request, token)
    return token


def _cookie(house: House, name: str, value: str, seconds: int) -> str:
    secure = "" if house.settings.development else "; Secure"
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"


def keep_cookie(request: Request, token: Token) -> None:
    """Have the answer carry a sign-in cookie, set by the server: iOS forgets those that scripts set."""
    house = house_of(request)
    request.state.set_cookie = _cookie(house, cookie_name(house), house.signer.sign(token), COOKIE_S)


def keep_staff_cookie(request: Request, secret: str) -> None:
    """Have the answer carry the cookie of a staff session."""
    house = house_of(request)
    seconds = house.settings.staff_hours * 3600
    request.state.staff_cookie = _cookie(house, staff_cookie_name(house), secret, seconds)


def drop_cookie(request: Request) -> None:
    """Have the answer delete the sign-in cookie."""
    house = house_of(request)
    request.state.set_cookie = _cookie(house, cookie_name(house), "", 0)


def drop_staff_cookie(request: Request) -> None:
    """Have the answer delete the cookie of the staff session, where there is one."""
    house = house_of(request)
    if staff_cookie_name(house) in request.cookies:
        request.state.staff_cookie = _cookie(house, staff_cookie_name(house), "", 0)


def staff_secret(request: Request) -> str | None:
    """The secret of a staff session: the header beside a Bearer token (then cookies do not count), else the cookie."""
    if "authorization" in request.headers:
        return request.headers.get(STAFF_HEADER)
    return request.cookies.get(staff_cookie_name(house_of(request)))


def device_address(request: Request) -> str:
    """The address of whoever asks; empty where the server knows none."""
    return request.client.host if request.client else ""


def device(request: Request) -> Device:
    """From where somebody asks, as lists and the ledger may know it."""
    return accounts.device_of(request.headers.get("user-agent", ""), device_address(request))


def idle(house: House) -> timedelta:
    """After how long without a request a staff session is over."""
    return timedelta(minutes=house.settings.staff_idle_minutes)


async def visitor(request: Request) -> Viewer | None:
    """Whoever asks, signed in or not."""
    token = await _token(request)
    viewer = Viewer(token) if token else None
    request.state.viewer = viewer
    return viewer


async def _me(viewer: Annotated[Viewer | None, Depends(visitor)]) -> Viewer:
    if viewer is None:
        raise NotSignedIn
    return viewer


async def _glass(db: AsyncSession, account_id: UUID) -> frozenset[UUID]:
    """The persons outside one's region to whom a break-glass access is in force."""
    return await glass.in_force(db, account_id)


async def _seated(request: Request, me: Annotated[Viewer, Depends(_me)]) -> Viewer:
    """Oneself with the posts held now and the staff session that came, if any; whether it suffices others judge."""
    house = house_of(request)
    if not house.endings.trusted:
        # Revocations could not be read for five seconds: people's own pages and reports go on, staff wait.
        return me
    secret, row = staff_secret(request), None
    # A short look of its own, so that no connection is held while a report waits for the group commit.
    async with house.database.reading() as db:
        posts = await staff.posts_of(db, me.account_id)
        if posts and secret:
            row = await accounts.session_of(db, secret, me.account_id, idle(house))
        glass = await _glass(db, me.account_id) if row else frozenset()
    if row is not None and accounts.due(row):
        async with house.database.writing() as db:
            await accounts.seen(db, row)
    return replace(me, posts=posts, sitting=accounts.sitting(row) if row else None, glass=glass)


Seated = Annotated[Viewer, Depends(_seated)]


async def _my_posts(request: Request, me: Annotated[Viewer, Depends(_me)]) -> Viewer:
    if not staff_secret(request):
        return me
    seated = await _seated(request, me)
    viewer = seated if accounts.proved(seated) else me
    request.state.viewer = viewer
    return viewer


async def _unproven(request: Request, viewer: Seated) -> Viewer:
    if not house_of(request).endings.trusted:
        raise DatabaseAway(retry_after=5)
    if not viewer.posts:
        raise PostMissing
    if viewer.sitting is None:
        raise SessionOver
    request.state.viewer = viewer
    return viewer


StaffUnproven = Annotated[Viewer, Depends(_unproven)]


async def _staff(viewer: StaffUnproven) -> Viewer:
    if not accounts.proved(viewer):
        raise SecondFactorNeeded
    return viewer


async def _grave(request: Request, viewer: Annotated[Viewer, Depends(_staff)]) -> Viewer:
    if not accounts.stepped_up(viewer):
        async with house_of(request).database.reading() as db:
            raise await accounts.step_up_needed(db, viewer)
    return viewer


Anyone = Annotated[Viewer | None, Depends(visitor)]
Me = Annotated[Viewer, Depends(_me)]
# Oneself, with one's posts where a staff session came that suffices: for acts that residents and staff share.
MeWithPosts = Annotated[Viewer, Depends(_my_posts)]
# StaffUnproven: a post in force and a live session, the second factor perhaps still missing: to give it, and no more.
Staff = Annotated[Viewer, Depends(_staff)]
# With a fresh proof of the last ten minutes: exports, role changes, releases of personal data.
Grave = Annotated[Viewer, Depends(_grave)]
