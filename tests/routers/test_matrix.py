"""The authorisation matrix of the whole organisation: every route x everybody, both doors, deny by default."""

import os
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from app.house import House
from app.main import Shouwang
from tests import organisation
from tests.drawn import number
from tests.organisation import Actor, Organisation
from tests.routers.matrix import EVERYTHING, ROOMS, Row
from tests.routers.matrix.asking import ask_as
from tests.routers.matrix.lists import misshown
from tests.routers.matrix.things import Things, make, renewed
from tests.routers.matrix.verdicts import LET_IN, agree, expected, got

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(900)]

# What grows without anything having been done: the ledger of refused looks, counters of tries, one's own sessions.
GROWS = {"audit_event", "audit_ledger", "audit_checkpoint", "rate_window", "staff_session"}
# After these the session is over or another; everybody gets a new one.
UNSEATS = {
    "POST /api/v1/sign-out", "POST /api/v1/sign-out/everywhere", "POST /sign-out", "POST /sign-out/everywhere",
    "DELETE /api/v1/staff-sessions", "POST /me/security/other-sessions/ending",
}  # fmt: skip
WHOLE = bool(os.environ.get("SHOUWANG_MATRIX"))  # `make matrix-full`


@dataclass
class Tried:
    """What came out of all cells."""

    cells: int = 0
    wrong: list[str] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
async def org(house: House) -> Organisation:
    """The whole organisation."""
    return await organisation.build(house)


@pytest.fixture(scope="module")
async def things(house: House, org: Organisation) -> Things:
    """What the routes are asked of."""
    return await make(house, org)


def test_every_row_has_a_verdict_for_the_whole_organisation() -> None:
    assert [row.name for row in EVERYTHING if not row.org] == []


async def counts(house: House) -> dict[str, int]:
    """How many rows lie in every table."""
    names = sorted(set(SQLModel.metadata.tables) - GROWS)
    sql = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names)
    async with house.database.reading() as db:
        found = await db.exec(text(sql), execution_options={"scope": "test"})  # type: ignore[call-overload]
        return dict(found.all())


# Nobody draws these: every row is tried by each kind of refusal, the family and the child's own worker.
ALWAYS = {
    "anonymous", "nobody", "guardian", "resident of the sibling grid", "dismissed", "without a session",
    "without a second factor", "grid_worker@grid", "worker of the sibling grid", "supervisor@elsewhere",
}  # fmt: skip


def drawn(row: Row, actors: list[Actor]) -> list[Actor]:
    """In CI a few always, and of all the others every fourth: other ones for every row and every commit."""
    if WHOLE:
        return actors
    always = ALWAYS | set(row.org.split())
    first = number(row.name, 4)
    return [actor for place, actor in enumerate(actors) if actor.name in always or place % 4 == first]


async def try_all(shouwang: Shouwang, things: Things, rows: list[Row]) -> Tried:
    """First everybody who is refused, and nothing may have changed; then everybody who is let in."""
    tried, before, actors = Tried(), await counts(things.house), list(things.org.actors.values())
    cells = [(row, actor, expected(things.org, row.org, actor)) for row in rows for actor in drawn(row, actors)]
    for refused in (True, False):
        for cell in cells:
            if (cell[2] != LET_IN) is refused:
                await _try(shouwang, things, cell, tried)
        if refused and (now := await counts(things.house)) != before:
            grown = {name: (before[name], count) for name, count in now.items() if before[name] != count}
            tried.wrong.append(f"refused, but stored: {grown}")
    return tried


async def _try(shouwang: Shouwang, things: Things, cell: tuple[Row, Actor, str], tried: Tried) -> None:
    row, actor, says = cell
    answer = await ask_as(shouwang, row, await renewed(things, row.name) if says == LET_IN else things, actor)
    tried.cells += 1
    said = got(answer)
    if not agree(says, said, answer, page=row.page):
        tried.wrong.append(f"{row.name} as {actor.name}: {said} ({answer.status}), the table says {says}")
    if said == LET_IN and (strange := misshown(things, row, actor, answer)):
        tried.wrong.append(f"{row.name} as {actor.name}: {strange}")
    if said == LET_IN and answer.status < 400:
        tried.opened.add(row.name)
    if row.name in UNSEATS and said == LET_IN:
        await organisation.seat(things.house, actor)


@pytest.mark.proves("T01")
@pytest.mark.proves("T03")
@pytest.mark.proves("T30")
@pytest.mark.parametrize("room", ROOMS)
async def test_everybody_gets_what_the_table_says(shouwang: Shouwang, things: Things, room: str) -> None:
    rows = [row for row in (*ROOMS[room].API, *ROOMS[room].PAGES) if row.org]
    tried = await try_all(shouwang, things, rows)
    print(f"{room}: {tried.cells} cells, {len(rows)} routes, {len(things.org.actors)} actors")
    assert tried.wrong == []
    closed = [row.name for row in rows if "judged" not in row.org and "nothing" not in row.org]
    assert [name for name in closed if name not in tried.opened] == [], "a door that opens for nobody"
