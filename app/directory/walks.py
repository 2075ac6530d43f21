"""How colleagues are found: few by their name and then sorted, many along the tree from the viewer outwards.

No walk ever sorts or reads a million rows. A name that up to MOST_SORTED people bear is read from the index of names
and sorted. What more people bear, and what is no name at all, is read along the index of regions, nearest first, until
the page is full: the more frequent it is, the sooner.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, false, func, literal, not_, tuple_, union_all
from sqlalchemy.orm import Mapped
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.directory import spans
from app.directory.spans import Code, Span
from app.directory.spelling import Slot, any_of, begins, equals, filled, holds, in_bytes, slot, started
from app.directory.words import Meaning, columns, columns_of
from app.staff.posts import in_force
from models.regions import SPAN, Level
from models.staff import Post, WorkGroup

PAGE = 20
MOST_SORTED = 3_000
# Where a place is no larger, walking it costs less than asking first how frequent the name is.
SMALL = SPAN[Level.TOWNSHIP]

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """One statement's worth of a meaning: sorted by name, or along stretches of the tree, one after the other."""

    kind: str  # "few": all who bear the name, "same": only who bears exactly it, "along": stretches
    meaning: Meaning
    stretches: tuple[Span, ...] = ()
    # What earlier walks have shown already: whole meanings, and names borne exactly.
    before: tuple[Meaning, ...] = ()
    but: str | None = None


def condition(meaning: Meaning) -> ColumnElement[bool]:
    """Everybody whom a meaning means; it uses no index of names."""
    wanted = [any_of([started(column, word) for column in columns(word)]) for word in meaning.names]
    if meaning.role is not None:
        wanted.append(col(Post.role) == meaning.role)
    if meaning.places is not None:
        wanted.append(spans.inside(col(Post.region_code), meaning.places))
    for word in meaning.offices:
        groups = select(WorkGroup.id).where(holds(col(WorkGroup.name), word), col(WorkGroup.closed_at).is_(None))
        wanted.append(holds(col(Post.department), word) | func.coalesce(col(Post.group_id).in_(groups), false()))
    return and_(*wanted)


def exactly(word: str) -> ColumnElement[bool]:
    """Is this the name, the given name, the pinyin or the initials as they stand?"""
    return any_of([equals(column, word) for column in columns(word)])


def driver(meaning: Meaning) -> str:
    """The name that fewest people bear, by its length: a character says more than a letter."""
    return max(meaning.names, key=lambda word: len(word) if word.isascii() else 4 * len(word))


async def few(db: AsyncSession, word: str) -> tuple[bool, bool]:
    """Do so few people bear a name that they can be sorted: all whose name begins so, and those who bear exactly it?

    Looks at one more than that at most.
    """
    row: Any = (await db.exec(_frequency(letters=word.isascii()), params=filled("word", word))).one()
    return row[0] <= MOST_SORTED, row[1] <= MOST_SORTED


@cache
def _frequency(*, letters: bool) -> Any:  # noqa: ANN401  (a select of two counts)
    return select(*(_up_to_most(columns_of(letters=letters), met) for met in (begins, equals)))


def _up_to_most(
    among: tuple[Mapped[str], ...], met: Callable[[Mapped[str], Slot], ColumnElement[bool]]
) -> ScalarSelect[int]:
    arms = [
        select(col(Post.id)).where(met(column, slot("word")), col(Post.ended_at).is_(None)).order_by(in_bytes(column))
        .limit(MOST_SORTED + 1)
        for column in among
    ]  # fmt: skip
    return select(func.count()).select_from(union_all(*arms).subquery()).scalar_subquery()


async def walks(db: AsyncSession, meaning: Meaning, home: int) -> list[Walk]:
    """The walks that find everybody of a meaning once, best first.

    Each walk carries the meaning as far as it is looked for at all: see `_reined`.
    """
    small = meaning.places is not None and spans.width(meaning.places) <= SMALL
    if not meaning.names or small:
        return _along(_reined(meaning, home), home)
    word = driver(meaning)
    all_few, same_few = await few(db, word)
    if all_few:
        return [Walk("few", meaning)]
    meaning = _reined(meaning, home)
    if same_few:
        return [Walk("same", meaning), *(replace(walk, but=word) for walk in _along(meaning, home))]
    return _along(meaning, home)


def _reined(meaning: Meaning, home: int) -> Meaning:
    """What has no index (departments, groups), or may be borne by nobody at all (two frequent names at once), would be
    read to the end of the province: it is looked for in a county at most, or in a larger unit itself; without a place,
    in the viewer's own.
    """
    if not meaning.offices and len(meaning.names) < 2:
        return meaning
    places = (spans.county_of(home),) if meaning.places is None else meaning.places
    return replace(meaning, places=tuple(dict.fromkeys(map(spans.county_at_most, places))))


def _along(meaning: Meaning, home: int) -> list[Walk]:
    """The stretches of the tree on which a meaning is looked for, nearest first: the viewer's county, then the rest."""
    if meaning.places is not None:
        return [Walk("along", meaning, tuple(spans.near_first(meaning.places, home)))]
    near, far = spans.rings(home)
    return [Walk("along", meaning, near), Walk("along", meaning, far)]


def tree_order() -> Key:
    """The order of the index of regions: a unit stands before its parts. Leads first within it. It never ties."""
    return col(Post.region_code), not_(col(Post.lead)), col(Post.name), col(Post.id)


def name_order(walk: Walk, home: int) -> Key:
    """Exact names first, then the nearest, then the higher level, then by name. It never ties."""
    region, word = col(Post.region_code), driver(walk.meaning)
    full, given, *initials = columns(word)
    steps = [(equals(full, word), 0), (equals(given, word), 1), *((equals(each, word), 2) for each in initials)]
    return case(*steps, else_=3), spans.ring_of(region, home), level(region), col(Post.name), col(Post.id)


def level(region: Code) -> ColumnElement[int]:
    """0 for a province ... 5 for a grid: the largest span that divides the code."""
    return case(*((region % span == 0, place) for place, span in enumerate(SPAN.values())))


async def step(db: AsyncSession, walk: Walk, home: int, after: UUID | None) -> list[Post]:
    """The next of a walk, one more than a page at most."""
    wanted = [in_force(), condition(walk.meaning), *(not_(condition(shown)) for shown in walk.before)]
    if walk.but is not None:
        wanted.append(not_(exactly(walk.but)))
    order = tree_order() if walk.stretches else name_order(walk, home)
    last = None
    if after is not None:
        last = (await db.exec(select(*order).where(Post.id == after))).first()
        if last is None:
            return []
    found = _stretches(walk, wanted, last) if walk.stretches else _sorted(walk, wanted, order, last)
    return list((await db.exec(found)).all())


def _sorted(walk: Walk, wanted: list[ColumnElement[bool]], order: Key, last: Any) -> Any:  # noqa: ANN401  (a row; a select)
    word = driver(walk.meaning)
    met = equals if walk.kind == "same" else begins
    named = any_of([met(column, word) for column in columns(word)])
    found = select(Post).where(named, col(Post.ended_at).is_(None), *wanted)
    if last is not None:
        found = found.where(tuple_(*order) > tuple_(*last))
    return found.order_by(*order).limit(PAGE + 1)


def _stretches(walk: Walk, wanted: list[ColumnElement[bool]], last: Any) -> Any:  # noqa: ANN401  (a row; a select)
    """Each stretch is read in the order of the index until it has given a page; together they are cut to one."""
    region, order, arms = col(Post.region_code), tree_order(), []
    begun = 0 if last is None else next((n for n, (a, b) in enumerate(walk.stretches) if a <= last[0] <= b), 0)
    for nth, (first, end) in enumerate(walk.stretches):
        if nth < begun:
            continue
        arm = select(col(Post.id), literal(nth).label("stretch")).where(*wanted)
        if last is not None and nth == begun:
            arm = arm.where(tuple_(*order) > tuple_(*last))
            first = last[0]  # noqa: PLW2901
        arms.append(arm.where(region.between(first, end)).order_by(*order).limit(PAGE + 1))
    met = union_all(*arms).subquery()
    return select(Post).join(met, met.c.id == col(Post.id)).order_by(met.c.stretch, *order).limit(PAGE + 1)
