"""The call list: whom no other way has reached, and who has nobody to be told for them, a colleague rings up.

A call belongs to whoever looks after the person now, wherever the message was written about. Somebody stands
there once, with everything they are to be told, and leaves when they are told, when the reason has gone, or when nobody
wants to hear of it any more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, messages, residents
from app.audit import Deed
from app.kit import clock
from app.kit.db import among
from app.kit.errors import N_, Fault, Invalid, NotFound, Refusal
from app.kit.viewer import Held, Viewer
from app.tasks.acting import UsedElsewhere, done_at
from models.audit import Act, Purpose
from models.calls import (
    MOST_ALSO,
    TRIES,
    CallFinish,
    CallFinished,
    CallListed,
    CallNumber,
    CallOutcome,
    CallReason,
    CallsFound,
)
from models.messages import Channel, Delivery, DeliveryAttempt, Message, State
from models.residents import Resident
from models.staff import Post, Right
from models.tasks import TaskPerson

MOST = 100
# Into which state an outcome moves the delivery, and the word under which its story is told (`message_words.CODE`).
_ENDS = {
    CallOutcome.TOLD: (State.DELIVERED, "told"),
    CallOutcome.NOT_REACHED: (State.PENDING, "not-reached"),
    CallOutcome.WRONG_NUMBER: (State.PERMANENT_FAILURE, "wrong-number"),
}


class CalledAlready(Refusal):
    """A colleague was quicker."""

    detail = N_("%(name)s has called already and written down how it went. You need not call any more.")


class CallClosed(Refusal):
    """There is nothing to tell any more."""

    detail = N_("This call is closed: it was made, the reason has gone, or its time is over. You need not call.")


def _calls(me: Viewer, *columns: Any) -> Any:  # noqa: ANN401  (a select of what is asked for)
    """Something about calls to people whom the viewer looks after. Raises NotFound without the right."""
    found = select(*columns).select_from(Delivery).join(Message, col(Message.id) == Delivery.message_id)
    people = found.join(Resident, col(Resident.person_id) == Message.person_id)
    return residents.seen_by(me, people.where(col(Delivery.channel) == Channel.CALL))


def _waiting() -> tuple[ColumnElement[bool], ...]:
    over = col(Message.expires_at)
    return (
        col(Delivery.state) == State.PENDING, col(Message.cancelled_at).is_(None),
        or_(over.is_(None), over > clock.now()),
    )  # fmt: skip


async def waiting(db: AsyncSession, me: Viewer, subject: UUID | None = None) -> int:
    """How many people are to be called in the viewer's places; with a subject, about that."""
    if not me.with_right(Right.PEOPLE):
        return 0
    about = () if subject is None else (col(Message.subject) == subject,)
    return int(
        (await db.exec(_calls(me, func.count(col(Message.person_id).distinct())).where(*_waiting(), *about))).one()
    )


async def listed(db: AsyncSession, me: Viewer, lang: str) -> CallsFound:
    """Who is to be called, urgent and oldest first, in a language. A list of people: its opening is logged.

    Raises NotFound without the right to look after people.
    """
    place = func.row_number().over(partition_by=col(Message.person_id), order_by=_order()).label("place")
    each = _calls(me, col(Delivery.id), place).where(*_waiting()).subquery()
    firsts = _calls(me, Delivery, Message, Resident).join(each, each.c.id == Delivery.id).where(each.c.place == 1)
    rows = (await db.exec(firsts.order_by(*_order()).limit(MOST + 1))).all()
    shown = rows[:MOST]
    await _saw(db, me, [person for _, _, person in shown])
    also = await _also(db, me, lang, {person.person_id: delivery.id for delivery, _, person in shown})
    return CallsFound(
        items=[_listed(db, row, lang, also[row[2].person_id]) for row in shown],
        more=await waiting(db, me) - MOST if len(rows) > MOST else 0,
    )  # fmt: skip


def _order() -> tuple[Any, ...]:
    tried_out = col(Delivery.attempts) >= TRIES
    return tried_out, col(Message.urgent).desc(), col(Delivery.state_at), col(Delivery.id)


async def _also(db: AsyncSession, me: Viewer, lang: str, firsts: dict[UUID, UUID]) -> dict[UUID, list[CallReason]]:
    """What else each person is to be told, beside the one call that is known of them."""
    others = _calls(me, Delivery, Message).where(
        *_waiting(), among(col(Message.person_id), firsts), ~among(col(Delivery.id), firsts.values())
    )
    found: dict[UUID, list[CallReason]] = defaultdict(list)
    for delivery, message in await db.exec(others.order_by(*_order())):
        if len(found[message.person_id]) < MOST_ALSO:
            found[message.person_id].append(CallReason(id=delivery.id, why=_why(db, message, lang)))
    return found


def _why(db: AsyncSession, message: Message, lang: str) -> str:
    _, words, _ = messages.words_of(db, message, lang)
    return words.call or words.title


async def _saw(db: AsyncSession, me: Viewer, people: list[Resident]) -> None:
    """One line for each post by which somebody on the list was seen."""
    by: Counter[Held] = Counter()
    for row in people:
        post = me.post_over(row.region_code) or me.post_over(row.place_code)
        if post is not None:
            by[post] += 1
    for post, count in by.items():
        facts: dict[str, str | int] = {"people": count, "list": "calls"}
        await audit.record(db, me, Deed(Act.SAW_LIST, Purpose.PEOPLE, place_code=post.region_code, facts=facts), post)


def _listed(db: AsyncSession, row: tuple[Delivery, Message, Resident], lang: str, also: list[CallReason]) -> CallListed:
    delivery, message, person = row
    about = TaskPerson(
        person_id=person.person_id, name=person.name, address=residents.address_of(db, person),
        phone=residents.phone_mask(db, person),
    )  # fmt: skip
    return CallListed(
        id=delivery.id, person=about, region_code=person.region_code, why=_why(db, message, lang), also=also,
        urgent=bool(message.urgent), since=delivery.state_at, tries=delivery.attempts, tried_at=delivery.started_at,
        over_at=message.expires_at,
    )  # fmt: skip


async def number(db: AsyncSession, me: Viewer, delivery_id: UUID, lang: str) -> CallNumber:
    """The number to ring up, and what to tell in a language: logged, and shown to the person.

    Raises NotFound, CalledAlready, CallClosed.
    """
    ((delivery, message),) = await _locked(db, me, delivery_id)
    await _still_waits(db, me, (delivery, message), clock.now())
    person = message.person_id or delivery_id
    found = await residents.whom_to_call(db, me, person)
    return CallNumber(
        id=delivery_id, why=_why(db, message, lang), also=(await _also(db, me, lang, {person: delivery_id}))[person],
        name=found.name, whose=found.whose, reporter=found.reporter, phone=found.phone,
    )  # fmt: skip


async def finish(db: AsyncSession, me: Viewer, delivery_id: UUID, act: CallFinish) -> CallFinished:
    """Write down how a call went: told, not reached (it stays on the list), or not their number.

    What else the same conversation was about (`also`) ends alike, as far as it still waits. Raises NotFound, Invalid,
    CalledAlready, CallClosed.
    """
    (delivery, message), *others = await _locked(db, me, delivery_id, act.also)
    if any(each.person_id != message.person_id for _, each in others):
        raise Invalid(faults=(Fault("also", N_("This call is about somebody else.")),))
    if not await _before(db, me, delivery_id, act):
        at = done_at(act.filled_at)
        await _still_waits(db, me, (delivery, message), at)
        _end(db, me, act, (delivery, message, at))
        for other, told in others:
            if _waits(other, told, at):
                _end(db, me, act, (other, told, at))
        await db.flush()
    return CallFinished(id=delivery_id, state=State(delivery.state), tries=delivery.attempts)


def _end(db: AsyncSession, me: Viewer, act: CallFinish, call: tuple[Delivery, Message, datetime]) -> None:
    delivery, message, at = call
    state, code = _ENDS[act.outcome]
    delivery.attempts += 1
    delivery.started_at, delivery.code = at, code
    if state is not State.PENDING:
        delivery.state, delivery.state_at = state, clock.now()
    if state is State.DELIVERED:
        message.read_at = message.read_at or at
    tried = DeliveryAttempt(
        delivery_id=delivery.id, number=delivery.attempts, started_at=at, ended_at=clock.now(), provider="",
        state=state, code=code, act_id=act.id, by_account=me.account_id,
    )  # fmt: skip
    db.add_all([delivery, message, tried])


async def _locked(
    db: AsyncSession, me: Viewer, delivery_id: UUID, also: Iterable[UUID] = ()
) -> list[tuple[Delivery, Message]]:
    """A call and others, locked in one order whoever asks; that call first. Raises NotFound."""
    statement = _calls(me, Delivery, Message).where(among(col(Delivery.id), {delivery_id, *also}))
    rows = (await db.exec(statement.order_by(col(Delivery.id)).with_for_update(of=Delivery))).all()
    if delivery_id not in {delivery.id for delivery, _ in rows}:
        raise NotFound
    return sorted(rows, key=lambda row: row[0].id != delivery_id)


async def _before(db: AsyncSession, me: Viewer, delivery_id: UUID, act: CallFinish) -> bool:
    """Did this very act come before? Raises UsedElsewhere."""
    same = select(DeliveryAttempt).where(DeliveryAttempt.delivery_id == delivery_id, DeliveryAttempt.act_id == act.id)
    earlier = (await db.exec(same)).first()
    if earlier is not None and (earlier.by_account, earlier.code) != (me.account_id, _ENDS[act.outcome][1]):
        raise UsedElsewhere
    return earlier is not None


async def _still_waits(db: AsyncSession, me: Viewer, call: tuple[Delivery, Message], at: datetime) -> None:
    """Raises CalledAlready where a colleague was quicker, CallClosed for whatever else has ended it by a moment."""
    delivery, message = call
    tries = select(Post.name).join(DeliveryAttempt, col(DeliveryAttempt.by_account) == Post.account_id)
    if delivery.state in {State.DELIVERED, State.PERMANENT_FAILURE}:
        last = DeliveryAttempt.delivery_id == delivery.id, DeliveryAttempt.number == delivery.attempts
        others = tries.where(*last, DeliveryAttempt.by_account != me.account_id)
        name = (await db.exec(others.order_by(col(Post.created_at).desc()).limit(1))).first()
        if name is not None:
            raise CalledAlready(name=name)
    if not _waits(delivery, message, at):
        raise CallClosed


def _waits(delivery: Delivery, message: Message, at: datetime) -> bool:
    over = message.cancelled_at is not None or (message.expires_at is not None and message.expires_at <= at)
    return delivery.state == State.PENDING and not over
