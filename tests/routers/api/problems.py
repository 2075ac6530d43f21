"""The shape of every refusal of the JSON door."""

import re
from typing import Any

import httpx

HAN = re.compile(r"[\u4e00-\u9fff]")


def problem(response: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """The body of a refusal, after its shape, status, type and headers were checked."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    body: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail"} <= set(body)
    assert set(body) <= {"type", "title", "status", "detail", "errors", "proposed", "methods", "instance"}
    assert body.get("instance") == (f"urn:uuid:{response.headers['x-request-id']}" if status >= 500 else None)
    assert (body["type"], body["status"]) == (kind, status)
    assert body["title"]
    assert body["detail"]
    for error in body.get("errors", []):
        assert set(error) == {"pointer", "detail"}
        assert error["pointer"] == "" or error["pointer"].startswith("/")
        assert error["detail"]
        assert "%(" not in error["detail"]
    if status == 401:
        assert response.headers["www-authenticate"] == "Bearer"
    if status in {429, 503}:
        assert 1 <= int(response.headers["retry-after"]) <= 86_400
    return body


def pointers(body: dict[str, Any]) -> set[str]:
    """The fields that a refusal names."""
    return {error["pointer"] for error in body.get("errors", [])}
