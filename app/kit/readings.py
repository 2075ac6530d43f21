"""A body temperature as people type it: a number, a question to ask back, or a plain no."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

ReadingProblem = Literal["not_a_number", "out_of_range", "confirm", "fahrenheit", "decimals"]

LOWEST: Final = Decimal("34.0")
HIGHEST: Final = Decimal("43.0")
USUAL_LOWEST: Final = Decimal("35.0")
USUAL_HIGHEST: Final = Decimal("42.0")

_TENTH: Final = Decimal("0.1")
_LONGEST: Final = 64
# 36度6 and 36点6 are how a temperature is said, so 度 may stand for the point as well as for the unit.
_TYPED: Final = re.compile(
    r"(?P<sign>[-+\u2212]?)(?P<whole>[0-9]{1,9})"
    r"(?:\s*[.,。·点度](?:\s*(?P<part>[0-9]{1,9}))?)?"
    r"\s*(?P<unit>°?[Cc]|°?[Ff]|°|度|摄氏度|华氏度)?"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Exactly one way to read the text.

    problem None          `value` holds degrees Celsius with one decimal; in all other cases it is None
    not_a_number          words, NaN, infinity, exponents, nothing at all
    out_of_range          a number no living person shows: below 34.0 or above 43.0
    confirm               `proposed` is possible but must be asked: 366 (36.6?), or outside 35.0..42.0
    fahrenheit            `proposed` is the number converted from Fahrenheit
    decimals              `proposed` is rounded half up to one decimal; 37.25 would cross a threshold unseen
    """

    value: Decimal | None
    proposed: Decimal | None
    problem: ReadingProblem | None


def temperature(raw: str) -> Reading:
    """Read a body temperature; never raises, never rounds, shifts or converts without asking."""
    # Cut to length first: the text may be a megabyte, and NFKC only makes it longer.
    text = unicodedata.normalize("NFKC", raw).strip() if len(raw) <= _LONGEST else ""
    typed = _TYPED.fullmatch(text)
    if typed is None:
        return Reading(None, None, "not_a_number")
    number = Decimal(f"{typed['whole']}.{typed['part'] or '0'}")
    if typed["sign"] in {"-", "\u2212"}:
        number = -number
    if (typed["unit"] or "").endswith(("F", "f", "华氏度")):
        return _from_fahrenheit(number)
    if LOWEST <= number <= HIGHEST:
        return _from_celsius(number)
    if typed["part"] is None and LOWEST <= number / 10 <= HIGHEST:
        return Reading(None, _rounded(number / 10), "confirm")
    # A thermometer set to Fahrenheit is asked about even under a printed ℃: the unit is rarely what was typed.
    return _from_fahrenheit(number)


def _from_celsius(number: Decimal) -> Reading:
    tenths = _rounded(number)
    if tenths != number:
        return Reading(None, tenths, "decimals")
    if not USUAL_LOWEST <= tenths <= USUAL_HIGHEST:
        return Reading(None, tenths, "confirm")
    return Reading(tenths, None, None)


def _from_fahrenheit(number: Decimal) -> Reading:
    celsius = (number - 32) * 5 / 9
    if not LOWEST <= celsius <= HIGHEST:
        return Reading(None, None, "out_of_range")
    return Reading(None, _rounded(celsius), "fahrenheit")


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(_TENTH, rounding=ROUND_HALF_UP)
