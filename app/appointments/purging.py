"""Plans that nobody applied are not kept. What goes later (rows, tickets) goes by the rules of retention."""

from datetime import timedelta

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from models.appointments import AppointmentSheet, SheetRow, SheetSource, State

WAITS = timedelta(hours=24)  # for a plan to be applied
AT_ONCE = 50  # sheets


async def purge(db: AsyncSession) -> int:
    """Drop plans after a day, with what was brought. Returns how many, 50 at most; the worker calls it every minute."""
    waiting = select(AppointmentSheet.id).where(
        col(AppointmentSheet.state).in_([State.STAGED, State.PLANNED]),
        col(AppointmentSheet.created_at) < clock.now() - WAITS,
    )
    plans = list(await db.exec(waiting.limit(AT_ONCE)))
    for table in (SheetSource, SheetRow):
        await db.exec(delete(table).where(col(table.sheet_id).in_(plans)))
    await db.exec(delete(AppointmentSheet).where(col(AppointmentSheet.id).in_(plans)))
    return len(plans)
