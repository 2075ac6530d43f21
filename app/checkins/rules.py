"""The rules in force: thresholds and clocks by programme and region, kept in memory, read again every few seconds."""

import asyncio
import contextlib
import logging
from datetime import date

from sqlmodel import col, select

from app.kit.db import Database
from app.kit.errors import Overloaded
from models.checkins import Rule, VerdictRule

log = logging.getLogger("shouwang.checkins")

REREAD_S = 3.0
MOST_REMEMBERED = 20_000


class Rules:
    """Which rule judges a report: the newest in force of the programme, the smallest region around the person."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rules: tuple[Rule, ...] = ()
        self._remembered: dict[tuple[int, int, date], Rule] = {}
        self._task: asyncio.Task[None] | None = None

    def rule_for(self, programme: int, region: int, day: date) -> Rule:
        """The rule for a person of this programme and grid on this day. Raises Overloaded when none was loaded."""
        key = (programme, region, day)
        rule = self._remembered.get(key)
        if rule is None:
            if len(self._remembered) > MOST_REMEMBERED:
                self._remembered.clear()
            rule = self._remembered[key] = self._look_up(programme, region, day)
        return rule

    def _look_up(self, programme: int, region: int, day: date) -> Rule:
        fitting = [
            rule
            for rule in self._rules
            if rule.programme == programme and rule.first <= region <= rule.last and rule.in_force_from <= day
        ]
        if not fitting:
            raise Overloaded(retry_after=5)
        return min(fitting, key=lambda rule: (rule.last - rule.first, -rule.in_force_from.toordinal()))

    async def read(self) -> None:
        """Read all rules; there are few, and they are never changed, only followed by newer ones."""
        async with self._database.reading() as db:
            rows = await db.exec(select(VerdictRule).order_by(col(VerdictRule.version)))
            self._rules = tuple(row.frozen() for row in rows)
        self._remembered = {}

    async def start(self) -> None:
        await self.read()
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(REREAD_S)
            try:
                await self.read()
            except Exception as error:
                log.warning("rules could not be re-read: %s", type(error).__name__)
