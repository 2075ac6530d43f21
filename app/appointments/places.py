"""Places as people write them, inside one region: codes, paths with or without suffixes, the numbers of grids."""

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions
from app.appointments.words import grid_number
from models.appointments import Reason
from models.regions import SPAN, Level, Region, ancestors_of, last_of, level_of

MOST_SHOWN = 3
LONGEST = 80
_SEPARATORS = re.compile(r"[\s/\\>|·,,、;;_\-—]+")
_CODE = re.compile(r"([1-9][0-9]{11}(?:[0-9]{3})?)(?![0-9])")
_COMMITTEES = ("村民委员会", "居民委员会", "村委会", "居委会", "委员会", "委会")
_ENDINGS = {
    Level.PROVINCE: ("省",),
    Level.CITY: ("市",),
    Level.COUNTY: ("县", "区", "市"),
    Level.TOWNSHIP: ("街道", "镇", "乡"),
}
_STEPS = {level: depth for depth, level in enumerate(Level)}


class Unplaced(Exception):
    """No place, or not one alone. `candidates` are codes that it may mean."""

    def __init__(self, reason: Reason, candidates: tuple[int, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.candidates = candidates


def spellings(name: str, level: Level) -> set[str]:
    """How people write a region's name: 西峰村委会 as 西峰村, 西峰, 西峰村村委会; 天马街道 as 天马."""
    name = _plain(name)
    if level is Level.VILLAGE:
        return {name} | _village(name)
    stem = next((name.removesuffix(ending) for ending in _ENDINGS.get(level, ()) if name.endswith(ending)), name)
    found = {name, stem}
    if level is Level.TOWNSHIP:
        found |= {f"{name}人民政府", f"{name}政府", f"{name}办事处", f"{name}办"}
    return {spelling for spelling in found if len(spelling) > 1}


def _village(name: str) -> set[str]:
    base = next((name.removesuffix(ending) for ending in _COMMITTEES if name.endswith(ending)), name)
    if base.endswith("社区"):
        stem = base.removesuffix("社区")
        kinds: tuple[str, ...] = ("", "社区", "居委会", "社区居委会", "社区居民委员会")
    elif base.endswith("村") or name.endswith(("村委会", "村民委员会")):
        stem = base.removesuffix("村")
        kinds = ("", "村", "村村", "村委会", "村村委会", "村民委员会", "村村民委员会")
    else:
        stem, kinds = base, ("", "社区", "居委会", "居民委员会") if base != name else ("",)
    found = {stem + kind for kind in kinds if len(stem + kind) > 1}
    # 沈冠村村村委会 is a real name.
    return found | {name.removesuffix("委会")} if name.endswith("村委会") else found


def _plain(text: str) -> str:
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))


@dataclass(frozen=True, slots=True)
class Above:
    """A region that contains the one in which places are looked for."""

    code: int
    spellings: frozenset[str]


class Places:
    """The regions inside one, by every spelling of their names. For a province about 40 MB with 100,000 grids."""

    def __init__(self, root: int, above: list[Above], own: frozenset[str]) -> None:
        self.root, self.last = root, last_of(root)
        self._above, self._own = above, own
        self._known: set[int] = {root}
        self._names: dict[int, str] = {}
        self._by_spelling: dict[str, list[int]] = {}
        self._grid_names: dict[tuple[int, str], int] = {}
        self._remembered: dict[str, int | Unplaced] = {}

    def add(self, code: int, name: str) -> None:
        """Make a region known."""
        self._known.add(code)
        level = level_of(code)
        if level is Level.GRID:
            # 第三网格 is found by its number; only a grid with a name of its own needs to be remembered.
            if grid_number(_plain(name)) != code % SPAN[Level.VILLAGE]:
                self._grid_names[code - code % SPAN[Level.VILLAGE], _plain(name)] = code
            return
        self._names[code] = _plain(name)
        for spelling in spellings(name, level):
            self._by_spelling.setdefault(spelling, []).append(code)

    def resolve(self, text: str) -> int:
        """The code of a place as written. Raises Unplaced; the same words are looked up once."""
        found = self._remembered.get(text)
        if found is None:
            try:
                found = self._looked_up(text)
            except Unplaced as unplaced:
                found = unplaced
            self._remembered[text] = found
        if isinstance(found, Unplaced):
            raise found
        return found

    def words_of(self, codes: tuple[int, ...]) -> str | None:
        """Candidates as a person tells them apart: 天马街道双溪村委会 / 青石镇双溪村委会."""
        names = self._names
        shown = ["".join(names.get(step, "") for step in (*ancestors_of(code)[2:], code)) for code in codes]
        return " / ".join(shown)[:200] or None

    def _looked_up(self, text: str) -> int:
        plain, written = _plain(text), _CODE.match(text.strip())
        if not plain:
            raise Unplaced(Reason.NO_PLACE)
        if len(plain) > LONGEST:
            raise Unplaced(Reason.PLACE_UNKNOWN)
        found: dict[int, int] = {}
        if written:
            self._walk(self._coded(written[1]), _plain(text.strip()[written.end() :]), 0, found)
        else:
            for rest in self._starts(plain):
                self._walk(self.root, rest, 0, found)
        return self._best(found)

    def _coded(self, digits: str) -> int:
        code = int(digits.ljust(15, "0"))
        if code not in self._known:
            raise Unplaced(Reason.ABOVE_YOU if code in ancestors_of(self.root) else Reason.PLACE_UNKNOWN)
        return code

    def _starts(self, text: str) -> set[str]:
        """What is left of a path once the names above have been taken from its front, in every way that they can be."""
        rests = {text}
        for above in self._above:
            rests |= {rest[len(name) :] for rest in rests for name in above.spellings if rest.startswith(name)}
        if "" in rests:
            raise Unplaced(Reason.ABOVE_YOU)
        return rests | {rest[len(name) :] for rest in rests for name in self._own if rest.startswith(name)}

    def _walk(self, code: int, rest: str, skipped: int, found: dict[int, int]) -> None:
        """Go down from a region by the names that the rest begins with; levels in between may have been left out."""
        if not rest:
            found[code] = min(found.get(code, skipped), skipped)
            return
        level = level_of(code)
        if level is Level.VILLAGE:
            grid = self._grid(code, rest)
            if grid is not None:
                found[grid] = min(found.get(grid, skipped), skipped)
            return
        last = last_of(code)
        for length in range(2, len(rest) + 1):
            for below in self._by_spelling.get(rest[:length], ()):
                if code < below <= last:
                    # Of 莲花村委会 and 莲花居委会 in one town, the one whose very name was written is meant.
                    inexact = self._names[below] != rest[:length]
                    gap = _STEPS[level_of(below)] - _STEPS[level] - 1
                    self._walk(below, rest[length:], skipped + 10 * gap + inexact, found)

    def _grid(self, village: int, rest: str) -> int | None:
        number = grid_number(rest)
        if number and village + number in self._known:
            return village + number
        return self._grid_names.get((village, rest))

    def _best(self, found: dict[int, int]) -> int:
        if not found:
            raise Unplaced(Reason.PLACE_UNKNOWN)
        least = min(found.values())
        best = sorted(code for code, skipped in found.items() if skipped == least)
        if len(best) > 1:
            raise Unplaced(Reason.PLACE_AMBIGUOUS, tuple(best[:MOST_SHOWN]))
        return best[0]


async def around(db: AsyncSession, code: int) -> Places:
    """The places inside a region, and the names above it."""
    above = ancestors_of(code)
    names = await regions.names_of(db, (*above, code))
    known = [Above(step, frozenset(spellings(names[step], level_of(step)))) for step in above if step in names]
    places = Places(code, known, frozenset(spellings(names.get(code, ""), level_of(code))))
    inside = select(Region.code, Region.name).where(
        col(Region.code) > code, col(Region.code) <= last_of(code), regions.in_force()
    )
    # In a thread: a province has 130,000 regions, and other requests are answered meanwhile.
    return await asyncio.to_thread(_filled, places, (await db.exec(inside)).all())


def _filled(places: Places, rows: Sequence[tuple[int, str]]) -> Places:
    for code, name in rows:
        places.add(code, name)
    return places
