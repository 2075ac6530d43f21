"""A guarded post and its second factors, as the tests of staff sign-in use them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
from sqlmodel import col, update

from app import accounts, staff
from app.accounts import Site
from app.house import House
from app.kit import clock
from app.kit.viewer import Viewer
from models.accounts import Authenticator, Ceremony, PasskeyCreate
from models.staff import Role
from tests import cast
from tests.cast import Village
from tests.softkey import SoftKey

SITE = Site("localhost", ["http://127.0.0.1:8000", "http://localhost:8000"])
STEP_UP, SECOND = Ceremony.STEP_UP, Ceremony.SECOND_FACTOR


async def boss(house: House, village: Village) -> Viewer:
    """An administrator of the village: a guarded post, no second factor yet, a session of now."""
    someone = await cast.appoint(house, "方志远", Role.ADMINISTRATOR, village.code)
    await cast.sit(house, someone, second=False)
    async with house.database.reading() as db:
        posts = await staff.posts_of(db, someone.token.account)
        row = await accounts.session_of(db, str(someone.secret), someone.token.account, timedelta(minutes=30))
    assert row is not None
    return Viewer(someone.token, posts, accounts.sitting(row))


def stepped(me: Viewer) -> Viewer:
    """The same person after a fresh proof."""
    assert me.sitting is not None
    return replace(me, sitting=replace(me.sitting, second_at=clock.now(), step_up_at=clock.now()))


class App(pyotp.TOTP):
    """An authenticator app, and the code that was read from it last: half a minute may end before it is tried again."""

    last = ""

    def now(self) -> str:
        self.last = super().now()
        return self.last


async def with_totp(house: House, me: Viewer) -> App:
    """Set up the authenticator app; the code that confirmed it is spent."""
    async with house.database.writing() as db:
        app = App((await accounts.offer_totp(db, me)).secret.replace(" ", ""))
    async with house.database.writing() as db:
        await accounts.confirm_totp(db, me, app.now())
    return app


async def forget_step(house: House, me: Viewer) -> None:
    """Half a minute passes: the code of now was not used yet."""
    async with house.database.writing() as db:
        mine = col(Authenticator.account_id) == me.account_id
        await db.exec(update(Authenticator).where(mine).values(last_step=0))


async def give(house: House, me: Viewer, code: str) -> None:
    async with house.database.writing() as db:
        await accounts.give_totp(db, me, STEP_UP, code)


async def with_passkey(house: House, me: Viewer, key: SoftKey | None = None) -> SoftKey:
    """Make a passkey and keep it."""
    key = key or SoftKey()
    async with house.database.writing() as db:
        options = await accounts.offer_passkey(db, me, SITE)
    async with house.database.writing() as db:
        made = PasskeyCreate(credential=key.make(options.public_key), name="工作手机")
        await accounts.add_passkey(db, me, SITE, made)
    return key


async def asked(house: House, me: Viewer | None, purpose: Ceremony = STEP_UP) -> dict[str, Any]:
    async with house.database.writing() as db:
        return (await accounts.ask_passkey(db, me, SITE, purpose)).public_key


async def answer(house: House, me: Viewer, credential: dict[str, Any], site: Site = SITE) -> None:
    async with house.database.writing() as db:
        await accounts.give_passkey(db, me, (site, STEP_UP), credential)
