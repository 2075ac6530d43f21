"""The administrative tree, its search, and THE scope predicate: who may see which part of it."""

import csv
import gzip
import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from importlib.resources import files
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.kit.errors import N_, Invalid, NotFound
from app.kit.viewer import Held, Viewer
from models.regions import SPAN, Level, Region, RegionPublic, ancestors_of, last_of, level_of
from models.staff import Right

MOST_FOUND = 50
MOST_WORDS = 4
MOST_NAMES = 200_000
TABLE_DATE = date(2023, 6, 30)

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


class NoSuchGrid(Invalid):
    """Grids are minted under villages only."""

    detail = N_("Grids are minted under a village. This code is not a village.")


# --- scope -----------------------------------------------------------------------------------------------------------


def ranges(viewer: Viewer, *columns: Any, right: Right) -> ColumnElement[bool]:  # noqa: ANN401  (ORM attributes)
    """`column BETWEEN first AND last`, any of these columns, any post that gives the right; raises without a post."""
    posts = viewer.with_right(right)
    if not posts:
        raise NotFound
    return or_(*(column.between(post.region_code, post.last_code) for column in columns for post in posts))


def within(viewer: Viewer, statement: S, *columns: Any, right: Right = Right.PEOPLE, at: int | None = None) -> S:  # noqa: ANN401
    """The statement, narrowed to rows of which one column lies in a post that gives the right, and marked as scoped.

    One btree range per column and post: no wildcard, no recursion, no sibling prefix; fails closed. `at`: the list of a
    region that a post covers whole. The first column then says it all; more would only mislead the planner's estimate.
    """
    if at is None:
        mine = ranges(viewer, *columns, right=right)
    else:
        covered(viewer, at, right)
        mine = columns[0] == at if level_of(at) is Level.GRID else columns[0].between(at, last_of(at))
    return statement.where(mine).execution_options(scope="within")


def covered(viewer: Viewer, code: int, right: Right = Right.PEOPLE) -> Held:
    """The post that gives the right over the whole region. Raises NotFound: outside is as if it did not exist."""
    post = viewer.post_over(code, right)
    if post is None or last_of(code) > post.last_code:
        raise NotFound
    return post


# --- look-up ---------------------------------------------------------------------------------------------------------


def in_force() -> ColumnElement[bool]:
    return col(Region.valid_to).is_(None)


async def public(db: AsyncSession, found: Sequence[Region]) -> list[RegionPublic]:
    """Regions with the names above them: one query for all chains together."""
    names = await names_of(db, {code for region in found for code in ancestors_of(region.code)})
    return [
        RegionPublic(
            code=region.code, name=region.name, level=Level(region.level),
            chain=[names[code] for code in ancestors_of(region.code) if code in names],
        )
        for region in found
    ]  # fmt: skip


class _Names:
    def __init__(self) -> None:
        self.known: dict[int, str] = {}
        self.until = 0.0


_names = _Names()


async def names_of(db: AsyncSession, codes: Iterable[int]) -> dict[int, str]:
    """Names by code, for those codes that exist; remembered for a minute, for they hardly ever change."""
    wanted = set(codes)
    if time.monotonic() > _names.until or len(_names.known) > MOST_NAMES:
        _names.known, _names.until = {}, time.monotonic() + 60
    if unknown := wanted - _names.known.keys():
        rows = await db.exec(select(Region.code, Region.name).where(col(Region.code).in_(unknown)))
        _names.known.update(rows.all())
    return {code: _names.known[code] for code in wanted if code in _names.known}


async def chain_of(db: AsyncSession, code: int) -> list[str]:
    """The names from the province down to the region itself."""
    names = await names_of(db, (*ancestors_of(code), code))
    return [names[step] for step in (*ancestors_of(code), code) if step in names]


async def known(db: AsyncSession, code: int) -> Region | None:
    """The region of a code, or None."""
    return await db.get(Region, code)


async def named(db: AsyncSession, code: int) -> Region:
    """The region of a code. Raises NotFound."""
    region = await known(db, code)
    if region is None:
        raise NotFound
    return region


async def children_of(db: AsyncSession, code: int | None) -> list[RegionPublic]:
    """What lies directly under a region, in the order of the codes; the provinces for None."""
    parent = col(Region.parent_code).is_(None) if code is None else col(Region.parent_code) == code
    found = await db.exec(select(Region).where(parent, in_force()).order_by(col(Region.code)))
    return await public(db, found.all())


def folded(words: str) -> str:
    """A query as the index writes it: full-width to ASCII, lower case, no spaces."""
    return "".join(unicodedata.normalize("NFKC", words).lower().split())


def _like(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def find(db: AsyncSession, query: str, level: Level | None = None, limit: int = MOST_FOUND) -> list[RegionPublic]:
    """Regions by code, Chinese name, pinyin or initials, best first; `level=grid` answers with the grids below a hit.

    Several words (天马 西峰, cs xifeng) each match the place itself or one above it, in any order.
    """
    words = [word for word in (folded(part) for part in query.split()) if word][:MOST_WORDS]
    if len(words) == 1 and words[0].isascii() and words[0].isdigit():
        hits = list(await _by_code(db, words[0], limit))
    else:
        hits = await _by_words(db, words, limit, Level.VILLAGE if level else None)
    if level is Level.GRID:
        return await _grids_of(db, await public(db, hits), limit)
    return await public(db, [hit for hit in hits if level is None or hit.level == level][:limit])


async def _by_words(db: AsyncSession, words: list[str], limit: int, level: Level | None) -> list[Region]:
    reach = limit if len(words) == 1 else limit * 8
    found = {hit.code: hit for word in reversed(words) for hit in await _by_name(db, word, reach, level)}
    if len(words) == 1:
        return list(found.values())
    above = {code for code in found for code in ancestors_of(code)}
    known = {row.code: row for row in await db.exec(select(Region).where(col(Region.code).in_(above)))} | found
    return [hit for hit in found.values() if all(_anywhere(word, hit, known) for word in words)][:limit]


def _anywhere(word: str, hit: Region, known: dict[int, Region]) -> bool:
    """Does a word name the place, or one above it?"""
    places = [known[code] for code in (*ancestors_of(hit.code), hit.code) if code in known]
    if word.isascii():
        return any(place.pinyin.startswith(word) or place.initials.startswith(word) for place in places)
    return any(word in place.name for place in places)


async def _by_code(db: AsyncSession, digits: str, limit: int) -> Sequence[Region]:
    """A code or its beginning, as a range: `3308` is everything from 330800000000000 to 330899999999999."""
    if len(digits) > 15:
        return []
    first, last = int(digits.ljust(15, "0")), int(digits.ljust(15, "9"))
    found = await db.exec(
        select(Region).where(col(Region.code).between(first, last), in_force()).order_by(col(Region.code)).limit(limit)
    )
    return found.all()


async def _by_name(db: AsyncSession, word: str, limit: int, level: Level | None) -> Sequence[Region]:
    name, pinyin, initials = col(Region.name), col(Region.pinyin), col(Region.initials)
    pattern = _like(word)
    if word.isascii():
        match = or_(pinyin.like(f"{pattern}%"), initials.like(f"{pattern}%"))
        rank = case((or_(pinyin == word, initials == word), 0), (pinyin.like(f"{pattern}%"), 1), else_=2)
    else:
        pattern = re.sub("[()]", "_", pattern)  # a bracket stands full-width in one name and plain in another
        match = name.like(f"%{pattern}%")
        rank = case((name == word, 0), (name.like(f"{pattern}%"), 1), else_=2)
    statement = select(Region).where(match, in_force())
    if level is not None:
        statement = statement.where(col(Region.level).in_([level, Level.GRID]))
    # Larger regions first within a rank: somebody who types 常山 means the county before a village of that name.
    size = col(Region.last_code) - col(Region.code)
    found = await db.exec(statement.order_by(rank, size.desc(), func.length(name), col(Region.code)).limit(limit))
    return found.all()


async def _grids_of(db: AsyncSession, hits: list[RegionPublic], limit: int) -> list[RegionPublic]:
    """The grids inside the villages that were hit, and grids hit by themselves, in the order of the hits."""
    villages = {hit.code - hit.code % SPAN[Level.VILLAGE]: place for place, hit in reversed(list(enumerate(hits)))}
    direct = {hit.code for hit in hits if hit.level is Level.GRID}
    parents = [code for code in villages if level_of(code) is Level.VILLAGE]
    found = await db.exec(
        select(Region)
        .where(col(Region.parent_code).in_(parents), in_force())
        .order_by(col(Region.code))
        .limit(limit * 8)
    )
    whole = {hit.code for hit in hits if hit.level is Level.VILLAGE}
    grids = [grid for grid in found.all() if grid.code in direct or grid.parent_code in whole]
    grids.sort(key=lambda grid: (villages[grid.parent_code or 0], grid.code))
    return await public(db, grids[:limit])


# --- upkeep ----------------------------------------------------------------------------------------------------------


def shipped() -> list[tuple[Any, ...]]:
    """The real table that ships with the house, as rows of `region`."""
    packed = files("app.data").joinpath("regions.csv.gz").read_bytes()
    rows = csv.reader(gzip.decompress(packed).decode().splitlines())
    next(rows)
    table = []
    for digits, name, pinyin, initials in rows:
        code = int(digits)
        above = ancestors_of(code)
        place = (code, last_of(code), above[-1] if above else None, level_of(code).value)
        table.append((*place, name, pinyin, initials, TABLE_DATE))
    return table


COLUMNS = ("code", "last_code", "parent_code", "level", "name", "pinyin", "initials", "valid_from")
AT_ONCE = 3_000


async def load(db: AsyncSession, told: Callable[[int, int], None] = lambda _done, _all: None) -> tuple[int, int]:
    """Load the shipped table by COPY and set-based inserts, telling (rows done, all rows). Returns (rows, new rows)."""
    rows = sorted(shipped())
    await db.exec(text("CREATE TEMPORARY TABLE staged (LIKE region) ON COMMIT DROP"))  # type: ignore[call-overload]
    raw = await (await db.connection()).get_raw_connection()
    names = ", ".join(COLUMNS)
    insert = text(
        f"INSERT INTO region ({names}) SELECT {names} FROM staged WHERE code BETWEEN :first AND :last"  # noqa: S608
        " ON CONFLICT (code) DO NOTHING"
    )
    told(new := 0, len(rows))
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        await raw.driver_connection.copy_records_to_table("staged", records=some, columns=COLUMNS)  # type: ignore[union-attr]
        new += (await db.exec(insert, params={"first": some[0][0], "last": some[-1][0]})).rowcount  # type: ignore[call-overload]
        told(start + len(some), len(rows))
    if new:
        await db.exec(text("ANALYZE region"))  # type: ignore[call-overload]  # a province's board does not wait for it
    return len(rows), new


_ORDINALS = "零一二三四五六七八九"


def ordinal(number: int) -> str:
    """第三, 第十二, 第一百零三: Chinese ordinals up to 999."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = f"{_ORDINALS[hundreds]}百" if hundreds else ""
    if tens:
        words += "十" if tens == 1 and not hundreds else f"{_ORDINALS[tens]}十"
    elif hundreds and ones:
        words += "零"
    return "第" + words + (_ORDINALS[ones] if ones else "")


async def mint(db: AsyncSession, village: int, count: int) -> list[Region]:
    """Mint the next `count` grids of a village, numbered on from the last. Raises NoSuchGrid, Invalid."""
    parent = await db.get(Region, village, with_for_update=True)
    if parent is None or level_of(village) is not Level.VILLAGE:
        raise NoSuchGrid
    highest = await db.exec(select(func.max(Region.code)).where(col(Region.parent_code) == village))
    start = (highest.one() or village) - village
    if count < 1 or start + count > 999:
        raise Invalid(N_("A village has room for 999 grids; %(left)s are left."), left=999 - start)
    grids = [
        Region(
            code=village + number, last_code=village + number, parent_code=village, level=Level.GRID,
            name=f"{ordinal(number)}网格", pinyin=f"grid{number}", initials=f"wg{number}", valid_from=clock.today(),
        )
        for number in range(start + 1, start + count + 1)
    ]  # fmt: skip
    db.add_all(grids)
    await db.flush()
    return grids
