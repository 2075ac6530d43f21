"""The OpenAPI document: complete, with examples and every refusal, and true."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from app.kit.errors import Refusal
from app.main import Shouwang
from models.base import Schema
from routers import api as door
from routers.kit.examples import AT, EXAMPLES
from routers.kit.openapi import Problem, kinds
from tests.cast import Person
from tests.routers.chief import machine
from tests.routers.wire import ask

pytestmark = pytest.mark.anyio

PUBLIC = {
    "post /api/v1/sign-in/code", "post /api/v1/sign-in", "get /api/v1/regions", "get /api/v1/regions/{code}",
    "post /api/v1/sign-in/passkey/options", "post /api/v1/sign-in/passkey", "get /health/live", "get /health/ready",
    "post /api/v1/receipts/{provider}/{token}",
}  # fmt: skip
FILES = {
    "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "image/jpeg", "image/png", "image/webp",
}  # fmt: skip
# Types that do not belong to a route: the description says when they come.
ANYWHERE = {"wrong-method", "our-fault"}


@pytest.fixture
async def document(api: httpx.AsyncClient) -> dict[str, Any]:
    answer = await api.get("/api/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, what) for path, verbs in document["paths"].items() for method, what in verbs.items()]


async def test_it_lists_the_json_door_and_nothing_else(document: dict[str, Any]) -> None:
    mounted = {
        (method.lower(), route.path) for router in door.routers() for route in router.routes for method in route.methods
    }
    assert {(method, path) for method, path, _ in operations(document)} == mounted - {("get", "/metrics")}


async def test_every_refusal_is_listed_as_problem_json(document: dict[str, Any]) -> None:
    for method, path, what in operations(document):
        answers = what["responses"]
        assert what["description"], path
        if path.startswith("/api/"):
            assert {"400", "503"} <= set(answers), path
        if "requestBody" in what:
            assert {"413", "415", "422"} <= set(answers), path
        if what.get("parameters"):
            assert {"422", "404"} & set(answers), path
        for status, answer in answers.items():
            if int(status) >= 400:
                assert set(answer["content"]) == {"application/problem+json"}
                assert answer["description"], (method, path, status)


async def test_every_operation_asks_for_a_sign_in_or_is_known_to_be_public(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "cookie" in document["components"]["securitySchemes"]["bearer"]["description"]
    assert document["components"]["securitySchemes"]["staff"]["name"] == "Staff-Session"
    public = set()
    for method, path, what in operations(document):
        if "security" not in what:
            public.add(f"{method} {path}")
        else:
            # Work of staff needs both at once; who may do it at all is told from whose session has ended.
            staff = {"staff": []} if "post-missing" in types(what, "403") else {}
            assert what["security"] == [{"bearer": []} | staff], path
            assert ("session-over" in types(what, "401")) == bool(staff), path
        assert ("401" in what["responses"]) == ("security" in what), path
        if method == "post":
            assert "foreign-origin" in types(what, "403"), path
    assert public == PUBLIC


def types(what: dict[str, Any], status: str) -> set[str]:
    answer = what["responses"].get(status, {"content": {"application/problem+json": {"examples": {}}}})
    return set(answer["content"]["application/problem+json"]["examples"])


async def test_the_types_of_a_problem_are_the_classes_that_exist(document: dict[str, Any]) -> None:
    ours = {kind.type for kind in descendants(Refusal) if kind.__module__.split(".")[0] in {"app", "routers"}}
    listed = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert listed == sorted(ours)
    assert {kind.type for kind in kinds()} == ours
    given = {
        name for _, _, what in operations(document) for status in what["responses"] if int(status) >= 400
        for name in types(what, status)
    }  # fmt: skip
    assert given == ours - ANYWHERE
    assert all(f"`{name}`" in document["info"]["description"] for name in ANYWHERE)


def descendants(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    yield kind
    for child in kind.__subclasses__():
        yield from descendants(child)


async def test_every_refusal_has_an_example_of_each_type_its_words_name(document: dict[str, Any]) -> None:
    for method, path, what in operations(document):
        for status, answer in what["responses"].items():
            if int(status) < 400:
                continue
            shown = answer["content"]["application/problem+json"]["examples"]
            assert shown, (method, path, status)
            for name, example in shown.items():
                told = Problem.model_validate(example["value"])
                assert (told.type, told.status) == (name, int(status))
                assert f"`{name}`: " in answer["description"]
                assert "%(" not in told.detail
            assert answer["description"].count("`: ") == len(shown)
    submit = document["paths"]["/api/v1/checkins"]["post"]
    assert types(submit, "422") == {"invalid", "confirm", "key-reused"}
    assert types(document["paths"]["/api/v1/regions"]["get"], "422") == {"invalid"}
    assert types(document["paths"]["/api/v1/sign-in"]["post"], "422") == {"invalid", "code-gone"}


async def test_every_body_and_every_success_has_a_whole_example(document: dict[str, Any]) -> None:
    shown = set()
    for method, path, what in operations(document):
        for part in (what.get("requestBody"), *successes(what)):
            if part is None or "content" not in part:
                assert part is None or method in {"post", "delete"}  # 204
                continue
            if "application/json" not in part["content"]:
                assert set(part["content"]) <= FILES, path  # a file speaks for itself
                continue
            content = part["content"]["application/json"]
            assert content["examples"], (method, path)
            name = content["schema"].get("$ref", path).removeprefix("#/components/schemas/")
            assert [one["value"] for one in content["examples"].values()] == list((EXAMPLES | AT)[name].values())
            shown.add(name)
    assert shown == set(EXAMPLES) | set(AT), "an example that nothing shows"


def successes(what: dict[str, Any]) -> list[dict[str, Any]]:
    return [answer for status, answer in what["responses"].items() if int(status) < 400]


def models(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield kind
    for child in kind.__subclasses__():
        yield from models(child)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_what_its_schema_says_with_no_field_left_out(name: str) -> None:
    (model,) = {kind for kind in models(Schema) if kind.__name__ == name}
    for example in EXAMPLES[name].values():
        read = model.model_validate_json(json.dumps(example))
        assert set(example) == set(model.model_fields)
        if not name.endswith("Create"):
            assert json.loads(read.model_dump_json()) == example


async def test_no_schema_is_there_that_nothing_refers_to(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    unused = [name for name in document["components"]["schemas"] if f'#/components/schemas/{name}"' not in text]
    assert unused == []


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (b"application/json", 422),
        (b"application/merge-patch+json", 422),
        (b"text/plain", 415),
        (b"application/x-www-form-urlencoded", 415),
        (b"application/octet-stream", 415),
        (None, 415),
    ],
)
async def test_the_kind_of_a_body_is_judged_as_the_document_says(
    shouwang: Shouwang, chief: Person, document: dict[str, Any], kind: bytes | None, status: int
) -> None:
    for method, path, what in operations(document):
        if "application/json" in what.get("requestBody", {"content": ()})["content"]:
            headers = [*machine(chief), *([(b"content-type", kind)] if kind else [])]
            address = re.sub(r"{[^}]*}", "0190a0c0-0000-7000-8000-000000000009", path)
            answer = await ask(shouwang, method.upper(), address, headers, b'{"unknown":1}')
            assert answer.status == status, path
            assert answer.json()["type"] in types(what, str(status))


async def test_every_body_has_fields_with_examples_or_choices(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("CodeRequest", "SignIn", "ResidentCreate", "MemberCreate", "CheckinCreate"):
        assert schemas[name]["additionalProperties"] is False, name
    fields = schemas["CheckinCreate"]["properties"]
    assert fields["symptoms"]["items"]["enum"][0] == "none"
    assert fields["exposed"]["enum"] == ["no", "yes", "unsure"]
    assert fields["temperature"]["examples"] == [36.6]


async def test_personal_fields_of_answers_are_the_masked_ones(document: dict[str, Any]) -> None:
    person = document["components"]["schemas"]["PersonPublic"]["properties"]
    assert "*" in person["phone"]["examples"][0]
    assert "address" not in person
    everything = {
        field for schema in document["components"]["schemas"].values() for field in schema.get("properties", {})
    }
    assert not {field for field in everything if field.endswith(("_sealed", "_index", "_digest"))}
