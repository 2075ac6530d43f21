"""What the OpenAPI document says of refusals: every route lists the ones it can give, with an example."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field


class WrongField(BaseModel):
    """One wrong field."""

    pointer: str = Field(examples=["/temperature"])
    detail: str = Field(examples=["A body temperature lies between 34.0 and 43.0 degrees."])


class Problem(BaseModel):
    """problem+json (RFC 9457). Decide by `type`, not by the status alone."""

    type: str = Field(examples=["invalid"])
    title: str = Field(examples=["Please check what you filled in"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["Some answers need another look. Nothing has been lost."])
    errors: list[WrongField] | None = None
    proposed: dict[str, Any] | None = Field(default=None, description="What was probably meant (type confirm)")


SAID = {
    400: "wrong-host, broken-request",
    401: "not-signed-in: no token, or one that is forged, run out or ended",
    403: "post-missing: for staff only; foreign-origin: sent by another site's page",
    404: "not-found: not there, or not yours to see; the same words for both",
    409: "already-registered, state-conflict",
    413: "too-large",
    415: "wrong-kind: application/json is needed",
    422: "invalid: every wrong field at once; confirm: carries the proposed reading; key-reused; code-gone",
    429: "quota-spent, with Retry-After",
    503: "overloaded or restarting, with Retry-After: nothing is lost, send the same again",
}


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: these refusals, and those that every route can give."""
    wanted = sorted({400, *codes, 503})
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        code: {
            "model": Problem,
            "description": SAID[code],
            "content": {"application/problem+json": {"schema": schema}},
        }
        for code in wanted
    }


def describe(app: FastAPI) -> None:
    """Have the document say that refusals are problem+json and nothing else; FastAPI adds what we never answer."""
    generate = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        whole = generate()
        for verbs in whole["paths"].values():
            for operation in verbs.values():
                operation["responses"] = _problems_only(operation["responses"])
        for unused in ("HTTPValidationError", "ValidationError"):
            whole["components"]["schemas"].pop(unused, None)
        return whole

    app.openapi = document  # type: ignore[method-assign]


def _problems_only(answers: dict[str, Any]) -> dict[str, Any]:
    kept = {}
    for status, answer in answers.items():
        if int(status) >= 400:
            if "application/problem+json" not in answer["content"]:
                continue  # a wrong path parameter is 404 here, and that is listed
            answer["content"].pop("application/json", None)
        kept[status] = answer
    return kept
