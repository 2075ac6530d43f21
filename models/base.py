"""What every shape shares: names of constraints, placement, the region code, and what no text may contain."""

import re
import unicodedata
from enum import IntEnum
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema, field_validator
from pydantic import Field as Described
from sqlmodel import SQLModel

# Names stay under 55 bytes: Citus appends a shard number to them.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

PERSON = "person"  # distributed by person_id, co-located
OWN = "own"  # distributed by its own id
REFERENCE = "reference"  # copied to all nodes
LOCAL = "local"  # on the coordinator

# Control characters, lone surrogates, and what turns the direction of all that follows.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def placed(placement: str, *constraints: object, **options: object) -> tuple[Any, ...]:
    """`__table_args__` of a table: its constraints, and where it lives when there are many machines."""
    return (*constraints, {"info": {"placement": placement}, **options})


def plain(text: str) -> bool:
    """True when text has no control characters (but tab and line feed) and no lone surrogates."""
    return _CONTROL.search(text) is None


class Table(SQLModel):
    """Base of all tables. Rows are made by rooms, never straight from a request."""


class Schema(SQLModel):
    """Base of all shapes that cross a door: nothing unknown, no control characters, no lone surrogates, no NaN."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)  # type: ignore[assignment]

    @field_validator("*", mode="before")
    @classmethod
    def _plain_text(cls, value: object) -> object:
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and not plain(text) for text in texts):
            raise ValueError("control_characters")
        return value


def _code(value: object) -> object:
    """A region code as people write it: our 15 digits or the national table's 12, as number or text."""
    if isinstance(value, str):
        value = value.strip()
        if not (value.isascii() and value.isdigit() and len(value) in {12, 15}):
            raise ValueError("region_code")
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("region_code")
    if 11 * 10**10 <= value < 10**12:
        value *= 1000
    if not 11 * 10**13 <= value < 10**15:
        raise ValueError("region_code")
    return value


# In Python and in the database a number (ranges are compared), over the doors a text of 15 digits.
RegionCode = Annotated[
    int,
    BeforeValidator(_code),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[1-9][0-9]{11}([0-9]{3})?$",
            "examples": ["330822102205001"],
            "description": "15 digits, or the 12 of the national table; a number is read as its digits",
        }
    ),
]

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters by their class, and nothing to see
# As `app.kit.sheets.cells` has them; the confined reader of workbooks imports no models.
_FORMULA = tuple("=+-@＝＋－＠")


def _name(text: str) -> str:
    """A person's name is no formula: it would wait in the database for somebody's spreadsheet."""
    if text.startswith(_FORMULA):
        raise ValueError("formula")
    return text


def written(least: int = 1) -> AfterValidator:
    """So many characters that somebody can see: blanks of no width are no reason and no name."""

    def check(text: str) -> str:
        seen = (letter for letter in text if letter not in _BLANK and unicodedata.category(letter)[0] in "LNPSM")
        if sum(1 for _ in seen) < least:
            raise ValueError("unseen")
        return text

    return AfterValidator(check)


# Of a person; who uses it adds an example.
PersonName = Annotated[str, Described(min_length=1, max_length=50), AfterValidator(_name), written()]

E = TypeVar("E", bound=IntEnum)


def word_of(kind: type[E]) -> Any:  # noqa: ANN401  (an Annotated form has no static type)
    """An IntEnum that is a lower-case word over the doors and a small integer in the database."""
    words = {member.name.lower(): member for member in kind}

    def read(value: object) -> E:
        if isinstance(value, kind):
            return value
        if isinstance(value, str) and value in words:
            return words[value]
        raise ValueError("not_a_choice")

    return Annotated[
        kind,
        BeforeValidator(read),
        PlainSerializer(lambda member: kind(member).name.lower(), return_type=str),
        WithJsonSchema({"type": "string", "enum": list(words)}),
    ]
