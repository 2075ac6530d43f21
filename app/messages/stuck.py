"""What is stuck, for those who look after messages: counts, what was set aside, and what can be sent again.

Never to whom: a message about a place that a post does not cover is not even counted for it; one about no place at all
(a sign-in code, an invitation) belongs to everybody who looks after messages. How a provider is concerns everybody.
"""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.kit.viewer import Viewer
from app.messages.again import failed_alike, over
from app.messages.health import health
from app.messages.keeping import keeper, seen
from models.messages import Channel, Delivery, Message, State
from models.messages.keeping import Counted, RefusedWith, SetAside, StuckFound

BACK = timedelta(hours=24)
MOST, MOST_WORDS = 50, 20
# So many deliveries are counted in a fraction of a second, however many millions a day brings.
COUNTED = 100_000
FAILED = frozenset({State.TEMPORARY_FAILURE, State.PERMANENT_FAILURE, State.TECHNICAL_FAILURE})
_Counts = Counter[tuple[Channel, str, State, str]]


async def stuck(db: AsyncSession, me: Viewer) -> StuckFound:
    """The state of the last 24 hours, or of the newest hundred thousand. Raises NotFound without the right."""
    keeper(me)
    since = await _since(db)
    found = await _counted(db, me, since)
    counts: Counter[tuple[Channel, str, State]] = Counter()
    refused: Counter[tuple[Channel, str, str]] = Counter()
    for (channel, provider, state, code), count in found.items():
        counts[channel, provider, state] += count
        if state in FAILED:
            refused[channel, provider, code] += count
    return StuckFound(
        since=since, providers=await health(db),
        counts=[Counted(channel=way, provider=provider, state=state, count=count)
                for (way, provider, state), count in sorted(counts.items())],
        refused=[RefusedWith(channel=way, provider=provider, code=code, count=count)
                 for (way, provider, code), count in sorted(refused.items(), key=_most_first)[:MOST_WORDS]],
        aside=await _aside(db, me), again=await failed_alike(db, me), oldest_at=await _oldest(db, me),
        failing=sum(count for (_, _, state), count in counts.items() if state is State.TECHNICAL_FAILURE),
    )  # fmt: skip


def _most_first(one: tuple[tuple[Channel, str, str], int]) -> tuple[int, tuple[Channel, str, str]]:
    return -one[1], one[0]


async def _since(db: AsyncSession) -> datetime:
    """From when on is counted: a day ago, or later, where more than can be counted at a glance was begun since."""
    day_ago = clock.now() - BACK
    begun = select(Delivery.created_at).where(col(Delivery.created_at) > day_ago)
    last = begun.order_by(col(Delivery.created_at).desc()).offset(COUNTED).limit(1)
    return (await db.exec(last)).one_or_none() or day_ago


async def _counted(db: AsyncSession, me: Viewer, since: datetime) -> _Counts:
    what = [col(Delivery.channel), col(Delivery.provider), col(Delivery.state), col(Delivery.code)]
    rows = await db.exec(
        select(*what, func.count())  # type: ignore[call-overload]
        .join(Message, col(Message.id) == Delivery.message_id)
        .where(col(Delivery.created_at) > since, seen(me))
        .group_by(*what)
    )
    counts: _Counts = Counter()
    for channel, provider, state, code, count in rows:
        counts[Channel(channel), provider, State(state), code] += count
    return counts


async def _oldest(db: AsyncSession, me: Viewer) -> datetime | None:
    """Since when the oldest waits that is due: the first that one may see, not the least of all."""
    now = clock.now()
    due = (
        select(Delivery.next_at)
        .join(Message, col(Message.id) == Delivery.message_id)
        .where(col(Delivery.next_at) <= now, seen(me))
        .order_by(col(Delivery.next_at))
    )
    waiting = select(Message.due_at).where(col(Message.due_at) <= now, seen(me)).order_by(col(Message.due_at))
    found = [at for statement in (due, waiting) if (at := (await db.exec(statement.limit(1))).first()) is not None]
    return min(found, default=None)


async def _aside(db: AsyncSession, me: Viewer) -> list[SetAside]:
    rows = await db.exec(
        select(Delivery, Message)
        .join(Message, col(Message.id) == Delivery.message_id)
        .where(col(Delivery.set_aside_at).is_not(None), seen(me))
        .order_by(col(Delivery.set_aside_at).desc(), col(Delivery.id))
        .limit(MOST)
    )
    return [
        SetAside(
            id=row.id, template=message.template, channel=Channel(row.channel), attempts=row.attempts,
            provider=row.provider, code=row.code, set_aside_at=row.set_aside_at or row.state_at, over=over(message),
        )
        for row, message in rows
    ]  # fmt: skip
