"""What both doors do when somebody has proved who they are: invitations, token, and for staff a session."""

from dataclasses import dataclass, replace
from datetime import timedelta

from fastapi import Request

from app import accounts, staff
from app.accounts import Begun
from app.kit.ids import new_device
from app.kit.tokens import Token
from app.kit.viewer import Viewer
from models.accounts import Account, Ceremony, SecondFactor
from routers.kit.deps import Db, device, house_of, staff_secret


@dataclass(frozen=True)
class Entry:
    """A sign-in that succeeded. `begun` and `factor` are there for who holds a post."""

    token: Token
    begun: Begun | None = None
    factor: SecondFactor = SecondFactor.NOT_NEEDED


async def leave(request: Request, db: Db, me: Viewer, *, everywhere: bool = False) -> None:
    """Sign out here or everywhere. The end of a staff session is written down in the region of the post."""
    if everywhere:
        ended = await accounts.end_all(db, me.account_id)
    else:
        await accounts.end(db, me.token)
        secret = staff_secret(request)
        ended = await accounts.end_secret(db, secret, me.account_id) if secret else 0
    if ended:
        here = replace(me, posts=await staff.posts_of(db, me.account_id))
        await accounts.signed_out(db, here, ended)


async def enter(request: Request, db: Db, account: Account, *, with_passkey: bool = False) -> Entry:
    """Sign an account in. A passkey is both factors at once; a code by text message is the first."""
    # Who came by paper has shown no phone: what else waits for that number waits on, for a code sent there.
    held = await staff.claim(db, account) if account.phone_proved_at else len(await staff.posts_of(db, account.id))
    token = await accounts.claims_of(db, account.id, new_device())
    if secret := staff_secret(request):
        await accounts.end_secret(db, secret, account.id)
    if not held:
        return Entry(token)
    here = device(request)
    me = Viewer(token, await staff.posts_of(db, account.id))
    begun = await accounts.begin(db, me, here, timedelta(hours=house_of(request).settings.staff_hours))
    me = replace(me, sitting=accounts.sitting(begun.row))
    if with_passkey:
        await accounts.prove(db, me, Ceremony.SECOND_FACTOR, "passkey")
        return Entry(token, begun, SecondFactor.GIVEN)
    return Entry(token, begun, await accounts.standing(db, me))
