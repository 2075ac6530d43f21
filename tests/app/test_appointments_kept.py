"""How long what a sheet brought is kept: a plan for a day, an applied sheet for as long as it can be undone."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col, func, select

from app import appointments, retention
from app.appointments import NotApplied
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from models.appointments import ActivationTicket, AppointmentSheet, SheetRow, SheetSource, State
from models.staff import Post
from tests.app.sheets import Office, at, person

pytestmark = pytest.mark.anyio


async def aged(house: House, sheet: AppointmentSheet, **age: float) -> None:
    """A sheet as if it had been brought, and applied, so long ago."""
    then = clock.now() - timedelta(**age)
    applied = then if sheet.state == State.APPLIED else None
    async with house.database.writing() as db:
        ours = col(AppointmentSheet.id) == sheet.id
        await db.exec(update(AppointmentSheet).where(ours).values(created_at=then, applied_at=applied))


async def left(house: House, sheet_id: UUID) -> tuple[int, int, int]:
    """(sheets, rows, sources) of a sheet that are still there."""
    async with house.database.reading() as db:
        counts = (
            select(func.count()).where(col(key) == sheet_id)
            for key in (AppointmentSheet.id, SheetRow.sheet_id, SheetSource.sheet_id)
        )
        sheets, rows, sources = [(await db.exec(count)).one() for count in counts]
    return sheets, rows, sources


async def swept(house: House) -> None:
    """The worker's minute and its hour."""
    async with house.database.writing() as db:
        while await appointments.purge(db):
            pass
    await retention.run(house.database, {})


async def test_a_plan_that_nobody_applies_goes_after_a_day_with_what_was_brought(house: House, desk: Office) -> None:
    old, fresh = [await desk.paste(person(place=at(desk))) for _ in range(2)]
    await aged(house, old, hours=25)
    await aged(house, fresh, hours=23)
    await swept(house)
    assert await left(house, old.id) == (0, 0, 0)
    assert await left(house, fresh.id) == (1, 1, 1)


async def test_an_applied_sheet_can_be_undone_for_thirty_days_and_leaves_its_counts(house: House, desk: Office) -> None:
    before = await desk.posts()
    late, early = [await desk.apply(await desk.paste(person(place=at(desk)))) for _ in range(2)]
    assert await left(house, late.id) == (1, 1, 0)  # what was brought goes at once
    await aged(house, late, days=31)
    await aged(house, early, days=29)
    await swept(house)
    assert await left(house, late.id) == (1, 0, 0)
    with pytest.raises(NotApplied):
        await desk.undo(late)
    assert (await desk.undo(early)).state == State.UNDONE
    assert len(await desk.posts()) == len(before) + 2  # both stand in the table; one of them has ended


async def test_printed_codes_go_thirty_days_after_they_ran_out(house: House, desk: Office) -> None:
    names = {days: uuid7().bytes * 2 for days in (31, 29)}
    async with house.database.writing() as db:
        post = (await db.exec(select(Post.id).where(Post.account_id == desk.me.account_id))).one()
        for days, digest in names.items():
            db.add(ActivationTicket(
                digest=digest, post_id=post, created_by=desk.me.account_id, created_at=clock.now(),
                expires_at=clock.now() - timedelta(days=days),
            ))  # fmt: skip
    await swept(house)
    async with house.database.reading() as db:
        found = await db.exec(select(ActivationTicket.digest).where(col(ActivationTicket.digest).in_(names.values())))
        assert found.all() == [names[29]]
