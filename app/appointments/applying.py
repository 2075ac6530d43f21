"""Applying a plan and undoing it: each in one transaction, in chunks of rows so that no statement is long."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, staff
from app.appointments.barring import barred
from app.appointments.running import run
from app.appointments.staging import Told, nobody
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, NotFound, Refusal
from app.kit.viewer import Held, Viewer
from models.appointments import AppointmentSheet, SheetSource, State
from models.audit import Act, Purpose
from models.staff import Right

AT_ONCE = 5_000


class NotPlanned(Refusal):
    """Applied, undone, or never planned."""

    detail = N_("This sheet has been applied or undone already. Open it again to see how it stands.")


class NothingToApply(Refusal):
    """The same sheet twice."""

    detail = N_("Everything in this sheet stands like that already. Nothing was changed.")


class PlanOutdated(Refusal):
    """Somebody appointed, changed or dismissed one of these people since the plan was made."""

    detail = N_("Some of these posts have changed since the plan was made. Nothing was done: plan again, then apply.")


class NotApplied(Refusal):
    """Only what was applied can be undone, and once."""

    detail = N_("Only a sheet that has been applied can be undone, and only once.")


_GROUPS = """
INSERT INTO work_group (id, response_id, region_code, name, created_at)
SELECT gen_random_uuid(), :response, r.region_code, r.group_name, :now
FROM (
  SELECT DISTINCT region_code, group_name FROM sheet_row
  WHERE sheet_id = :sheet AND outcome = 'new' AND group_name IS NOT NULL
) r
ON CONFLICT DO NOTHING
"""
_APPOINT = """
INSERT INTO post (id, response_id, phone_index, phone_sealed, name, given, pinyin, given_pinyin, initials, role,
  region_code, group_id, lead, department, substitute_id, valid_from, valid_to, sheet_id, created_by, created_at,
  invited_at)
SELECT r.post_id, :response, r.phone_index, r.phone_sealed, r.name, r.given, r.pinyin, r.given_pinyin, r.initials,
  r.role, r.region_code, g.id, coalesce(r.lead, false), coalesce(r.department, ''), r.substitute_id,
  coalesce(r.valid_from, :today), r.valid_to, r.sheet_id, :by, :now, :now
FROM sheet_row r LEFT JOIN work_group g
  ON r.group_name IS NOT NULL AND g.response_id = :response AND g.region_code = r.region_code AND g.name = r.group_name
WHERE r.sheet_id = :sheet AND r.outcome = 'new' AND r.number BETWEEN :first AND :last
ON CONFLICT DO NOTHING
"""
_KEEP_BEFORE = """
UPDATE sheet_row r SET before = jsonb_build_object(
  'name', p.name, 'given', p.given, 'pinyin', p.pinyin, 'given_pinyin', p.given_pinyin, 'initials', p.initials,
  'lead', p.lead, 'department', p.department, 'valid_from', p.valid_from, 'valid_to', p.valid_to,
  'substitute_id', p.substitute_id)
FROM (
  SELECT s.number, p.* FROM post p JOIN sheet_row s ON s.matched_id = p.id
  WHERE s.sheet_id = :sheet AND s.outcome = 'changed' AND s.number BETWEEN :first AND :last AND p.ended_at IS NULL
  ORDER BY p.id FOR UPDATE OF p
) p
WHERE r.sheet_id = :sheet AND r.number = p.number
"""
_CHANGE = """
UPDATE post p SET name = r.name, given = r.given, pinyin = r.pinyin, given_pinyin = r.given_pinyin,
  initials = r.initials, lead = coalesce(r.lead, p.lead), department = coalesce(r.department, p.department),
  valid_from = coalesce(r.valid_from, p.valid_from), valid_to = coalesce(r.valid_to, p.valid_to),
  substitute_id = coalesce(r.substitute_id, p.substitute_id)
FROM sheet_row r
WHERE r.sheet_id = :sheet AND r.outcome = 'changed' AND r.number BETWEEN :first AND :last AND p.id = r.matched_id
  AND p.ended_at IS NULL
"""
_SPAN = "SELECT min(number), max(number) FROM sheet_row WHERE sheet_id = :sheet"


async def reached(db: AsyncSession, me: Viewer, sheet_id: UUID, *, lock: bool = False) -> tuple[AppointmentSheet, Held]:
    """A sheet over whose region the viewer may appoint, and the post by which. Raises NotFound."""
    wanted = select(AppointmentSheet).where(col(AppointmentSheet.id) == sheet_id)
    sheet = (await db.exec(wanted.with_for_update() if lock else wanted)).one_or_none()
    post = me.post_over(sheet.region_code, Right.APPOINT) if sheet else None
    if sheet is None or post is None:
        raise NotFound
    return sheet, post


async def chunks(db: AsyncSession, sheet_id: UUID) -> Iterator[dict[str, int]]:
    """The rows of a sheet in spans of numbers, as parameters of a statement."""
    found = await db.exec(text(_SPAN), params={"sheet": sheet_id})  # type: ignore[call-overload]
    first, last = found.one()
    starts = range(first, last + 1, AT_ONCE) if first is not None else range(0)
    return ({"first": start, "last": start + AT_ONCE - 1} for start in starts)


async def apply(db: AsyncSession, me: Viewer, sheet_id: UUID, told: Told = nobody) -> AppointmentSheet:
    """Make the new posts and change the changed ones: all of them, or none.

    Raises NotFound, NotPlanned, NothingToApply, PlanOutdated (also where a post of the viewer's own is among them);
    NoResponse when it has been stood down.
    """
    sheet, post = await reached(db, me, sheet_id, lock=True)
    if sheet.state != State.PLANNED:
        raise NotPlanned
    if not sheet.new + sheet.changed:
        raise NothingToApply
    response = await staff.active(db)
    if response.id != sheet.response_id or await barred(db, me, sheet):
        raise PlanOutdated
    now = clock.now()
    base = {"response": response.id, "now": now}
    await run(db, _GROUPS, sheet=sheet.id, **base)
    made = changed = 0
    told(0, sheet.rows_in)
    for span in await chunks(db, sheet.id):
        made += await run(db, _APPOINT, sheet=sheet.id, **base, **span, today=clock.today(), by=me.account_id)
        if sheet.changed:
            await run(db, _KEEP_BEFORE, sheet=sheet.id, **span)
            changed += await run(db, _CHANGE, sheet=sheet.id, **span)
        told(min(span["last"], sheet.rows_in), sheet.rows_in)
    if (made, changed) != (sheet.new, sheet.changed):
        raise PlanOutdated
    await db.exec(delete(SheetSource).where(col(SheetSource.sheet_id) == sheet.id))
    sheet.state, sheet.applied_at = State.APPLIED, now
    db.add(sheet)
    digest = sheet.sha256.hex()
    facts: dict[str, str | int] = {
        "new": made, "changed": changed, "unchanged": sheet.unchanged, "refused": sheet.refused,
        # In two halves: the ledger takes no word with eleven digits in a row, which could be somebody's phone.
        "sha256": f"{digest[:8]}-{digest[8:16]}",
    }  # fmt: skip
    deed = Deed(Act.IMPORTED, Purpose.APPOINT, subject=sheet.id, place_code=sheet.region_code, facts=facts)
    await audit.record(db, me, deed, by(post))
    return sheet


def by(post: Held) -> Held | None:
    """The post that the ledger names; the operator has none."""
    return post if post.id.int else None
