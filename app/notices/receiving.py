"""The inbox: notices for one's posts, read and confirmed; and what one's unit has sent."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions
from app.kit import clock
from app.kit.errors import N_, NotFound, Refusal
from app.kit.viewer import Viewer
from app.notices import addressing
from app.notices.sending import opened
from models.notices import Box, Notice, NoticeListed, NoticePublic, NoticeReceipt, NoticesFound, Progress
from models.staff import Post, Response, Right, Role

A_PAGE = 20
MOST_NEW = 100

Line = tuple[Notice, Post, NoticeReceipt | None]


class NothingToConfirm(Refusal):
    """Withdrawn, or never asked for a confirmation."""

    detail = N_("This notice asks for no confirmation, or it was withdrawn. There is nothing left to do.")


def _received(me: Viewer) -> ColumnElement[bool]:
    return and_(col(NoticeReceipt.notice_id) == Notice.id, col(NoticeReceipt.account_id) == me.account_id)


def _done() -> ColumnElement[bool]:
    """Read, and confirmed where that was asked."""
    confirmed = or_(~col(Notice.must_confirm), col(NoticeReceipt.confirmed_at).is_not(None))
    return and_(col(NoticeReceipt.read_at).is_not(None), confirmed)


async def unread(db: AsyncSession, me: Viewer) -> int:
    """How many notices wait to be read or confirmed by the viewer."""
    if not me.posts:
        return 0
    waiting = (
        select(func.count())
        .select_from(Notice)
        .outerjoin(NoticeReceipt, _received(me))
        .where(addressing.to_posts_of(me), addressing.standing(), ~func.coalesce(_done(), False))
    )
    return (await db.exec(waiting)).one()


async def inbox(db: AsyncSession, me: Viewer, after: UUID | None = None) -> NoticesFound:
    """Notices for the viewer's posts: first what is unread or to be confirmed, then the rest, newest first.

    `after` is the last notice of the page before; what waits is on the first page only. Raises NotFound for an
    `after` that is none.
    """
    lines = [] if after else await _lines(db, me, ~func.coalesce(_done(), False), MOST_NEW)
    older = and_(_done(), await _before(db, after))
    rest = await _lines(db, me, older, A_PAGE + 1)
    items = [await _listed(db, line) for line in (*lines, *rest[:A_PAGE])]
    more = rest[A_PAGE - 1][0].id if len(rest) > A_PAGE else None
    return NoticesFound(unread=await unread(db, me), items=items, next=more)


async def _lines(db: AsyncSession, me: Viewer, which: ColumnElement[bool], limit: int) -> list[Line]:
    found = await db.exec(
        select(Notice, Post, NoticeReceipt)
        .join(Post, col(Post.id) == Notice.from_post_id)
        .outerjoin(NoticeReceipt, _received(me))
        .where(addressing.to_posts_of(me), addressing.standing(), which)
        .order_by(col(Notice.created_at).desc(), col(Notice.id).desc())
        .limit(limit)
    )
    return [(notice, post, receipt) for notice, post, receipt in found]


async def _before(db: AsyncSession, after: UUID | None) -> ColumnElement[bool]:
    """Notices older than the last one shown."""
    if after is None:
        return col(Notice.id).is_not(None)
    last = await db.get(Notice, after)
    if last is None:
        raise NotFound
    return tuple_(col(Notice.created_at), col(Notice.id)) < (last.created_at, last.id)


async def sent(db: AsyncSession, me: Viewer, after: UUID | None = None) -> NoticesFound:
    """What the viewer's units have sent, newest first, with progress; empty for posts that send none."""
    units = {post.region_code for post in me.with_right(Right.NOTICE)}
    found = await db.exec(
        select(Notice, Post)
        .join(Post, col(Post.id) == Notice.from_post_id)
        .join(Response, and_(col(Response.id) == Notice.response_id, col(Response.stood_down_at).is_(None)))
        .where(col(Post.region_code).in_(units), await _before(db, after))
        .order_by(col(Notice.created_at).desc(), col(Notice.id).desc())
        .limit(A_PAGE + 1)
    )
    rows = found.all()
    counts = await progress(db, [notice for notice, _ in rows[:A_PAGE]])
    items = [await _listed(db, (notice, post, None), counts[notice.id]) for notice, post in rows[:A_PAGE]]
    more = items[-1].id if len(rows) > A_PAGE else None
    return NoticesFound(unread=await unread(db, me), items=items, next=more)


async def progress(db: AsyncSession, notices: list[Notice]) -> dict[UUID, Progress]:
    """Receipts by notice. People who came later count as addressed as soon as they have read."""
    rows = await db.exec(
        select(NoticeReceipt.notice_id, func.count(), func.count(col(NoticeReceipt.confirmed_at)))
        .where(col(NoticeReceipt.notice_id).in_([notice.id for notice in notices]))
        .group_by(col(NoticeReceipt.notice_id))
    )
    counted = {name: (read, confirmed) for name, read, confirmed in rows}
    return {
        notice.id: Progress(addressed=max(notice.addressed, read), read=read, confirmed=confirmed)
        for notice in notices
        for read, confirmed in [counted.get(notice.id, (0, 0))]
    }


async def _listed(db: AsyncSession, line: Line, counted: Progress | None = None) -> NoticeListed:
    notice, sender, receipt = line
    return NoticeListed(
        id=notice.id, title=opened(db, notice)[0], region_code=notice.region_code,
        chain=await regions.chain_of(db, notice.region_code), roles=[Role(role) for role in notice.roles],
        must_confirm=notice.must_confirm, sender=sender.name, sender_role=Role(sender.role),
        sent_at=notice.created_at, withdrawn_at=notice.withdrawn_at, read_at=receipt.read_at if receipt else None,
        confirmed_at=receipt.confirmed_at if receipt else None, progress=counted,
    )  # fmt: skip


async def found(db: AsyncSession, me: Viewer, notice_id: UUID) -> tuple[Notice, Post]:
    """A notice that the viewer may see, with the post that sent it: as recipient, sender or administrator.

    Raises NotFound; also for every notice of a response that was stood down.
    """
    statement = (
        select(Notice, Post)
        .join(Post, col(Post.id) == Notice.from_post_id)
        .join(Response, and_(col(Response.id) == Notice.response_id, col(Response.stood_down_at).is_(None)))
        .where(Notice.id == notice_id)
    )
    row = (await db.exec(statement)).one_or_none()
    if row is None:
        raise NotFound
    notice, sender = row
    if not (
        addressing.is_for(me, notice) or addressing.follows(me, notice, sender) or addressing.withdraws(me, notice)
    ):
        raise NotFound
    return notice, sender


async def read(db: AsyncSession, me: Viewer, notice_id: UUID) -> NoticePublic:
    """Open a notice: the first opening by a recipient is its receipt. Raises NotFound."""
    notice, _ = await found(db, me, notice_id)
    if addressing.is_for(me, notice) and notice.withdrawn_at is None:
        row = insert(NoticeReceipt).values(notice_id=notice.id, account_id=me.account_id, read_at=clock.now())
        await db.exec(row.on_conflict_do_nothing())
    return await public(db, me, notice_id)


async def confirm(db: AsyncSession, me: Viewer, notice_id: UUID) -> NoticePublic:
    """Confirm a notice; twice is once. Raises NotFound, NothingToConfirm."""
    notice, _ = await found(db, me, notice_id)
    if not addressing.is_for(me, notice):
        raise NotFound
    if not notice.must_confirm or notice.withdrawn_at is not None:
        raise NothingToConfirm
    now = clock.now()
    row = insert(NoticeReceipt).values(notice_id=notice.id, account_id=me.account_id, read_at=now, confirmed_at=now)
    first = func.coalesce(NoticeReceipt.confirmed_at, row.excluded.confirmed_at)
    await db.exec(row.on_conflict_do_update(index_elements=["notice_id", "account_id"], set_={"confirmed_at": first}))
    return await public(db, me, notice_id)


async def public(db: AsyncSession, me: Viewer, notice_id: UUID) -> NoticePublic:
    """A notice as the viewer sees it. Raises NotFound."""
    notice, sender = await found(db, me, notice_id)
    receipt = await db.get(NoticeReceipt, (notice_id, me.account_id), populate_existing=True)
    own = addressing.follows(me, notice, sender)
    counted = (await progress(db, [notice]))[notice.id] if own else None
    listed = await _listed(db, (notice, sender, receipt), counted)
    hidden = notice.withdrawn_at is not None and not own
    return NoticePublic(
        **listed.model_dump(), words="" if hidden else opened(db, notice)[1], for_me=addressing.is_for(me, notice),
        may_withdraw=notice.withdrawn_at is None and addressing.withdraws(me, notice),
    )  # fmt: skip


async def box(db: AsyncSession, me: Viewer, which: Box, after: UUID | None = None) -> NoticesFound:
    """The inbox or what was sent."""
    return await (sent if which is Box.SENT else inbox)(db, me, after)
