"""Plain HTML forms: read as words, checked by the same schemas as JSON, given back with every word kept."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from fastapi import Request
from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from app.kit import clock
from app.kit.errors import N_, Fault, NotFound, Refusal
from models.base import Schema
from routers.kit.i18n import gettext, language_of
from routers.kit.kept_words import LONGEST_FIELD, MOST_FIELDS
from routers.kit.problems import BrokenRequest, TooLarge, faults_of, words

S = TypeVar("S", bound=Schema)

# What an input asks for, as the page says it and in its order: a summary of errors tells one "please fill this in"
# from another. A page with another name for one of them gives it to the summary.
FIELDS = {
    "name": N_("Name"),
    "id_type": N_("Document"),
    "id_number": N_("Number"),
    "birth_date": N_("Date of birth"),
    "relation": N_("Relation to you"),
    "phone": N_("Phone"),
    "code": N_("Code from the text message"),
    "totp": N_("Code from the authenticator app"),
    "passkey": N_("Passkey"),
    "passkey_name": N_("Name of the passkey"),
    "region_code": N_("Your grid"),
    "address": N_("Street, building, door"),
    "temperature": N_("Temperature"),
    "symptoms": N_("Symptoms"),
    "exposed": N_("Contact"),
    "place": N_("Where"),
    "needs": N_("Needs"),
    "note": N_("Note"),
    "photo": N_("Photos"),
    "role": N_("Duty"),
    "group": N_("Work group"),
    "department": N_("Home department"),
    "valid_from": N_("First day"),
    "valid_to": N_("Last day"),
    "substitute_id": N_("Stands in"),
    "successor_id": N_("Takes over the open work"),
    "reason": N_("Reason"),
    "post_id": N_("Who"),
    "from_at": N_("From"),
    "until_at": N_("Until"),
    "starts_at": N_("From"),
    "ends_at": N_("Until"),
    "place_code": N_("Or another place by its code"),
    "columns": N_("Only what is needed"),
    "day": N_("Report of which day"),
    "purpose": N_("What for"),
    "title": N_("Title"),
    "kind": N_("About"),
    "due_at": N_("To be done by"),
    "owner_post_id": N_("By whom"),
    "outcome": N_("Answer"),
    "hindrance": N_("Why it cannot be done"),
    "hours": N_("For how many hours"),
    "act": N_("Act"),
    "since": N_("First day"),
    "until": N_("Last day there"),
    "person_id": N_("Person (number of the record)"),
    "actor_name": N_("Name of who acted"),
    "account_id": N_("Account of who acted"),
    "together": N_("The whole household"),
    "words": N_("Words"),
    "roles": N_("Duties"),
    "from_post_id": N_("From which post"),
    "lang": N_("Language of messages"),
    "quiet_from": N_("Quiet from"),
    "quiet_until": N_("Quiet until"),
    "webhook": N_("Address of the robot"),
    "secret": N_("Secret for signing"),
    "provider": N_("Provider"),
    "channel": N_("Way"),
}
_MEMBER = re.compile(r"member-(\d)-(\w+)")


@dataclass(frozen=True)
class Wrong:
    """One wrong field as a template shows it: the id of the input, what is wrong, and what the input is called."""

    field: str
    message: str
    label: str = ""


class Words(dict[str, str]):
    """The submitted words by field; `many` holds fields that may come several times."""

    many: Mapping[str, list[str]]


async def read(request: Request) -> Words:
    """The fields of a form. Files and oversized forms are refused before they reach a room."""
    async with sent(request) as form:
        return words_in(form)


@asynccontextmanager
async def sent(request: Request, files: int = 0, longest: int = LONGEST_FIELD) -> AsyncIterator[FormData]:
    """A form of a page with at most so many files, and fields no longer than this. Raises BrokenRequest, TooLarge."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        raise BrokenRequest
    try:
        async with request.form(max_files=files, max_fields=MOST_FIELDS, max_part_size=longest) as form:
            yield form
    except UnicodeDecodeError:
        raise BrokenRequest from None
    except HTTPException as error:
        raise (TooLarge if "exceeded maximum size" in error.detail else BrokenRequest) from None


def words_in(form: FormData) -> Words:
    """Its words, without its files."""
    # Browsers send the lines of a textarea with CR LF; a carriage return is not something anybody typed.
    pairs = [(name, said.replace("\r\n", "\n")) for name, said in form.multi_items() if isinstance(said, str)]
    found = Words(pairs)
    found.many = {name: [said for key, said in pairs if key == name] for name, _ in pairs}
    return found


def fill(schema: type[S], data: Mapping[str, object]) -> tuple[S | None, tuple[Fault, ...]]:
    """The schema of some words, or the faults. Empty words count as left out."""
    try:
        return schema.model_validate({name: value for name, value in data.items() if value not in ("", None)}), ()
    except ValidationError as error:
        return None, faults_of(error.errors(include_url=False))


def uuid_of(words: str) -> UUID | None:
    """What a hidden field names a row by, or None."""
    try:
        return UUID(words)
    except ValueError:
        return None


def instant(words: str) -> str:
    """What a date-and-time input sends, as an instant: it names no zone, and means ours."""
    try:
        return datetime.fromisoformat(words).replace(tzinfo=clock.SHANGHAI).isoformat()
    except ValueError:
        return words


def shown(request: Request, faults: tuple[Fault, ...], renamed: Mapping[str, str] | None = None) -> list[Wrong]:
    """Faults as a template shows them, from the top of the page down; `renamed` maps a schema's field to its input."""
    lang, names = language_of(request), renamed or {}
    found = [(names.get(fault.field, fault.field), words(lang, fault)) for fault in faults]
    return [Wrong(field, message, label_of(lang, field)) for field, message in sorted(found, key=_place)]


def _place(wrong: tuple[str, str]) -> tuple[int, int]:
    member, order = _MEMBER.fullmatch(wrong[0]), list(FIELDS)
    name = member[2] if member else wrong[0]
    return int(member[1]) if member else -1, order.index(name) if name in FIELDS else len(order)


def label_of(lang: str, field: str) -> str:
    """What the page calls an input; empty for one without a name."""
    member = _MEMBER.fullmatch(field)
    name = FIELDS.get(member[2] if member else field, "")
    words = gettext(lang, name) if name else ""
    if member and words:
        return gettext(lang, N_("Family member %(n)s, %(field)s"), n=int(member[1]) + 1, field=words)
    return words


def told(request: Request, refusal: Refusal, field: str, renamed: Mapping[str, str] | None = None) -> list[Wrong]:
    """A refusal as errors of a form: its faults, or its own words beside one field."""
    if refusal.faults:
        return shown(request, refusal.faults, renamed)
    # Whole sentences about the matter, not about what was typed there: the name of the input would mislead.
    return [Wrong(field, words(language_of(request), Fault(field, refusal.detail, refusal.params)))]


@asynccontextmanager
async def trying(
    request: Request, db: AsyncSession, field: str, renamed: Mapping[str, str] | None = None
) -> AsyncIterator[list[Wrong]]:
    """Around what a form asks for: a refusal is undone and told among the errors that this gives, so that the page can
    be shown again with every word kept. What the viewer may not know of stays NotFound."""
    errors: list[Wrong] = []
    try:
        yield errors
    except NotFound:
        raise
    except Refusal as refusal:
        await undo(db, refusal)
        errors += told(request, refusal, field, renamed)


def credential(words: Words) -> dict[str, Any]:
    """What a script put into a form for the browser's passkey; nothing at all for what is no JSON object."""
    try:
        found = json.loads(words.get("credential", ""))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


async def undo(db: AsyncSession, refusal: Refusal) -> None:
    """A refusal shown inside a form does not travel as an exception: what it must undo is undone here."""
    if refusal.keep:
        await db.commit()
    else:
        await db.rollback()
