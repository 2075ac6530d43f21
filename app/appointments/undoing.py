"""Undoing a sheet: its posts end, what it changed is as before where nobody changed it since, access ends at once."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit
from app.appointments.applying import NotApplied, by, chunks, reached
from app.appointments.running import run
from app.appointments.staging import Told, nobody
from app.audit import Deed
from app.kit import clock
from app.kit.tokens import LIFETIME_MS
from app.kit.viewer import Viewer
from app.staff import duty, handing
from models.appointments import AppointmentSheet, State
from models.audit import Act, Purpose
from models.staff import Post, PostEnding

# A unit whose earlier administrator left because this sheet had brought another one keeps that other one: it would
# have none. Where there was none before, there is none again.
_END = """
WITH ended AS (
  UPDATE post p SET ended_at = :now
  FROM sheet_row r
  WHERE r.sheet_id = :sheet AND r.outcome = 'new' AND r.number BETWEEN :first AND :last AND p.id = r.post_id
    AND p.ended_at IS NULL AND NOT (
      p.role = 'administrator' AND p.account_id IS NOT NULL
      AND EXISTS (
        SELECT FROM post q WHERE q.region_code = p.region_code AND q.role = 'administrator'
          AND q.account_id IS NOT NULL AND q.ended_at > :applied AND q.ended_at < :now
          AND q.sheet_id IS DISTINCT FROM :sheet
      ) AND NOT EXISTS (
        SELECT FROM post q WHERE q.region_code = p.region_code AND q.role = 'administrator'
          AND q.account_id IS NOT NULL AND q.ended_at IS NULL AND q.sheet_id IS DISTINCT FROM :sheet
      )
    )
  RETURNING p.id
)
INSERT INTO post_ending (post_id, kind, by_account, at, successor_id, moved, reason)
SELECT id, 'undone', :by, :now, NULL, 0, '' FROM ended
"""
_LEFT = """
SELECT count(*) FROM post p JOIN sheet_row r ON r.post_id = p.id
WHERE r.sheet_id = :sheet AND r.outcome = 'new' AND p.ended_at IS NULL
"""
_RESTORE = """
UPDATE post p SET name = r.before->>'name', given = r.before->>'given', pinyin = r.before->>'pinyin',
  given_pinyin = r.before->>'given_pinyin', initials = r.before->>'initials', lead = (r.before->>'lead')::boolean,
  department = r.before->>'department', valid_from = (r.before->>'valid_from')::date,
  valid_to = (r.before->>'valid_to')::date, substitute_id = (r.before->>'substitute_id')::uuid
FROM sheet_row r
WHERE r.sheet_id = :sheet AND r.outcome = 'changed' AND r.number BETWEEN :first AND :last AND p.id = r.matched_id
  AND p.ended_at IS NULL AND p.name = r.name AND p.lead = coalesce(r.lead, (r.before->>'lead')::boolean)
  AND p.department = coalesce(r.department, r.before->>'department')
  AND p.valid_from = coalesce(r.valid_from, (r.before->>'valid_from')::date)
  AND p.valid_to IS NOT DISTINCT FROM coalesce(r.valid_to, (r.before->>'valid_to')::date)
  AND p.substitute_id IS NOT DISTINCT FROM coalesce(r.substitute_id, (r.before->>'substitute_id')::uuid)
"""
_AFFECTED = (
    "SELECT DISTINCT account_id FROM post WHERE sheet_id = :sheet AND ended_at = :now AND account_id IS NOT NULL"
)
# As one by one in staff.released: who holds no other post is no longer staff, and everybody's claims are read again.
_END_SITTINGS = f"""
UPDATE staff_session s SET ended_at = :now
WHERE s.ended_at IS NULL AND s.account_id IN ({_AFFECTED}) AND NOT EXISTS (
  SELECT FROM post q WHERE q.account_id = s.account_id AND q.ended_at IS NULL AND q.valid_from <= :today
    AND (q.valid_to IS NULL OR q.valid_to >= :today)
)
"""  # noqa: S608
_REFRESH = f"""
INSERT INTO revocation (id, account_id, device, before, soft, created_at, expires_at)
SELECT gen_random_uuid(), account_id, NULL, :now, true, :now, :expires FROM ({_AFFECTED}) affected
"""  # noqa: S608


async def undo(db: AsyncSession, me: Viewer, sheet_id: UUID, told: Told = nobody) -> AppointmentSheet:
    """End the posts that a sheet brought and give back what it changed; `kept` counts what was changed since.

    Raises NotFound, NotApplied.
    """
    sheet, post = await reached(db, me, sheet_id, lock=True)
    if sheet.state != State.APPLIED:
        raise NotApplied
    spans = list(await chunks(db, sheet.id))
    if not spans:  # its rows are kept for a month
        raise NotApplied
    now = clock.now()
    restored = 0
    told(0, sheet.rows_in)
    for span in spans:
        await run(db, _END, sheet=sheet.id, **span, now=now, by=me.account_id, applied=sheet.applied_at)
        if sheet.changed:
            restored += await run(db, _RESTORE, sheet=sheet.id, **span)
        told(min(span["last"], sheet.rows_in), sheet.rows_in)
    left = await db.exec(text(_LEFT), params={"sheet": sheet.id})  # type: ignore[call-overload]
    sheet.kept = sheet.changed - restored + left.scalar_one()
    await _hand_over(db, sheet.id)
    await _release(db, sheet.id, now=now)
    sheet.state, sheet.undone_at = State.UNDONE, now
    db.add(sheet)
    facts = {"ended": sheet.new, "restored": restored, "kept": sheet.kept}
    deed = Deed(Act.UNDONE_IMPORT, Purpose.APPOINT, subject=sheet.id, place_code=sheet.region_code, facts=facts)
    await audit.record(db, me, deed, by(post))
    return sheet


async def _hand_over(db: AsyncSession, sheet_id: UUID) -> None:
    """What waited for the ended posts goes to whoever answers in their place, as at any dismissal."""
    for column, is_open in handing.HELD:
        waiting = select(Post).where(
            col(Post.sheet_id) == sheet_id, col(Post.ended_at).is_not(None),
            col(Post.id).in_(select(column).where(is_open)),
        )  # fmt: skip
        for post in (await db.exec(waiting)).all():
            successor = await duty.heir_of(db, post)
            ending = await db.get(PostEnding, post.id)
            moved = await handing.over(db, post.id, successor)
            if ending is not None:
                ending.successor_id, ending.moved = successor, ending.moved + moved
                db.add(ending)


async def _release(db: AsyncSession, sheet_id: UUID, *, now: object) -> None:
    await handing.shut(db, select(Post.id).where(col(Post.sheet_id) == sheet_id, col(Post.ended_at).is_not(None)))
    await run(db, _END_SITTINGS, sheet=sheet_id, now=now, today=clock.today())
    expires = clock.now() + timedelta(milliseconds=LIFETIME_MS)
    if await run(db, _REFRESH, sheet=sheet_id, now=now, expires=expires):
        await db.exec(select(func.pg_notify("revocation", "")))
