"""Who has read a notice, and who has not: counted and listed among those who hold a matching post now."""

from typing import Any
from uuid import UUID

from sqlalchemy import Subquery, and_, case, func, tuple_
from sqlalchemy import select as sa_select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions, staff
from app.kit.errors import NotFound
from app.kit.viewer import Viewer
from app.notices import addressing, receiving
from models.notices import Notice, NoticeReceipt, Reader, ReadersFound, Reading
from models.staff import Post, Role

A_PAGE = 50


def _people(notice: Notice) -> Subquery:
    """Every recipient once, by account or, for invitations, by phone, with how far they are."""
    by_phone = case((col(Post.account_id).is_(None), col(Post.phone_index)))
    each = (
        select(Post.id, Post.region_code, Post.account_id)
        .where(addressing.recipients(notice))
        .ext(distinct_on(col(Post.account_id), by_phone))
        .order_by(col(Post.account_id), by_phone, col(Post.region_code), col(Post.id))
        .subquery()
    )
    received = and_(col(NoticeReceipt.account_id) == each.c.account_id, col(NoticeReceipt.notice_id) == notice.id)
    finished = NoticeReceipt.confirmed_at if notice.must_confirm else NoticeReceipt.read_at
    state = case(
        (col(NoticeReceipt.read_at).is_(None), Reading.UNREAD), (col(finished).is_(None), Reading.READ),
        else_=Reading.DONE,
    )  # fmt: skip
    found: Subquery = (
        sa_select(each, col(NoticeReceipt.read_at), col(NoticeReceipt.confirmed_at), state.label("state"))
        .outerjoin(NoticeReceipt, received)
        .subquery("people")
    )
    return found


async def readers(
    db: AsyncSession, me: Viewer, notice_id: UUID, page: tuple[Reading | None, UUID | None] = (None, None)
) -> ReadersFound:
    """Counts, and one page of the recipients in one state (all of them for None), by unit.

    `page` = the state, and the post that ended the page before. Raises NotFound for who does not serve in the unit
    that sent it.
    """
    notice, sender = await receiving.found(db, me, notice_id)
    if not addressing.follows(me, notice, sender):
        raise NotFound
    people = _people(notice)
    rows = await db.exec(select(people.c.state, func.count(), func.count(people.c.account_id)).group_by(people.c.state))
    counts = {state: (count, taken_up) for state, count, taken_up in rows}
    figures = {state: counts.get(state, (0, 0))[0] for state in Reading}
    found = await _page(db, people, page)
    items = [await _reader(db, row) for row in found[:A_PAGE]]
    waiting = counts.get(Reading.UNREAD, (0, 0))
    return ReadersFound(
        people=sum(figures.values()), unread=figures[Reading.UNREAD], read=figures[Reading.READ],
        done=figures[Reading.DONE], not_activated=waiting[0] - waiting[1], addressed=notice.addressed, items=items,
        next=items[-1].post_id if len(found) > A_PAGE else None,
    )  # fmt: skip


async def _page(db: AsyncSession, people: Subquery, page: tuple[Reading | None, UUID | None]) -> list[Any]:
    state, after = page
    place = tuple_(people.c.region_code, people.c.id)
    statement = (
        select(Post, people.c.read_at, people.c.confirmed_at)
        .join(people, people.c.id == Post.id)
        .order_by(people.c.region_code, people.c.id)
        .limit(A_PAGE + 1)
    )
    if state is not None:
        statement = statement.where(people.c.state == state)
    if after is not None:
        last = await db.get(Post, after)
        if last is None:
            raise NotFound
        statement = statement.where(place > (last.region_code, last.id))
    return list(await db.exec(statement))


async def _reader(db: AsyncSession, row: Any) -> Reader:  # noqa: ANN401  (a post and two moments)
    post, read_at, confirmed_at = row
    return Reader(
        post_id=post.id, name=post.name, role=Role(post.role), region_code=post.region_code,
        chain=await regions.chain_of(db, post.region_code), phone=staff.phone_mask(db, post),
        activated=post.account_id is not None, read_at=read_at, confirmed_at=confirmed_at,
    )  # fmt: skip
