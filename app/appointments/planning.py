"""The plan: what each row of a sheet would do, found in sets by comparing rows with each other and with the posts."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.appointments.barring import bar_changed, bar_new
from app.appointments.running import run
from app.kit import clock
from app.kit.viewer import Viewer
from models.appointments import AppointmentSheet, Outcome, State

# All of this happens in a temporary table with statistics of its own: the planner of PostgreSQL knows nothing of a
# sheet that was copied in this very transaction, and a guess of one row makes of a million rows a loop over a loop.
# A row that could be read has the id of the post it would make; rows that could not have none, and stay refused.
DRAFT = "CREATE TEMPORARY TABLE sheet_draft (LIKE sheet_row) ON COMMIT DROP"
_KNOWN = "ANALYZE sheet_draft"
_KEPT = "INSERT INTO sheet_row SELECT * FROM sheet_draft"
_GONE = "DROP TABLE sheet_draft"
_TAKEN = """
INSERT INTO sheet_draft SELECT * FROM sheet_row WHERE sheet_id = :sheet
"""
_LEFT = "DELETE FROM sheet_row WHERE sheet_id = :sheet"
_AGAIN = """
UPDATE sheet_draft SET outcome = 'new', reason = NULL, field = NULL, cell = NULL, hint = NULL, matched_id = NULL,
  substitute_id = NULL
WHERE post_id IS NOT NULL AND outcome <> 'new'
"""
# Nobody knows which of the names is right, so all rows of such a phone are refused.
_TWO_NAMES = """
UPDATE sheet_draft r SET outcome = 'refused', reason = 'two_names', field = 'name', cell = r.name,
  hint = CASE WHEN r.number = t.first THEN t.last ELSE t.first END::text
FROM (
  SELECT phone_index, min(number) AS first, max(number) AS last FROM sheet_draft
  WHERE outcome = 'new' GROUP BY phone_index HAVING min(name) <> max(name)
) t
WHERE r.outcome = 'new' AND r.phone_index = t.phone_index
"""
# Before the names are compared: a row that is said twice is said twice, whoever else bears its phone.
_DUPLICATES = """
WITH twice AS (
  SELECT phone_index FROM sheet_draft WHERE outcome = 'new' GROUP BY phone_index HAVING count(*) > 1
), placed AS (
  SELECT number, min(number) OVER (PARTITION BY phone_index, name, region_code, role, group_name) AS first
  FROM sheet_draft JOIN twice USING (phone_index) WHERE outcome = 'new'
)
UPDATE sheet_draft r SET outcome = 'refused', reason = 'duplicate', field = 'phone', hint = placed.first::text
FROM placed WHERE r.number = placed.number AND placed.first < placed.number
"""
_THERE_ALREADY = """
UPDATE sheet_draft r SET outcome = 'unchanged', matched_id = p.id
FROM post p LEFT JOIN work_group g ON g.id = p.group_id
WHERE r.outcome = 'new' AND p.ended_at IS NULL AND p.phone_index = r.phone_index
  AND p.region_code = r.region_code AND p.role = r.role AND coalesce(g.name, '') = coalesce(r.group_name, '')
"""
# A substitute serves in the same county: as a post that is there, or as a row of this sheet that is taken.
_COUNTY = "{0}.region_code - {0}.region_code % 1000000000"
_NO_SUBSTITUTE = f"""
WITH wanted AS (
  SELECT number, substitute_index AS phone_index, {_COUNTY.format("r")} AS county, substitute_index = phone_index AS own
  FROM sheet_draft r WHERE outcome <> 'refused' AND substitute_index IS NOT NULL
), known AS (
  SELECT q.phone_index, {_COUNTY.format("q")} AS county FROM post q
  WHERE q.phone_index IN (SELECT phone_index FROM wanted) AND q.ended_at IS NULL
  UNION
  SELECT t.phone_index, {_COUNTY.format("t")} FROM sheet_draft t WHERE t.outcome = 'new'
)
UPDATE sheet_draft r SET outcome = 'refused', reason = 'substitute_unknown', field = 'substitute', matched_id = NULL
FROM wanted LEFT JOIN known USING (phone_index, county)
WHERE r.number = wanted.number AND (wanted.own OR known.phone_index IS NULL)
"""  # noqa: S608
_SUBSTITUTES = f"""
WITH wanted AS (
  SELECT DISTINCT substitute_index AS phone_index FROM sheet_draft
  WHERE outcome <> 'refused' AND substitute_index IS NOT NULL
), found AS (
  SELECT q.phone_index, {_COUNTY.format("q")} AS county, q.id, 0 AS later
  FROM post q JOIN wanted USING (phone_index) WHERE q.ended_at IS NULL
  UNION ALL
  SELECT t.phone_index, {_COUNTY.format("t")}, t.post_id, 1
  FROM sheet_draft t JOIN wanted USING (phone_index) WHERE t.outcome = 'new'
), chosen AS (
  SELECT DISTINCT ON (phone_index, county) phone_index, county, id FROM found ORDER BY phone_index, county, later, id
)
UPDATE sheet_draft r SET substitute_id = chosen.id
FROM chosen
WHERE r.outcome <> 'refused' AND r.substitute_index = chosen.phone_index AND {_COUNTY.format("r")} = chosen.county
"""  # noqa: S608
# Who holds two posts may stand in by either: what is there already stays.
_SAME_SUBSTITUTE = """
UPDATE sheet_draft r SET substitute_id = q.id
FROM post p JOIN post q ON q.id = p.substitute_id
WHERE p.id = r.matched_id AND q.phone_index = r.substitute_index AND q.ended_at IS NULL
"""
_CHANGED = """
UPDATE sheet_draft r SET outcome = 'changed'
FROM post p
WHERE r.outcome = 'unchanged' AND p.id = r.matched_id AND (
  p.name <> r.name OR p.lead <> r.lead OR p.department <> r.department OR p.valid_from <> r.valid_from
  OR r.valid_to IS NOT NULL AND r.valid_to IS DISTINCT FROM p.valid_to
  OR r.substitute_id IS NOT NULL AND r.substitute_id IS DISTINCT FROM p.substitute_id
)
"""
_BACKWARDS = """
UPDATE sheet_draft r SET outcome = 'refused', reason = 'dates_backwards', matched_id = NULL,
  field = CASE WHEN r.valid_to IS NULL THEN 'valid_from' ELSE 'valid_to' END,
  cell = coalesce(r.valid_to, r.valid_from)::text
FROM post p
WHERE r.outcome = 'changed' AND p.id = r.matched_id
  AND coalesce(r.valid_to, p.valid_to) < coalesce(r.valid_from, p.valid_from)
"""
_COUNTS = "SELECT outcome, count(*) FROM sheet_draft GROUP BY outcome"
_MISSING = """
SELECT count(*) FROM post p
WHERE p.ended_at IS NULL
  AND p.region_code IN (SELECT region_code FROM sheet_draft WHERE outcome <> 'refused')
  AND NOT EXISTS (SELECT FROM sheet_draft r WHERE r.matched_id = p.id)
"""


async def plan(db: AsyncSession, me: Viewer, sheet: AppointmentSheet) -> AppointmentSheet:
    """Decide for every row of the draft that could be read: new, changed, unchanged or refused; then keep the rows."""
    await run(db, _KNOWN)
    for statement in (_DUPLICATES, _TWO_NAMES, _THERE_ALREADY):
        await run(db, statement)
    await bar_new(db, me, sheet)
    if "substitute" in sheet.mapping:
        # A row that falls may have been somebody's substitute: until nothing falls any more.
        while await run(db, _NO_SUBSTITUTE):
            pass
        await run(db, _SUBSTITUTES)
        await run(db, _SAME_SUBSTITUTE)
    await run(db, _CHANGED)
    await run(db, _BACKWARDS)
    await bar_changed(db, me, sheet)
    await _count(db, sheet)
    sheet.state, sheet.planned_at = State.PLANNED, clock.now()
    db.add(sheet)
    await db.flush()
    await run(db, _KEPT)
    await run(db, _GONE)
    return sheet


async def again(db: AsyncSession, me: Viewer, sheet: AppointmentSheet) -> AppointmentSheet:
    """Plan a sheet once more, against the posts as they are now."""
    await run(db, DRAFT)
    await run(db, _TAKEN, sheet=sheet.id)
    await run(db, _LEFT, sheet=sheet.id)
    await run(db, _AGAIN)
    return await plan(db, me, sheet)


async def _count(db: AsyncSession, sheet: AppointmentSheet) -> None:
    counts = dict((await db.exec(text(_COUNTS))).all())  # type: ignore[call-overload]
    sheet.new, sheet.changed = counts.get(Outcome.NEW, 0), counts.get(Outcome.CHANGED, 0)
    sheet.unchanged, sheet.refused = counts.get(Outcome.UNCHANGED, 0), counts.get(Outcome.REFUSED, 0)
    sheet.missing = (await db.exec(text(_MISSING))).scalar_one()  # type: ignore[call-overload]
