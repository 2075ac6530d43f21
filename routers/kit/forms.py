"""Plain HTML forms: read as words, checked by the same schemas as JSON, given back with every word kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from fastapi import Request
from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit.errors import Fault, Refusal
from models.base import Schema
from routers.kit.i18n import language_of
from routers.kit.problems import BrokenRequest, faults_of, words

S = TypeVar("S", bound=Schema)

MOST_FIELDS = 120


@dataclass(frozen=True)
class Wrong:
    """One wrong field as a template shows it: the id of the input, and words in the reader's language."""

    field: str
    message: str


class Words(dict[str, str]):
    """The submitted words by field; `many` holds fields that may come several times."""

    many: Mapping[str, list[str]]


async def read(request: Request) -> Words:
    """The fields of a form. Files and oversized forms are refused before they reach a room."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        raise BrokenRequest
    try:
        async with request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=16_384) as form:
            # Browsers send the lines of a textarea with CR LF; a carriage return is not something anybody typed.
            pairs = [(k, value.replace("\r\n", "\n")) for k, value in form.multi_items() if isinstance(value, str)]
    except UnicodeDecodeError:
        raise BrokenRequest from None
    found = Words(pairs)
    found.many = {name: [value for key, value in pairs if key == name] for name, _ in pairs}
    return found


def fill(schema: type[S], data: Mapping[str, object]) -> tuple[S | None, tuple[Fault, ...]]:
    """The schema of some words, or the faults. Empty words count as left out."""
    try:
        return schema.model_validate({name: value for name, value in data.items() if value not in ("", None)}), ()
    except ValidationError as error:
        return None, faults_of(error.errors(include_url=False))


def shown(request: Request, faults: tuple[Fault, ...], renamed: Mapping[str, str] | None = None) -> list[Wrong]:
    """Faults as a template shows them; `renamed` maps a schema's field to the input that asks for it."""
    lang, names = language_of(request), renamed or {}
    return [Wrong(names.get(fault.field, fault.field), words(lang, fault)) for fault in faults]


def told(request: Request, refusal: Refusal, field: str) -> list[Wrong]:
    """A refusal as errors of a form: its faults, or its own words beside one field."""
    if refusal.faults:
        return shown(request, refusal.faults)
    return shown(request, (Fault(field, refusal.detail, refusal.params),))


async def undo(db: AsyncSession, refusal: Refusal) -> None:
    """A refusal shown inside a form does not travel as an exception: what it must undo is undone here."""
    if refusal.keep:
        await db.commit()
    else:
        await db.rollback()
