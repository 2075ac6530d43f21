"""The OpenAPI document, made complete: who may call, every refusal a route can give, and an example of everything."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.routing import BaseRoute

from app.accounts import SecondFactorNeeded, SessionOver, StepUpNeeded
from app.accounts.codes import CodeTooSoon
from app.checkins.facts import MEANT
from app.kit.errors import (
    Confirm,
    Fault,
    Invalid,
    KeyReused,
    NotFound,
    NotSignedIn,
    Overloaded,
    PostMissing,
    QuotaSpent,
    Refusal,
)
from app.vault import Erased
from routers.kit import problems
from routers.kit.catalogue import ALSO, SAID
from routers.kit.deps import _grave, _me, _staff, _unproven
from routers.kit.examples import AT, EXAMPLES, PARAMETERS
from routers.kit.gate import UNSAFE
from routers.kit.problems import BrokenRequest, ForeignOrigin, TooLarge, WrongHost, WrongKind

Json = dict[str, Any]


class WrongField(BaseModel):
    """One wrong field."""

    pointer: str = Field(description="JSON pointer; empty for the whole body", examples=["/temperature"])
    detail: str = Field(examples=["A body temperature lies between 34.0 and 43.0 degrees."])


class Problem(BaseModel):
    """problem+json (RFC 9457). Decide by `type`, not by the status alone."""

    type: str = Field(examples=["invalid"])
    title: str = Field(examples=["Please check what you filled in"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["Some answers need another look. Nothing has been lost."])
    instance: str | None = Field(default=None, description="From 500 on: the request, as in `X-Request-Id`.")
    errors: list[WrongField] | None = None
    proposed: dict[str, Any] | None = Field(default=None, description="What was probably meant (type confirm)")
    appeal_id: UUID | None = Field(default=None, description="The appeal that stands already (type state-conflict)")
    methods: list[str] | None = Field(default=None, description="passkey, totp or code: ways to a proof (type step-up)")


NOTES = """
Every refusal a route can give is listed with it, with an example in English; without `Accept-Language` the words are
Chinese. Not repeated with each route: a method that an address does not know is 405 `wrong-method` with `Allow`, an
address that does not exist is 404 `not-found`, and a bug of ours is 500 `our-fault`, after which nothing was stored.
"""
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "The `token` of `POST /api/v1/sign-in`, good for 30 days. Pages of this site carry the same token "
    "in a cookie (`__Host-shouwang`; in development `shouwang`), which is accepted here only from our own pages and "
    "only where no `Authorization` is sent.",
}

SESSION = {
    "type": "apiKey",
    "in": "header",
    "name": "Staff-Session",
    "description": "The `secret` of the staff session that `POST /api/v1/sign-in` gives to who holds a post, beside "
    "the token of the same account. Over after 30 minutes without a request, and after 12 hours.",
}

_USUAL: dict[int, type[Refusal]] = {
    404: NotFound, 410: Erased, 422: Invalid, 429: QuotaSpent, 503: Overloaded,
}  # fmt: skip
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def refusals(*codes: int) -> dict[int | str, Json]:
    """The `responses` of a route: these refusals, and those that every route can give. `describe` adds the rest."""
    content = {"application/problem+json": {"schema": _PROBLEM}}
    return {
        code: {"model": Problem, "description": "A refusal", "content": content} for code in sorted({400, *codes, 503})
    }


def kinds(root: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Every refusal of ours: the catalogue from which clients decide."""
    if root.__module__.startswith(("app.", "routers.")):
        yield root
    for child in root.__subclasses__():
        yield from kinds(child)


def describe(app: FastAPI, routes: Iterable[BaseRoute]) -> None:
    """Have the document of the app say everything that is true of these routes, its JSON door."""
    generate = app.openapi
    app.description += NOTES
    listed = [route for route in routes if isinstance(route, APIRoute) and route.include_in_schema]

    def document() -> Json:
        if app.openapi_schema is not None:
            return app.openapi_schema
        whole = generate()
        schemas = whole["components"]["schemas"]
        schemas["Problem"]["properties"]["type"]["enum"] = sorted({kind.type for kind in kinds()})
        for route in listed:
            for method in sorted(route.methods or ()):
                _complete(whole["paths"][route.path_format][method.lower()], method, route, schemas)
        whole["components"]["securitySchemes"] = {"bearer": BEARER, "staff": SESSION}
        whole["components"]["schemas"] = _in_use(whole)
        return whole

    app.openapi = document  # type: ignore[method-assign]


def _complete(operation: Json, method: str, route: APIRoute, schemas: Json) -> None:
    called = set(_callers(route.dependant))
    if _me in called:
        operation["security"] = [{"bearer": [], "staff": []} if _unproven in called else {"bearer": []}]
    for parameter in operation.get("parameters", ()):
        own = f"{route.path}?{parameter['name']}"  # where a route means something else by the same name
        if example := PARAMETERS.get(own, PARAMETERS.get(parameter["name"])):
            parameter["example"] = example
    answers = {status: answer for status, answer in operation["responses"].items() if int(status) < 400}
    for part in (operation.get("requestBody", {}), *answers.values()):
        if content := _json_of(part):
            shown = EXAMPLES.get(_schema(content)) or AT[route.path]
            content["examples"] = {_slug(label): {"summary": label, "value": value} for label, value in shown.items()}
    fault = _fault(operation, schemas)
    by_status: dict[int, dict[str, type[Refusal]]] = {}
    for kind in _given(operation, method, route, called):
        by_status.setdefault(kind.status, {})[kind.type] = kind
    for status, given in sorted(by_status.items()):
        answers[str(status)] = _refused(status, given, fault)
    operation["responses"] = answers


def _callers(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from _callers(each)


def _json_of(part: Json) -> Json | None:
    found: Json | None = part.get("content", {}).get("application/json")
    return found


def _schema(content: Json) -> str:
    return str(content["schema"].get("$ref", "")).rpartition("/")[2]


def _slug(label: str) -> str:
    return re.sub(r"\W+", "-", label.lower())


def _given(operation: Json, method: str, route: APIRoute, called: set[object]) -> Iterator[type[Refusal]]:
    """Every refusal that a route can give: by its shape, by what it declares, and its own."""
    yield WrongHost
    if "requestBody" in operation:
        yield from (BrokenRequest, TooLarge, WrongKind, Invalid)
    if method in UNSAFE:
        yield ForeignOrigin
    if _me in called:
        yield NotSignedIn
    if _unproven in called:
        yield from (PostMissing, SessionOver)
    if _staff in called:
        yield SecondFactorNeeded
    if _grave in called:
        yield StepUpNeeded
    own = ALSO.get(f"{method} {route.path}", ())
    yield from own
    for status in route.responses:
        if status in _USUAL:
            yield _USUAL[int(status)]
        elif status == Refusal.status and Refusal.status not in {kind.status for kind in own}:
            yield Refusal


def _refused(status: int, given: dict[str, type[Refusal]], fault: Fault | None) -> Json:
    examples = {
        name: {"summary": kind.title, "value": problems.problem(_instance(kind, fault), "en")}
        for name, kind in given.items()
    }
    answer: Json = {
        "description": "; ".join(f"`{name}`: {SAID[name]}" for name in given),
        "content": {"application/problem+json": {"schema": _PROBLEM, "examples": examples}},
    }
    if status in {429, 503}:
        seconds = {"type": "integer", "minimum": 1}
        answer["headers"] = {"Retry-After": {"description": "Seconds", "schema": seconds, "example": 30}}
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "example": "Bearer"}}
    return answer


def _instance(kind: type[Refusal], fault: Fault | None) -> Refusal:
    """A refusal as this route would give it."""
    if kind is Invalid and fault is not None:
        return Invalid(faults=(fault,))
    if kind is QuotaSpent:
        return CodeTooSoon(seconds=52)
    if kind is KeyReused:
        return KeyReused(faults=(Fault("id", KeyReused.detail),))
    if kind is Confirm:
        faults = (Fault("temperature", MEANT, {"proposed": 36.6}),)
        return Confirm(faults=faults, extra={"proposed": {"temperature": 36.6}})
    return kind()


def _fault(operation: Json, schemas: Json) -> Fault | None:
    """What is easily wrong with this route: a field that is missing, or a query parameter of another form."""
    if content := _json_of(operation.get("requestBody", {})):
        schema = schemas[_schema(content)]
        needed = schema.get("required")
        return Fault((needed or list(schema["properties"]))[0], problems.WORDS["missing" if needed else "other"])
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            form = re.search(r"'format': '(\w+)'", str(parameter["schema"]))
            word = {"uuid": "uuid", "date": "day"}.get(form[1] if form else "", "string_too_long")
            return Fault(parameter["name"], problems.WORDS[word], {"max_length": parameter["schema"].get("maxLength")})
    return None


def _in_use(whole: Json) -> Json:
    """The schemas that something refers to: FastAPI adds refusals we never give, and enumerations as the database's."""
    schemas: Json = whole["components"]["schemas"]
    kept: set[str] = set()
    waiting: list[Any] = [whole["paths"]]
    while waiting:
        found = set(re.findall(r"#/components/schemas/(\w+)", str(waiting.pop()))) - kept
        kept |= found
        waiting += [schemas[name] for name in found]
    return {name: schema for name, schema in schemas.items() if name in kept}
