"""Missing reports: who is told when, set by set, from the ladder of `missing_report`; and the end of it when one comes.

Chosen by state: a step is due for everybody whose slot has no report and for whom that step was not taken. A worker
that slept through it takes it once when it wakes. What was taken for a whole slot is remembered (`chase`), so that a
quiet minute reads a handful of rows.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import messages, tasks
from app.kit import clock
from app.kit.db import Database
from app.kit.ids import NAMED
from models.checkins import Rule, Slot, VerdictRule
from models.messages.templates import Template, newest
from models.tasks import Chase, Kind
from models.tasks.ladders import Rung
from models.tasks.words import Act, Whom

SCOPE = {"scope": "tasks"}
HORIZON = timedelta(hours=48)  # a report may be made up for so long; what is older is counted, not chased
OPENED_AT_ONCE = 5_000
DUE_WITHIN = timedelta(hours=4)  # a worker has so long to find out why nothing came

_DAY, _SLOT, _NOW = "CAST(:day AS date)", "CAST(:slot AS integer)", "CAST(:now AS timestamptz)"
# The key of a missing report: it names the task, and what the messages are about.
_SUBJECT = NAMED.format(key=f"'{Kind.MISSING_REPORT}|' || r.person_id || '|' || {_DAY} || '|' || {_SLOT}")
_NOT_INSIDE = """NOT EXISTS (
    SELECT 1 FROM unnest(CAST(:inner_first AS bigint[]), CAST(:inner_last AS bigint[])) AS n (a, b)
    WHERE r.region_code BETWEEN n.a AND n.b)"""
# Nobody is missing who was registered after the cut-off; where one report a day is due, any of that day will do.
_MISSING = f"""
FROM resident r WHERE r.programme = CAST(:programme AS smallint) AND r.region_code BETWEEN :first AND :last
  AND r.created_at < CAST(:cut_off AS timestamptz)
  AND NOT EXISTS (SELECT 1 FROM checkin c WHERE c.person_id = r.person_id AND c.day = {_DAY}
                  AND ({_SLOT} = 0 OR c.slot IN (0, {_SLOT})))
  AND {_NOT_INSIDE}
"""
_TOLD = f"""
INSERT INTO message (id, created_at, template, version, account_id, phone_index, phone_sealed, person_id, region_code,
                     subject, day, slot, reason, facts, facts_sealed, urgent, channels, due_at, expires_at)
SELECT {NAMED.format(key="r.subject || CAST(:step AS text) || COALESCE(a.id::text, '')")}, {_NOW}, a.template, 1, a.id,
       '', '', r.person_id, r.region_code, r.subject, {_DAY}, {_SLOT}, CAST(:reason AS text),
       CAST(:facts AS text) || upper(substr(r.subject::text, 1, 6)) || '"}}', '', false,
       CASE WHEN a.id IS NULL THEN 'call' ELSE CAST(:channels AS text) END, {_NOW}, CAST(:expires AS timestamptz)
FROM (SELECT r.person_id, r.region_code, {_SUBJECT} AS subject {_MISSING} OFFSET 0) r
"""
_OWN, _FAMILY = "report_missing", "report_missing_household"
# A person who signs in is told; about who does not, those who report for them; about who has nobody, the call list.
_SELF = f"""
{_TOLD} LEFT JOIN account own ON own.person_id = r.person_id
LEFT JOIN dependant d ON d.person_id = r.person_id AND own.id IS NULL
CROSS JOIN LATERAL (SELECT COALESCE(own.id, d.account_id) AS id,
                           CASE WHEN d.account_id IS NULL THEN '{_OWN}' ELSE '{_FAMILY}' END AS template) a
ORDER BY a.id ON CONFLICT (id) DO NOTHING
"""
_HOUSEHOLD = f"""
{_TOLD} JOIN dependant d ON d.person_id = r.person_id
CROSS JOIN LATERAL (SELECT d.account_id AS id, '{_FAMILY}' AS template) a
ON CONFLICT (id) DO NOTHING
"""
_MIDDLE = """
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY r.region_code) FROM resident r
WHERE r.programme = CAST(:programme AS smallint) AND r.region_code BETWEEN :first AND :last
"""
# The rule is that of home, the way leads to where they are now.
_WHO = f"""
SELECT r.person_id, COALESCE(r.current_code, r.region_code) {_MISSING}
  AND NOT EXISTS (SELECT 1 FROM task t WHERE t.id = {_SUBJECT}) LIMIT :most
"""
_OPENED = f"""
SELECT count(*) FROM task t JOIN resident r ON r.person_id = t.person_id
WHERE t.kind = '{Kind.MISSING_REPORT}' AND t.day = {_DAY} AND t.slot = {_SLOT}
  AND r.programme = CAST(:programme AS smallint) AND r.region_code BETWEEN :first AND :last AND {_NOT_INSIDE}
"""
# Closed by whatever report of that slot came first; late or not, from whatever phone.
_ENDED = """
WITH ended AS (
    UPDATE task t SET state = 'done', outcome = 'reported', closed_at = CAST(:now AS timestamptz), step_at = NULL
    FROM checkin c WHERE t.kind = 'missing_report' AND t.closed_at IS NULL AND c.person_id = t.person_id
      AND c.day = t.day AND (t.slot = 0 OR c.slot IN (0, t.slot))
    RETURNING t.id, t.owner_post_id, c.filled_at
)
INSERT INTO task_step (id, task_id, at, happening, from_post_id, why, filled_at)
SELECT DISTINCT ON (id) overlay(gen_random_uuid()::text PLACING '8' FROM 15)::uuid, id, CAST(:now AS timestamptz),
       'done', owner_post_id, 'reported', filled_at FROM ended ORDER BY id, filled_at
RETURNING task_id
"""
_STILL = """m.template LIKE 'report_missing%' AND m.cancelled_at IS NULL AND m.read_at IS NULL AND EXISTS (
    SELECT 1 FROM checkin c WHERE c.person_id = m.person_id AND c.day = m.day AND (m.slot = 0 OR c.slot IN (0, m.slot)))
"""
# Few at any time: what waits for its first way out, and what is on one.
_ANSWERED = f"""
SELECT m.id FROM message m WHERE m.due_at IS NOT NULL AND {_STILL} UNION
SELECT m.id FROM delivery d JOIN message m ON m.id = d.message_id
WHERE d.state IN ('created', 'temporary_failure', 'pending') AND m.day >= CAST(:since AS date) AND {_STILL}
"""


@dataclass(frozen=True, slots=True)
class Due:
    """One step for one slot of a day, for everybody under one rule."""

    rule: Rule
    inner: tuple[tuple[int, int], ...]  # regions in which a narrower rule of the same programme counts
    day: date
    slot: Slot
    cut_off: datetime
    step: int
    rung: Rung
    policy: int


async def tick(db: AsyncSession, beside: Database | None = None) -> int:
    """Take every step that is due and was not taken. Returns for how many people. Tasks are opened 5,000 at a time: the
    rest comes with the next tick, for what is urgent must not wait behind it.

    `beside`: where reminders to very many may be written by two connections at once, each in its own transaction.
    Whoever dies between them has the step taken again, and the same reminder is the same row.
    """
    ladder = (await tasks.ladders_in_force(db)).of(Kind.MISSING_REPORT, 0, clock.today())
    if ladder is None:
        return 0
    rules = [row.frozen() for row in await db.exec(select(VerdictRule))]
    taken = {(row.rule_version, row.day, row.slot, row.step) for row in await db.exec(select(Chase))}
    done = 0
    for rule, inner in _in_force(rules, clock.today()):
        for day, slot, cut_off in _cut_offs(rule, clock.now()):
            for step, rung in enumerate(ladder.rungs):
                due = Due(rule, inner, day, slot, cut_off, step, rung, ladder.version)
                late = cut_off + timedelta(seconds=rung.after) <= clock.now()
                if late and rung.act is not Act.CLIMB and (rule.version, day, slot, step) not in taken:
                    done += await _take(db, due, beside)
                    if due.rung.act is Act.OPEN and done:
                        return done
    return done


def _in_force(rules: list[Rule], today: date) -> Iterator[tuple[Rule, tuple[tuple[int, int], ...]]]:
    """The newest rule of each programme and region, with the regions inside it that have one of their own."""
    newest_of: dict[tuple[int, int], Rule] = {}
    for rule in sorted(rules, key=lambda rule: (rule.in_force_from, rule.version)):
        if rule.in_force_from <= today:
            newest_of[rule.programme, rule.first] = rule
    for rule in newest_of.values():
        inside = (
            (other.first, other.last)
            for other in newest_of.values()
            if other.programme == rule.programme
            and other is not rule
            and rule.first <= other.first
            and other.last <= rule.last
        )
        yield rule, tuple(inside)


def _cut_offs(rule: Rule, now: datetime) -> Iterator[tuple[date, Slot, datetime]]:
    """The slots whose time is over, of the last days."""
    for back in range(3):
        day = clock.local_day(now) - timedelta(days=back)
        for slot in (Slot.AM, Slot.PM) if rule.slots == 2 else (Slot.DAY,):
            cut_off = clock.midnight(day) + timedelta(minutes=rule.due[slot])
            if now - HORIZON < cut_off <= now:
                yield day, slot, cut_off


async def _take(db: AsyncSession, due: Due, beside: Database | None) -> int:
    if due.rung.act is Act.OPEN:
        if some := await _open(db, due):
            return some
        opened = await db.exec(text(_OPENED), params=_asked(due), execution_options=SCOPE)  # type: ignore[call-overload]
        found = int(opened.scalar_one())
    elif due.cut_off + timedelta(seconds=due.rung.after) + newest(due.rung.template).lasts < clock.now():
        found = 0  # a worker slept for more than a day: nobody wants to hear of it any more
    else:
        found = await _tell(db, due, beside)
    row = {"rule_version": due.rule.version, "day": due.day, "slot": due.slot, "step": due.step}
    await db.exec(insert(Chase).values(**row, at=clock.now(), found=found).on_conflict_do_nothing())
    return 0 if due.rung.act is Act.OPEN else found


async def _tell(db: AsyncSession, due: Due, beside: Database | None) -> int:
    told = _told(due)
    if beside is None:
        return await _told_by(db, due, told)
    middle = await db.exec(text(_MIDDLE), params=_asked(due), execution_options=SCOPE)  # type: ignore[call-overload]
    if (last := middle.scalar_one()) is None:
        return 0  # nobody reports by this rule

    async def part(bounds: dict[str, int]) -> int:
        async with beside.writing() as other:
            return await _told_by(other, due, told | bounds)

    try:
        async with asyncio.TaskGroup() as both:
            halves = [both.create_task(part(bounds)) for bounds in ({"last": last}, {"first": last + 1})]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return sum(half.result() for half in halves)


async def _told_by(db: AsyncSession, due: Due, told: dict[str, Any]) -> int:
    statement = _SELF if due.rung.to is Whom.SELF else _HOUSEHOLD
    done = await db.exec(text(statement), params=told, execution_options=SCOPE)  # type: ignore[call-overload]
    return int(done.rowcount)


def _asked(due: Due) -> dict[str, Any]:
    return {
        "programme": due.rule.programme, "first": due.rule.first, "last": due.rule.last, "day": due.day,
        "slot": int(due.slot), "cut_off": due.cut_off, "inner_first": [first for first, _ in due.inner],
        "inner_last": [last for _, last in due.inner],
    }  # fmt: skip


def _told(due: Due) -> dict[str, Any]:
    template: Template = newest(due.rung.template)
    now = clock.now()
    return _asked(due) | {
        "now": now, "channels": ",".join(template.channels),
        "expires": now + template.lasts, "reason": f"{Kind.MISSING_REPORT}/{due.policy}/{due.step}",
        "step": str(due.step), "facts": _facts(due),
    }  # fmt: skip


def _facts(due: Due) -> str:
    """The parameters of everybody's message, up to the six characters in which they differ."""
    same = {"day": due.day.isoformat(), "slot": due.slot.name.lower(), "number": f"{due.day:%m%d}-"}
    return json.dumps(same).removesuffix('"}')


async def _open(db: AsyncSession, due: Due) -> int:
    asked = _asked(due) | {"most": OPENED_AT_ONCE}
    people = (await db.exec(text(_WHO), params=asked, execution_options=SCOPE)).all()  # type: ignore[call-overload]
    await tasks.open_all(db, [_task(due, person, code) for person, code in people])
    return len(people)


def _task(due: Due, person: UUID, code: int) -> tasks.New:
    return tasks.New(
        f"{Kind.MISSING_REPORT}|{person}|{due.day}|{int(due.slot)}", Kind.MISSING_REPORT, code,
        clock.now() + DUE_WITHIN, person_id=person, day=due.day, slot=int(due.slot), counts_from=due.cut_off,
        template=due.rung.template, rung=due.step + 1,
    )  # fmt: skip


async def close_reported(db: AsyncSession) -> int:
    """Tasks whose report has come are done, and messages that still wait are not sent any more. Returns tasks."""
    now = clock.now()
    ended = await db.exec(text(_ENDED), params={"now": now}, execution_options=SCOPE)  # type: ignore[call-overload]
    answered = await db.exec(text(_ANSWERED), params={"since": clock.local_day(now - HORIZON)}, execution_options=SCOPE)  # type: ignore[call-overload]
    names = list(answered.scalars())
    if names:
        await messages.cancel(db, names)
    return len(ended.all())
