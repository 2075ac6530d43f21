"""Every guard is needed: without any one of them the matrix or the oracle goes red. CI draws one, `make mutate` all."""

import os
from collections.abc import Iterator

import pytest

from app.house import House
from app.main import Shouwang
from tests import organisation
from tests.app.test_scope_oracle import judged, settled
from tests.canaries import Watched
from tests.drawn import number
from tests.mutations.guards import Guards, Site, written
from tests.mutations.known import NEEDLESS, UNASKED
from tests.organisation import Organisation
from tests.routers.matrix import EVERYTHING, Row
from tests.routers.matrix.asking import ask_as
from tests.routers.matrix.lists import misshown
from tests.routers.matrix.things import Things, make, renewed
from tests.routers.matrix.verdicts import LET_IN, agree, expected, got

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(7200)]

WANTED = os.environ.get("SHOUWANG_MUTATE")  # all, or a part of the name of a site
ORACLE = range(1, 9)  # seeds
ROWS = {row.name: row for row in EVERYTHING if row.org}


@pytest.fixture(scope="module")
def guards() -> Iterator[Guards]:
    """The guards, wrapped for the tests of this module."""
    with pytest.MonkeyPatch.context() as patch:
        wrapped = Guards()
        wrapped.install(patch)
        yield wrapped


async def furnished(house: House) -> tuple[Organisation, Things]:
    """An organisation of its own: a mutant may leave it in any state."""
    org = await organisation.build(house)
    return org, await make(house, org)


@pytest.fixture(scope="module")
async def asked(shouwang: Shouwang, house: House, guards: Guards) -> dict[Site, set[str]]:
    """Which rows ask which guard: every row once by each of the first two members of staff whom it lets in."""
    org, things = await furnished(house)
    for row in ROWS.values():
        let_in = [actor for actor in org.actors.values() if actor.role and expected(org, row.org, actor) == LET_IN]
        guards.during = row.name
        for actor in (let_in or [org.actors["supervisor@county"]])[:2]:
            await ask_as(shouwang, row, await renewed(things, row.name), actor)
            await organisation.seat(house, actor)
    guards.during = ""
    return {site: rows - {""} for site, rows in guards.asked.items()}


async def contradicted(house: House, guards: Guards, sites: set[Site]) -> str | None:
    """What plain reading of random organisations says without some guards; None: nothing."""
    places = await settled(house)
    await judged(house, places, ORACLE)  # with every guard in its place it agrees
    guards.without = frozenset(sites)
    try:
        await judged(house, places, ORACLE)
    except AssertionError as error:
        return f"the oracle contradicts: {str(error).splitlines()[0][:80]}"
    finally:
        guards.without = frozenset()
    return None


async def red(shouwang: Shouwang, house: House, guards: Guards, what: tuple[set[Site], list[Row]]) -> str | None:
    """What the matrix says without some guards; None: nothing."""
    sites, rows = what
    org, things = await furnished(house)
    guards.without = frozenset(sites)
    try:
        for row in sorted(rows, key=lambda row: row.method != "GET"):
            for actor in org.actors.values():
                says = expected(org, row.org, actor)
                answer = await ask_as(shouwang, row, await renewed(things, row.name), actor)
                if strange := misshown(things, row, actor, answer) if got(answer) == LET_IN else None:
                    return f"{row.name} as {actor.name}: {strange}"
                if not agree(says, said := got(answer), answer, page=row.page):
                    return f"{row.name} as {actor.name}: {said}, the table says {says}"
            assert isinstance(shouwang, Watched)
            if seen := shouwang.watch.taken():
                return seen[0]
    finally:
        guards.without = frozenset()
        assert isinstance(shouwang, Watched)
        shouwang.watch.taken()
    return None


def drawn(sites: list[Site]) -> list[Site]:
    """All of them or those wanted, or one for this commit."""
    if WANTED:
        return [site for site in sites if WANTED == "all" or WANTED in str(site)]
    return [sites[number("scope", len(sites))]]


@pytest.mark.proves("T03")
async def test_without_a_guard_the_matrix_goes_red(
    shouwang: Shouwang, house: House, guards: Guards, asked: dict[Site, set[str]]
) -> None:
    alive = []
    for site in drawn(sorted(set(asked) - set(NEEDLESS))):
        rows = [ROWS[name] for name in asked[site]]
        killed = await red(shouwang, house, guards, ({site}, rows))
        killed = killed or await contradicted(house, guards, {site})
        if killed is None:
            # Another lock may stand before or behind it: without those of the same room as well, it must show.
            room = {each for each in asked if each.room == site.room}
            killed = await red(shouwang, house, guards, (room, rows))
            killed = killed and f"doubled; without both: {killed}"
        if killed is None:
            alive.append(str(site))
        print(f"{site}: {killed or 'ALIVE'}")
    assert alive == []


async def test_every_function_that_asks_a_guard_is_reached_by_some_row(asked: dict[Site, set[str]]) -> None:
    # By function: which guard stands behind `within` depends on how it is called.
    reached = {(site.file, site.function) for site in asked} | set(UNASKED)
    assert sorted({(site.file, site.function) for site in written()} - reached) == []
