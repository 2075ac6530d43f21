"""Why a message went out, or did not: the rule, the data, every way with its tries, and what comes next."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.kit.viewer import Viewer
from app.messages import wording
from app.messages.inbox import own, words_of
from app.messages.telling import facts_of
from models.accounts import Account
from models.messages import Channel, Delivery, DeliveryAttempt, Message, Preference, State
from models.messages.schemas import Reason, TryPublic, WayPublic, WhyPublic
from models.messages.templates import Template, as_written

NO_BROWSER, PASSED_BY, TIME_OVER = "no-browser", "passed-by", "time-over"


async def why(db: AsyncSession, me: Viewer, message_id: UUID, lang: str) -> WhyPublic:
    """The answer about one message of one's own, with everything that was filled in. Raises NotFound."""
    row = await own(db, me, message_id)
    return (await answers(db, [row], lang, private=True))[0]


async def answers(db: AsyncSession, rows: Sequence[Message], lang: str, *, private: bool = False) -> list[WhyPublic]:
    """The answers about some messages, which the caller may see. `private`: their recipient asks."""
    ways = await _ways(db, [row.id for row in rows])
    accounts = {row.account_id for row in rows if row.account_id}
    people = dict((await db.exec(select(Account.id, Account.person_id).where(col(Account.id).in_(accounts)))).all())
    found = await db.exec(select(Preference).where(col(Preference.account_id).in_(accounts)))
    quiet = {row.account_id: row.quiet_until for row in found}
    made = []
    for row in rows:
        one = _answer(db, row, lang, private=private)
        one.to = _to(row, people)
        one.ways = _in_order(row, [*_called(row, ways[row.id]), *_without(row, ways[row.id])])
        one.quiet = one.waits_until is not None and _is_quiet(row, one.waits_until, quiet)
        made.append(one)
    return made


def _answer(db: AsyncSession, row: Message, lang: str, *, private: bool) -> WhyPublic:
    kind, words, erased = words_of(db, row, lang)
    over = row.cancelled_at is not None
    waiting = row.due_at if not over else None
    left = [] if over else [Channel(name) for name in (row.channels or "").split(",") if name]
    return WhyPublic(
        id=row.id, template=row.template, version=row.version or 1, title=words.title,
        reason=reason_of(row.reason), to="nobody", data={} if erased else _data(db, row, (kind, lang), private=private),
        written_at=row.created_at, ways=[], left=left, waits_until=waiting,
        quiet=False, expires_at=row.expires_at, read_at=row.read_at,
        cancelled_at=row.cancelled_at,
    )  # fmt: skip


def reason_of(text: str | None) -> Reason | None:
    """`rule/version/step` as it was written; None for a message that no rule wrote."""
    rule, _, rest = (text or "").partition("/")
    version, _, step = rest.partition("/")
    if not (rule and version):
        return None
    return Reason(rule=rule, version=version, step=int(step) + 1 if step.isascii() and step.isdigit() else 0)


def _data(db: AsyncSession, row: Message, how: tuple[Template, str], *, private: bool) -> dict[str, str]:
    """What was filled in, as words; for others than the recipient only what names nobody."""
    kind, lang = how
    facts = facts_of(db, row) if private else json.loads(row.facts or "{}")
    params = {name: what for name, what in kind.params.items() if name in facts}
    return wording.said(replace(kind, params=params), facts, wording.language(lang))


async def _ways(db: AsyncSession, messages: Sequence[UUID]) -> dict[UUID, list[WayPublic]]:
    mine = select(Delivery).where(col(Delivery.message_id).in_(messages))
    deliveries = (await db.exec(mine.order_by(col(Delivery.created_at), col(Delivery.id)))).all()
    names = [row.id for row in deliveries]
    attempts = select(DeliveryAttempt).where(col(DeliveryAttempt.delivery_id).in_(names))
    tries: dict[UUID, list[TryPublic]] = defaultdict(list)
    for each in await db.exec(attempts.order_by(col(DeliveryAttempt.number))):
        tries[each.delivery_id].append(
            TryPublic(at=each.started_at, provider=each.provider, state=State(each.state), code=each.code)
        )
    found: dict[UUID, list[WayPublic]] = defaultdict(list)
    for row in deliveries:
        way = WayPublic(
            channel=Channel(row.channel), state=State(row.state), since=row.state_at, next_at=row.next_at,
            code=row.code, tries=tries[row.id],
        )  # fmt: skip
        found[row.message_id].append(way)
    return found


def _called(row: Message, ways: list[WayPublic]) -> list[WayPublic]:
    """Whoever still stands on the call list when the time is over was not reached: the row waits, and nobody calls."""
    over = row.expires_at is not None and row.expires_at <= clock.now()
    for way in ways:
        if over and way.channel is Channel.CALL and way.state is State.PENDING:
            way.state, way.since, way.code = State.PERMANENT_FAILURE, row.expires_at, TIME_OVER
    return ways


def _without(row: Message, ways: Iterable[WayPublic]) -> list[WayPublic]:
    """Ways that left no trace: no browser to notify, or no gateway. Known by the ways that were taken after them."""
    order, taken = as_written(row.template, row.version or 1).channels, {way.channel for way in ways}
    routed = not row.channels and row.due_at is None
    if row.account_id is None or not (taken or routed):
        return []
    last = max((order.index(channel) for channel in taken if channel in order), default=len(order))
    passed = [channel for channel in order[:last] if channel not in taken and channel not in row.channels.split(",")]
    return [
        WayPublic(
            channel=channel, state=None, since=None, next_at=None, tries=[],
            code=NO_BROWSER if channel is Channel.PUSH else PASSED_BY,
        )
        for channel in passed
    ]  # fmt: skip


def _in_order(row: Message, ways: list[WayPublic]) -> list[WayPublic]:
    """As the template tries them; several are taken in one moment, so time does not tell."""
    order = as_written(row.template, row.version or 1).channels
    return sorted(ways, key=lambda way: order.index(way.channel) if way.channel in order else len(order))


def _to(row: Message, people: dict[UUID, UUID | None]) -> Literal["self", "household", "staff", "robot", "nobody"]:
    if row.robot_id is not None:
        return "robot"
    if row.account_id is None:
        return "nobody"
    if row.post_id is not None:
        return "staff"
    return "self" if row.person_id in (None, people.get(row.account_id)) else "household"


def _is_quiet(row: Message, until: datetime, quiet: dict[UUID, int]) -> bool:
    """Does it wait for the end of quiet hours? They are all that ever makes a message wait for that very minute."""
    if row.urgent or row.account_id is None or until <= clock.now():
        return False
    local = clock.local(until)
    return local.hour * 60 + local.minute == quiet.get(row.account_id, 7 * 60)
