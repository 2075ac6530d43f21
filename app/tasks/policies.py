"""Policies: which ladder is in force in a place for each kind of task, since when, and what is coming."""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions
from app.kit import clock
from app.kit.viewer import Viewer
from app.tasks import ladders
from app.tasks.ladders import Version
from app.tasks.reaching import ASKS
from models.regions import last_of
from models.tasks import Kind


@dataclass(frozen=True)
class Policy:
    """The ladder of one kind of task in a place."""

    kind: Kind
    now: Version | None
    coming: Version | None  # the next one for this very place, decided already
    below: tuple[Version, ...]  # in force in places within


async def policies(db: AsyncSession, me: Viewer, code: int) -> list[Policy]:
    """The ladders of a place the viewer looks after. Raises NotFound outside."""
    regions.covered(me, code, ASKS)
    known, today = await ladders.in_force(db), clock.today()

    def within(one: Version) -> bool:
        return code <= one.first and one.last <= last_of(code) and (one.first, one.last) != (code, last_of(code))

    found = []
    for kind in Kind:
        now = known.of(kind, code, today)
        fitting = [one for one in known.versions if one.kind == kind and one.first <= code <= one.last]
        later = sorted((one for one in fitting if one.since > today), key=lambda one: one.since)
        coming = next((one for one in later if known.of(kind, code, one.since) == one), None)
        inner = [known.of(kind, one.first, today) for one in known.versions if one.kind == kind and within(one)]
        below = {one.first: one for one in inner if one is not None and one != now}
        found.append(Policy(kind, now, coming, tuple(below.values())))
    return found
