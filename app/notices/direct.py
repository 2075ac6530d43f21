"""Messages from post to post, and from the house to whoever is on duty. Words lie sealed."""

import json
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import messages, staff, vault
from app.kit import clock, limits
from app.kit.errors import N_, Confirm, Fault, Invalid, KeyReused, NotFound, QuotaSpent, Refusal
from app.kit.ids import uuid7
from app.kit.viewer import Held, Viewer
from app.messages import About, To
from app.notices import offices
from app.notices.sending import numbers_in
from models.notices import DirectCreate, DirectMessage
from models.staff import Post

PLACE = "direct_message|words"
A_MINUTE, A_DAY = (60, 60), (1000, 86_400)  # at most so many messages of one account, in so many seconds


class PostVacant(Refusal):
    """The other side has left, and nobody has come yet."""

    detail = N_("Nobody holds this post any more. Please look up who is on duty there, and write to them.")


class OwnPost(Refusal):
    """Nobody writes to themselves."""

    detail = N_("This is a post of your own. Please choose a colleague.")


class MessageSentBefore(KeyReused):
    """The same id came with other words."""

    title = N_("This message was already sent")
    detail = N_("Another message was sent from this page. Please send your words once more; they are kept here.")


class NumberInMessage(Confirm):
    """A message is read by whoever comes after in the post: numbers of residents are asked about once."""

    detail = N_(
        "This looks like somebody's document or phone number. A colleague finds residents on their page; if it must be "
        "sent, please confirm."
    )


class TooManyMessages(QuotaSpent):
    """Sixty a minute or a thousand a day: no person types that."""

    detail = N_("Too many messages in a short time. Please wait a little; for many people, send a notice.")


async def now_at(db: AsyncSession, post_id: UUID) -> Post:
    """The post in which the papers of a post lie now: itself, or whoever came after. Raises NotFound."""
    post = await db.get(Post, post_id)
    if post is not None and post.ended_at is not None:
        post = await db.get(Post, (await offices.heads(db, [post_id]))[post_id])
    if post is None:
        raise NotFound
    return post


async def in_force(db: AsyncSession, post_id: UUID) -> bool:
    """Does a post count today?"""
    return (await db.exec(select(Post.id).where(Post.id == post_id, staff.in_force()))).first() is not None


def _from(me: Viewer, form: DirectCreate) -> Held:
    """The post by which the viewer writes. Raises Invalid for who holds several and names none, NotFound."""
    if form.from_post_id is None:
        if len(me.posts) != 1:
            raise Invalid(faults=(Fault("from_post_id", N_("Please choose the post from which you write.")),))
        return me.posts[0]
    post = next((post for post in me.posts if post.id == form.from_post_id), None)
    if post is None:
        raise NotFound
    return post


async def write(db: AsyncSession, me: Viewer, post_id: UUID, form: DirectCreate) -> DirectMessage:
    """Write to a colleague's post; whoever has followed in it gets the message. The same again is the first one.

    Raises NotFound, Invalid, PostVacant, OwnPost, NumberInMessage until confirmed, MessageSentBefore, TooManyMessages.
    """
    by = _from(me, form)
    to = await now_at(db, post_id)
    if not await in_force(db, to.id):
        raise PostVacant
    if to.account_id == me.account_id:
        raise OwnPost
    if numbers_in(form.words) and not form.numbers_confirmed:
        raise NumberInMessage(faults=(Fault("words", NumberInMessage.detail),))
    if not await _add(db, (form.id, by.id, to.id, to.region_code), form.words):
        return await _first(db, me, to.id, form)
    await _counted(db, me)
    await _told(db, by, to, form.id)
    return await db.get_one(DirectMessage, form.id)


async def _add(db: AsyncSession, named: tuple[UUID, UUID | None, UUID | None, int], words: str) -> bool:
    """Store a message (id, from, to, region); False when its id is taken."""
    name, by, to, code = named
    row = insert(DirectMessage).values(
        id=name, from_post_id=by, sent_to_id=to, to_post_id=to, region_code=code,
        words_sealed=vault.of(db).seal(words, PLACE, name, code), created_at=clock.now(),
    )  # fmt: skip
    return (await db.exec(row.on_conflict_do_nothing().returning(col(DirectMessage.id)))).first() is not None


async def _told(db: AsyncSession, by: Held, to: Post, name: UUID) -> None:
    """The phone of who is written to says that there is something, and from whom; never what."""
    if to.account_id is not None:
        today = clock.today()
        facts = {"sender": by.name, "day": today.isoformat(), "number": f"{today:%m%d}-{name.hex[-6:].upper()}"}
        about = About(region_code=to.region_code, subject=name, reason="direct-message", key=f"direct|{name}")
        await messages.tell(db, To(account=to.account_id, post=to.id), "direct_message", facts, about)


async def _first(db: AsyncSession, me: Viewer, to_id: UUID, form: DirectCreate) -> DirectMessage:
    first = await db.get_one(DirectMessage, form.id)
    mine = first.from_post_id in {post.id for post in me.posts}
    if not (mine and first.sent_to_id == to_id and opened(db, first) == form.words):
        raise MessageSentBefore(faults=(Fault("id", MessageSentBefore.detail),))
    return first


async def _counted(db: AsyncSession, me: Viewer) -> None:
    for most, seconds in (A_MINUTE, A_DAY):
        subject = vault.ring_of(db).digest("direct-messages", str(seconds), str(me.account_id))
        if await limits.count(db, subject, seconds) > most:
            raise TooManyMessages(retry_after=seconds)


async def from_the_house(db: AsyncSession, region_code: int, words: str, facts: Mapping[str, str]) -> DirectMessage:
    """Tell whoever is on duty in a unit something the house did; with nobody on duty it waits in the unit's queue.

    `words` is a message id of the catalogue, marked with N_ where it is written, with %(name)s for the facts: each
    reader reads it in their own language.
    """
    found = (await staff.answers(db, [region_code])).get(region_code)
    name = uuid7()
    text = json.dumps([words, dict(facts)], ensure_ascii=False)
    await _add(db, (name, None, found[0].post.id if found else None, region_code), text)
    return await db.get_one(DirectMessage, name)


def opened(db: AsyncSession, row: DirectMessage) -> str:
    """The words of a message."""
    return vault.of(db).open(row.words_sealed, PLACE, row.id)


def told(db: AsyncSession, row: DirectMessage) -> tuple[str, dict[str, str]]:
    """The words of a message, and the facts to fill in where the house wrote it."""
    text = opened(db, row)
    if row.from_post_id is not None:
        return text, {}
    words, facts = json.loads(text)
    return words, facts
