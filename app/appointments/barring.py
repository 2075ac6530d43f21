"""What no sheet may do: appoint who brings or applies it, join two duties that are apart, cut off administrators."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.appointments.running import run
from app.kit import clock
from app.kit.viewer import Viewer
from models.appointments import AppointmentSheet

# Their phone of today, and those under which their posts were made. The operator has neither.
_OWN = """
SELECT phone_index FROM account WHERE id IN (:me, :by)
UNION SELECT phone_index FROM post WHERE account_id IN (:me, :by) AND ended_at IS NULL
"""
_OWN_NEW = f"""
UPDATE sheet_draft r SET outcome = 'refused', reason = 'own', field = 'phone', matched_id = NULL
WHERE r.outcome = 'new' AND r.phone_index IN ({_OWN})
"""  # noqa: S608
# The post may carry another phone than the account by now, so its holder is asked as well.
_OWN_CHANGED = f"""
UPDATE sheet_draft r SET outcome = 'refused', reason = 'own', field = 'phone', matched_id = NULL
FROM post p
WHERE r.outcome = 'changed' AND p.id = r.matched_id AND (p.account_id IN (:me, :by) OR p.phone_index IN ({_OWN}))
"""  # noqa: S608
_APART = "('administrator', 'auditor')"
# Posts that begin later count as well: one day both would be in force.
_HELD_APART = f"""
  SELECT FROM post p WHERE p.phone_index = r.phone_index AND p.ended_at IS NULL AND p.role IN {_APART}
    AND p.role <> r.role AND (p.valid_to IS NULL OR p.valid_to >= :today)
"""
# Found in one pass: row by row, the two thousand administrators of a province would each read the whole sheet.
_SEPARATE = f"""
WITH wanted AS (
  SELECT phone_index, role FROM sheet_draft WHERE outcome = 'new' AND role IN {_APART}
), apart AS (
  SELECT phone_index FROM (
    SELECT phone_index, role FROM wanted
    UNION ALL
    SELECT p.phone_index, p.role FROM post p
    WHERE p.phone_index IN (SELECT phone_index FROM wanted) AND p.ended_at IS NULL AND p.role IN {_APART}
      AND (p.valid_to IS NULL OR p.valid_to >= :today)
  ) AS held
  GROUP BY phone_index HAVING min(role) <> max(role)
)
UPDATE sheet_draft r SET outcome = 'refused', reason = 'separate', field = 'role', cell = NULL
FROM apart
WHERE r.outcome = 'new' AND r.role IN {_APART} AND r.phone_index = apart.phone_index
"""  # noqa: S608
_ADMINISTRATOR_END = """
UPDATE sheet_draft r SET outcome = 'refused', reason = 'administrator_end', matched_id = NULL,
  field = CASE WHEN r.valid_from > p.valid_from AND r.valid_from > :today THEN 'valid_from' ELSE 'valid_to' END,
  cell = CASE WHEN r.valid_from > p.valid_from AND r.valid_from > :today THEN r.valid_from ELSE r.valid_to END::text
FROM post p
WHERE r.outcome = 'changed' AND p.id = r.matched_id AND p.role = 'administrator' AND (
  r.valid_to IS NOT NULL AND (p.valid_to IS NULL OR r.valid_to < p.valid_to)
  OR r.valid_from > p.valid_from AND r.valid_from > :today
)
"""
_BARRED = f"""
SELECT count(*) FROM sheet_row r
WHERE r.sheet_id = :sheet AND (
  r.outcome = 'new' AND (r.phone_index IN ({_OWN}) OR r.role IN {_APART} AND EXISTS ({_HELD_APART}))
  OR r.outcome = 'changed' AND (
    r.phone_index IN ({_OWN}) OR EXISTS (SELECT FROM post p WHERE p.id = r.matched_id AND p.account_id IN (:me, :by))
  )
)
"""  # noqa: S608


async def bar_new(db: AsyncSession, me: Viewer, sheet: AppointmentSheet) -> None:
    """Refuse new posts of the viewer and of whoever brought the sheet, and duties that two persons must hold."""
    await run(db, _OWN_NEW, me=me.account_id, by=sheet.by_account)
    await run(db, _SEPARATE, today=clock.today())


async def bar_changed(db: AsyncSession, me: Viewer, sheet: AppointmentSheet) -> None:
    """Refuse changes of those same people's posts, and whatever would end an administrator's service earlier."""
    await run(db, _OWN_CHANGED, me=me.account_id, by=sheet.by_account)
    await run(db, _ADMINISTRATOR_END, today=clock.today())


async def barred(db: AsyncSession, me: Viewer, sheet: AppointmentSheet) -> bool:
    """Does a plan that was made before hold what the viewer may not apply, or what has become wrong since?"""
    values = {"sheet": sheet.id, "me": me.account_id, "by": sheet.by_account, "today": clock.today()}
    return bool((await db.exec(text(_BARRED), params=values)).scalar_one())  # type: ignore[call-overload]
