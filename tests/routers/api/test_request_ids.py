"""Every request has a number: the answer says it, the ledger and the log keep it, beside from where it came."""

import json
import logging
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from app import regions, staff
from app.house import House
from app.kit.ids import uuid7
from app.main import Shouwang
from models.audit import AuditEvent
from tests.app.staffing import administrator, wanted
from tests.cast import Village
from tests.routers.api.test_accounts import code_for
from tests.routers.wire import JSON, Answer, ask, bearer

pytestmark = pytest.mark.anyio

PHONE = (b"user-agent", b"Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36")
ORIGIN = "127.0.0.*, Chrome on Android"


def number_of(answer: Answer) -> UUID:
    return UUID(answer.header("x-request-id") or "")


async def written(house: House, number: UUID) -> list[AuditEvent]:
    async with house.database.reading() as db:
        return list(await db.exec(select(AuditEvent).where(col(AuditEvent.request_id) == number)))


async def test_each_answer_says_a_number_of_its_own(shouwang: Shouwang, village: Village) -> None:
    targets = ["/", "/nothing-here", "/api/v1/regions?q=a", "/api/v1/nothing", "/health/live", "/api/v1/me"]
    answers = [await ask(shouwang, "GET", target) for target in (*targets, *targets)]
    assert len({number_of(answer) for answer in answers}) == len(answers)
    foreign = await ask(shouwang, "GET", "/", [(b"host", b"evil.example")], host=False)
    assert number_of(foreign).version == 7


async def test_what_a_resident_does_is_written_down_with_number_and_origin(
    shouwang: Shouwang, house: House, village: Village
) -> None:
    words = {"id": str(uuid7()), "kind": "other", "words": "那天不是我，请查一查。"}
    sent = [JSON, PHONE, bearer(village.mei.text)]
    answer = await ask(shouwang, "POST", "/api/v1/me/appeals", sent, json.dumps(words).encode())
    assert answer.status == 201
    (event,) = await written(house, number_of(answer))
    assert (event.act, event.origin, event.account_id) == ("appealed", ORIGIN, village.mei.token.account)


async def test_taking_up_a_post_is_written_down_with_number_and_origin(
    shouwang: Shouwang, house: House, village: Village, api: httpx.AsyncClient
) -> None:
    _, me = await administrator(house, village.code)
    form = wanted(village.grid)
    async with house.database.writing() as db:
        await staff.invite(db, me, form)
    body = {"phone": form.phone, "code": await code_for(api, form.phone)}
    answer = await ask(shouwang, "POST", "/api/v1/sign-in", [JSON, PHONE], json.dumps(body).encode())
    assert answer.status == 200
    events = await written(house, number_of(answer))
    assert {(event.act, event.origin) for event in events} == {("activated", ORIGIN), ("signed_in_staff", ORIGIN)}


async def test_a_bug_says_its_number_to_machine_reader_and_log(
    shouwang: Shouwang, village: Village, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> object:
        raise RuntimeError("a bug")

    monkeypatch.setattr(regions, "find", broken)
    with caplog.at_level(logging.ERROR, "shouwang.doors"):
        machine = await ask(shouwang, "GET", "/api/v1/regions?q=changshan")
        reader = await ask(shouwang, "GET", "/regions?q=changshan", [(b"accept-language", b"en")])
    assert (machine.status, reader.status) == (500, 500)
    assert machine.json()["instance"] == number_of(machine).urn
    assert str(number_of(reader)) in reader.body.decode()
    assert str(number_of(machine)) in caplog.text


async def test_what_is_not_there_and_what_is_not_yours_stay_alike(shouwang: Shouwang, village: Village) -> None:
    answer = await ask(shouwang, "GET", "/api/v1/nothing")
    assert (answer.status, set(answer.json())) == (404, {"type", "title", "status", "detail"})
