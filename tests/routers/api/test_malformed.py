"""Whatever is sent to the JSON door, the answer is a refusal with words, never a fault of ours."""

import json
import re
from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID

import pytest
from fastapi.routing import APIRoute

from app.main import Shouwang
from routers import api as door
from tests.cast import Person, Village
from tests.routers.chief import machine
from tests.routers.hostile import BODIES, WORDS
from tests.routers.wire import JSON, Answer, ask, bearer

pytestmark = pytest.mark.anyio

ROUTES = [route for router in door.routers() for route in router.routes if isinstance(route, APIRoute)]
NOBODY = str(UUID("0190a0c0-0000-7000-8000-000000000009"))
# Each method and address that takes JSON. The test speaks as the chief, whom every door lets in, so that what answers
# is always the judgement of the body.
BODIED = [
    (method, re.sub(r"{[^}]*}", NOBODY, route.path))
    for route in ROUTES if route.body_field for method in route.methods
]  # fmt: skip


def calm(answer: Answer, *statuses: int) -> bool:
    """A refusal in the shape of problem+json, of one of these statuses."""
    assert answer.error is None
    assert answer.status in statuses, (answer.status, answer.body[:300])
    assert answer.header("content-type") == "application/problem+json"
    told = answer.json()
    return bool(told["title"] and told["detail"]) and told["status"] == answer.status


@pytest.mark.parametrize(("method", "path"), BODIED)
async def test_bodies_that_are_no_json_or_no_form_of_ours_are_refused(
    shouwang: Shouwang, chief: Person, method: str, path: str
) -> None:
    for language in (b"zh-CN", b"en"):
        headers = [JSON, *machine(chief), (b"accept-language", language)]
        for name, body in BODIES.items():
            answer = await ask(shouwang, method, path, headers, body)
            assert calm(answer, 400, 413, 422), name
            assert all(error["detail"] for error in answer.json().get("errors", []))


@pytest.mark.parametrize(("method", "path"), BODIED)
async def test_another_kind_of_content_is_refused_with_the_kind_that_is_wanted(
    shouwang: Shouwang, chief: Person, method: str, path: str
) -> None:
    for kind in (
        b"text/plain",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data; boundary=x",
        b"",
        b"application/xml",
    ):
        headers = [(b"content-type", kind), *machine(chief), (b"accept-language", b"en")]
        answer = await ask(shouwang, method, path, headers, b'{"id":"x"}')
        assert calm(answer, 415)
        assert "application/json" in answer.json()["detail"]


async def test_what_cannot_be_read_is_refused_before_anybody_asks_who_sent_it(shouwang: Shouwang) -> None:
    # FastAPI parses first: broken JSON is 422 to everybody. Everything that is judged, the fields and the kind of
    # content, comes after the question of who asks: 401 tells a stranger nothing of a form.
    path = "/api/v1/staff/posts"
    assert calm(await ask(shouwang, "POST", path, [JSON], b'{"id":'), 422)
    assert calm(await ask(shouwang, "POST", path, [JSON], b'{"unknown":1}'), 401)
    assert calm(await ask(shouwang, "POST", path, [(b"content-type", b"text/plain")], b"x"), 401)


FIELDS = {
    "/api/v1/sign-in/code": ("phone",),
    "/api/v1/sign-in": ("phone", "code"),
    "/api/v1/me/phone": ("phone", "code"),
    "/api/v1/residents": ("name", "id_type", "id_number", "birth_date", "phone", "address", "region_code", "household"),
    "/api/v1/me/household": ("name", "id_type", "id_number", "birth_date", "relation"),
    "/api/v1/checkins": (
        "id",
        "person_id",
        "slot",
        "temperature",
        "symptoms",
        "exposed",
        "place",
        "needs",
        "day",
        "filled_at",
    ),
}


@pytest.mark.parametrize("path", FIELDS)
async def test_hostile_words_in_every_field_are_refused_and_never_stored_half(
    shouwang: Shouwang, village_of_all: Village, path: str
) -> None:
    headers = [JSON, bearer(village_of_all.nobody.text)]
    for field in FIELDS[path]:
        for number, word in enumerate(WORDS.values()):
            for value in (word, ([word], {word: word}, [[word]])[number % 3]):
                # The other fields are missing, so that nothing is ever complete.
                answer = await ask(shouwang, "POST", path, headers, json.dumps({field: value}).encode())
                assert calm(answer, 413, 422), (field, value)


def fields() -> Iterator[tuple[str, str, str]]:
    """Every field of every other body: method, address, name."""
    for route in ROUTES:
        if route.body_field and route.path not in FIELDS:
            for method in route.methods:
                for name in route.body_field.field_info.annotation.model_fields:
                    yield method, re.sub(r"{[^}]*}", NOBODY, route.path), name


@pytest.mark.parametrize(("method", "path", "field"), list(fields()))
async def test_a_hostile_word_is_kept_as_a_word_or_refused(
    shouwang: Shouwang, chief: Person, method: str, path: str, field: str
) -> None:
    for number, word in enumerate(WORDS.values()):
        value = (word, [word], {word: word}, [[word]], word)[number % 5]
        answer = await ask(shouwang, method, path, [JSON, *machine(chief)], json.dumps({field: value}).encode())
        # A form with one answer that is needed takes words as they are: a search finds nothing, a sheet its reasons.
        assert answer.status in {200, 201} or calm(answer, 404, 409, 413, 422, 429), (word, answer.body[:300])


def addresses(grid: int) -> Iterator[str]:
    """Every query parameter and every part of an address that can be asked with GET."""
    for route in ROUTES:
        if "GET" not in route.methods:
            continue
        whole = re.sub(r"{[^}]*}", NOBODY, route.path.replace("{code}", str(grid)))
        yield from (f"{whole}?{parameter.alias}={{}}" for parameter in route.dependant.query_params)
        for parameter in route.dependant.path_params:
            before, _, after = route.path.partition(f"{{{parameter.alias}}}")
            yield "{}".join(re.sub(r"{[^}]*}", NOBODY, part) for part in (before, after))
    yield from ("/api/v1/{}", "/api/v1/regions?q=x&level={}")


async def test_hostile_query_and_path_parameters_are_refused(
    shouwang: Shouwang, village_of_all: Village, chief: Person
) -> None:
    for target in addresses(village_of_all.grid):
        for word in WORDS.values():
            hostile = quote(word[:300], safe="", errors="surrogatepass")
            answer = await ask(shouwang, "GET", target.format(hostile), machine(chief))
            assert answer.error is None
            assert answer.status in {200, 404, 422}, (target, word[:20], answer.body[:200])


@pytest.mark.parametrize(
    "header",
    [
        *((b"authorization", value) for value in (b"Bearer \xff\xfe", b"", b"Bearer", b"Bearer " + b"A" * 9000)),
        *((b"cookie", value) for value in (b"shouwang=\xff", b"shouwang", b"=;;=,\x00", b"shouwang=" + b"A" * 9000)),
        *((b"accept-language", value) for value in (b"q=nan,;;q=1e999", b"\xff", b"zh;q=\xff")),
        *((name, b"\xff") for name in (b"if-none-match", b"origin", b"sec-fetch-site", b"accept-encoding")),
        *((b"referer", b"http://["), (b"range", b"bytes=9-1"), (b"content-length", b"-1")),
    ],
)
async def test_hostile_headers_are_refused_or_ignored(shouwang: Shouwang, header: tuple[bytes, bytes]) -> None:
    for method, path in (
        ("GET", "/"),
        ("GET", "/today"),
        ("GET", "/api/v1/me"),
        ("POST", "/api/v1/checkins"),
        ("POST", "/checkins"),
    ):
        answer = await ask(shouwang, method, path, [JSON, header], b"{}")
        assert answer.error is None, (path, answer.error)
        assert answer.status < 500
