"""Telling those who may confirm a stand-down that one waits for them."""

from uuid import UUID

from sqlalchemy import and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import notices, staff
from app.kit.errors import N_
from models.regions import Level, ancestors_of, level_of
from models.retention import StandDown
from models.staff import Post, Response, Right, Role, may

MOST_TOLD = 50
ASKED = N_(
    "%(name)s has asked to end the response %(response)s. A second administrator or a supervisor may confirm it until "
    "%(until)s, on the page /responses."
)


async def tell(db: AsyncSession, response: Response, row: StandDown, until: str) -> int:
    """Write to every post that may be the second person; with none the words wait in the queue of the region.

    Returns how many posts were told.
    """
    facts = {"name": row.by_name, "response": response.name, "until": until}
    posts = await _second_persons(db, response, row.by_account)
    for post_id in posts:
        message = await notices.from_the_house(db, response.region_code, ASKED, facts)
        # Not to whoever is on duty there: that may be the one who asks.
        message.sent_to_id = message.to_post_id = post_id
        db.add(message)
    if not posts:
        message = await notices.from_the_house(db, response.region_code, ASKED, facts)
        message.to_post_id = None
        db.add(message)
    await db.flush()
    return len(posts)


async def _second_persons(db: AsyncSession, response: Response, asking: UUID) -> list[UUID]:
    """The posts in force, of others, that cover the whole region of the response (see `asking.may_approve`)."""
    codes = (*ancestors_of(response.region_code), response.region_code)
    ends = [each for each in Level if may(Role.ADMINISTRATOR, Right.RESPONSE, each)]
    administers = and_(
        col(Post.role) == Role.ADMINISTRATOR, col(Post.region_code).in_([c for c in codes if level_of(c) in ends])
    )
    supervises = and_(col(Post.role) == Role.SUPERVISOR, col(Post.region_code).in_(codes))
    found = await db.exec(
        select(Post.id)
        .where(or_(administers, supervises), staff.in_force(), col(Post.account_id) != asking)
        .order_by(col(Post.id))
        .limit(MOST_TOLD)
    )
    return list(found)
