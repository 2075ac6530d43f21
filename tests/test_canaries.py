"""The detector itself: a leak planted in each representation is seen, and what is nobody's news is not."""

import io
import json
import logging
import zipfile

import pytest
from starlette.types import Scope

from app.house import House
from tests import cast, organisation
from tests.canaries import Ears, Exchange, Watched, sightings
from tests.organisation import Actor, Organisation

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def org(house: House) -> Organisation:
    return await organisation.build(house)


def scope(actor: Actor | None, path: str = "/x") -> Scope:
    """A request of somebody, as a machine sends it."""
    person = actor.person if actor else None
    headers = [(name.lower().encode(), value.encode()) for name, value in (person.bearer if person else {}).items()]
    return {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}


def workbook(words: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", f"<c><is><t>{words}</t></is></c>")
    return made.getvalue()


REPRESENTATIONS = {
    "detail": lambda words: json.dumps({"name": words}, ensure_ascii=False).encode(),
    "list": lambda words: json.dumps({"items": [{"x": 1}, {"x": words}]}, ensure_ascii=False).encode(),
    "page": lambda words: f"<html><td>{words}</td>".encode(),
    "suggestion": lambda words: f'<option value="{words}">'.encode(),
    "print": lambda words: f"<p class=slip>{words}</p>".encode(),
    "file": workbook,
    "text file": lambda words: b"\xef\xbb\xbfa," + words.encode(),
    "error": lambda words: json.dumps({"type": "not-found", "detail": f"{words}?"}, ensure_ascii=False).encode(),
}


async def told(shouwang: Watched, exchange: Exchange) -> list[str]:
    shouwang.watch.house = shouwang.app.state.house
    await shouwang.watch.look(exchange)
    return shouwang.watch.taken()


@pytest.mark.parametrize("representation", REPRESENTATIONS)
async def test_a_planted_leak_is_seen(shouwang: Watched, house: House, org: Organisation, representation: str) -> None:
    child = await organisation.of(house, org.child.person_id)
    secrets = [child.name, org.guardian.phone]
    for name, kind in (("id", child.id_sealed), ("address", child.address_sealed)):
        assert kind is not None
        secrets.append(house.vault.open(kind, f"resident|{name}", child.person_id))
    for secret in secrets:
        body = REPRESENTATIONS[representation](secret)
        for stranger in (None, "nobody", "resident of the sibling grid", "grid_worker@elsewhere", "dismissed"):
            leak = Exchange(scope(org.actors[stranger] if stranger else None), body=body)
            assert len(await told(shouwang, leak)) == 1, (stranger, secret)
        assert await told(shouwang, Exchange(scope(org.actors["guardian"]), body=body)) == []


async def test_who_is_entitled_is_told_and_not_a_word_more(shouwang: Watched, house: House, org: Organisation) -> None:
    child = await organisation.of(house, org.child.person_id)
    assert child.id_sealed is not None
    number = house.vault.open(child.id_sealed, "resident|id", child.person_id)
    worker = scope(org.actors["grid_worker@grid"])
    assert await told(shouwang, Exchange(worker, body=child.name.encode())) == []
    assert await told(shouwang, Exchange(worker, body=org.guardian.phone.encode())) == []
    assert len(await told(shouwang, Exchange(worker, body=number.encode()))) == 1
    clerk = scope(org.actors["list_clerk@county"])
    assert len(await told(shouwang, Exchange(clerk, body=child.name.encode()))) == 1


async def test_headers_are_looked_at_and_own_words_are_no_news(shouwang: Watched, org: Organisation) -> None:
    name, phone = org.guardian.name, org.guardian.phone
    stranger = scope(org.actors["nobody"], "/x")
    assert len(await told(shouwang, Exchange(stranger, headers=f"location: /y?phone={phone}".encode()))) == 1
    assert await told(shouwang, Exchange(stranger, sent=f"phone={phone}".encode(), body=phone.encode())) == []
    masked = f"{name[0]}＊＊＊ {phone[:3]}****{phone[-4:]}"
    assert await told(shouwang, Exchange(stranger, body=masked.encode())) == []


def test_every_log_is_heard(shouwang: Watched) -> None:
    ears = Ears(shouwang.watch)
    for words in (f"no account for {cast.fresh_phone()}", f"wrong: {cast.fresh_id()}"):
        ears.emit(logging.LogRecord("uvicorn.error", logging.INFO, "", 0, words, (), None))
        assert len(shouwang.watch.taken()) == 1
    assert sightings("region 330822102205001 at 1700000000000, id 0190a0c0-0000-7000-8000-000000000009") == set()
