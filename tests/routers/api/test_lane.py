"""The hot lane answers what the ordinary route would answer, to the letter: same status, same headers, same body."""

import asyncio
import json
import random
import re
from dataclasses import replace
from typing import ClassVar
from uuid import UUID

import pytest
from starlette.types import ASGIApp

from app.accounts import endings
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from app.kit.tokens import LIFETIME_MS, RENEW_AFTER_MS, Token
from app.main import MOST_BODY, Shouwang
from routers.kit import metrics
from routers.kit.gate import Gate
from tests.cast import Village
from tests.routers.api.reports import some
from tests.routers.crowd import residents_of
from tests.routers.wire import JSON, OURS, Answer, ask, bearer, cookie

pytestmark = pytest.mark.anyio

PATH = "/api/v1/checkins"
REQUESTS, WALKERS = 3_000, 6
SEED = 20200205
_INSTANTS = re.compile(rb'"(received_at|filled_at)":"[^"]*"')
_RECEIVED = re.compile(rb'"received_at":"[^"]*"')


@pytest.fixture
async def pairs(house: House, village: Village) -> list[tuple[Token, Token]]:
    """Pairs of residents who differ in nothing but their ids."""
    tokens = await residents_of(house, village.grid, 2 * REQUESTS)
    return list(zip(tokens[::2], tokens[1::2], strict=True))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Grows by one with each check-in that the lane itself answered."""
    answered: list[None] = []
    monkeypatch.setattr(metrics, "checkin_stored", lambda: answered.append(None))
    return answered


def long_way(whole: Shouwang) -> ASGIApp:
    """The same app without its lane."""
    return Gate(whole.app, MOST_BODY)


async def both(
    whole: Shouwang, house: House, pair: tuple[Token, Token], body: bytes, *headers: tuple[bytes, bytes]
) -> list[Answer]:
    """The same report to the app as shipped and to the FastAPI app alone, each for one of a pair."""
    apps: list[ASGIApp] = [whole, long_way(whole)]
    return [
        await ask(app, "POST", PATH, [*(headers or [JSON]), bearer(house.signer.sign(token))], body)
        for app, token in zip(apps, pair, strict=True)
    ]


def plain(answer: Answer, token: Token, pattern: re.Pattern[bytes]) -> tuple[object, ...]:
    """An answer without what must differ: the person, instants taken from the clock, and the request's number."""
    person = str(token.person).encode()
    body = pattern.sub(rb'"\1":"-"' if pattern is _INSTANTS else b"-", answer.body.replace(person, b"PERSON"))
    headers = sorted(
        (name, b"-" if name == b"x-request-id" else value)
        for name, value in answer.headers
        if name != b"content-length"
    )
    return answer.status, headers, body, answer.error


async def walk(whole: Shouwang, house: House, pairs: list[tuple[Token, Token]], dice: random.Random) -> list[int]:
    """One walker's share of generated reports, each sent down both ways; the statuses that came."""
    statuses, pair = list[int](), pairs.pop()
    for number in range(REQUESTS // WALKERS):
        report = some(dice)
        mine, theirs = await both(whole, house, pair, report["body"])
        pattern = _RECEIVED if report["filled"] else _INSTANTS
        told = [plain(answer, token, pattern) for answer, token in zip((mine, theirs), pair, strict=True)]
        if told[0] != told[1] and mine.status == theirs.status == 201:
            # A fill time that is not believed, or lies ahead, gives way to the moment of receipt.
            gave_way = [answer.json()["filled_at"] == answer.json()["received_at"] for answer in (mine, theirs)]
            assert all(gave_way), (number, report["body"], mine.body, theirs.body)
            told = [plain(answer, token, _INSTANTS) for answer, token in zip((mine, theirs), pair, strict=True)]
        assert told[0] == told[1], (number, report["body"])
        assert mine.status < 500, (number, report["body"], mine.error)
        statuses.append(mine.status)
        # Mostly a new pair, so that the first report of a day is what gets compared; sometimes the corrections too.
        if mine.status == 201 and dice.random() < 0.8:
            pair = pairs.pop()
    return statuses


@pytest.mark.timeout(180)
async def test_thousands_of_odd_reports_get_the_same_answer_from_lane_and_route(
    shouwang: Shouwang, house: House, pairs: list[tuple[Token, Token]], quick: list[None]
) -> None:
    walks = await asyncio.gather(
        *(walk(shouwang, house, pairs, random.Random(SEED + number)) for number in range(WALKERS))
    )
    statuses = [status for each in walks for status in each]
    assert len(statuses) >= 3_000
    assert {201, 404, 422} <= set(statuses)
    assert len(quick) > len(statuses) / 8, "the lane hardly took part"


async def test_the_same_report_again_and_another_one_are_answered_alike(
    shouwang: Shouwang, house: House, pairs: list[tuple[Token, Token]]
) -> None:
    pair, name = pairs.pop(), str(uuid7())
    now = clock.now().isoformat()
    first = {"id": name, "temperature": 38.6, "symptoms": ["fever"], "exposed": "no", "filled_at": now}
    rounds = [first, first, first | {"temperature": 36.8}, first | {"id": str(uuid7()), "temperature": 36.8}]
    expected = [201, 200, 422, 201]
    for report, status in zip(rounds, expected, strict=True):
        mine, theirs = await both(shouwang, house, pair, json.dumps(report).encode())
        assert plain(mine, pair[0], _INSTANTS) == plain(theirs, pair[1], _INSTANTS)
        assert mine.status == status


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        *((kind, 201) for kind in (b"application/json", b"application/json; charset=utf-8", b"Application/JSON")),
        *((kind, 415) for kind in (b"application/jsonx", b"text/plain", b"application/json-seq", b"")),
        (b"application/x-www-form-urlencoded", 415),
    ],
)
async def test_other_kinds_of_content_are_judged_alike(
    shouwang: Shouwang, house: House, village: Village, kind: bytes, status: int
) -> None:
    first, second = await residents_of(house, village.grid, 2)
    body = json.dumps({"id": str(uuid7()), "symptoms": ["none"], "exposed": "no"}).encode()
    mine, theirs = await both(shouwang, house, (first, second), body, (b"content-type", kind))
    assert (mine.status, theirs.status) == (status, status)


async def test_a_report_in_pieces_or_too_long_for_the_lane_goes_the_long_way(
    shouwang: Shouwang, house: House, village: Village, quick: list[None]
) -> None:
    token, other = await residents_of(house, village.grid, 2)
    body = json.dumps({"id": str(uuid7()), "symptoms": ["none"], "exposed": "no"}).encode()
    headers = [JSON, bearer(house.signer.sign(token))]
    assert (await ask(shouwang, "POST", PATH, headers, body[:20], body[20:])).status == 201
    long = body[:-1] + b" " * 5000 + b"}"
    assert (await ask(shouwang, "POST", PATH, [JSON, bearer(house.signer.sign(other))], long)).status == 201
    assert quick == []


class TestSignIn:
    """Who may pass: the lane never accepts a sign-in that the route refuses."""

    BODY: ClassVar = {"symptoms": ["none"], "exposed": "no", "temperature": 36.6}

    async def _post(self, app: ASGIApp, *headers: tuple[bytes, bytes]) -> Answer:
        return await ask(app, "POST", PATH, [JSON, *headers], json.dumps(self.BODY | {"id": str(uuid7())}).encode())

    @pytest.mark.proves("T17")
    async def test_a_cookie_without_marks_of_our_own_page_is_refused(
        self, shouwang: Shouwang, village: Village
    ) -> None:
        mei = cookie(village.mei.text)
        sites = [(b"sec-fetch-site", site) for site in (b"cross-site", b"same-site", b"none")]
        origins = [(b"origin", origin) for origin in (b"https://evil.example", b"null")]
        for marks in ([], *([mark] for mark in sites + origins)):
            answer = await self._post(shouwang, mei, *marks)
            assert (answer.status, answer.json()["type"]) == (403, "foreign-origin"), marks

    async def test_a_cookie_with_our_marks_passes(
        self, shouwang: Shouwang, village: Village, quick: list[None]
    ) -> None:
        for marks in (OURS, (b"origin", b"http://127.0.0.1:8000")):
            assert (await self._post(shouwang, cookie(village.mei.text), marks)).status == 201
        assert quick == [None]

    async def test_forged_cut_expired_and_foreign_tokens_are_refused_alike(
        self, shouwang: Shouwang, house: House, village: Village
    ) -> None:
        text, now = village.mei.text, int(clock.now().timestamp() * 1000)
        expired = replace(village.mei.token, issued=now - LIFETIME_MS, expires=now - 1)
        forged = text[:10] + ("A" if text[10] != "A" else "B") + text[11:]
        for token in (
            forged,
            text[:-1],
            text[:-8],
            "",
            "x",
            "A" * 171,
            text + "=",
            house.signer.sign(expired),
        ):
            for headers in ([bearer(token)], [cookie(token), OURS]):
                answers = [await self._post(app, *headers) for app in (shouwang, long_way(shouwang))]
                assert {(answer.status, answer.body) for answer in answers} == {(401, answers[0].body)}, token
                assert answers[0].header("www-authenticate") == "Bearer"

    async def test_a_cookie_whose_name_only_ends_like_ours_is_no_sign_in(
        self, shouwang: Shouwang, village: Village
    ) -> None:
        for header in (b"notshouwang=" + village.mei.text.encode(), b"a=1; xshouwang=" + village.mei.text.encode()):
            assert (await self._post(shouwang, (b"cookie", header), OURS)).status == 401
        among = (b"cookie", b"lang=en; shouwang=" + village.mei.text.encode() + b"; text=l")
        assert (await self._post(shouwang, among, OURS)).status == 201

    async def test_a_bearer_that_fails_is_not_saved_by_a_cookie(self, shouwang: Shouwang, village: Village) -> None:
        assert (await self._post(shouwang, bearer("x"), cookie(village.mei.text), OURS)).status == 401
        assert (
            await self._post(shouwang, (b"authorization", b"Basic eA=="), cookie(village.mei.text), OURS)
        ).status == 401

    async def test_an_old_cookie_is_renewed_and_an_old_bearer_goes_on(
        self, shouwang: Shouwang, house: House, village: Village
    ) -> None:
        now, mei = int(clock.now().timestamp() * 1000), village.mei.token
        # Older than a week, and issued before the account registered: person and grid are read from the database.
        old = Token(mei.account, None, mei.device, 0, 0, now - RENEW_AFTER_MS - 1, now + 86_400_000)
        answer = await self._post(shouwang, cookie(house.signer.sign(old)), OURS)
        assert answer.status == 201
        assert "Max-Age=2592000" in (answer.header("set-cookie") or "")
        answer = await self._post(shouwang, bearer(house.signer.sign(old)))
        assert (answer.status, answer.header("set-cookie")) == (201, None)

    @pytest.mark.proves("T35")
    async def test_a_foreign_host_is_refused(self, shouwang: Shouwang, village: Village) -> None:
        for host in (
            b"evil.example",
            b"127.0.0.1",
            b"127.0.0.1:8000.evil.example",
            b"127.0.0.1:8000@evil.example",
            b"",
            b"127.0.0.1:80",
        ):
            body = json.dumps(self.BODY | {"id": str(uuid7())}).encode()
            headers = [(b"host", host), JSON, bearer(village.mei.text)]
            answer = await ask(shouwang, "POST", PATH, headers, body, host=False)
            assert (answer.status, answer.json()["type"]) == (400, "wrong-host")

    @pytest.mark.proves("T04")
    async def test_a_sign_in_that_ended_is_refused(self, shouwang: Shouwang, house: House, village: Village) -> None:
        async with house.database.writing() as db:
            await endings.end(db, village.mei.token)
        await house.endings.read()
        for app in (shouwang, long_way(shouwang)):
            assert (await self._post(app, bearer(village.mei.text))).status == 401


async def test_when_the_queue_is_full_the_lane_says_so_at_once(
    shouwang: Shouwang, house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.checkins.writer.MOST_WAITING", 0)
    (token,) = await residents_of(house, village.grid, 1)
    body = json.dumps({"id": str(uuid7()), "symptoms": ["none"], "exposed": "no"}).encode()
    answer = await ask(
        shouwang, "POST", PATH, [JSON, bearer(house.signer.sign(token)), (b"accept-language", b"en")], body
    )
    assert (answer.status, answer.header("content-type")) == (503, "application/problem+json")
    assert int(answer.header("retry-after") or 0) >= 1
    assert answer.json()["title"] == "Very busy just now"
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.json()["instance"] == f"urn:uuid:{answer.header('x-request-id')}"


async def test_an_error_nobody_foresaw_takes_the_long_way_and_stores_once(
    shouwang: Shouwang, house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    (token,) = await residents_of(house, village.grid, 1)
    put, failed = house.writer.put, list[None]()

    def once(row: object) -> object:
        if not failed:
            failed.append(None)
            raise RuntimeError("a reply lost after the commit")
        return put(row)  # type: ignore[arg-type]

    monkeypatch.setattr(house.writer, "put", once)
    body = json.dumps({"id": str(uuid7()), "symptoms": ["none"], "exposed": "no"}).encode()
    answer = await ask(shouwang, "POST", PATH, [JSON, bearer(house.signer.sign(token))], body)
    assert answer.status == 201
    assert UUID(answer.json()["person_id"]) == token.person
