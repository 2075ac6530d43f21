"""What is stuck, for those who look after messages: counts, what was set aside, and what can be sent again.

Never to whom: a message about a place that a post does not cover is not even counted for it; one about no place at all
(a sign-in code, an invitation) belongs to everybody who looks after messages. How a provider is concerns everybody.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.sql.functions import count
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.kit.viewer import Viewer
from app.messages.again import AGAIN, failed_alike, over
from app.messages.health import health
from app.messages.keeping import keeper, seen
from models.messages import Channel, Delivery, Message, Receipt, State
from models.messages.keeping import Counted, ReceiptsCounted, ReceiptsFound, RefusedWith, SetAside, StuckFound

BACK = timedelta(hours=24)
MOST, MOST_WORDS = 50, 20
# So many deliveries are counted in a fraction of a second, however many millions a day brings.
COUNTED = 100_000
FAILED = frozenset({State.TEMPORARY_FAILURE, State.PERMANENT_FAILURE, State.TECHNICAL_FAILURE})
_Counts = Counter[tuple[Channel, str, State, str]]


async def stuck(db: AsyncSession, me: Viewer) -> StuckFound:
    """The state of the last 24 hours, or of the newest hundred thousand. Raises NotFound without the right."""
    keeper(me)
    since = await _since(db, col(Delivery.created_at))
    found = await _counted(db, me, since)
    counts: Counter[tuple[Channel, str, State]] = Counter()
    refused: Counter[tuple[Channel, str, str]] = Counter()
    for (channel, provider, state, code), many in found.items():
        if code == AGAIN:  # what became of it is counted with what was written anew
            continue
        counts[channel, provider, state] += many
        if state in FAILED:
            refused[channel, provider, code] += many
    return StuckFound(
        since=since, providers=await health(db),
        counts=[Counted(channel=way, provider=provider, state=state, count=many)
                for (way, provider, state), many in sorted(counts.items())],
        refused=[RefusedWith(channel=way, provider=provider, code=code, count=many)
                 for (way, provider, code), many in sorted(refused.items(), key=_most_first)[:MOST_WORDS]],
        aside=await _aside(db, me), again=await failed_alike(db, me), receipts=await _receipts(db),
        oldest_at=await _oldest(db, me),
        failing=sum(many for (_, _, state), many in counts.items() if state is State.TECHNICAL_FAILURE),
    )  # fmt: skip


def _most_first(one: tuple[tuple[Channel, str, str], int]) -> tuple[int, tuple[Channel, str, str]]:
    return -one[1], one[0]


async def _since(db: AsyncSession, begun: Any) -> datetime:  # noqa: ANN401  (a column of moments)
    """From when on is counted: a day ago, or later, where more than can be counted at a glance was begun since."""
    day_ago = clock.now() - BACK
    last = select(begun).where(begun > day_ago).order_by(begun.desc()).offset(COUNTED).limit(1)
    return (await db.exec(last)).one_or_none() or day_ago


async def _receipts(db: AsyncSession) -> ReceiptsFound:
    """What providers said, whomever they spoke of: it is they who are looked at."""
    since = await _since(db, col(Receipt.at))
    strange = col(Receipt.delivery_id).is_(None) & ~col(Receipt.moved)
    counts = count(), count().filter(col(Receipt.moved)), count().filter(strange)
    asked = select(Receipt.provider, *counts).where(col(Receipt.at) > since)
    found = {row[0]: tuple(row[1:]) for row in await db.exec(asked.group_by(Receipt.provider))}
    came_again = select(Receipt.provider, count()).where(col(Receipt.repeated_at) > since)
    again = dict((await db.exec(came_again.group_by(Receipt.provider))).all())
    items = []
    for provider in sorted(found.keys() | again.keys()):
        taken, moved, unknown = found.get(provider, (0, 0, 0))
        one = ReceiptsCounted(
            provider=provider, taken=taken, moved=moved, unchanged=taken - moved - unknown, unknown=unknown,
            repeated=again.get(provider, 0),
        )  # fmt: skip
        items.append(one)
    return ReceiptsFound(since=since, items=items)


async def _counted(db: AsyncSession, me: Viewer, since: datetime) -> _Counts:
    what = [col(Delivery.channel), col(Delivery.provider), col(Delivery.state), col(Delivery.code)]
    rows = await db.exec(
        select(*what, count())  # type: ignore[call-overload]
        .join(Message, col(Message.id) == Delivery.message_id)
        .where(col(Delivery.created_at) > since, seen(me))
        .group_by(*what)
    )
    counts: _Counts = Counter()
    for channel, provider, state, code, many in rows:
        counts[Channel(channel), provider, State(state), code] += many
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
