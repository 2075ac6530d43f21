"""The OpenAPI document: complete, with examples and every refusal, and true."""

from typing import Any

import httpx
import pytest

from routers import api as door

pytestmark = pytest.mark.anyio


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
                assert (
                    set(answer["content"]) == {"application/problem+json"}
                    or "application/problem+json" in answer["content"]
                )
                assert answer["description"], (method, path, status)


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
