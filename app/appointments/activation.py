"""Activation by paper: a printed QR code takes up one post, once, for whoever knows the phone it was made for."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, audit, regions, staff, vault
from app.audit import Deed
from app.kit import clock, masks
from app.kit.errors import N_, Fault, Invalid, NotFound, Refusal
from app.kit.settings import Settings
from app.kit.tokens import Token
from app.kit.viewer import Viewer
from app.staff.posts import held, oldest_invitation
from models.accounts import Account
from models.activation import ActivationSheet, ActivationSlip
from models.appointments import MOST_TICKETS, TICKET_HOURS, TICKET_TRIES, ActivationTicket
from models.audit import Act, Purpose
from models.regions import SPAN, Level, last_of, level_of
from models.staff import GUARDED_ROLES, Post, Role, WorkGroup, guarded


class TicketGone(NotFound):
    """Never printed, used, run out, or tried too often: one answer for all."""

    keep = True
    detail = N_("This code is no longer good. Please ask whoever gave it to you for a new one.")


class WrongPhone(Invalid):
    """The try is counted even though the request is refused."""

    keep = True
    detail = N_("This is not the number that this code was made for. Tries left: %(left)s.")


class SignInFirst(Refusal):
    """Paper opens no account that is somebody's already: its owner proves themselves as always, and the post waits."""

    detail = N_("This number signs in here already. Please sign in with it: the post is waiting for you there.")


@dataclass(frozen=True)
class Ticket:
    """A good ticket, as its page may show it before the phone has been told."""

    name: str
    role: Role
    chain: list[str]
    expires_at: datetime


def _digest(token: str) -> bytes:
    # 128 random bits need no slow hash; what leaks from the table cannot be turned back into a code.
    return sha256(token.encode("utf-8", "replace")).digest()


def _guarded() -> ColumnElement[bool]:
    """models.staff.guarded, as SQL: paper proves no phone, so it opens no post that asks for a second factor."""
    return (col(Post.region_code) % SPAN[Level.TOWNSHIP] == 0) | col(Post.role).in_(GUARDED_ROLES)


def origin_of(settings: Settings) -> str:
    """The address that printed codes lead to: the configured one, never what a Host header says."""
    return settings.origin or f"http://127.0.0.1:{settings.port}"


async def print_slips(db: AsyncSession, me: Viewer, code: int, origin: str) -> ActivationSheet:
    """A sheet of QR codes, at most 500, for invitations of a region that nobody has taken up. Older codes of the same
    posts stop working; guarded posts get none, they are only counted. Raises NotFound outside one's region."""
    by = staff.granting(me, code)
    await regions.named(db, code)
    waiting = (
        col(Post.region_code).between(code, last_of(code)), col(Post.account_id).is_(None),
        col(Post.ended_at).is_(None), col(Post.invited_at) > oldest_invitation(),
    )  # fmt: skip
    counted = select(func.count(), func.count().filter(_guarded())).select_from(Post).where(*waiting)
    total, by_sign_in = (await db.exec(counted)).one()
    order = (col(Post.region_code), col(Post.name), col(Post.id))
    posts = (await db.exec(select(Post).where(*waiting, ~_guarded()).order_by(*order).limit(MOST_TICKETS))).all()
    now = clock.now()
    expires = now + timedelta(hours=TICKET_HOURS)
    await db.exec(
        update(ActivationTicket)
        .where(col(ActivationTicket.post_id).in_([post.id for post in posts]), col(ActivationTicket.expires_at) > now)
        .values(expires_at=now)
    )
    slips = [await _slip(db, me, post, (origin, now, expires)) for post in posts]
    facts: dict[str, str | int] = {"by": "qr", "codes": len(slips)}
    await audit.record(db, me, Deed(Act.INVITED, Purpose.APPOINT, place_code=code, facts=facts), by)
    return ActivationSheet(
        region_code=code,
        chain=await regions.chain_of(db, code),
        expires_at=expires,
        left=total - by_sign_in - len(slips),
        guarded=by_sign_in,
        slips=slips,
    )


async def _slip(db: AsyncSession, me: Viewer, post: Post, about: tuple[str, datetime, datetime]) -> ActivationSlip:
    origin, now, expires = about
    token = secrets.token_urlsafe(16)
    db.add(
        ActivationTicket(
            digest=_digest(token), post_id=post.id, created_by=me.account_id, created_at=now, expires_at=expires
        )
    )
    group = None if post.group_id is None else await db.get(WorkGroup, post.group_id)
    chain = await regions.chain_of(db, post.region_code)
    return ActivationSlip(
        url=f"{origin}/activate/{token}", name=masks.mask_name(post.name), role=Role(post.role),
        place=chain[2:] or chain, group=group.name if group else None,
    )  # fmt: skip


async def _good(db: AsyncSession, token: str, *, lock: bool = False) -> tuple[ActivationTicket, Post]:
    wanted = select(ActivationTicket).where(
        ActivationTicket.digest == _digest(token), col(ActivationTicket.used_at).is_(None),
        col(ActivationTicket.expires_at) > clock.now(), col(ActivationTicket.tries) < TICKET_TRIES,
    )  # fmt: skip
    ticket = (await db.exec(wanted.with_for_update() if lock else wanted)).one_or_none()
    post = await db.get(Post, ticket.post_id, with_for_update=lock) if ticket else None
    if ticket is None or post is None or post.account_id is not None or post.ended_at is not None:
        raise TicketGone
    if guarded(Role(post.role), level_of(post.region_code)):
        raise TicketGone
    return ticket, post


async def ticket_of(db: AsyncSession, token: str) -> Ticket:
    """What the page of a code shows: unit, role, masked name. Raises TicketGone."""
    ticket, post = await _good(db, token)
    chain = await regions.chain_of(db, post.region_code)
    return Ticket(masks.mask_name(post.name), Role(post.role), chain, ticket.expires_at)


async def activate(db: AsyncSession, me: Viewer | None, token: str, raw_phone: str) -> Account:
    """Take up the post of a code, and no other, by telling the phone it was made for.

    Raises WrongPhone (the try is counted), TicketGone, SignInFirst. The account that is returned may sign in; what else
    waits for its phone is taken up by a code sent there, since who holds the paper may not hold the phone.
    """
    ticket, post = await _good(db, token, lock=True)
    phone = accounts.phone_of(raw_phone)
    # The row is locked, so simultaneous tries stand in line; the try is counted before the number is looked at.
    ticket.tries += 1
    db.add(ticket)
    await db.flush()
    if not hmac.compare_digest(vault.ring_of(db).blind_index("phone", phone), post.phone_index):
        left = TICKET_TRIES - ticket.tries
        if not left:
            raise TicketGone
        raise WrongPhone(faults=(Fault("phone", WrongPhone.detail, {"left": left}),), left=left)
    before = (await db.exec(select(Account.id).where(Account.phone_index == post.phone_index))).one_or_none()
    if before is not None and (me is None or me.account_id != before):
        raise SignInFirst
    account = await accounts.account_for(db, phone)
    ticket.used_at, ticket.by_account = clock.now(), account.id
    post.account_id, post.activated_at = account.id, ticket.used_at
    db.add_all((ticket, post))
    await db.flush()
    await accounts.refresh(db, account.id)
    await _wrote(db, account.id, post)
    return account


async def _wrote(db: AsyncSession, account_id: UUID, post: Post) -> None:
    me = Viewer(Token(account_id, None, bytes(8), 0, 0, 0, 0))
    deed = Deed(Act.ACTIVATED, Purpose.OWN_DATA, subject=post.id, place_code=post.region_code, facts={"by": "qr"})
    await audit.record(db, me, deed, held(post))
