"""The clock over appeals: what nobody answered in time climbs, what was answered a week ago is closed."""

from datetime import timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.appeals import steps
from app.appeals.following import climb
from app.kit import clock
from models.appeals import Appeal, AppealStage

SETTLED = timedelta(days=7)
AT_ONCE = 200


async def tend(db: AsyncSession) -> tuple[int, int]:
    """Due work of one transaction, at most 200 of each kind: (how many climbed, how many were closed)."""
    now = clock.now()
    is_open = col(Appeal.closed_at).is_(None)
    late = select(Appeal).where(is_open, col(Appeal.answered_at).is_(None), col(Appeal.due_at) < now)
    climbed = (await db.exec(late.order_by(col(Appeal.due_at)).limit(AT_ONCE).with_for_update())).all()
    for appeal in climbed:
        higher = climb(appeal)
        if higher:
            await steps.add(db, appeal, AppealStage.MOVED, (steps.THE_CLOCK, None))
        if higher or appeal.owner_post_id is None:
            await steps.assign(db, appeal, await steps.answered_by(db, appeal))
        db.add(appeal)
    settled = select(Appeal).where(is_open, col(Appeal.answered_at) < now - SETTLED)
    closed = (await db.exec(settled.order_by(col(Appeal.answered_at)).limit(AT_ONCE).with_for_update())).all()
    for appeal in closed:
        appeal.closed_at = now
        db.add(appeal)
        await steps.add(db, appeal, AppealStage.CLOSED, (steps.THE_CLOCK, None))
    return len(climbed), len(closed)
