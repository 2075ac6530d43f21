"""The duty phone of a colleague, in full: one at a time, by the table, written down, and seen by whose it is."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions, staff, vault
from app.audit import Deed
from app.directory import colleagues
from app.directory.searching import standing_at
from app.kit import clock, limits
from app.kit.errors import N_, QuotaSpent, Refusal
from app.kit.viewer import Viewer
from models.audit import Act, AuditEvent, AuditLedger, Purpose
from models.directory import Colleague, Dialling, DiallingSeen, DiallingsSeen
from models.regions import ancestors_of
from models.staff import Post, Role

A_DAY = 86_400
MOST_A_DAY = 300
SHOWN_DAYS = 92
SHOWN = 200


class WriteInstead(Refusal):
    """The table says no."""

    detail = N_(
        "A number of county level or above is for the colleague's own unit and those directly above and below. "
        "Please write a message."
    )


class TooManyNumbers(QuotaSpent):
    """Nobody calls this many colleagues in a day; a phone book is not given out."""

    detail = N_("You have looked up %(most)s numbers today. Tomorrow you can go on; messages go out as before.")


async def colleague(db: AsyncSession, me: Viewer, post_id: UUID) -> Colleague:
    """One colleague. Raises NotFound for a post that is not in force today."""
    standing_at(me)
    (shown,) = await colleagues.shown(db, me, [await colleagues.present(db, post_id)])
    return shown


async def dial(db: AsyncSession, me: Viewer, post_id: UUID) -> Dialling:
    """The number in full, written down in the same transaction. Raises NotFound, WriteInstead, TooManyNumbers."""
    standing_at(me)
    post = await colleagues.present(db, post_id)
    by = colleagues.dials(me, post.region_code, on_shift=await colleagues.on_shift(db, post))
    if by is None:
        raise WriteInstead
    subject = vault.ring_of(db).blind_index("staff dialling", me.account_id.hex)
    if await limits.count(db, subject, A_DAY) > MOST_A_DAY:
        raise TooManyNumbers(most=MOST_A_DAY, retry_after=_until_tomorrow())
    deed = Deed(Act.DIALLED_STAFF, Purpose.DIRECTORY, subject=post.id, place_code=post.region_code,
                facts={"role": post.role})  # fmt: skip
    await audit.record(db, me, deed, by)
    return Dialling(post_id=post.id, name=post.name, phone=staff.phone_of(db, post))


def _until_tomorrow() -> int:
    """Seconds until the window of the limit begins anew; it follows the clock of the server, not the local day."""
    return A_DAY - int(clock.now().timestamp()) % A_DAY


async def looked_up(db: AsyncSession, me: Viewer) -> DiallingsSeen:
    """Who looked up one's own duty phone in the last 92 days, newest first; posts that have ended included."""
    own = await db.exec(select(Post.id, Post.region_code).where(col(Post.account_id) == me.account_id))
    posts = dict(own.all())
    if not posts:
        return DiallingsSeen(items=[])
    since = clock.now() - timedelta(days=SHOWN_DAYS)
    looks = [
        select(table.at, table.actor_name, table.role, table.region_code, table.subject).where(  # type: ignore[call-overload]
            # The ledger is found by place; a post has one for ever.
            col(table.place_code).in_(set(posts.values())), col(table.at) >= since,
            col(table.act) == Act.DIALLED_STAFF, col(table.subject).in_(posts),
        )
        for table in (AuditEvent, AuditLedger)
    ]  # fmt: skip
    both = union_all(*looks).subquery()
    rows: Sequence[Any] = (await db.exec(select(*both.c).order_by(both.c.at.desc()).limit(SHOWN))).all()
    names = await regions.names_of(
        db, {code for row in rows for code in (*ancestors_of(row.region_code), row.region_code)}
    )
    items = [
        DiallingSeen(
            at=row.at, who=row.actor_name, role=Role(row.role), post_id=row.subject,
            chain=[names[code] for code in (*ancestors_of(row.region_code), row.region_code) if code in names],
        )
        for row in rows
    ]  # fmt: skip
    return DiallingsSeen(items=items)
