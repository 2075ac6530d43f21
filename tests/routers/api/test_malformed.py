"""Whatever is sent to the JSON door, the answer is a refusal with words, never a fault of ours."""

import json
from urllib.parse import quote

import pytest

from app.main import Shouwang
from tests.cast import Village
from tests.routers.hostile import BODIES, WORDS
from tests.routers.matrix import API
from tests.routers.wire import JSON, Answer, ask, bearer

pytestmark = pytest.mark.anyio

POSTS = [row.path for row in API if row.method == "POST" and row.body]


def calm(answer: Answer, *statuses: int) -> bool:
    """A refusal in the shape of problem+json, of one of these statuses."""
    assert answer.error is None
    assert answer.status in statuses, (answer.status, answer.body[:300])
    assert answer.header("content-type") == "application/problem+json"
    told = answer.json()
    return bool(told["title"] and told["detail"]) and told["status"] == answer.status


@pytest.mark.parametrize("path", POSTS)
async def test_bodies_that_are_no_json_or_no_form_of_ours_are_refused(
    shouwang: Shouwang, village_of_all: Village, path: str
) -> None:
    for language in (b"zh-CN", b"en"):
        headers = [JSON, bearer(village_of_all.mei.text), (b"accept-language", language)]
        for name, body in BODIES.items():
            answer = await ask(shouwang, "POST", path, headers, body)
            assert calm(answer, 400, 413, 422), name
            assert all(error["detail"] for error in answer.json().get("errors", []))


@pytest.mark.parametrize("path", POSTS)
async def test_another_kind_of_content_is_refused_with_the_kind_that_is_wanted(
    shouwang: Shouwang, village_of_all: Village, path: str
) -> None:
    for kind in (
        b"text/plain",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data; boundary=x",
        b"",
        b"application/xml",
    ):
        headers = [(b"content-type", kind), bearer(village_of_all.mei.text), (b"accept-language", b"en")]
        answer = await ask(shouwang, "POST", path, headers, b'{"id":"x"}')
        assert calm(answer, 415)
        assert "application/json" in answer.json()["detail"]


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


async def test_hostile_query_and_path_parameters_are_refused(shouwang: Shouwang, village_of_all: Village) -> None:
    headers = [bearer(village_of_all.li.text)]
    roll_call = f"/api/v1/regions/{village_of_all.grid}/roll-call?day={{}}"
    targets = [f"/api/v1/checkins?{name}={{}}" for name in ("person_id", "from", "to")] + [roll_call]
    targets += ["/api/v1/regions/{}", "/api/v1/regions/{}/roll-call", "/api/v1/{}", "/api/v1/regions?q=x&level={}"]
    for target in targets:
        for word in WORDS.values():
            hostile = quote(word[:300], safe="", errors="surrogatepass")
            answer = await ask(shouwang, "GET", target.format(hostile), headers)
            assert answer.error is None
            assert answer.status in {200, 404, 422}, (target, word[:20])


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
