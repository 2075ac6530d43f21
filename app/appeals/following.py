"""What the person can do with their appeal: have it looked at again, once; close it."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import residents
from app.appeals import steps
from app.kit import clock
from app.kit.errors import N_, NotFound, Refusal
from app.kit.viewer import Viewer
from models.appeals import Appeal, AppealStage
from models.regions import Level, ancestors_of, level_of


class NothingToLookAtAgain(Refusal):
    """Not answered yet, looked at twice already, or closed."""

    detail = N_("A second look can be asked for once, after the first answer and before the appeal is closed.")


async def _own(db: AsyncSession, me: Viewer, appeal_id: UUID) -> Appeal:
    """An appeal of oneself or a household member, locked. Raises NotFound."""
    found = await db.exec(select(Appeal).where(Appeal.id == appeal_id).with_for_update())
    appeal = found.one_or_none()
    if appeal is None:
        raise NotFound
    await residents.reachable(db, me, appeal.person_id)
    return appeal


def climb(appeal: Appeal) -> bool:
    """One level up, with a clock of its own; False at the top, where it stays."""
    appeal.due_at = clock.now() + steps.CLOCK
    if level_of(appeal.unit_code) is Level.PROVINCE:
        return False
    appeal.unit_code = ancestors_of(appeal.unit_code)[-1]
    return True


async def second_look(db: AsyncSession, me: Viewer, appeal_id: UUID) -> None:
    """Not content with the answer: the level above answers, which closes it. Raises NotFound, NothingToLookAtAgain."""
    appeal = await _own(db, me, appeal_id)
    if appeal.answered_at is None or appeal.second_look_at is not None or appeal.closed_at is not None:
        raise NothingToLookAtAgain
    appeal.second_look_at, appeal.answered_at = clock.now(), None
    climb(appeal)
    await steps.add(db, appeal, AppealStage.SECOND_LOOK, (me.account_id, None))
    await steps.assign(db, appeal, await steps.answered_by(db, appeal))


async def close(db: AsyncSession, me: Viewer, appeal_id: UUID) -> None:
    """Settled, or no longer of interest. Closing again changes nothing. Raises NotFound."""
    appeal = await _own(db, me, appeal_id)
    if appeal.closed_at is None:
        appeal.closed_at = clock.now()
        db.add(appeal)
        await steps.add(db, appeal, AppealStage.CLOSED, (me.account_id, None))
