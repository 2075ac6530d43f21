"""Who looks after messages, and of which of them they may know."""

from sqlalchemy import ColumnElement, or_
from sqlmodel import col

from app import regions
from app.kit.errors import NotFound
from app.kit.viewer import Held, Viewer
from models.messages import Message
from models.staff import Right


def keeper(me: Viewer) -> Held:
    """The post by which the viewer looks after messages. Raises NotFound."""
    for post in me.with_right(Right.GATEWAYS):
        return post
    raise NotFound


def seen(me: Viewer) -> ColumnElement[bool]:
    """The messages that somebody who looks after messages may know of: about their places, or about no place."""
    place = col(Message.region_code)
    return or_(place.is_(None), regions.ranges(me, place, right=Right.GATEWAYS))
