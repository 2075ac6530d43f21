"""The ledger: every act about a person is a row, and the person can read it."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.kit.ids import uuid7
from app.kit.viewer import Held, Viewer
from models.audit import Act, AuditEvent, Purpose, ReadPublic

SHOWN = 200


async def record(db: AsyncSession, me: Viewer, what: tuple[UUID, Act, Purpose], post: Held) -> None:
    """Write down (person, act, purpose) in the caller's transaction: what cannot be written did not happen."""
    person_id, act, purpose = what
    db.add(
        AuditEvent(
            id=uuid7(), at=clock.now(), account_id=me.account_id, actor_name=post.name, role=post.role,
            region_code=post.region_code, person_id=person_id, act=act, purpose=purpose,
        )
    )  # fmt: skip
    await db.flush()


async def about(db: AsyncSession, person_ids: list[UUID]) -> list[ReadPublic]:
    """Who looked at these people, when and why, newest first; for the people themselves."""
    rows = await db.exec(
        select(AuditEvent)
        .where(col(AuditEvent.person_id).in_(person_ids))
        .order_by(col(AuditEvent.at).desc())
        .limit(SHOWN)
    )
    return [ReadPublic(at=row.at, who=row.actor_name, role=row.role, act=row.act, purpose=row.purpose) for row in rows]
