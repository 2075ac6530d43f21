"""Sending again: what failed on our side is written anew, by the same way and once, while somebody still wants it.

The claim and the new message are one transaction: whoever presses twice, or together with a colleague, sends once.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, DateTime, Uuid, func, literal, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit
from app.audit import Deed
from app.kit import clock
from app.kit.db import among
from app.kit.errors import N_, NotFound, Refusal
from app.kit.viewer import Held, Viewer
from app.messages import wording
from app.messages.keeping import keeper, seen
from app.messages.outbox import phone_of
from app.messages.telling import About, Telling, To, facts_of, tell_many
from app.vault import Erased
from models.audit import Act, Purpose
from models.messages import Channel, Delivery, Message, Preference, State
from models.messages.keeping import AgainCreate, AgainPublic, FailedAlike
from models.messages.templates import TEMPLATES, Template, newest

AT_ONCE = 2_000  # in one transaction, which a person waits for
COUNTED = 50_000
AGAIN, UNREADABLE = "sent-again", "unreadable"
_MOMENTS = ARRAY(DateTime(timezone=True))
_PAST_MENDING = (AGAIN, UNREADABLE, "erased", "expired")
# A code, or an approval at the provider, is all that was missing: https://help.aliyun.com/document_detail/101346.html
# and https://cloud.tencent.com/document/api/382/59177.
UNKNOWN_TEXT = (
    "isv.SMS_TEMPLATE_ILLEGAL", "FailedOperation.TemplateIncorrectOrUnapproved",
    "FailedOperation.TemplateUnapprovedOrNotExist",
)  # fmt: skip
UNKNOWN_SIGN = (
    "isv.SMS_SIGNATURE_ILLEGAL", "isv.SMS_SIGN_ILLEGAL", "isv.SIGN_NAME_ILLEGAL", "isv.SIGN_STATE_ILLEGAL",
    "FailedOperation.SignatureIncorrectOrUnapproved",
)  # fmt: skip
UNAPPROVED = ("no-template-code", *UNKNOWN_TEXT, *UNKNOWN_SIGN)
_LONGEST = max(version.lasts for versions in TEMPLATES.values() for version in versions)


class TimeOver(Refusal):
    """Nobody wants it any more: a code has run out, a day has passed."""

    detail = N_("The time of this message is over: it would only mislead. Whoever needs it asks for a new one.")


class SentAgain(Refusal):
    """Somebody was quicker."""

    detail = N_("It has been sent again already.")


class Unreadable(Refusal):
    """Nobody can fill in its words any more."""

    detail = N_("What was filled into this message cannot be read any more: it cannot be sent again.")


def over(message: Message) -> bool:
    """Does nobody want it any more?"""
    gone = message.expires_at is not None and message.expires_at <= clock.now()
    return gone or message.cancelled_at is not None


def _failed(me: Viewer) -> Any:  # noqa: ANN401  (a select that goes on)
    """Failed on our side and still wanted. What was set aside is looked at one by one; what was read has arrived."""
    now = clock.now()
    return (
        select(Delivery.id, Delivery.channel, Delivery.code, Message.template)
        .join(Message, col(Message.id) == Delivery.message_id)
        .where(
            col(Delivery.state) == State.TECHNICAL_FAILURE, col(Delivery.state_at) > now - _LONGEST,
            col(Delivery.set_aside_at).is_(None), col(Delivery.code).not_in(_PAST_MENDING),
            col(Message.cancelled_at).is_(None), col(Message.read_at).is_(None),
            or_(col(Message.expires_at).is_(None), col(Message.expires_at) > now), seen(me),
        )
    )  # fmt: skip


async def failed_alike(db: AsyncSession, me: Viewer) -> list[FailedAlike]:
    """What failed and can be sent again, by template, way and word; of very many the newest."""
    newest_first = _failed(me).order_by(col(Delivery.state_at).desc()).limit(COUNTED).subquery()
    what = newest_first.c.template, newest_first.c.channel, newest_first.c.code
    rows = await db.exec(select(*what, func.count()).group_by(*what).order_by(func.count().desc(), *what))
    return [
        FailedAlike(template=template, channel=Channel(channel), code=code, count=count)
        for template, channel, code, count in rows
    ]


async def send_failed_again(db: AsyncSession, me: Viewer, form: AgainCreate) -> AgainPublic:
    """Send again what failed alike, the newest first; nothing to send is no fault. Raises NotFound."""
    post = keeper(me)
    if form.template not in TEMPLATES:
        return AgainPublic(again=0, left=0)
    alike = col(Delivery.channel) == form.channel, col(Delivery.code) == form.code
    return await _all_again(db, (me, post), newest(form.template), alike)


async def send_approved_again(db: AsyncSession, me: Viewer, kind: Template, lang: str) -> AgainPublic:
    """Send again the texts of a template that failed only because a language of it was not approved."""
    # The Chinese text serves every language that has none of its own.
    own = select(Preference.lang).where(Preference.account_id == Message.account_id).scalar_subquery()
    spoken = (func.coalesce(col(Message.lang), own, "zh") == lang,) if lang != "zh" else ()
    unapproved = col(Delivery.channel) == Channel.SMS, col(Delivery.code).in_(UNAPPROVED)
    return await _all_again(db, (me, keeper(me)), kind, (*unapproved, *spoken))


async def _all_again(
    db: AsyncSession, who: tuple[Viewer, Held], kind: Template, alike: Sequence[ColumnElement[bool]]
) -> AgainPublic:
    wanted = _failed(who[0]).where(col(Message.template) == kind.name, col(Message.version) == kind.version, *alike)
    found = await db.exec(wanted.order_by(col(Delivery.state_at).desc(), col(Delivery.id)).limit(AT_ONCE))
    claimed = await _claim(db, [row.id for row in found])
    names = {message for message, _ in claimed.values()}
    messages = {row.id: row for row in await db.exec(select(Message).where(among(col(Message.id), names)))}
    written, lost = [], []
    for delivery, (message, channel) in claimed.items():
        try:
            written.append((messages[message], channel, _anew(db, messages[message], channel)))
        except (Erased, KeyError, ValueError, wording.Unfit):
            lost.append(delivery)  # one broken message must not hold up the others
    if lost:
        await db.exec(update(Delivery).where(among(col(Delivery.id), lost)).values(code=UNREADABLE))
    await _write(db, who, kind.name, written)
    rest = wanted.limit(COUNTED).subquery()
    left = int((await db.exec(select(func.count()).select_from(rest))).one())
    return AgainPublic(again=len(written), left=left)


async def _claim(db: AsyncSession, deliveries: Sequence[UUID]) -> dict[UUID, tuple[UUID, str]]:
    """Take deliveries for oneself, each with its message and its way: who comes second finds them sent already."""
    mine = among(col(Delivery.id), deliveries), col(Delivery.code) != AGAIN
    taken = update(Delivery).where(*mine).values(set_aside_at=None, code=AGAIN)
    got = await db.exec(
        taken.returning(col(Delivery.id), col(Delivery.message_id), col(Delivery.channel)).execution_options(
            synchronize_session=False
        )
    )
    return {name: (message, channel) for name, message, channel in got}


def _anew(db: AsyncSession, old: Message, channel: str) -> Telling:
    """The same content about the same, by one way and with the same end. Raises Erased, Unfit, KeyError, ValueError."""
    to = To(
        account=old.account_id, phone=phone_of(db, old, None) or None, robot=old.robot_id, post=old.post_id,
        lang=old.lang, by=Channel(channel),
    )  # fmt: skip
    about = About(
        old.person_id, old.region_code, old.subject, old.day, old.slot, old.reason or "", urgent=bool(old.urgent),
        until=old.expires_at,
    )  # fmt: skip
    return Telling(to, wording.checked(newest(old.template), facts_of(db, old)), about)


async def _write(
    db: AsyncSession, who: tuple[Viewer, Held], template: str, written: Sequence[tuple[Message, str, Telling]]
) -> list[UUID]:
    me, post = who
    names = await tell_many(db, template, [telling for _, _, telling in written])
    # In the inbox it stands where it stood: it tells of what happened then.
    moments = func.unnest(literal(names, ARRAY(Uuid())), literal([old.created_at for old, _, _ in written], _MOMENTS))
    then = moments.table_valued("id", "created_at", name="then").render_derived()
    when = update(Message).where(col(Message.id) == then.c.id).values(created_at=then.c.created_at)
    await db.exec(when.execution_options(synchronize_session=False))
    deeds = [
        Deed(Act.MESSAGE_AGAIN, Purpose.GATEWAYS, old.person_id, name, old.region_code,
             {"template": template, "channel": channel})
        for (old, channel, _), name in zip(written, names, strict=True)
    ]  # fmt: skip
    await audit.record_all(db, me, deeds, post)
    return names


async def send_again(db: AsyncSession, me: Viewer, delivery_id: UUID) -> UUID:
    """Send one again, set aside or not. Returns the new message. Raises NotFound, TimeOver, SentAgain, Unreadable."""
    post = keeper(me)
    found = await db.exec(
        select(Delivery, Message).join(Message, col(Message.id) == Delivery.message_id)
        .where(Delivery.id == delivery_id, col(Delivery.state) == State.TECHNICAL_FAILURE, seen(me))
    )  # fmt: skip
    pair = found.one_or_none()
    if pair is None:
        raise NotFound
    row, old = pair
    if over(old):
        raise TimeOver
    if not await _claim(db, [row.id]):
        raise SentAgain
    try:
        telling = _anew(db, old, row.channel)
    except (KeyError, ValueError, wording.Unfit):
        raise Unreadable from None
    return (await _write(db, (me, post), old.template, [(old, row.channel, telling)]))[0]
