"""Sending notices, and taking them back."""

import re
import unicodedata
from datetime import timedelta
from uuid import UUID

from sqlalchemy import case, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, messages, regions, staff, vault
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, Confirm, Fault, KeyReused, NotFound
from app.kit.viewer import Held, Viewer
from app.messages import About
from app.notices import addressing
from models.audit import Act, Purpose
from models.notices import Notice, NoticeCreate
from models.staff import Post

# A resident's document (18 digits, the last may be X) and a mobile number, however they were spaced.
_NUMBERS = re.compile(r"(?<!\d)(?:\d(?:[\s-]?\d){16}[\s-]?[\dXx]|1[\s-]?[3-9](?:[\s-]?\d){9})(?!\d)")

FRESH = timedelta(days=1)  # older ones were sent before notices went to phones
TITLE, WORDS = "notice|title", "notice|words"  # what the sealed values are bound to
_SAME = ("by_account", "region_code", "roles", "must_confirm")


class SomebodysNumber(Confirm):
    """Words about residents do not belong into a notice; counts and links do."""

    detail = N_("This looks like somebody's document or phone number. Notices carry no data about residents.")


class NoticeSentBefore(KeyReused):
    """The same id came with another notice."""

    title = N_("This notice was already sent")
    detail = N_("Another notice was sent from this page. Please open the form once more; your words are kept here.")


def numbers_in(words: str) -> bool:
    """Do words hold what looks like a document or mobile number?"""
    return _NUMBERS.search(unicodedata.normalize("NFKC", words)) is not None


async def send(db: AsyncSession, me: Viewer, form: NoticeCreate) -> Notice:
    """Send a notice to whoever holds a matching post in a region, now or later. The same again is the first one.

    Raises NotFound outside one's right, SomebodysNumber until confirmed, NoticeSentBefore.
    """
    by = addressing.over(me, form.region_code)
    if by is None:
        raise NotFound
    await regions.named(db, form.region_code)
    _without_numbers(form)
    response = await staff.active(db)
    notice = Notice(
        id=form.id, response_id=response.id, from_post_id=by.id, by_account=me.account_id,
        region_code=form.region_code, roles=sorted(set(form.roles)), must_confirm=form.must_confirm,
        title_sealed=vault.of(db).seal(form.title, TITLE, form.id, form.region_code),
        words_sealed=vault.of(db).seal(form.words, WORDS, form.id, form.region_code), created_at=clock.now(),
    )  # fmt: skip
    notice.addressed = await _addressed(db, notice)
    row = insert(Notice).values(**notice.model_dump()).on_conflict_do_nothing().returning(col(Notice.id))
    if (await db.exec(row)).first() is None:
        return await _first(db, notice, form)
    await _wrote(db, me, notice, by)
    return notice


def _without_numbers(form: NoticeCreate) -> None:
    if form.numbers_confirmed:
        return
    wrong = [field for field, words in (("title", form.title), ("words", form.words)) if numbers_in(words)]
    if wrong:
        raise SomebodysNumber(faults=tuple(Fault(field, SomebodysNumber.detail) for field in wrong))


async def tell(db: AsyncSession) -> int:
    """Bring new notices to phones as well; the worker calls it, for one may address a million. Returns how many."""
    fresh = select(Notice).where(
        col(Notice.told_at).is_(None), addressing.standing(), col(Notice.created_at) > clock.now() - FRESH
    )
    notices = (await db.exec(fresh.order_by(col(Notice.created_at)).limit(20).with_for_update(of=Notice))).all()
    for notice in notices:
        notice.told_at = clock.now()
        db.add(notice)
        to = select(col(Post.account_id)).where(addressing.recipients(notice)).distinct()
        day = clock.local_day(notice.created_at)
        facts = {"day": day.isoformat(), "number": f"{day:%m%d}-{notice.id.hex[-6:].upper()}"}
        about = About(region_code=notice.region_code, subject=notice.id, reason="notice", key=f"notice|{notice.id}")
        await messages.tell_each(db, to, "notice", facts, about)
    return len(notices)


async def _addressed(db: AsyncSession, notice: Notice) -> int:
    """People who hold a matching post, and invitations by phone, each once."""
    invited = case((col(Post.account_id).is_(None), col(Post.phone_index)))
    counted = select(
        func.count(col(Post.account_id).distinct()) + func.count(invited.distinct())
    ).where(addressing.recipients(notice))  # fmt: skip
    return (await db.exec(counted)).one()


async def _first(db: AsyncSession, again: Notice, form: NoticeCreate) -> Notice:
    """The notice that came first under this id. Raises NoticeSentBefore when it is another one."""
    first = await db.get(Notice, again.id, populate_existing=True)
    assert first is not None
    same = all(getattr(first, name) == getattr(again, name) for name in _SAME)
    if not (same and opened(db, first) == (form.title, form.words)):
        raise NoticeSentBefore(faults=(Fault("id", NoticeSentBefore.detail),))
    return first


def opened(db: AsyncSession, notice: Notice) -> tuple[str, str]:
    """Title and words of a notice."""
    keys = vault.of(db)
    return keys.open(notice.title_sealed, TITLE, notice.id), keys.open(notice.words_sealed, WORDS, notice.id)


async def withdraw(db: AsyncSession, me: Viewer, notice_id: UUID) -> Notice:
    """Take a notice back: its words are gone from every inbox. Twice is once. Raises NotFound."""
    notice = await db.get(Notice, notice_id, with_for_update=True)
    if notice is None or not addressing.withdraws(me, notice):
        raise NotFound
    if notice.withdrawn_at is None:
        notice.withdrawn_at, notice.withdrawn_by = clock.now(), me.account_id
        db.add(notice)
        await messages.cancel_about(db, notice.id)
        by = next((post for post in me.posts if post.id == notice.from_post_id), None)
        await _wrote(db, me, notice, by or addressing.over(me, notice.region_code))
    return notice


async def _wrote(db: AsyncSession, me: Viewer, notice: Notice, by: Held | None) -> None:
    facts: dict[str, str | int] = {"addressed": notice.addressed, "withdrawn": int(notice.withdrawn_at is not None)}
    deed = Deed(Act.NOTICE_SENT, Purpose.NOTICE, subject=notice.id, place_code=notice.region_code, facts=facts)
    await audit.record(db, me, deed, by)
