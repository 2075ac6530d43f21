"""What of sheets is not kept: plans that nobody applied, what was brought, tickets that nobody used."""

from datetime import timedelta

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from models.appointments import ActivationTicket, AppointmentSheet, SheetRow, SheetSource, State

WAITS = timedelta(hours=24)  # for a plan to be applied
UNDO = timedelta(days=30)  # after that a sheet's rows go, and it can no longer be undone
AT_ONCE = 50  # sheets


async def purge(db: AsyncSession) -> int:
    """Drop plans after a day, the rows of applied and undone sheets after 30, tickets that have run out. Returns how
    many sheets and tickets; the worker calls it until it returns 0."""
    now = clock.now()
    waiting = select(AppointmentSheet.id).where(
        col(AppointmentSheet.state).in_([State.STAGED, State.PLANNED]), col(AppointmentSheet.created_at) < now - WAITS
    )
    plans = list(await db.exec(waiting.limit(AT_ONCE)))
    for table in (SheetSource, SheetRow):
        await db.exec(delete(table).where(col(table.sheet_id).in_(plans)))
    await db.exec(delete(AppointmentSheet).where(col(AppointmentSheet.id).in_(plans)))
    settled = select(AppointmentSheet.id).where(
        col(AppointmentSheet.state).in_([State.APPLIED, State.UNDONE]), col(AppointmentSheet.applied_at) < now - UNDO,
        col(AppointmentSheet.id).in_(select(SheetRow.sheet_id)),
    )  # fmt: skip
    rows = list(await db.exec(settled.limit(AT_ONCE)))
    await db.exec(delete(SheetRow).where(col(SheetRow.sheet_id).in_(rows)))
    tickets = await db.exec(delete(ActivationTicket).where(col(ActivationTicket.expires_at) < now))
    return len(plans) + len(rows) + tickets.rowcount
