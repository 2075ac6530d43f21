"""Where to look: places as ranges of region codes, and the rings around the viewer's own unit."""

import re
from functools import cache
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Select, String, bindparam, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Mapped
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.directory.spelling import begins, filled, slot
from app.regions import in_force
from models.regions import SPAN, Level, Region, ancestors_of, last_of, level_of

Code = ColumnElement[int] | Mapped[int]
Span = tuple[int, int]  # the first and the last region code of a stretch of the tree
EVERYWHERE: Span = (0, 10**15)
MOST_PLACES = 8

# A place is its bare name and one of these. Written in Chinese, in pinyin, and by initials.
_KINDS = (
    ("", "", ""), ("省", "sheng", "s"), ("市", "shi", "s"), ("县", "xian", "x"), ("区", "qu", "q"), ("镇", "zhen", "z"),
    ("乡", "xiang", "x"), ("街道", "jiedao", "jd"), ("社区", "shequ", "sq"), ("村", "cun", "c"),
    ("村委会", "cunweihui", "cwh"), ("居委会", "juweihui", "jwh"), ("社区居委会", "shequjuweihui", "sqjwh"),
    ("村村委会", "cuncunweihui", "ccwh"), ("村民委员会", "cunminweiyuanhui", "cmwyh"),
    ("社区居民委员会", "shequjuminweiyuanhui", "sqjmwyh"),
)  # fmt: skip
_FORMS = ("names", "pinyins", "initials")
# Grids are numbered under their village: these words would find all of them, and mean none.
_NUMBERED = re.compile(r"第[零一二三四五六七八九十百]*(网格?)?|wg\d*|gr(i(d\d*)?)?")


def inside(column: Code, spans: tuple[Span, ...]) -> ColumnElement[bool]:
    """Does a code lie in one of these stretches?"""
    return or_(*(column.between(*span) for span in spans))


def common(one: tuple[Span, ...] | None, other: tuple[Span, ...] | None) -> tuple[Span, ...] | None:
    """What lies in both; None stands for everywhere."""
    if one is None or other is None:
        return other if one is None else one
    both = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return tuple(sorted({span for span in both if span[0] <= span[1]}))


def width(spans: tuple[Span, ...]) -> int:
    """How many codes the stretches hold."""
    return sum(last - first + 1 for first, last in spans)


def whole(code: int) -> Span:
    """A region as a stretch."""
    return code, last_of(code)


def path(home: int) -> list[Span]:
    """The viewer's own village, or larger unit, and all that contains it, from the inside out."""
    codes = (*ancestors_of(home), home)
    units = [whole(code) for code in codes if level_of(code) is not Level.GRID]
    return [*reversed(units), EVERYWHERE]


def rings(home: int) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The tree from the viewer's own unit outwards, as stretches that do not overlap: within, before and behind.

    First those of the viewer's own county (or own larger unit), then the others.
    """
    steps = path(home)
    near, far = [steps[0]], list[Span]()
    for inner, outer in pairwise(steps):
        around = [span for span in ((outer[0], inner[0] - 1), (inner[1] + 1, outer[1])) if span[0] <= span[1]]
        (near if width((outer,)) <= SPAN[Level.COUNTY] else far).extend(around)
    return tuple(near), tuple(far)


def ring_of(column: Code, home: int) -> ColumnElement[int]:
    """How far away a code is: 0 in the viewer's own village or unit, 1 in the township around it ..."""
    return case(*((column.between(*span), place) for place, span in enumerate(path(home)[:-1])), else_=9)


def near_first(spans: tuple[Span, ...], home: int) -> list[Span]:
    """Stretches by how far they are from the viewer's unit; then the larger first."""
    steps = path(home)

    def ring(span: Span) -> int:
        return next(place for place, (first, last) in enumerate(steps) if first <= span[0] <= last)

    return sorted(spans, key=lambda span: (ring(span), span[0] - span[1], span[0]))


async def named(db: AsyncSession, words: tuple[str, ...]) -> dict[str, tuple[Span, ...]]:
    """The places that each word names: exactly (常山 is 常山县), else by its beginning, the largest first.

    A place inside another of the same word is left out: it is found with it.
    """
    found: dict[str, tuple[Span, ...]] = {}
    found |= {word: (_by_code(word),) for word in words if re.fullmatch(r"[1-9]\d{3,14}", word, re.ASCII)}
    typed = [word for word in words if word not in found and len(word) > 1 and not _NUMBERED.fullmatch(word)]
    if typed:
        told: dict[str, Any] = {}
        for nth, word in enumerate(typed):
            told |= filled(f"word{nth}", word)
            # A place is its bare name and one of the kinds: in characters, in pinyin, by initials.
            told |= {f"{form}{nth}": [word + kind[place] for kind in _KINDS] for place, form in enumerate(_FORMS)}
        statement = _naming(tuple(word.isascii() for word in typed))
        rows = (await db.exec(statement, params=told)).all()
        for nth, word in enumerate(typed):
            found[word] = _outermost([row[1:] for row in rows if row[0] == nth])
    return {word: places for word, places in found.items() if places}


def _by_code(word: str) -> Span:
    return int(word.ljust(15, "0")), int(word.ljust(15, "9"))


@cache
def _naming(letters: tuple[bool, ...]) -> Any:  # noqa: ANN401  (a union of selects)
    """The places that begin with each of some words."""
    return union_all(*(_named(nth, letters=in_letters) for nth, in_letters in enumerate(letters)))


def _named(nth: int, *, letters: bool) -> Select[int, int, int, int]:
    word = slot(f"word{nth}")
    kinds = [bindparam(f"{form}{nth}", expanding=True, type_=String) for form in _FORMS]
    name, pinyin, initials = col(Region.name), col(Region.pinyin), col(Region.initials)
    if letters:
        match = or_(begins(pinyin, word), begins(initials, word))
        exact = or_(pinyin.in_(kinds[1]), initials.in_(kinds[2]))
    else:
        match, exact = begins(name, word), name.in_(kinds[0])
    rank = case((exact, 0), else_=1)
    size = col(Region.last_code) - col(Region.code)
    return (
        select(literal(nth), rank.label("rank"), col(Region.code), col(Region.last_code))
        .where(match, in_force(), col(Region.level) != Level.GRID)
        .order_by(rank, size.desc(), func.length(name), col(Region.code))
        .limit(MOST_PLACES)
    )


def _outermost(rows: list[tuple[int, int, int]]) -> tuple[Span, ...]:
    best = [(first, last) for rank, first, last in rows if rank == min(row[0] for row in rows)]
    return tuple(span for span in best if not any(a <= span[0] and span[1] <= b for a, b in best if (a, b) != span))


def county_of(home: int) -> Span:
    """The viewer's own county; for somebody above it their own region."""
    return whole(home - home % max(SPAN[Level.COUNTY], SPAN[level_of(home)]))


def county_at_most(span: Span) -> Span:
    """A stretch that is no larger than a county; of a larger one its first unit, without what lies below."""
    return span if width((span,)) <= SPAN[Level.COUNTY] else (span[0], span[0])
