"""Taking the file: rendered anew, through the scope of this moment, written down for every person in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions
from app.audit import Deed
from app.exports import rows
from app.exports.asking import NotReleased, state_of, steps_of
from app.exports.rows import Line, Wanted
from app.kit import asking, clock
from app.kit.errors import NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Held, Viewer
from models.audit import Act, AuditEvent, Purpose
from models.exports import Column, Export, ExportState, ExportStep, ExportTake, Step
from models.regions import last_of
from models.staff import Right

AT_ONCE = 500


@dataclass(frozen=True)
class Taken:
    """What goes into a file: the request, the place in words, the moment, and the rows."""

    export: Export
    place: str
    at: str  # local time to the minute
    columns: tuple[Column, ...]
    lines: list[Line]


async def take(db: AsyncSession, me: Viewer, export_id: UUID, form: ExportTake) -> Taken:
    """The rows of a released export, for the one who asked for it, three times at most and while it is good.

    Raises NotFound for anybody else and for who has lost the right meanwhile, NotReleased.
    """
    # Locked: three takings are three, however many are tried at once.
    export = await db.get(Export, export_id, with_for_update=True, populate_existing=True)
    if export is None or export.account_id != me.account_id:
        raise NotFound
    post = regions.covered(me, export.region_code, Right.EXPORT)
    if state_of(export, await steps_of(db, [export_id])) is not ExportState.READY:
        raise NotReleased
    columns = tuple(Column(column) for column in export.columns)
    wanted = Wanted(export.region_code, last_of(export.region_code), export.day, columns)
    lines = await rows.people(db, me, wanted)
    now = clock.now()
    db.add(ExportStep(
        id=uuid7(), export_id=export.id, kind=Step.TAKEN, account_id=me.account_id, name=post.name, at=now,
        rows=len(lines), format=form.format,
    ))  # fmt: skip
    facts: dict[str, str | int] = {"rows": len(lines), "format": form.format, "why": export.purpose}
    await audit.record(db, me, Deed(Act.EXPORT_TAKEN, Purpose.EXPORT, subject=export.id, facts=facts), post)
    await _tell_everybody(db, me, (export, post), [line.person_id for line in lines])
    place = " ".join(await regions.chain_of(db, export.region_code))
    return Taken(export, place, f"{clock.local(now):%Y-%m-%d %H:%M}", columns, lines)


async def _tell_everybody(db: AsyncSession, me: Viewer, what: tuple[Export, Held], people: Sequence[UUID]) -> None:
    """One row of the ledger for each person in the file: they read of it on their own page."""
    export, post = what
    here = asking.now()
    shared: dict[str, Any] = {
        "at": clock.now(), "account_id": me.account_id, "post_id": post.id, "actor_name": post.name,
        "role": post.role, "region_code": post.region_code, "subject": export.id, "act": Act.EXPORTED,
        "purpose": Purpose.EXPORT, "origin": here.origin or None, "request_id": here.request_id,
    }  # fmt: skip
    for start in range(0, len(people), AT_ONCE):
        some = [shared | {"id": uuid7(), "person_id": person} for person in people[start : start + AT_ONCE]]
        await db.exec(insert(AuditEvent).values(some))
