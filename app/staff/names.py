"""How a person's name is typed: in characters, in pinyin, by the given name alone, by initials."""

import gzip
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_MOST = 200  # bytes a column holds; a name of 50 characters in pinyin is cut there, and nobody types that far


@dataclass(frozen=True, slots=True)
class Typed:
    """The spellings under which the directory finds a name."""

    given: str
    pinyin: str
    given_pinyin: str
    initials: str


@cache
def _table() -> tuple[dict[str, str], dict[str, str]]:
    packed = json.loads(gzip.decompress(files("app.data").joinpath("pinyin.json.gz").read_bytes()))
    readings = {char: reading for reading, chars in packed["readings"].items() for char in chars}
    return readings, packed["surnames"]


def typed(name: str) -> Typed:
    """The spellings of a name: 曾小梅 -> 小梅, zengxiaomei, xiaomei, zxm. What has no reading stays as it is."""
    readings, surnames = _table()
    own = name.replace(" ", "").lower()
    split = 2 if own[:2] in surnames and len(own) > 2 else 1
    surname, given = own[:split], own[split:]
    first = surnames.get(surname) or "".join([readings.get(char, char) for char in surname])
    syllables = [readings.get(char, char) for char in given]
    rest = "".join(syllables)
    heads = first[:1] if split == 1 else "".join([readings.get(char, char)[0] for char in surname])
    initials = heads + "".join([syllable[0] for syllable in syllables])
    return Typed(given, (first + rest)[:_MOST], rest[:_MOST], initials[:50])
