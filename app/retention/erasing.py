"""The run of the worker: whatever has run out is erased, a thousand rows a transaction, and counted."""

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, inspect, select, text, tuple_, update
from sqlmodel import col
from sqlmodel import select as rows_of
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit
from app.audit import Deed
from app.kit import clock
from app.kit.db import Database
from app.retention.counting import counted
from app.retention.rules import LEDGER_DAYS, RULES, RUNNING, After, Conditions, Rule, days_of
from models.audit import Act, Purpose
from models.retention import Certificate, StandDown

log = logging.getLogger("shouwang.retention")

AT_ONCE = 1_000
ONE_AT_A_TIME = 7_204_633_831
PATIENT_MS = 600_000  # a pass over a table of many millions in which nothing has run out
SCOPE = {"scope": "retention"}


async def run(database: Database, chosen: Mapping[Any, int]) -> Counter[str]:
    """Erase everything that has run out; `chosen` are the days of this installation. Returns rows by kind.

    Stops where another worker is at it. May be interrupted and repeated at any place.
    """
    patient = database.patient(PATIENT_MS)
    done: Counter[str] = Counter()
    try:
        for rule in (*RULES, *(RUNNING if "reports" in chosen else ())):
            if rule.table is not None and rule.after is After.ROW:
                moment = clock.now() - timedelta(days=days_of(rule, chosen))
                done[rule.kind] += await _all(patient, rule, rule.due(moment))
        await _after_responses(patient, done)
        done["ledger"] += await _ledger(patient, chosen.get("ledger", LEDGER_DAYS))
    finally:
        await patient.close()
    if erased := +done:
        log.info("erased %s", dict(erased))
    return +done


async def _after_responses(patient: Database, done: Counter[str]) -> None:
    """What goes with a response that was stood down and certified: its people at once, words of reports later."""
    async with patient.reading() as db:
        certified = rows_of(StandDown).join(Certificate, col(Certificate.response_id) == StandDown.response_id)
        ended = (await db.exec(certified.where(col(StandDown.reports_erased_at).is_(None)))).all()
    for over in ended:
        for marker, days in (("people_erased_at", 0), ("reports_erased_at", 28)):
            assert over.done_at is not None
            if getattr(over, marker) is not None or over.done_at > clock.now() - timedelta(days=days):
                continue
            for rule in RULES:
                if rule.table is not None and rule.after is After.RESPONSE and rule.days == days:
                    done[rule.kind] += await _all(patient, rule, rule.due(over))
            async with patient.writing() as db:
                await db.exec(update(StandDown).where(col(StandDown.id) == over.id).values({marker: clock.now()}))


async def _all(patient: Database, rule: Rule, due: Conditions) -> int:
    """Every row of a rule, in order of its key: what stays is looked at once, however often a transaction ends."""
    total, last = 0, None
    while True:
        async with patient.writing() as db:
            if not await _alone(db):
                return total
            found = await _batch(db, rule, due, last)
            if not found:
                return total
            rows = await _erase(db, rule, found)
            await counted(db, rule.kind, rows)
            await _told(db, rule.kind, rows)
        total, last = total + rows, found[-1]


async def _told(db: AsyncSession, kind: str, rows: int) -> None:
    """What is erased stands in the ledger, in the transaction that erases it."""
    if rows:
        deed = Deed(Act.ERASED, Purpose.POLICY, facts={"kind": kind, "rows": rows})
        await audit.record(db, audit.operator(), deed)


async def _alone(db: AsyncSession) -> bool:
    got = await db.exec(text(f"SELECT pg_try_advisory_xact_lock({ONE_AT_A_TIME})"))  # type: ignore[call-overload]
    return bool(got.scalar_one())


def _key(rule: Rule) -> tuple[Any, ...]:
    return tuple(inspect(rule.table).primary_key)


async def _batch(db: AsyncSession, rule: Rule, due: Conditions, last: Any) -> list[Any]:  # noqa: ANN401  (a key)
    key = _key(rule)
    statement = select(*key).where(*due).order_by(*key).limit(AT_ONCE)
    if last is not None:
        statement = statement.where(tuple_(*key) > tuple_(*last))
    return list((await db.exec(statement.execution_options(**SCOPE))).all())  # type: ignore[call-overload]


async def _erase(db: AsyncSession, rule: Rule, found: list[Any]) -> int:
    key = _key(rule)
    these = tuple_(*key).in_([tuple(row) for row in found])
    for part, theirs, ours in rule.parts:
        names = [getattr(row, ours) for row in found]
        await db.exec(delete(part).where(getattr(part, theirs).in_(names)))
    assert rule.table is not None
    statement = delete(rule.table).where(these) if rule.blank is None else update(rule.table).where(these).values(
        dict(rule.blank)
    )  # fmt: skip
    done = await db.exec(statement.execution_options(synchronize_session=False, **SCOPE))
    return int(done.rowcount)


async def _ledger(patient: Database, days: int) -> int:
    """The ledger drops the beginnings of its chains itself: only it can sign how far."""
    total = 0
    while True:
        async with patient.writing() as db:
            if not await _alone(db):
                return total
            rows = await audit.drop_before(db, clock.now() - timedelta(days=days))
            await counted(db, "ledger", rows)
            await _told(db, "ledger", rows)
        total += rows
        if not rows:
            return total
