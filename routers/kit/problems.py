"""Refusals on their way out: problem+json (RFC 9457) under /api, a short page elsewhere, in the reader's language."""

import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.accounts import SecondFactorNeeded, SessionOver, StepUpNeeded
from app.kit import asking
from app.kit import db as database
from app.kit.db import DatabaseAway
from app.kit.errors import N_, Fault, Invalid, NotFound, NotSignedIn, Overloaded, PostMissing, Refusal
from routers.kit.i18n import gettext, language_of
from routers.kit.kept_words import kept
from routers.kit.render import _way_back, page, see_other

log = logging.getLogger("shouwang.doors")

FAILED = 500  # from here on it was not the caller: the answer says the number under which we find it

# What pydantic found, in words for people. `%(name)s` are the limits of the field.
WORDS = {
    "missing": N_("This answer is needed."),
    "extra_forbidden": N_("This field is not known here. Please remove it."),
    "string_too_long": N_("This is too long: at most %(max_length)s characters."),
    "string_too_short": N_("Please fill this in."),
    "words_too_short": N_("This is too short: at least %(min_length)s characters."),
    "less_than_equal": N_("This is too much: at most %(le)s."),
    "greater_than_equal": N_("This is too little: at least %(ge)s."),
    "too_long": N_("These are too many: at most %(max_length)s."),
    "too_short": N_("Please choose at least one answer."),
    "json_invalid": N_("This is not valid JSON in UTF-8."),
    "control_characters": N_("This contains characters that cannot be stored. Please type it again."),
    "unseen": N_("Please write this in letters that can be seen; there are too few."),
    "formula": N_("This begins like a formula of a spreadsheet. Please write the name alone."),
    "region_code": N_("This is not a region code: it has 12 or 15 digits."),
    "not_a_choice": N_("This is not one of the choices."),
    "number": N_("This is not a number."),
    "time": N_("This is not a time with its offset, such as 2020-02-05T08:12:00+08:00."),
    "day": N_("This is not a day, such as 2020-02-05."),
    "uuid": N_("This is not a valid id (UUID)."),
    "text": N_("This must be text in quotation marks."),
    "yes_or_no": N_("This must be true or false."),
    "clock": N_("This is not a time of day, such as 22:00."),
    "list": N_("This must be a list."),
    "object": N_("This must be an object with fields."),
    "other": N_("This value does not fit here."),
}
_KINDS = {"float": "number", "int": "number", "decimal": "number", "finite": "number", "datetime": "time",
          "timezone": "time", "date": "day", "uuid": "uuid", "bool": "yes_or_no", "list": "list",
          "dict": "object", "model": "object", "enum": "not_a_choice", "literal": "not_a_choice"}  # fmt: skip
_WHERE = {("body",), ("query",), ("path",)}


class TooLarge(Refusal):
    """A body over the limit of its route."""

    status, type = 413, "too-large"
    title = N_("Too large")
    detail = N_("What you sent is too large. Please shorten it.")


class WrongKind(Refusal):
    """Another kind of body than the route takes."""

    status, type = 415, "wrong-kind"
    title = N_("Another kind of content is needed")
    detail = N_("Please send application/json.")


class WrongMethod(Refusal):
    """No such act at this address."""

    status, type = 405, "wrong-method"
    title = N_("This cannot be done here")
    detail = N_("Please go back and use the buttons of the page.")


class ForeignOrigin(Refusal):
    """A request that another site's page made."""

    status, type = 403, "foreign-origin"
    title = N_("Please open this page in your browser")
    detail = N_("This did not come from our own page. Open the address in your browser and try again.")


class WrongHost(Refusal):
    """A Host header that is not ours."""

    status, type = 400, "wrong-host"
    title = N_("Wrong address")
    detail = N_("This address does not belong to this service.")


class BrokenRequest(Refusal):
    """A request that cannot be read at all."""

    status, type = 400, "broken-request"
    title = N_("This request could not be read")
    detail = N_("Please go back and try again.")


class OurFault(Refusal):
    """A bug of ours."""

    status, type = 500, "our-fault"
    title = N_("Something went wrong on our side")
    detail = N_("We have noted it. Nothing was stored; please try again in a moment.")


_BY_STATUS: dict[int, type[Refusal]] = {
    404: NotFound, 405: WrongMethod, 413: TooLarge, 415: WrongKind, 422: Invalid, 400: BrokenRequest,
}  # fmt: skip


# Where a page leads who has not proved enough yet: afterwards they come back to where they were.
_PLACES: dict[type[Refusal], str] = {
    NotSignedIn: "/sign-in?", SessionOver: "/sign-in?staff=1&", SecondFactorNeeded: "/second-factor?",
    StepUpNeeded: "/step-up?",
}  # fmt: skip


def fault_of(error: dict[str, Any]) -> Fault:
    """One finding of pydantic as a fault of ours."""
    kind = str(error["type"])
    place = error["loc"][1:] if error["loc"][:1] in _WHERE else error["loc"]
    path = [str(part).replace("~", "~0").replace("/", "~1") for part in place]
    if kind in {"value_error", "assertion_error"}:
        kind = str(error.get("ctx", {}).get("error", "other"))
    if kind == "string_unicode":
        kind = "control_characters"
    if kind == "string_type":
        kind = "text"
    if kind == "string_too_short" and error["ctx"]["min_length"] > 1:
        kind = "words_too_short"
    if kind not in WORDS:
        kind = _KINDS.get(kind.split("_")[0], "other")
    if kind == "json_invalid":
        path = []
    return Fault("/".join(path), WORDS[kind], error.get("ctx") or {})


def faults_of(errors: Sequence[Any]) -> tuple[Fault, ...]:
    """The findings of pydantic as faults, one for each field."""
    found = [fault_of(error) for error in errors]
    return tuple({fault.field: fault for fault in reversed(found)}.values())[::-1]


def words(lang: str, fault: Fault) -> str:
    """A fault in the reader's language."""
    return gettext(lang, fault.message, **fault.params)


def problem(refusal: Refusal, lang: str) -> dict[str, Any]:
    """The body of problem+json. `errors` name each wrong field by JSON pointer, in words that help."""
    body: dict[str, Any] = {
        "type": refusal.type,
        "title": gettext(lang, refusal.title),
        "status": refusal.status,
        "detail": gettext(lang, refusal.detail, **refusal.params),
    }
    if refusal.faults:
        # The pointer of the whole body is empty (RFC 6901); "/" would be a field without a name.
        body["errors"] = [
            {"pointer": fault.field and f"/{fault.field}", "detail": words(lang, fault)} for fault in refusal.faults
        ]
    if refusal.status >= FAILED and (request_id := asking.now().request_id):
        # Below, the header alone says it: what is not there and what is not yours look alike.
        body["instance"] = request_id.urn
    return body | refusal.extra


def is_api(request: Request) -> bool:
    """Machines get JSON: everything under /api, and whatever asks for a .json."""
    return request.url.path.startswith(("/api/", "/health/", "/metrics")) or request.url.path.endswith(".json")


def answer(request: Request, refusal: Refusal) -> Response:
    """A refusal as this reader can use it."""
    headers = {"Cache-Control": "no-store"}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    lang = language_of(request)
    if is_api(request):
        if refusal.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        body = problem(refusal, lang)
        return JSONResponse(body, refusal.status, headers=headers, media_type="application/problem+json")
    if request.method == "GET" and (place := _PLACES.get(type(refusal))):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return see_other(f"{place}next={quote(wanted)}")
    detail = gettext(lang, refusal.detail, **refusal.params)
    told = [f"{words(lang, fault)}" for fault in refusal.faults]
    response = page(
        request, "errors/problem.html", status=refusal.status, store=False, title=gettext(lang, refusal.title),
        detail=" ".join([detail, *told]), way_out=_way_out(request, refusal, lang),
        number=asking.now().request_id if refusal.status >= FAILED else None,
    )  # fmt: skip
    response.headers.update(headers)
    return response


def _way_out(request: Request, refusal: Refusal, lang: str) -> list[dict[str, str]]:
    ways = [(N_("Today's check-in"), "/today"), (N_("Help"), "/help")]
    if isinstance(refusal, NotSignedIn):
        ways = [(N_("Sign in"), "/sign-in"), *ways[1:]]
    elif place := _PLACES.get(type(refusal)):
        ways = [(N_("Confirm that it is you"), f"{place}next={quote(_way_back(request))}"), *ways[1:]]
    if isinstance(refusal, PostMissing | NotFound):
        ways = [(N_("Start page"), "/"), *ways]
    return [{"label": gettext(lang, label), "href": href} for label, href in ways]


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    if isinstance(error, StepUpNeeded) and request.method == "POST" and not is_api(request):
        page_with_words = await kept(request, error)
        if page_with_words is not None:
            return page_with_words
    return answer(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if any(finding["loc"][:1] == ("path",) for finding in error.errors()):
        return answer(request, NotFound())  # an address that cannot exist
    if not _sent_json(request) and any(finding["loc"] == ("body",) for finding in error.errors()):
        return answer(request, WrongKind())
    return answer(request, Invalid(faults=faults_of(error.errors())))


def _sent_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400 and is_api(request):  # a body that is no JSON, or not even text
        return answer(request, Invalid(faults=(Fault("", WORDS["json_invalid"]),)))
    response = answer(request, _BY_STATUS.get(error.status_code, BrokenRequest)())
    response.headers.update(error.headers or {})  # which methods are allowed, for instance
    return response


async def _unexpected(request: Request, error: Exception) -> Response:
    if database.away(error):
        log.warning("database away: %s", type(error).__name__)
        return answer(request, DatabaseAway(retry_after=5))
    request_id = asking.now().request_id
    log.error("a bug: %s at %s, request %s", type(error).__name__, request.url.path, request_id, exc_info=error)
    return answer(request, OurFault())


def install(app: FastAPI) -> None:
    """Let every exception leave as a refusal."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in (DBAPIError, *database.AWAY):
        app.add_exception_handler(kind, _unexpected)
    app.add_exception_handler(Exception, _unexpected)


__all__ = ["Overloaded", "answer", "faults_of", "install", "problem", "words"]
