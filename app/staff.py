"""Posts: who serves where, read on every request, so that a post that ended ends now."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, regions
from app.kit import clock, masks
from app.kit.errors import N_, Fault, Invalid
from app.kit.ids import uuid7
from app.kit.viewer import Held
from models.accounts import Account
from models.regions import SPAN, Level, last_of, level_of
from models.staff import Post, Role

# The level at which a role serves.
SERVES = {Role.GRID_WORKER: Level.GRID, Role.VILLAGE_CADRE: Level.VILLAGE}


@dataclass(frozen=True)
class Duty:
    """Who is to be called: the phone belongs to the office, so residents of the region may have it."""

    name: str
    phone: str

    @property
    def phone_masked(self) -> str:
        """As a page shows it before it is asked for."""
        return masks.mask_phone(self.phone)


async def posts_of(db: AsyncSession, account_id: UUID) -> tuple[Held, ...]:
    """The posts of an account in force today."""
    today = clock.today()
    found = await db.exec(
        select(Post)
        .where(
            Post.account_id == account_id,
            col(Post.valid_from) <= today,
            col(Post.valid_to).is_(None) | (col(Post.valid_to) >= today),
        )
        .order_by(col(Post.region_code))
    )
    return tuple(Held(post.role, post.region_code, last_of(post.region_code), post.name) for post in found)


async def appoint(db: AsyncSession, phone: str, name: str, role: Role, region_code: int) -> Post:
    """Give the account of a phone a post; the account is made when missing. The same post twice is one post."""
    region = await regions.named(db, region_code)
    if level_of(region.code) is not SERVES[role]:
        words = N_("A grid worker serves a grid, a village cadre a village.")
        raise Invalid(words, faults=(Fault("region", words),))
    account = await accounts.account_for(db, accounts.phone_of(phone))
    same = select(Post).where(
        Post.account_id == account.id, Post.role == role, Post.region_code == region_code, col(Post.valid_to).is_(None)
    )
    post = (await db.exec(same)).one_or_none()
    if post is None:
        now = clock.now()
        post = Post(
            id=uuid7(), account_id=account.id, name=name, role=role, region_code=region_code,
            valid_from=clock.today(), created_at=now,
        )  # fmt: skip
        db.add(post)
        await accounts.refresh(db, account.id)
    return post


async def worker_of(db: AsyncSession, region_code: int) -> Duty | None:
    """Who answers for a grid: its grid worker, else the village cadre above."""
    today = clock.today()
    village = region_code - region_code % SPAN[Level.VILLAGE]
    found = await db.exec(
        select(Post, Account)
        .join(Account, col(Account.id) == Post.account_id)
        .where(
            col(Post.region_code).in_([region_code, village]),
            col(Post.valid_from) <= today,
            col(Post.valid_to).is_(None) | (col(Post.valid_to) >= today),
        )
        .order_by(col(Post.region_code).desc(), col(Post.valid_from))
        .limit(1)
    )
    row = found.one_or_none()
    return None if row is None else Duty(row[0].name, accounts.phone_in(db, row[1]))
