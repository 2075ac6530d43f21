"""Conversations: what was written between one's posts and another, by whom at the time, and what is unread."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, case, cast, func, null, or_, tuple_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions, staff
from app.kit import clock
from app.kit.errors import NotFound
from app.kit.viewer import Viewer
from app.notices import direct, offices
from models.notices import ConversationFound, DirectMessage, DirectPublic, Party, ThreadPublic, ThreadsFound
from models.regions import Region
from models.staff import Post, Role

A_PAGE = 50
MOST_THREADS = 100

M = DirectMessage


def _to(posts: Collection[UUID]) -> ColumnElement[bool]:
    """Messages to these posts; what went back to the queue of their unit still counts as written to them."""
    back = and_(col(M.to_post_id).is_(None), col(M.sent_to_id).in_(posts))
    return or_(col(M.to_post_id).in_(posts), back)


def _waiting(me: Viewer) -> ColumnElement[bool]:
    """What waits in the queues of the viewer's units, and of the units directly below."""
    codes = {post.region_code for post in me.posts}
    below = select(Region.code).where(col(Region.parent_code).in_(codes))
    return and_(col(M.to_post_id).is_(None), or_(col(M.region_code).in_(codes), col(M.region_code).in_(below)))


def _of_unit(me: Viewer, mine: Collection[UUID]) -> ColumnElement[bool]:
    from_house = and_(col(M.from_post_id).is_(None), _to(mine))
    others = or_(col(M.from_post_id).is_(None), col(M.from_post_id).not_in(mine))
    return or_(from_house, and_(_waiting(me), others))


def _between(mine: Collection[UUID], theirs: Collection[UUID]) -> ColumnElement[bool]:
    written, received = col(M.from_post_id).in_(mine), col(M.from_post_id).in_(theirs)
    return or_(and_(written, _to(theirs)), and_(received, _to(mine)))


async def _mine(db: AsyncSession, me: Viewer) -> set[UUID]:
    return await offices.line(db, [post.id for post in me.posts])


async def unread(db: AsyncSession, me: Viewer) -> int:
    """How many messages wait to be read: to the viewer's posts, and in the queues of their units."""
    if not me.posts:
        return 0
    mine = [post.id for post in me.posts]
    waiting = or_(col(M.to_post_id).in_(mine), _of_unit(me, mine))
    return (await db.exec(select(func.count()).select_from(M).where(col(M.read_at).is_(None), waiting))).one()


async def conversation(db: AsyncSession, me: Viewer, post_id: UUID, after: UUID | None = None) -> ConversationFound:
    """Open what was written with a post, newest first, and mark it as read. `after` ends the page before.

    A post that ended leads to whoever follows in it. Raises NotFound, OwnPost.
    """
    post = await direct.now_at(db, post_id)
    mine = await _mine(db, me)
    if post.id in mine:
        raise direct.OwnPost
    theirs = await offices.line(db, [post.id])
    found = await _page(db, (_between(mine, theirs), mine), after)
    found.party = (await _parties(db, [post.id]))[post.id]
    if not (found.party.in_force or found.items):
        raise NotFound
    await _read(db, me, and_(col(M.from_post_id).in_(theirs), _to(mine)))
    return found


async def unit(db: AsyncSession, me: Viewer, after: UUID | None = None) -> ConversationFound:
    """Open what the house told the viewer's posts and what waits for their units, and mark it as read."""
    mine = await _mine(db, me)
    found = await _page(db, (_of_unit(me, mine), mine), after)
    await _read(db, me, _of_unit(me, mine))
    return found


async def _page(
    db: AsyncSession, which: tuple[ColumnElement[bool], Collection[UUID]], after: UUID | None
) -> ConversationFound:
    condition, mine = which
    statement = select(M).where(condition).order_by(col(M.created_at).desc(), col(M.id).desc()).limit(A_PAGE + 1)
    if after is not None:
        last = (await db.exec(select(M).where(M.id == after, condition))).one_or_none()
        if last is None:
            raise NotFound
        statement = statement.where(tuple_(col(M.created_at), col(M.id)) < (last.created_at, last.id))
    rows = (await db.exec(statement)).all()
    names = await _names(db, rows[:A_PAGE])
    items = [_public(db, row, names, mine) for row in rows[:A_PAGE]]
    return ConversationFound(party=None, items=items, next=items[-1].id if len(rows) > A_PAGE else None)


async def _read(db: AsyncSession, me: Viewer, which: ColumnElement[bool]) -> None:
    await db.exec(
        update(M)
        .where(which, col(M.read_at).is_(None))
        .values(read_at=clock.now(), read_by=me.account_id)
        .execution_options(synchronize_session=False)
    )


async def _names(db: AsyncSession, rows: Collection[DirectMessage]) -> dict[UUID, str]:
    wanted = {name for row in rows for name in (row.from_post_id, row.sent_to_id) if name}
    return dict((await db.exec(select(Post.id, Post.name).where(col(Post.id).in_(wanted)))).all())


def _public(db: AsyncSession, row: DirectMessage, names: dict[UUID, str], mine: Collection[UUID]) -> DirectPublic:
    words, facts = direct.told(db, row)
    return DirectPublic(
        id=row.id, mine=row.from_post_id in mine, from_post_id=row.from_post_id,
        writer=names[row.from_post_id] if row.from_post_id else None,
        to=names[row.sent_to_id] if row.sent_to_id else None, words=words, facts=facts, sent_at=row.created_at,
        read_at=row.read_at,
    )  # fmt: skip


async def _parties(db: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Party]:
    """For each of these posts, the colleague who sits there now."""
    rows = await db.exec(select(Post.id).where(col(Post.id).in_(ids), col(Post.ended_at).is_not(None)))
    followed = await offices.heads(db, rows.all())
    now = {name: followed.get(name, name) for name in ids}
    found = await db.exec(select(Post, staff.in_force()).where(col(Post.id).in_(now.values())))
    people = {
        post.id: Party(
            post_id=post.id, name=post.name, role=Role(post.role), region_code=post.region_code,
            chain=await regions.chain_of(db, post.region_code), in_force=counts,
        )
        for post, counts in found
    }  # fmt: skip
    return {name: people[post] for name, post in now.items()}


async def threads(db: AsyncSession, me: Viewer) -> ThreadsFound:
    """The viewer's conversations, newest first, with how many messages in each are unread."""
    mine = await _mine(db, me)
    other = case((col(M.from_post_id).in_(mine), func.coalesce(M.to_post_id, M.sent_to_id)), else_=M.from_post_id)
    ours = and_(col(M.from_post_id).is_not(None), or_(col(M.from_post_id).in_(mine), _to(mine)))
    newest = await _newest(db, (ours, other), mine)
    people = await _parties(db, [name for name, _, _ in newest])
    found: dict[UUID | None, ThreadPublic] = {}
    for name, last, count in newest:
        party = people[name]
        # Two posts of one office, one after the other, are one conversation; the newest message comes first.
        thread = found.setdefault(party.post_id, ThreadPublic(party=party, last=last, unread=0))
        thread.unread += count
    for _, last, count in await _newest(db, (_of_unit(me, mine), cast(null(), Uuid)), mine):
        found[None] = ThreadPublic(party=None, last=last, unread=count)
    items = sorted(found.values(), key=lambda thread: thread.last.sent_at, reverse=True)
    return ThreadsFound(unread=await unread(db, me), items=items)


async def _newest(
    db: AsyncSession, which: tuple[ColumnElement[bool], ColumnElement[UUID | None]], mine: Collection[UUID]
) -> list[tuple[UUID, DirectPublic, int]]:
    """(the other post, the last message, how many are unread) of each conversation, newest first."""
    condition, party = which
    incoming = and_(col(M.read_at).is_(None), or_(col(M.from_post_id).is_(None), col(M.from_post_id).not_in(mine)))
    order = (col(M.created_at).desc(), col(M.id).desc())
    ranked = (
        select(
            col(M.id).label("id"), party.label("party"),
            func.row_number().over(partition_by=party, order_by=order).label("place"),
            func.count().filter(incoming).over(partition_by=party).label("unread"),
        )
        .where(condition)
        .subquery()
    )  # fmt: skip
    rows = await db.exec(
        select(M, ranked.c.party, ranked.c.unread)
        .join(ranked, ranked.c.id == M.id)
        .where(ranked.c.place == 1)
        .order_by(*order)
        .limit(MOST_THREADS)
    )
    found = rows.all()
    names = await _names(db, [row for row, _, _ in found])
    return [(name, _public(db, row, names, mine), count) for row, name, count in found]
