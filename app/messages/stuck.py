"""What is stuck, for those who look after messages: counts, what was set aside, and sending that once more.

Never to whom: a message about a place that a post does not cover is not even counted for it; one about no place at all
(a sign-in code, an invitation) belongs to everybody who looks after messages.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, NotFound, Refusal
from app.kit.viewer import Viewer
from app.messages.outbox import phone_of
from app.messages.telling import About, To, facts_of, tell
from app.messages.templates import keeper
from models.audit import Act, Purpose
from models.messages import Channel, Delivery, Message, State
from models.messages.keeping import Counted, RefusedWith, SetAside, StuckFound
from models.staff import Right

BACK = timedelta(hours=24)
MOST, MOST_WORDS = 50, 20
FAILED = (State.TEMPORARY_FAILURE, State.PERMANENT_FAILURE, State.TECHNICAL_FAILURE)
AGAIN = "sent-again"


class TimeOver(Refusal):
    """Nobody wants it any more: a code has run out, a day has passed."""

    detail = N_("The time of this message is over: it would only mislead. Whoever needs it asks for a new one.")


class SentAgain(Refusal):
    """Somebody was quicker."""

    detail = N_("It has been sent again already.")


def _seen(me: Viewer) -> ColumnElement[bool]:
    place = col(Message.region_code)
    return or_(place.is_(None), regions.ranges(me, place, right=Right.GATEWAYS))


async def stuck(db: AsyncSession, me: Viewer) -> StuckFound:
    """The state of the last 24 hours. Raises NotFound without the right."""
    keeper(me)
    counts = await _counts(db, me)
    failing = sum(one.count for one in counts if one.state is State.TECHNICAL_FAILURE)
    return StuckFound(
        counts=counts, refused=await _refused(db, me), aside=await _aside(db, me), failing=failing,
        oldest_at=await _oldest(db, me),
    )  # fmt: skip


async def _counts(db: AsyncSession, me: Viewer) -> list[Counted]:
    what = (col(Delivery.channel), col(Delivery.provider), col(Delivery.state))
    rows = await db.exec(
        select(*what, func.count())
        .join(Message, col(Message.id) == Delivery.message_id)
        .where(col(Message.created_at) > clock.now() - BACK, _seen(me))
        .group_by(*what)
        .order_by(*what)
    )
    return [
        Counted(channel=Channel(channel), provider=provider, state=State(state), count=count)
        for channel, provider, state, count in rows
    ]


async def _refused(db: AsyncSession, me: Viewer) -> list[RefusedWith]:
    what = (col(Delivery.channel), col(Delivery.provider), col(Delivery.code))
    rows = await db.exec(
        select(*what, func.count())
        .join(Message, col(Message.id) == Delivery.message_id)
        .where(col(Message.created_at) > clock.now() - BACK, col(Delivery.state).in_(FAILED), _seen(me))
        .group_by(*what)
        .order_by(func.count().desc(), *what)
        .limit(MOST_WORDS)
    )
    return [
        RefusedWith(channel=Channel(channel), provider=provider, code=code, count=count)
        for channel, provider, code, count in rows
    ]


async def _oldest(db: AsyncSession, me: Viewer) -> datetime | None:
    now = clock.now()
    due = (
        select(func.min(Delivery.next_at))
        .join(Message, col(Message.id) == Delivery.message_id)
        .where(col(Delivery.next_at) <= now, _seen(me))
    )
    waiting = select(func.min(Message.due_at)).where(col(Message.due_at) <= now, _seen(me))
    found = [at for statement in (due, waiting) if (at := (await db.exec(statement)).one()) is not None]
    return min(found, default=None)


async def _aside(db: AsyncSession, me: Viewer) -> list[SetAside]:
    rows = await db.exec(
        select(Delivery, Message)
        .join(Message, col(Message.id) == Delivery.message_id)
        .where(col(Delivery.set_aside_at).is_not(None), _seen(me))
        .order_by(col(Delivery.set_aside_at).desc(), col(Delivery.id))
        .limit(MOST)
    )
    return [
        SetAside(
            id=row.id, template=message.template, channel=Channel(row.channel), attempts=row.attempts,
            provider=row.provider, code=row.code, set_aside_at=row.set_aside_at or row.state_at, over=_over(message),
        )
        for row, message in rows
    ]  # fmt: skip


def _over(message: Message) -> bool:
    gone = message.expires_at is not None and message.expires_at <= clock.now()
    return gone or message.cancelled_at is not None


async def send_again(db: AsyncSession, me: Viewer, delivery_id: UUID) -> UUID:
    """Write what was set aside anew, by the same way: the same content about the same, sealed for a row of its own.

    Returns the new message. Raises NotFound, TimeOver, SentAgain.
    """
    post = keeper(me)
    found = await db.exec(
        select(Delivery, Message).join(Message, col(Message.id) == Delivery.message_id)
        .where(Delivery.id == delivery_id, col(Delivery.state) == State.TECHNICAL_FAILURE, _seen(me))
    )  # fmt: skip
    pair = found.one_or_none()
    if pair is None:
        raise NotFound
    row, old = pair
    if _over(old):
        raise TimeOver
    taken = update(Delivery).where(col(Delivery.id) == row.id, col(Delivery.set_aside_at).is_not(None))
    claimed = await db.exec(taken.values(set_aside_at=None, code=AGAIN).returning(col(Delivery.id)))
    if claimed.first() is None:
        raise SentAgain
    to = To(
        account=old.account_id, phone=phone_of(db, old, None) or None, robot=old.robot_id, post=old.post_id,
        lang=old.lang, by=Channel(row.channel),
    )  # fmt: skip
    about = About(old.person_id, old.region_code, old.subject, old.day, old.slot, old.reason or "")
    message = await tell(db, to, old.template, facts_of(db, old), about)
    facts: dict[str, str | int] = {"template": old.template, "channel": row.channel}
    deed = Deed(Act.MESSAGE_AGAIN, Purpose.GATEWAYS, old.person_id, message, old.region_code, facts)
    await audit.record(db, me, deed, post)
    return message
