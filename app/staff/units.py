"""The people of a unit, as those who appoint and plan see them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions
from app.kit import clock
from app.kit.errors import NotFound
from app.kit.viewer import Held, Viewer
from app.staff import duty
from app.staff.posts import in_force, oldest_invitation, phone_mask, public
from models.regions import Region, RegionPublic, ancestors_of, last_of
from models.staff import Absence, Post, PostListed, PostsFound, Right, Role

A_PAGE = 50


@dataclass(frozen=True)
class Person:
    """Somebody to choose from a list."""

    id: UUID
    name: str
    role: Role


async def places_near(db: AsyncSession, over: Held, code: int) -> list[RegionPublic]:
    """Where who appoints may move somebody of a unit to: beside it, to the two units above, or under it."""
    above = ancestors_of(code)[-2:]
    beside = or_(col(Region.parent_code).in_([*above, code]), col(Region.code).in_(above))
    found = await db.exec(select(Region).where(beside, regions.in_force()).order_by(col(Region.code)))
    return await regions.public(db, [place for place in found if place.code != code and over.covers(place.code)])


SEEING = (Right.BOARD, Right.APPOINT, Right.PLAN_DUTY)


def seen(me: Viewer, code: int) -> None:
    """Raise NotFound unless a post of the viewer plans, appoints or watches over the whole region."""
    if not any((post := me.post_over(code, right)) and last_of(code) <= post.last_code for right in SEEING):
        raise NotFound


async def posts_in(
    db: AsyncSession, me: Viewer, code: int, after: str | None = None, *, whole: bool = False
) -> PostsFound:
    """The posts of a unit, or with `whole` of everything inside it: leads first, invitations among them."""
    seen(me, code)
    await regions.named(db, code)
    other: Any = aliased(Post)
    place = col(Post.region_code).between(code, last_of(code)) if whole else col(Post.region_code) == code
    today = clock.today()
    counts = col(Post.ended_at).is_(None) & (col(Post.valid_to).is_(None) | (col(Post.valid_to) >= today))
    statement = (
        select(Post, Absence, other.name)
        .outerjoin(Absence, and_(col(Absence.post_id) == Post.id, duty.away(clock.now())))
        .outerjoin(other, other.id == Absence.substitute_id)
        .where(place, counts)
        .order_by(col(Post.region_code), col(Post.id))
        .limit(A_PAGE + 1)
    )
    if after is not None:
        statement = statement.where(tuple_(col(Post.region_code), col(Post.id)) > _cursor(after))
    rows = (await db.exec(statement)).all()
    items = [await _listed(db, post, absence, name) for post, absence, name in rows[:A_PAGE]]
    more = f"{items[-1].region_code}.{items[-1].id.hex}" if len(rows) > A_PAGE else None
    return PostsFound(items=items, after=more)


async def one(db: AsyncSession, me: Viewer, post_id: UUID) -> PostListed:
    """One post for those who see its unit. Raises NotFound."""
    post = await db.get(Post, post_id)
    if post is None or post.ended_at is not None:
        raise NotFound
    seen(me, post.region_code)
    gone = select(Absence, Post.name).outerjoin(Post, col(Post.id) == Absence.substitute_id)
    row = (await db.exec(gone.where(Absence.post_id == post.id, duty.away(clock.now())).limit(1))).one_or_none()
    return await _listed(db, post, *(row or (None, None)))


def _cursor(after: str) -> tuple[int, UUID]:
    code, _, name = after.partition(".")
    try:
        return int(code[:15]), UUID(hex=name)
    except ValueError:
        raise NotFound from None


async def _listed(db: AsyncSession, post: Post, absence: Absence | None, substitute: str | None) -> PostListed:
    return PostListed(
        **(await public(db, post)).model_dump(), name=post.name, phone=phone_mask(db, post),
        state=_state(post, absence), substitute=substitute, substitute_id=post.substitute_id,
    )  # fmt: skip


def _state(post: Post, absence: Absence | None) -> str:
    if post.activated_at is None:
        return "invited" if post.invited_at > oldest_invitation() else "expired"
    if post.valid_from > clock.today():
        return "planned"
    return "away" if absence else "in_force"


async def colleagues_of(db: AsyncSession, post_id: UUID) -> list[tuple[UUID, str]]:
    """Who could stand in for a post or take over its work: present, of the same unit or the one above. At most 50."""
    post = await db.get(Post, post_id)
    if post is None:
        return []
    above = ancestors_of(post.region_code)[-1:]
    found = await db.exec(
        select(Post.id, Post.name)
        .where(
            col(Post.region_code).in_([post.region_code, *above]), in_force(), col(Post.activated_at).is_not(None),
            col(Post.id) != post.id, col(Post.account_id) != post.account_id,
        )
        .order_by(col(Post.region_code).desc(), col(Post.lead).desc(), col(Post.id))
        .limit(A_PAGE)
    )  # fmt: skip
    return list(found.all())


async def present_in(db: AsyncSession, me: Viewer, code: int) -> list[Person]:
    """The people of a unit and of what lies directly below it who have taken up their posts. At most 200."""
    if not any(post.covers(code) and last_of(code) <= post.last_code for post in me.posts):
        raise NotFound
    near = [code, *(child.code for child in await regions.children_of(db, code))]
    found = await db.exec(
        select(Post)
        .where(col(Post.region_code).in_(near), in_force(), col(Post.activated_at).is_not(None))
        .order_by(col(Post.region_code), col(Post.lead).desc(), col(Post.id))
        .limit(4 * A_PAGE)
    )
    return [Person(post.id, post.name, Role(post.role)) for post in found]


async def around(db: AsyncSession, me: Viewer, code: int) -> list[Person]:
    """Who may stand in for somebody of a unit: the people of the unit above it and of all its parts. At most 200."""
    if not any(post.covers(code) and last_of(code) <= post.last_code for post in me.posts):
        raise NotFound
    above = ancestors_of(code)[-1] if ancestors_of(code) else code
    near = [above, *(child.code for child in await regions.children_of(db, above))]
    found = await db.exec(
        select(Post)
        .where(col(Post.region_code).in_(near), in_force(), col(Post.activated_at).is_not(None))
        .order_by((col(Post.region_code) == code).desc(), col(Post.region_code), col(Post.name))
        .limit(4 * A_PAGE)
    )
    return [Person(post.id, post.name, Role(post.role)) for post in found]


async def absence_of(db: AsyncSession, post_id: UUID) -> Absence | None:
    """The absence of a post that runs now, or the next one."""
    found = await db.exec(
        select(Absence)
        .where(
            Absence.post_id == post_id, col(Absence.until_at) > clock.now(), col(Absence.ended_at).is_(None)
        )
        .order_by(col(Absence.from_at))
        .limit(1)
    )  # fmt: skip
    return found.one_or_none()


async def place_of(db: AsyncSession, post_id: UUID) -> int:
    """The unit of a post."""
    return (await db.exec(select(Post.region_code).where(Post.id == post_id))).one()
