"""The gate: our host, our own pages, and what every answer carries."""

import pytest

from app.house import House
from app.main import MOST_BODY, Shouwang
from tests.cast import Village
from tests.routers.cells import fresh_token, ready, send, target
from tests.routers.matrix import EVERYTHING, SIGN_IN
from tests.routers.wire import FORM, JSON, OURS, ask, bearer, cookie

pytestmark = pytest.mark.anyio

UNSAFE = [row for row in EVERYTHING if row.method != "GET"]
OWN_ORIGIN = (b"origin", b"http://127.0.0.1:8000")
FOREIGN = [
    *(((b"sec-fetch-site", site),) for site in (b"cross-site", b"same-site", b"none", b"", b"Same-Origin")),
    *(((b"origin", origin),) for origin in (b"https://evil.example", b"null", b"http://127.0.0.1:8001", b"")),
    ((b"sec-fetch-site", b"cross-site"), OWN_ORIGIN),
    (),
]


@pytest.mark.proves("T17")
@pytest.mark.parametrize("row", UNSAFE, ids=lambda row: row.path)
async def test_nothing_unsafe_rides_on_a_cookie_from_elsewhere(
    shouwang: Shouwang, house: House, village: Village, row: object
) -> None:
    for marks in FOREIGN:
        answer = await send(shouwang, row, village, fresh_token(house, village.mei), marks)
        assert answer.status == 403, marks
        told = answer.body.decode()
        assert "foreign-origin" in told or "请用浏览器打开" in told
        assert answer.header("set-cookie") is None


@pytest.mark.proves("T17")
async def test_our_own_pages_pass_with_either_mark(shouwang: Shouwang, house: House, village: Village) -> None:
    await ready(house, village)
    for row in UNSAFE:
        for marks in ((OWN_ORIGIN,), (OURS, (b"origin", b"https://evil.example"))):
            answer = await send(shouwang, row, village, fresh_token(house, village.mei), marks)
            assert answer.status in {row.of("mei"), 409, 429}, (row.path, marks)


async def test_a_machine_without_cookie_needs_no_marks_but_a_page_does(shouwang: Shouwang, village: Village) -> None:
    body = b'{"phone": "x"}'
    assert (await ask(shouwang, "POST", "/api/v1/sign-in/code", [JSON], body)).status == 422
    assert (await ask(shouwang, "POST", "/sign-in", [FORM], b"phone=x")).status == 403
    foreign = [JSON, (b"sec-fetch-site", b"cross-site")]
    assert (await ask(shouwang, "POST", "/api/v1/sign-in/code", foreign, body)).status == 403


@pytest.mark.proves("T35")
@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "127.0.0.1:8000.evil.example", "127.0.0.1:8000/health/live", "a@127.0.0.1:8000", ""],
)
async def test_a_hostile_host_opens_no_door(shouwang: Shouwang, house: House, village: Village, host: str) -> None:
    for row in EVERYTHING:
        headers = [(b"host", host.encode()), bearer(fresh_token(house, village.li))]
        answer = await ask(shouwang, row.method, target(row, village), headers, host=False)
        assert answer.status == 400, row.path
        assert host not in answer.body.decode() or not host


async def test_every_answer_carries_the_protecting_headers(shouwang: Shouwang, house: House, village: Village) -> None:
    await ready(house, village)
    for row in EVERYTHING:
        answer = await send(shouwang, row, village, fresh_token(house, village.mei))
        assert answer.header("x-content-type-options") == "nosniff", row.path
        assert answer.header("referrer-policy") == "same-origin"
        assert answer.header("cross-origin-opener-policy") == "same-origin"
        policy = answer.header("content-security-policy") or ""
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "server" not in {name for name, _ in answer.headers}


async def test_pages_and_answers_about_people_are_not_kept_by_any_cache(
    shouwang: Shouwang, house: House, village: Village
) -> None:
    await ready(house, village)
    about_people = [
        "/api/v1/me",
        "/api/v1/checkins",
        "/today",
        "/checkins",
        "/me",
        "/roll-call/{code}",
        "/checkins/new",
    ]
    for row in EVERYTHING:
        if row.method == "GET" and (row.path in about_people or "{person_id}" in row.path or "roll-call" in row.path):
            answer = await send(shouwang, row, village, fresh_token(house, village.li))
            if answer.status == 200:
                assert answer.header("cache-control") == "no-store", row.path


@pytest.mark.parametrize("path", ["/api/v1/sign-in/code", "/api/v1/checkins", "/checkins", "/register", "/sign-in"])
async def test_ten_megabytes_are_refused_whether_announced_or_trickled_in(
    shouwang: Shouwang, house: House, village: Village, path: str
) -> None:
    api = path.startswith("/api/")
    kind, chunk = (JSON, b'{"note":"' + b"x" * 65_527) if api else (FORM, b"note=" + b"x" * 65_531)
    for announced in (True, False):
        headers = [kind, cookie(fresh_token(house, village.nobody)), OURS]
        if announced:
            headers.append((b"content-length", b"%d" % (160 * len(chunk))))
        answer = await ask(shouwang, "POST", path, headers, *([chunk] * 160))
        # A page's form is also refused for one field that is too long, which shows first when nothing was announced.
        assert answer.status in ({413} if api or announced else {400, 413}), announced
        assert answer.error is None
        kind_of = answer.header("content-type") or ""
        assert kind_of.startswith("application/problem+json" if api else "text/html")
    assert MOST_BODY < 1024 * 1024


async def test_nobody_is_sent_to_sign_in_and_then_elsewhere(shouwang: Shouwang) -> None:
    for path in ("/today", "/me", "/roll-call", "/checkins"):
        answer = await ask(shouwang, "GET", path)
        assert (answer.status, answer.header("location")) == (303, f"/sign-in?next={path}")
    assert SIGN_IN not in {200, 303}
