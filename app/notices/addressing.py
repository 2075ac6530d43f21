"""Who a notice is for: the posts that it names, and what of it one viewer may see."""

from sqlalchemy import ColumnElement, and_, any_, func, literal, or_
from sqlalchemy.sql.elements import SQLColumnExpression
from sqlmodel import col, select

from app import staff
from app.kit.viewer import Held, Viewer
from models.notices import Notice
from models.regions import ancestors_of, last_of
from models.staff import Post, Response, Right, Role


def standing() -> ColumnElement[bool]:
    """Notices of the response under way that nobody has withdrawn."""
    going = select(Response.id).where(col(Response.stood_down_at).is_(None))
    return and_(col(Notice.withdrawn_at).is_(None), col(Notice.response_id).in_(going))


def to_posts_of(me: Viewer) -> ColumnElement[bool]:
    """Is a notice addressed to a post of the viewer? One's own is not: nobody has to confirm to themselves.

    A notice covers a post when its region is the post's or one above it: equality on an index, no range.
    """
    named = (and_(_above(post), _roles(literal(post.role))) for post in me.posts)
    return and_(or_(*named), col(Notice.by_account) != me.account_id)


def _above(post: Held) -> ColumnElement[bool]:
    return col(Notice.region_code).in_((*ancestors_of(post.region_code), post.region_code))


def _roles(role: SQLColumnExpression[str]) -> ColumnElement[bool]:
    return or_(func.cardinality(col(Notice.roles)) == 0, role == any_(col(Notice.roles)))


def recipients(notice: Notice) -> ColumnElement[bool]:
    """The posts in force that a notice names, invitations included."""
    inside = col(Post.region_code).between(notice.region_code, last_of(notice.region_code))
    others = or_(col(Post.account_id).is_(None), col(Post.account_id) != notice.by_account)
    named = col(Post.role).in_(notice.roles) if notice.roles else literal(value=True)
    return and_(inside, staff.in_force(), others, named)


def is_for(me: Viewer, notice: Notice) -> bool:
    """Is a loaded notice addressed to the viewer?"""
    return notice.by_account != me.account_id and any(
        notice.region_code <= post.region_code <= last_of(notice.region_code)
        and (not notice.roles or post.role in notice.roles)
        for post in me.posts
    )


def over(me: Viewer, code: int) -> Held | None:
    """The post by which the viewer sends notices to a region, all of which must lie inside it."""
    post = me.post_over(code, Right.NOTICE)
    return post if post is not None and last_of(code) <= post.last_code else None


def follows(me: Viewer, notice: Notice, sender: Post) -> bool:
    """May the viewer see who has read it? The sender's unit, by posts that could have sent it."""
    return any(
        post.region_code == sender.region_code and post.covers(notice.region_code)
        for post in me.with_right(Right.NOTICE)
    )


def withdraws(me: Viewer, notice: Notice) -> bool:
    """May the viewer take it back? The post that sent it, and administrators over its region."""
    return any(
        post.id == notice.from_post_id or (post.role is Role.ADMINISTRATOR and post.covers(notice.region_code))
        for post in me.posts
    )
