"""Roll call, as pages: a grid as its people, most urgent first; a village as a table of its grids."""

from collections.abc import Callable
from datetime import date, timedelta
from math import ceil
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import checkins, regions
from app.kit import clock
from app.kit.viewer import Viewer
from models.checkins import RollCallCounts, RollCallPerson, State
from models.regions import Level, ancestors_of, level_of
from models.staff import Right
from routers.kit.deps import Db, Staff, TheHouse
from routers.kit.labels import NEED, ROLE
from routers.kit.params import Code
from routers.kit.receipts import symptoms_of
from routers.kit.render import page, see_other

router = APIRouter(prefix="/roll-call", include_in_schema=False)

A_PAGE = 100
TO_DO = {State.URGENT, State.ATTENTION, State.MISSING}


@router.get("")
async def choose(request: Request, db: Db, me: Staff) -> Response:
    """Straight to one's only post; a choice when there are several; other work for whose posts see no residents."""
    held = me.with_right(Right.PEOPLE)
    if not held:
        return see_other("/staff")
    if len(held) == 1:
        return see_other(f"/roll-call/{held[0].region_code}")
    posts = []
    for post in held:
        chain = await regions.chain_of(db, post.region_code)
        posts.append(
            {"region_code": post.region_code, "name": chain[-1], "chain": chain[:-1], "role_label": ROLE[post.role]}
        )
    return page(request, "checkins/roll_calls.html", posts=posts)


@router.get("/{code}")
async def show(  # noqa: PLR0913
    request: Request, db: Db, house: TheHouse, me: Staff, code: Code, day: date | None = None
) -> Response:
    """The roll call of a grid or of a village; above, the units to choose from.

    A look at the people of a grid is logged before the page leaves.
    """
    if level_of(code) not in (Level.VILLAGE, Level.GRID):
        return await _units(request, db, me, code)
    roll = await checkins.roll_call(db, me, code, day)
    async with house.database.writing() as ledger:
        await checkins.saw_list(ledger, me, roll)
    today = clock.today()
    request.state.header_place = " · ".join([*roll.region.chain[-1:], roll.region.name])
    shared: dict[str, Any] = {
        "region": roll.region, "day": roll.day, "as_of": roll.as_of, "counts": roll.counts,
        "previous_day": roll.day - timedelta(days=1) if (today - roll.day).days < 92 else None,
        "next_day": roll.day + timedelta(days=1) if roll.day < today else None,
    }  # fmt: skip
    if roll.grids is not None:
        grids = [{"code": grid.code, "name": grid.name, **_counted(grid.counts)} for grid in roll.grids]
        return page(request, "checkins/roll_call_village.html", store=False, grids=grids, **shared)
    shared |= {"visitors": roll.visitors, **_list(request, roll.people or [])}
    return page(request, "checkins/roll_call.html", store=False, **shared)


async def _units(request: Request, db: Db, me: Viewer, code: int) -> Response:
    """What lies below a township, county, city or province, down to where a roll is called. Nobody is named here."""
    regions.covered(me, code)
    (place,) = await regions.public(db, [await regions.named(db, code)])
    above = [step for step in ancestors_of(code) if me.post_over(step)]
    request.state.header_place = " · ".join([*place.chain[-1:], place.name])
    return page(
        request, "checkins/roll_call_units.html", region=place, units=await regions.children_of(db, code),
        above=above[-1] if above else None,
    )  # fmt: skip


def _counted(counts: RollCallCounts) -> dict[str, int]:
    percent = round(100 * (counts.due - counts.missing) / counts.due) if counts.due else 0
    return {**counts.model_dump(), "percent": percent}


def _asks(person: RollCallPerson) -> bool:
    return bool(person.needs)


_FILTERS: dict[str, Callable[[RollCallPerson], bool]] = {
    "todo": lambda person: person.state in TO_DO,
    "all": lambda _: True,
    "needs": _asks,
    **{state.value: lambda person, state=state: person.state is state for state in State},
}


def _list(request: Request, people: list[RollCallPerson]) -> dict[str, Any]:
    """One page of the people a filter leaves."""
    wanted = request.query_params.get("show", "todo")
    show = wanted if wanted in _FILTERS else "todo"
    kept = [person for person in people if _FILTERS[show](person)]
    pages = max(1, ceil(len(kept) / A_PAGE))
    number = request.query_params.get("page", "1")
    at = min(max(int(number), 1), pages) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    rows = [_row(person) for person in kept[(at - 1) * A_PAGE : at * A_PAGE]]
    asking = sum(map(_asks, people))
    return {"show": show, "rows": rows, "page": at, "pages": pages, "counts_needs": asking}


def _row(person: RollCallPerson) -> dict[str, object]:
    alert = person.alert
    return {
        "person_id": person.person_id, "name": person.name, "place_words": person.address or "",
        "current": person.current,
        "state": person.state.value, "temperature": person.temperature,
        "symptoms": symptoms_of(person.symptoms), "needs": [NEED[code] for code in person.needs],
        "reported_at": person.reported_at, "missed_days": person.missed_days, "by_proxy": person.by_proxy,
        "missing_slot": person.missing_slot.name.lower() if person.missing_slot else "", "alert_kept": bool(alert),
        "alert": alert and {
            "temperature": alert.temperature, "symptoms": symptoms_of(alert.symptoms),
            "reported_at": alert.reported_at,
        },
    }  # fmt: skip
