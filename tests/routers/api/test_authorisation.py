"""The authorisation table, cell by cell, over the app as shipped."""

import pytest
from sqlalchemy import text

from app.house import House
from app.main import Shouwang
from routers import api, pages
from tests import cast
from tests.cast import Person, Village
from tests.routers.cells import fresh_token, ready, send
from tests.routers.matrix import ACTORS, EVERYTHING, SIGN_IN, Row
from tests.routers.wire import Answer

pytestmark = pytest.mark.anyio

NOBODY, NO_GRID = "0190a0c0-0000-7000-8000-000000000009", "330822999999001"
TABLES = ("resident", "checkin", "checkin_correction", "audit_event", "dependant", "identity_key", "account", "post")
COUNTS = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in TABLES)


def test_every_route_has_a_row() -> None:
    doors = [*api.routers(), *pages.routers(development=True)]
    mounted = {(method, route.path) for door in doors for route in door.routes for method in route.methods}
    rows = {(row.method, row.path) for row in EVERYTHING}
    assert mounted | {("GET", "/api/openapi.json")} == rows
    assert len(rows) == len(EVERYTHING), "a row twice"


@pytest.fixture
async def actors(house: House, village: Village) -> dict[str, Person | None]:
    await ready(house, village)
    return {name: getattr(village, name, None) for name in ACTORS}


async def counts(house: House) -> list[tuple[str, int]]:
    async with house.database.reading() as db:
        return [tuple(row) for row in await db.exec(text(COUNTS), execution_options={"scope": "test"})]


def secrets_of(house: House, village: Village) -> list[bytes]:
    """What nobody outside grid 1 and its village may ever be sent about Mei and her family."""
    family = village.mei.household
    numbers = [house.vault.open(row.id_sealed, "resident|id", row.person_id) for row in family if row.id_sealed]
    assert len(numbers) == 3
    words = [*(row.name for row in family), *numbers, village.mei.phone, "金丝雀", "桃园路"]
    return [word.encode() for word in words]


def refused(answer: Answer) -> bool:
    return answer.status in {400, 401, 403, 404, 409} or (
        answer.status == 303 and (answer.header("location") or "").startswith("/sign-in")
    )


@pytest.mark.proves("T01")
@pytest.mark.proves("T03")
async def test_everybody_gets_what_the_table_says_and_strangers_get_no_word_of_mei(
    shouwang: Shouwang, house: House, village: Village, actors: dict[str, Person | None]
) -> None:
    wrong, secrets = list[str](), secrets_of(house, village)
    for row in EVERYTHING:
        for actor in row.tried_by:
            person, before = actors[actor], await counts(house)
            answer = await send(shouwang, row, village, fresh_token(house, person) if person else None)
            status = SIGN_IN if (answer.header("location") or "").startswith("/sign-in") else answer.status
            if person is not None and person.secret and ("sign-out" in row.path or "sessions" in row.path):
                await cast.sit(house, person)
            if status != row.of(actor):
                wrong.append(f"{row.method} {row.path} as {actor}: {status}, the table says {row.of(actor)}")
            if refused(answer) and await counts(house) != before:
                wrong.append(f"{row.method} {row.path} as {actor}: refused, but something was stored")
            stranger = actor in {"none", "qian", "wu"} and row.path not in NOT_ABOUT_MEI
            if stranger or refused(answer):
                wrong += leaks(row, actor, answer, secrets)
    assert wrong == []


# Qian lives in a street of the same name; the examples of document and directory know a
# 王小梅; the outbox is for developers.
NOT_ABOUT_MEI = ("/me", "/me/edit", "/api/openapi.json", "/dev/outbox", "/dev/outbox.json", "/directory")


def leaks(row: Row, actor: str, answer: Answer, secrets: list[bytes]) -> list[str]:
    """Words about Mei's family in body or headers."""
    told = answer.body + b"\n".join(name + b": " + value for name, value in answer.headers)
    own_list = actor == "wu" and row.path in {"/roll-call/{code}", "/api/v1/regions/{code}/roll-call"}
    words = secrets[: -1 if own_list else None]  # the people of that list live in a street of the same name
    return [f"{row.method} {row.path} as {actor} told {word.decode()}" for word in words if word in told]


@pytest.mark.proves("T03")
async def test_outside_ones_region_is_the_same_answer_as_nowhere(
    shouwang: Shouwang, house: House, village: Village, actors: dict[str, Person | None]
) -> None:
    for row in EVERYTHING:
        if "{person_id}" not in row.path and not ("roll-call" in row.path and "{code}" in row.path):
            continue
        outside = await send(shouwang, row, village, fresh_token(house, village.wu))
        path = row.path.replace("{code}", NO_GRID).replace("{person_id}", NOBODY)
        nowhere = Row(row.method, path, row.statuses, row.body)
        unknown = await send(shouwang, nowhere, village, fresh_token(house, village.wu))
        assert (outside.status, unknown.status) == (404, 404)
        hidden = [str(village.father.person_id).encode(), str(village.grid).encode()]
        for answer in (outside, unknown):
            for word in (*hidden, NOBODY.encode(), NO_GRID.encode()):
                answer.body = answer.body.replace(word, b"-")
        assert outside.body == unknown.body
        assert [name for name, _ in outside.headers] == [name for name, _ in unknown.headers]


@pytest.mark.proves("T04")
async def test_a_post_that_ended_opens_nothing_from_the_next_request_on(
    shouwang: Shouwang, house: House, village: Village, actors: dict[str, Person | None]
) -> None:
    row = next(row for row in EVERYTHING if row.path == "/roll-call/{code}")
    token = fresh_token(house, village.li)
    assert (await send(shouwang, row, village, token)).status == 200
    async with house.database.writing() as db:
        ended = "UPDATE post SET valid_from = valid_from - 2, valid_to = valid_from - 1 WHERE account_id = :account"
        await db.exec(text(ended), params={"account": village.li.token.account})
    assert (await send(shouwang, row, village, token)).status == 403
