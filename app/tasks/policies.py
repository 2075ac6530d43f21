"""Policies: which ladder is in force in a place for each kind of task, what is coming, and a new one decided."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions
from app.audit import Deed
from app.kit import clock
from app.kit.viewer import Viewer
from app.tasks import ladders
from app.tasks.ladders import Version
from app.tasks.reaching import ASKS
from models.audit import Act, Purpose
from models.messages.templates import TEMPLATES
from models.regions import last_of
from models.tasks import Kind, Ladder
from models.tasks.ladders import LADDERS, Rung, read, spelled

LONGEST_S = 30 * 86_400
LONGEST_SOURCE = 200


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


@dataclass(frozen=True)
class Decided:
    """A new version of a ladder: of which kind, from which day on, and who decided it."""

    kind: Kind
    since: date
    source: str


async def rungs_of(db: AsyncSession, kind: Kind, code: int) -> tuple[Rung, ...]:
    """The steps in force in a place today."""
    now = (await ladders.in_force(db)).of(kind, code, clock.today())
    return now.rungs if now else ()


def checked(kind: Kind, text: bytes) -> tuple[Rung, ...]:
    """The steps in a file. Raises ValueError, which names the step and what is wrong with it."""
    try:
        rungs = read(text.decode())
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    if not rungs:
        raise ValueError("a ladder has one step at least")
    known = {(rung.act, rung.to, rung.template) for rung in LADDERS[kind]}
    for number, rung in enumerate(rungs, 1):
        if rung.template not in TEMPLATES:
            raise ValueError(f"step {number}: there is no text {rung.template!r}")
        if (rung.act, rung.to, rung.template) not in known:
            can = ", ".join(sorted({f"{act} {to} {template}" for act, to, template in known}))
            raise ValueError(f"step {number}: such a step is not known for {kind}; these are: {can}")
        if not 0 <= rung.after <= LONGEST_S:
            raise ValueError(f"step {number}: it comes 0 to {LONGEST_S} seconds after its base")
    order = [(rung.base == "due", rung.after) for rung in rungs]
    if wrong := next((number for number in range(1, len(order)) if order[number] < order[number - 1]), None):
        raise ValueError(f"step {wrong + 1} comes before step {wrong}: steps stand in their order, `due` after `start`")
    opens = [rung for rung in LADDERS[kind] if rung.act == "open"]
    if opens and not any(rung.act == "open" for rung in rungs):
        raise ValueError(f"no step opens a task: {kind} would never reach anybody on duty")
    return rungs


async def decide(db: AsyncSession, code: int, wanted: Decided, rungs: tuple[Rung, ...], *, write: bool) -> int | None:
    """Add a version for a place and everything below it, by the operator; `write` = False only judges it. Returns the
    number of what was written. Raises ValueError."""
    if wanted.since < clock.today():
        raise ValueError(f"{wanted.since} lies in the past: what was in force then stays as it was")
    if not 1 <= len(wanted.source) <= LONGEST_SOURCE:
        raise ValueError(f"say who decided it, in 1 to {LONGEST_SOURCE} characters")
    mine = (Ladder.kind == wanted.kind, Ladder.region_code == code, Ladder.in_force_from == wanted.since)
    if (await db.exec(select(Ladder.version).where(*mine))).first() is not None:
        raise ValueError(f"from {wanted.since} on a ladder is decided for this place already; choose another day")
    if not write:
        return None
    version = ((await db.exec(select(func.max(Ladder.version)))).one() or 0) + 1
    db.add(Ladder(
        version=version, kind=wanted.kind, region_code=code, last_code=last_of(code), in_force_from=wanted.since,
        steps=spelled(rungs), source=wanted.source,
    ))  # fmt: skip
    facts: dict[str, str | int] = {"kind": wanted.kind.value, "version": version}
    await audit.record(db, audit.operator(), Deed(Act.LADDER_ADDED, Purpose.OPERATOR, place_code=code, facts=facts))
    return version
