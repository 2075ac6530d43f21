"""Every field of every form with hostile words: a refusal or the form again, words kept and escaped."""

import itertools
from urllib.parse import quote, urlencode

import pytest
from markupsafe import escape

from app.house import House
from app.kit.ids import uuid7
from app.main import Shouwang
from tests.cast import Person, Village
from tests.routers.cells import fresh_token, ready, target
from tests.routers.hostile import WORDS
from tests.routers.matrix import PAGES, Row
from tests.routers.pages.hostile_forms import STAFF_FORMS
from tests.routers.paper import understood
from tests.routers.wire import FORM, OURS, Answer, ask, cookie

pytestmark = pytest.mark.anyio

PERSON = ("name", "id_type", "id_number", "birth_date")
FORMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "/sign-in": ("nobody", ("phone", "next")),
    "/sign-in/code": ("nobody", ("phone", "code", "next")),
    "/register": (
        "nobody",
        (*PERSON, "phone", "address", "region_code", "place_query", "member_count", "find", "add_member",
         *(f"member-0-{name}" for name in (*PERSON, "relation")), "member-5-name"),
    ),
    "/me/household": ("mei", (*PERSON, "relation")),
    "/me/phone": ("mei", ("phone",)),
    "/me/phone/code": ("mei", ("phone", "code")),
    "/checkins": (
        "mei",
        ("id", "person_id", "day", "slot", "quick", "temperature", "temperature_confirmed", "no_thermometer",
         "symptoms", "exposed", "place", "needs", "note"),
    ),
    "/settings/language": ("mei", ("lang", "next")),
    "/settings/text": ("mei", ("size", "next")),
}  # fmt: skip
KEPT = {"phone", "name", "id_number", "address", "place_query", "temperature", "note", "member-0-name"}
SHOWN = {"quotes", "template", "markup", "right to left", "path"}


QUERIES = (
    *(
        ("today", "for"),
        ("checkins", "for"),
        ("checkins/new", "for"),
        ("checkins/new", "day"),
        ("checkins/new", "slot"),
    ),
    *(("me", "told"), ("register", "region_code"), ("regions", "q"), ("sign-in", "next"), ("dev/outbox.json", "phone")),
)


async def post(app: Shouwang, token: str, path: str, body: bytes) -> Answer:
    return await ask(app, "POST", path, [FORM, OURS, cookie(token)], body)


def encoded(fields: dict[str, str]) -> bytes:
    return urlencode(fields, errors="surrogatepass").encode()


def calm(answer: Answer, about: object) -> None:
    """No fault of ours, no way out of this site, nothing of the hostile markup alive."""
    assert answer.error is None, (about, answer.error)
    assert answer.status < 500, (about, answer.status)
    location = answer.header("location") or "/"
    assert location.startswith("/"), about
    assert not location.startswith(("//", "/\\")), about
    assert b"<img src=x" not in answer.body, about
    assert b"</textarea></script>" not in answer.body, about
    assert b"{{ 7*7 }}49" not in answer.body, about


@pytest.mark.proves("T17")
@pytest.mark.parametrize("path", FORMS)
async def test_every_field_takes_hostile_words_calmly(
    shouwang: Shouwang, house: House, village_of_all: Village, path: str
) -> None:
    who, fields = FORMS[path]
    token = fresh_token(house, getattr(village_of_all, who))
    for field in fields:
        for kind, word in WORDS.items():
            # Never a complete form: an id that cannot be keeps the rest of a report from being stored.
            rest = {"id": "x", "symptoms": "none", "exposed": "no"} if path == "/checkins" and field != "id" else {}
            answer = await post(shouwang, token, path, encoded(rest | {field: word}))
            calm(answer, (path, field, kind))
            if field in KEPT and answer.status == 422 and kind in SHOWN:
                assert escape(word) in answer.body.decode(), (path, field, kind)


async def test_every_error_names_a_field_that_is_on_the_page(
    shouwang: Shouwang, house: House, village_of_all: Village
) -> None:
    for path, (who, fields) in FORMS.items():
        answer = await post(
            shouwang, fresh_token(house, getattr(village_of_all, who)), path, encoded(dict.fromkeys(fields, "²"))
        )
        if answer.status != 422:
            continue
        page = understood(answer.status, answer.body.decode())
        assert page.title.startswith("错误："), path
        assert page.errors, path
        assert {field.removeprefix("#") for field in page.errors} <= page.ids, path


@pytest.mark.parametrize("path", FORMS)
async def test_bodies_that_are_no_form_are_refused(
    shouwang: Shouwang, house: House, village_of_all: Village, path: str
) -> None:
    who, _ = FORMS[path]
    parts = [b"", b"; boundary=", b"; boundary=x; charset=unicode_escape", b"; boundary=x; charset=nonsense"]
    kinds = [b"application/json", b"text/plain", b"", FORM[1], FORM[1] + b"; charset=utf-7"]
    kinds += [b"multipart/form-data" + part for part in parts]
    field = FORMS[path][1][0].encode()
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n\\ud800\xff\r\n--x--\r\n' % field
    upload = b'--x\r\nContent-Disposition: form-data; name="%s"; filename="a"\r\n\r\nx\r\n--x--\r\n' % field
    bodies = [
        b"",
        b"=",
        b"&&&",
        b"%",
        b"%ff%fe=%zz",
        b"\xff\xfe",
        b"a" * 60_000,
        b"&".join([b"a=1"] * 5_000),
        part,
        upload,
    ]
    for kind in kinds:
        for body in bodies:
            headers = [(b"content-type", kind), OURS, cookie(fresh_token(house, getattr(village_of_all, who)))]
            answer = await ask(shouwang, "POST", path, headers, body)
            calm(answer, (path, kind, body[:60]))


async def test_hostile_addresses_are_refused(shouwang: Shouwang, house: House, village_of_all: Village) -> None:
    await ready(house, village_of_all)
    v = village_of_all
    queries = [f"/{page}?{name}={{}}" for page, name in QUERIES]
    queries += [f"/{page}/{{}}" for page in ("regions", "residents", "roll-call")] + ["/{}", "/static/{}/app.css"]
    queries += [f"/roll-call/{v.grid}?{name}={{}}" for name in ("day", "show", "page")]
    queries += [f"/checkins/{v.mei.person_id}/{{}}/day", f"/checkins/{v.mei.person_id}/2020-02-05/{{}}"]
    people: list[Person] = [v.mei, v.li, v.nobody]
    turn = itertools.cycle(people)
    for query in queries:
        for kind, word in WORDS.items():
            hostile = quote(word[:300], safe="", errors="surrogatepass")
            answer = await ask(shouwang, "GET", query.format(hostile), [cookie(fresh_token(house, next(turn)))])
            calm(answer, (query, kind))


async def test_a_page_reached_by_another_site_is_shown_but_nothing_is_done(
    shouwang: Shouwang, village_of_all: Village
) -> None:
    row = Row("GET", "/today", ())
    foreign = [(b"sec-fetch-site", b"cross-site"), cookie(village_of_all.mei.text)]
    assert (await ask(shouwang, "GET", target(row, village_of_all), foreign)).status == 200
    report = encoded({"id": str(uuid7()), "quick": "1"})
    assert (await ask(shouwang, "POST", "/checkins", [FORM, *foreign], report)).status == 403


def test_every_form_of_the_pages_is_here() -> None:
    posts = {row.path for row in PAGES if row.method == "POST" and row.body not in {"nothing", ""}}
    assert posts | {"/register", "/me/edit", "/me/copy"} == set(FORMS) | set(STAFF_FORMS)
