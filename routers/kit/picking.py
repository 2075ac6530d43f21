"""Finding a grid on a form: by name, or from the provinces down. What `regions/_picker.html` reads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app import regions
from models.regions import Level, Region, RegionPublic, ancestors_of
from routers.kit.deps import Db


@dataclass(frozen=True)
class Area:
    """One step of looking up one's grid from the provinces down: the way here, and what lies directly below."""

    code: int | None
    way: list[tuple[int, str]]
    below: list[RegionPublic]


def asks(words: Mapping[str, str]) -> bool:
    """Was a button of the picker pressed, and not the form's own?"""
    return bool(words.get("find")) or "browse" in words


async def picker(db: Db, values: Mapping[str, str]) -> dict[str, Any]:
    """The places found, the one chosen, and the area in which somebody looks."""
    area = await _area(db, values)
    query = values.get("place_query", "")[:60].replace("\x00", "")
    places = await regions.find(db, query, Level.GRID) if query and area is None else []
    if area is not None and area.below and area.below[0].level is Level.GRID:
        places, area = area.below, replace(area, below=[])
    region = await _region(db, values.get("region_code", ""))
    chosen = None if region is None else (await regions.public(db, [region]))[0]
    return {"places": places, "chosen": chosen, "area": area}


async def _area(db: Db, values: Mapping[str, str]) -> Area | None:
    """The step that a button asked for, or the one the form still stands at; None for whoever searches by name."""
    wanted = values.get("browse", values.get("area"))
    if wanted is None or values.get("find"):
        return None
    region = await _region(db, wanted)
    if region is None:
        return Area(None, [], await regions.children_of(db, None))
    codes = (*ancestors_of(region.code), region.code)
    names = await regions.names_of(db, codes)
    way = [(code, names[code]) for code in codes if code in names]
    return Area(region.code, way, await regions.children_of(db, region.code))


async def _region(db: Db, code: str) -> Region | None:
    """The region of a code as a form sends it, or None."""
    return await regions.known(db, int(code)) if code.isascii() and code.isdigit() and len(code) == 15 else None
