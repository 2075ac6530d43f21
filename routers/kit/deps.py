"""Who is asking, and the transaction their request runs in."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, staff
from app.accounts import Standing
from app.house import House
from app.kit.db import DatabaseAway
from app.kit.errors import NotSignedIn, PostMissing
from app.kit.tokens import RENEW_AFTER_MS, Token
from app.kit.viewer import Viewer

SAFE = {"GET", "HEAD", "OPTIONS"}
COOKIE_S = 30 * 86_400


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


def cookie_name(house: House) -> str:
    """`__Host-` binds the cookie to this very host; a browser accepts it on https only."""
    return "shouwang" if house.settings.development else "__Host-shouwang"


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


def keep_cookie(request: Request, token: Token) -> None:
    """Have the answer carry a sign-in cookie, set by the server: iOS forgets those that scripts set."""
    house = house_of(request)
    secure = "" if house.settings.development else "; Secure"
    value = house.signer.sign(token)
    request.state.set_cookie = (
        f"{cookie_name(house)}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={COOKIE_S}{secure}"
    )


def drop_cookie(request: Request) -> None:
    """Have the answer delete the sign-in cookie."""
    house = house_of(request)
    secure = "" if house.settings.development else "; Secure"
    request.state.set_cookie = f"{cookie_name(house)}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}"


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


async def _my_posts(request: Request, me: Annotated[Viewer, Depends(_me)]) -> Viewer:
    house = house_of(request)
    if not house.endings.trusted:
        # Revocations could not be read for five seconds: people's own pages and reports go on, staff wait.
        return me
    # A short look of its own, so that no connection is held while a report waits for the group commit.
    async with house.database.reading() as db:
        viewer = Viewer(me.token, await staff.posts_of(db, me.account_id))
    request.state.viewer = viewer
    return viewer


async def _staff(request: Request, viewer: Annotated[Viewer, Depends(_my_posts)]) -> Viewer:
    if not house_of(request).endings.trusted:
        raise DatabaseAway(retry_after=5)
    if not viewer.posts:
        raise PostMissing
    return viewer


Anyone = Annotated[Viewer | None, Depends(visitor)]
Me = Annotated[Viewer, Depends(_me)]
# Oneself with one's posts, if any: for acts that residents and staff share.
MeWithPosts = Annotated[Viewer, Depends(_my_posts)]
Staff = Annotated[Viewer, Depends(_staff)]
