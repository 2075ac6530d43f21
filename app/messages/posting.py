"""Robots of units: many messages in one post, and at most 18 posts a minute and robot, whoever posts them."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock, crypto
from app.kit.db import Database
from app.messages.gateways.dingtalk import BLOCKED_S
from app.messages.gateways.robot import Budget, Line, Robots, digest
from app.messages.judging import deadline, judge
from app.messages.letters import Ended, Fate, Outcome, RobotPost
from app.messages.opening import Concluded, Opened
from app.messages.points import passing
from app.messages.robots import PLACE
from app.vault import Erased, Vault
from models.messages import Robot, RobotPosting, State

LOCKS = 72_047  # the class of the advisory locks under which a robot's budget is looked at and spent
# Spent in one moment, heard up to five seconds later: only so are there never more than 18 in anybody's minute.
BUDGET = Budget(most=18, window=timedelta(seconds=66))


@dataclass(frozen=True, slots=True)
class _Keys:
    """A robot that may be used, with its keys."""

    row: Robot
    token: str
    secret: str


class Posting:
    """The way of robots. `house`: the address of this house."""

    def __init__(self, database: Database, vault: Vault, robots: Robots, house: str) -> None:
        self._database, self._vault, self._robots, self._house = database, vault, robots, house.rstrip("/")

    async def __call__(self, opened: list[Opened]) -> Concluded:
        rows = await self._rows({one.taken.robot_id for one in opened if one.taken.robot_id})
        ended: Concluded = []
        for (robot_id, _), some in _together(opened).items():
            ended += [
                (one.taken, how) for one, how in zip(some, await self._posted(rows.get(robot_id), some), strict=True)
            ]
        return ended

    async def _posted(self, row: Robot | None, some: Sequence[Opened]) -> list[Ended]:
        keys = self._keys(row)
        if isinstance(keys, Ended):
            return [keys] * len(some)
        until = await self._must_wait(keys.row)
        if until is not None:
            return [_put_off(one, until, "robot-shut" if keys.row.blocked_until == until else "budget") for one in some]
        post = self._post(keys, some)
        passing("sent")
        outcome = await self._robots.send(post)
        await self._note(keys.row, outcome)
        # Whatever may have been taken is posted once more under the same name, and is shown once.
        name = _name(some)
        return [replace(judge(one.taken, outcome, Robots.name, clock.now()), provider_id=name) for one in some]

    def _keys(self, row: Robot | None) -> _Keys | Ended:
        if row is None or row.ended_at is not None:
            return Ended(State.PERMANENT_FAILURE, "robot-ended", Robots.name)
        try:
            keys = json.loads(self._vault.open(row.keys_sealed, PLACE, row.id))
        except (Erased, crypto.Tampered):
            return Ended(State.TECHNICAL_FAILURE, "unreadable", Robots.name)
        return _Keys(row, keys["token"], keys["secret"])

    def _post(self, keys: _Keys, some: Sequence[Opened]) -> RobotPost:
        lang, lines = keys.row.lang, []
        for one in some:
            words = one.words_in(lang)
            lines.append(Line(words.title, words.text, f"{self._house}{one.path}"))
        title, markdown = digest(lines, lang)
        return RobotPost(_ids(some), keys.token, keys.secret, title, markdown)

    async def _rows(self, robots: set[UUID]) -> dict[UUID | None, Robot]:
        async with self._database.reading() as db:
            return {row.id: row for row in await db.exec(select(Robot).where(col(Robot.id).in_(robots)))}

    async def _must_wait(self, row: Robot) -> datetime | None:
        """Until when the robot must not be used. None: it may, and one post of its budget is spent."""
        now = clock.now()
        if row.blocked_until is not None and row.blocked_until > now:
            return row.blocked_until
        async with self._database.writing() as db:
            wait = await spend(db, row.id)
        return now + wait if wait else None

    async def _note(self, row: Robot, outcome: Outcome) -> None:
        """What the provider says of a robot is shown to its unit: a wrong secret is theirs to mend."""
        shut = outcome.fate is Fate.LATER and (outcome.retry_after or 0) >= BLOCKED_S
        until = clock.now() + timedelta(seconds=outcome.retry_after or 0) if shut else None
        code = outcome.code if shut or outcome.fate is Fate.BROKEN else ""
        if outcome.fate is Fate.LATER and not shut:
            return  # a network fault says nothing of the robot
        if (row.code, row.blocked_until) == (code, until):
            return
        async with self._database.writing() as db:
            await db.exec(update(Robot).where(col(Robot.id) == row.id).values(code=code, blocked_until=until))


async def spend(db: AsyncSession, robot_id: UUID, budget: Budget = BUDGET) -> timedelta:
    """Spend one post of a robot's budget; how long to wait when there is none. One clock counts, the database's."""
    place = int.from_bytes(robot_id.bytes[-4:], signed=True)
    await db.exec(select(func.pg_advisory_xact_lock(LOCKS, place)))
    now: datetime = (await db.exec(text("SELECT clock_timestamp()"))).scalar_one()  # type: ignore[call-overload]
    newest = select(RobotPosting.at).where(RobotPosting.robot_id == robot_id).order_by(col(RobotPosting.at).desc())
    wait = budget.wait((await db.exec(newest.limit(budget.most))).all(), now)
    if not wait:
        db.add(RobotPosting(robot_id=robot_id, at=now))
        await db.flush()
    return wait


def _together(opened: Sequence[Opened]) -> dict[tuple[UUID | None, object], list[Opened]]:
    """What goes into one post: all that is new to a robot; and what was posted perhaps, in the company it had."""
    groups: dict[tuple[UUID | None, object], list[Opened]] = defaultdict(list)
    for one in sorted(opened, key=lambda one: one.taken.message_id):
        company = (one.taken.doubt, one.taken.provider_id if one.taken.doubt else None)
        groups[one.taken.robot_id, company].append(one)
    return groups


def _ids(some: Sequence[Opened]) -> tuple[UUID, ...]:
    return tuple(one.taken.message_id for one in some)


def _name(some: Sequence[Opened]) -> str:
    return sha256(b"".join(name.bytes for name in _ids(some))).hexdigest()[:32]


def _put_off(one: Opened, until: datetime, code: str) -> Ended:
    """Not tried at all: neither a try nor a crash is counted, and what nobody wants any more by then is dropped."""
    if until > deadline(one.taken):
        return Ended(State.TECHNICAL_FAILURE, f"gave-up {code}", Robots.name)
    return Ended(
        State.TEMPORARY_FAILURE, code, one.taken.provider, one.taken.provider_id, until, one.taken.doubt, counts=False
    )
