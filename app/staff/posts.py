"""Posts in force, read anew on every request, so that a post that ended ends now."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, DateTime, bindparam, func, union_all
from sqlalchemy.orm import Mapped
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions, vault
from app.audit import Deed
from app.kit import clock, masks
from app.kit.errors import NotFound
from app.kit.tokens import Token
from app.kit.viewer import Held, Viewer
from app.staff.names import typed
from models.accounts import Account
from models.audit import Act, Purpose
from models.regions import last_of
from models.staff import Absence, Post, PostPublic, Right, Role, WorkGroup
from models.staff.posts import INVITED_DAYS

HOPS = 3  # a substitute's substitute's substitute; further is a gap


def in_force(post: type[Post] = Post, day: ColumnElement[date] | None = None) -> ColumnElement[bool]:
    """Posts that count today, invitations included: begun, not run out, not ended."""
    today = clock.today() if day is None else day
    return (
        col(post.ended_at).is_(None)
        & (col(post.valid_from) <= today)
        & (col(post.valid_to).is_(None) | (col(post.valid_to) >= today))
    )


def held(post: Any) -> Held:  # noqa: ANN401  (a post, or a row of _HELD)
    """A post as a viewer carries it."""
    return Held(post.id, Role(post.role), post.region_code, last_of(post.region_code), post.name, post.lead)


async def posts_of(db: AsyncSession, account_id: UUID) -> tuple[Held, ...]:
    """The posts of an account in force today, and those for whose absent holders it stands in at this moment."""
    found = await db.exec(_own(), params={"account": account_id, "today": clock.today()})
    own = tuple(map(held, found))
    return (*own, *await _stood_in_for(db, own)) if own else ()


# Asked with every request of staff, so both statements are built once, and the day is handed in.
_HELD = (Post.id, Post.role, Post.region_code, Post.name, Post.lead)
TODAY = bindparam("today", type_=Date)


@cache
def _own() -> Any:  # noqa: ANN401  (a select of columns)
    mine = col(Post.account_id) == bindparam("account"), in_force(day=TODAY)
    return select(*_HELD).where(*mine).order_by(col(Post.region_code))  # type: ignore[call-overload]


@cache
def _lent() -> Any:  # noqa: ANN401  (a select of columns)
    """Named with the absence, or with the post itself: two halves, each by its index. One OR would read everybody who
    is away in the province, 24 ms with every request of staff when fifteen thousand are."""
    at = bindparam("at", type_=DateTime(timezone=True))
    mine: ColumnElement[UUID] = bindparam("mine", expanding=True)
    gone = col(Absence.from_at) <= at, col(Absence.until_at) > at, col(Absence.ended_at).is_(None), in_force(day=TODAY)

    def half(instead: Mapped[UUID | None], *more: ColumnElement[bool]) -> Any:  # noqa: ANN401
        rows = select(*_HELD, instead.label("instead"))  # type: ignore[call-overload]
        return rows.join(Absence, col(Absence.post_id) == Post.id).where(*gone, *more, instead.in_(mine))

    unnamed = col(Absence.substitute_id).is_(None)
    return union_all(half(col(Absence.substitute_id)), half(col(Post.substitute_id), unnamed))


async def _stood_in_for(db: AsyncSession, own: tuple[Held, ...]) -> list[Held]:
    """Posts whose holders are away now, under the name of who stands in: the work is theirs meanwhile."""
    found: list[Held] = []
    names = {post.id: post.name for post in own}
    # A substitute may be away as well: then their substitute holds what they stood in for, as `duty` answers it.
    for _ in range(HOPS):
        lent = [post for post in await _lent_to(db, names) if post.id not in names]
        if not lent:
            break
        found += lent
        names |= {post.id: post.name for post in lent}
    return found


async def _lent_to(db: AsyncSession, mine: dict[UUID, str]) -> list[Held]:
    """The posts of who is away now and is represented by one of these, under the name of who stands in."""
    told = {"mine": list(mine), "at": clock.now(), "today": clock.today()}
    return [replace(held(row), name=mine[row.instead]) for row in await db.exec(_lent(), params=told)]


async def public(db: AsyncSession, post: Post) -> PostPublic:
    """A post as its holder sees it."""
    group = None if post.group_id is None else await db.get(WorkGroup, post.group_id)
    return PostPublic(
        id=post.id, role=Role(post.role), lead=post.lead, region_code=post.region_code,
        chain=await regions.chain_of(db, post.region_code), group=group.name if group else None,
        department=post.department, valid_from=post.valid_from, valid_to=post.valid_to,
    )  # fmt: skip


async def mine(db: AsyncSession, me: Viewer) -> list[PostPublic]:
    """The viewer's own posts."""
    found = await db.exec(
        select(Post).where(Post.account_id == me.account_id, in_force()).order_by(col(Post.region_code))
    )
    return [await public(db, post) for post in found]


async def reached(db: AsyncSession, me: Viewer, post_id: UUID, right: Right) -> tuple[Post, Held]:
    """A post that has not ended, in a region over which the viewer holds the right, locked. Raises NotFound."""
    post = await db.get(Post, post_id)
    over = None if post is None else me.post_over(post.region_code, right)
    if post is None or over is None:
        raise NotFound
    if post.role == Role.ADMINISTRATOR:
        # A unit's administrators one at a time, before any row is locked: two may be dismissing each other.
        await db.exec(select(func.pg_advisory_xact_lock(post.region_code)))
    await db.refresh(post, with_for_update=True)
    if post.ended_at is not None:
        raise NotFound
    return post, over


def phone_of(db: AsyncSession, post: Post) -> str:
    """The duty phone, opened."""
    return vault.of(db).open(post.phone_sealed, "post|phone", post.id)


def phone_mask(db: AsyncSession, post: Post) -> str:
    """138****1234."""
    return masks.mask_phone(phone_of(db, post))


def oldest_invitation() -> datetime:
    """Invitations sent before this moment have run out; they are sent again, not taken up."""
    return clock.now() - timedelta(days=INVITED_DAYS)


async def claim(db: AsyncSession, account: Account) -> int:
    """At sign-in: take up the invitations that wait for this phone. Returns how many posts the account holds today."""
    now = clock.now()
    taken = await db.exec(
        update(Post)
        .where(
            col(Post.phone_index) == account.phone_index, col(Post.account_id).is_(None), col(Post.ended_at).is_(None),
            col(Post.invited_at) > oldest_invitation(),
        )
        .values(account_id=account.id, activated_at=now)
        .returning(col(Post.id), col(Post.region_code), col(Post.role))
    )  # fmt: skip
    me = Viewer(Token(account.id, None, b"", 0, 0, 0, 0))
    for name, code, role in taken.all():
        deed = Deed(Act.ACTIVATED, Purpose.APPOINT, subject=name, place_code=code, facts={"role": role, "by": "code"})
        await audit.record(db, me, deed)
    return len(await posts_of(db, account.id))


async def complete(db: AsyncSession) -> int:
    """Posts of the first version take their phone from the account and get their spellings. Returns how many."""
    rows = await db.exec(
        select(Post, Account).join(Account, col(Account.id) == Post.account_id).where(Post.phone_sealed == b"")
    )
    keys, done = vault.of(db), 0
    for post, account in rows.all():
        phone = keys.open(account.phone_sealed, "account|phone", account.id)
        post.phone_sealed = keys.seal(phone, "post|phone", post.id, post.region_code)
        spelled = typed(post.name)
        post.given, post.pinyin, post.given_pinyin = spelled.given, spelled.pinyin, spelled.given_pinyin
        post.initials = spelled.initials
        db.add(post)
        done += 1
    return done
