"""What the words of a query may mean: a name, a duty, a place, a department or group; every meaning is looked for."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import true
from sqlalchemy.orm import Mapped
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.directory import spans
from app.directory.duties import DUTIES
from app.directory.spans import Span
from app.directory.spelling import any_of, begins, filled, in_bytes, slot
from app.regions import folded
from models.directory import DirectorySearch
from models.staff import Post, Role

MOST_WORDS = 4
MOST_MEANINGS = 8
LONGEST_NAME = 4  # characters, when they are typed apart
_BETWEEN = re.compile(r"[\s,，、;；/|]+")


@dataclass(frozen=True, slots=True)
class Meaning:
    """One way to understand a query: all of this together."""

    names: tuple[str, ...] = ()
    role: Role | None = None
    places: tuple[Span, ...] | None = None  # None = nowhere in particular
    offices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    role: Role | None
    is_name: bool
    places: tuple[Span, ...]

    def meanings(self) -> list[Meaning]:
        """What this word may mean, the likeliest first; a duty means nothing else."""
        if self.role is not None:
            return [Meaning(role=self.role)]
        found = [Meaning(names=(self.text,))] if self.is_name else []
        if self.places:
            found.append(Meaning(places=self.places))
        return [*found, Meaning(offices=(self.text,))] if len(self.text) > 1 else found


def columns(word: str) -> tuple[Mapped[str], ...]:
    """The columns in which a word may be a name: letters are pinyin or initials, everything else is written out."""
    return columns_of(letters=word.isascii())


def columns_of(*, letters: bool) -> tuple[Mapped[str], ...]:
    """The same, for a word that is not known yet."""
    if letters:
        return col(Post.pinyin), col(Post.given_pinyin), col(Post.initials)
    return col(Post.name), col(Post.given)


def typed(query: str) -> list[str]:
    """The words of a query as the indexes write them; at most four, the rest is not looked at."""
    words = [word for part in _BETWEEN.split(query) if (word := folded(part))]
    for place in range(len(words) - 2, -1, -1):
        if "".join(words[place : place + 2]) in DUTIES:  # grid worker, party member: two words of English
            words[place : place + 2] = ["".join(words[place : place + 2])]
    return list(dict.fromkeys(words))[:MOST_WORDS]


async def understood(db: AsyncSession, wanted: DirectorySearch) -> list[Meaning]:
    """Every meaning of a query that may find anybody: names, places, and last of all departments and groups."""
    words = await _known(db, typed(wanted.q))
    if len(words) == 1 and words[0].role is None and not words[0].is_name and not words[0].places:
        words = await _taken_apart(db, words[0])
    region = None if wanted.region is None else (spans.whole(wanted.region),)
    base = Meaning(role=wanted.role, places=region)
    if any(not word.meanings() for word in words) or (not words and base == Meaning()):
        return []
    ways = itertools.product(*(word.meanings() for word in words))
    found = [each for way in ways if (each := _together((base, *way))) is not None and _may_be_one(each.names)]
    # 王 小梅, wang xiaomei: a name with a space in it is one name.
    whole = [replace(each, names=("".join(each.names),)) for each in found if _written_alike(each.names)]
    return sorted(dict.fromkeys((*whole, *found)), key=lambda each: len(each.offices))[:MOST_MEANINGS]


def _written_alike(names: tuple[str, ...]) -> bool:
    return len(names) > 1 and len({name.isascii() for name in names}) == 1


def _may_be_one(names: tuple[str, ...]) -> bool:
    """May these be parts of one person's name? 王 小梅 may; 金华 韩丽善 is a place and a name."""
    return len(names) < 2 or sum(len(name) for name in names if not name.isascii()) <= LONGEST_NAME


def _together(parts: tuple[Meaning, ...]) -> Meaning | None:
    """All parts at once; None where they exclude each other: two duties, two places apart."""
    roles = {part.role for part in parts if part.role is not None}
    places: tuple[Span, ...] | None = None
    for part in parts:
        places = spans.common(places, part.places)
    if len(roles) > 1 or places == ():
        return None
    names = tuple(name for part in parts for name in part.names)
    offices = tuple(office for part in parts for office in part.offices)
    return Meaning(names, roles.pop() if roles else None, places, offices)


async def _known(db: AsyncSession, words: list[str]) -> list[_Word]:
    """Which words are names of somebody, and which name a place."""
    open_words = tuple(word for word in words if word not in DUTIES)
    if not open_words:
        return [_Word(word, DUTIES.get(word), False, ()) for word in words]  # noqa: FBT003
    told = {key: value for nth, word in enumerate(open_words) for key, value in filled(f"word{nth}", word).items()}
    found = await db.exec(_someone(tuple(word.isascii() for word in open_words)), params=told)
    row: Sequence[bool] = found.one()
    names = dict(zip(open_words, row[1:], strict=True))
    places = await spans.named(db, open_words)
    return [_Word(word, DUTIES.get(word), names.get(word, False), places.get(word, ())) for word in words]


@cache
def _someone(letters: tuple[bool, ...]) -> Any:  # noqa: ANN401  (as many columns as words)
    """Is each of these words the beginning of anybody's name?"""
    asked = [
        any_of([
            select(col(Post.id))
            .where(begins(column, slot(f"word{nth}")), col(Post.ended_at).is_(None))
            .order_by(in_bytes(column))
            .limit(1)
            .scalar_subquery()
            .is_not(None)
            for column in columns_of(letters=in_letters)
        ])
        for nth, in_letters in enumerate(letters)
    ]  # fmt: skip
    # One more column, so that the answer is a row even for a single word.
    return select(true(), *asked)


async def _taken_apart(db: AsyncSession, word: _Word) -> list[_Word]:
    """常山王小梅 -> 常山 王小梅; 常山网格员 -> 常山 网格员. A word that does not come apart stays whole."""
    text = word.text
    if text.isascii():
        return [word]
    for place in range(1, len(text) - 1):
        if text[place:] in DUTIES:
            return await _known(db, [text[:place], text[place:]])
    heads = tuple(text[:place] for place in range(len(text) - 1, 1, -1))
    places = await spans.named(db, heads[:10])
    for head in heads:
        if head in places:
            return await _known(db, [head, text[len(head) :]])
    return [word]
