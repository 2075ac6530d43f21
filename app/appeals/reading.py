"""Appeals as both sides see them: the person every step, officials what waits in their region, due first."""

from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions, residents, vault
from app.appeals import decisions, steps
from app.appeals.answering import reached
from app.audit import Deed
from app.kit import clock, masks
from app.kit.errors import NotFound
from app.kit.viewer import Viewer
from models.appeals import (
    Appeal,
    AppealKind,
    AppealListed,
    AppealOutcome,
    AppealPublic,
    AppealsFound,
    AppealStage,
    AppealStep,
    AppealsWaiting,
    StepPublic,
)  # fmt: skip
from models.audit import Act, Purpose
from models.residents import Resident
from models.staff import Post, Right, Role

SHOWN = 100


async def shown(db: AsyncSession, appeal: Appeal) -> AppealPublic:
    """An appeal with every step."""
    rows = await db.exec(
        select(AppealStep, Post)
        .outerjoin(Post, col(Post.id) == AppealStep.by_post_id)
        .where(AppealStep.appeal_id == appeal.id)
        .order_by(col(AppealStep.seq))
    )
    trail = [
        StepPublic(
            kind=AppealStage(step.kind), outcome=AppealOutcome(step.outcome) if step.outcome else None,
            words=steps.words_of(db, step), unit=await regions.chain_of(db, step.unit_code),
            who=post.name if post else None, role=Role(post.role) if post else None, at=step.at,
        )
        for step, post in rows.all()
    ]  # fmt: skip
    owner = None if appeal.owner_post_id is None else await db.get(Post, appeal.owner_post_id)
    return AppealPublic(
        id=appeal.id, person_id=appeal.person_id, person=(await _names(db, [appeal])).get(appeal.person_id, ""),
        kind=AppealKind(appeal.kind), decision_id=appeal.decision_id, decision=await decisions.in_short(db, appeal),
        words=vault.of(db).open(appeal.words_sealed, steps.PLACE, appeal.id), state=_state(appeal),
        unit_code=appeal.unit_code, unit=await regions.chain_of(db, appeal.unit_code),
        owner=owner.name if owner else None, filed_at=appeal.filed_at, due_at=appeal.due_at,
        overdue=_overdue(appeal), closed_at=appeal.closed_at,
        second_look_possible=_state(appeal) is AppealStage.ANSWERED and appeal.second_look_at is None, steps=trail,
    )  # fmt: skip


def _state(appeal: Appeal) -> AppealStage:
    if appeal.closed_at is not None:
        return AppealStage.CLOSED
    if appeal.answered_at is not None:
        return AppealStage.ANSWERED
    if appeal.second_look_at is not None:
        return AppealStage.SECOND_LOOK
    return AppealStage.OWNED if appeal.owner_post_id else AppealStage.FILED


def _overdue(appeal: Appeal) -> bool:
    return appeal.closed_at is None and appeal.answered_at is None and appeal.due_at < clock.now()


async def _names(db: AsyncSession, appeals: list[Appeal]) -> dict[UUID, str]:
    """Whoever may see an appeal may know whose it is."""
    ids = [appeal.person_id for appeal in appeals]
    return {row.person_id: row.name for row in await db.exec(residents.own(select(Resident), ids))}


async def mine(db: AsyncSession, me: Viewer) -> AppealsFound:
    """The appeals of oneself and those one reports for, the newest first."""
    ids = [person.row.person_id for person in await residents.household_of(db, me)]
    rows = await db.exec(
        select(Appeal).where(col(Appeal.person_id).in_(ids)).order_by(col(Appeal.filed_at).desc()).limit(SHOWN)
    )
    return AppealsFound(items=[await shown(db, appeal) for appeal in rows.all()])


async def own(db: AsyncSession, me: Viewer, appeal_id: UUID) -> AppealPublic:
    """One appeal of oneself or a household member. Raises NotFound."""
    appeal = await db.get(Appeal, appeal_id)
    if appeal is None:
        raise NotFound
    await residents.reachable(db, me, appeal.person_id)
    return await shown(db, appeal)


async def waiting(db: AsyncSession, me: Viewer, *, unowned: bool = False) -> AppealsWaiting:
    """What is open in one's region: due first, answered last; `unowned`, only the queue. Raises NotFound."""
    inside = (
        regions.ranges(me, col(Appeal.unit_code), right=Right.APPEALS), col(Appeal.closed_at).is_(None),
        col(Appeal.against).is_distinct_from(me.account_id),
    )  # fmt: skip
    turn = col(Appeal.answered_at).is_(None)
    counted = await db.exec(
        select(
            func.count().filter(turn), func.count().filter(turn, col(Appeal.due_at) < clock.now()),
            func.count().filter(turn, col(Appeal.owner_post_id).is_(None)),
        ).where(*inside)
    )  # fmt: skip
    open_ones, late, queue = counted.one()
    statement = select(Appeal, Post.name).outerjoin(Post, col(Post.id) == Appeal.owner_post_id).where(*inside)
    if unowned:
        statement = statement.where(turn, col(Appeal.owner_post_id).is_(None))
    rows = (await db.exec(statement.order_by(turn.desc(), col(Appeal.due_at)).limit(SHOWN))).all()
    names = await _names(db, [appeal for appeal, _ in rows])
    posts = {post.id for post in me.posts}
    items = [
        AppealListed(
            id=appeal.id, person=masks.mask_name(names.get(appeal.person_id, "")), kind=AppealKind(appeal.kind),
            unit=await regions.chain_of(db, appeal.unit_code), owner=owner, mine=appeal.owner_post_id in posts,
            state=_state(appeal), filed_at=appeal.filed_at, due_at=appeal.due_at, overdue=_overdue(appeal),
        )
        for appeal, owner in rows
    ]  # fmt: skip
    return AppealsWaiting(waiting=open_ones, overdue=late, unowned=queue, items=items)


async def open_appeal(db: AsyncSession, me: Viewer, appeal_id: UUID) -> AppealPublic:
    """One appeal for an official, with the look written into the ledger in the same transaction. Raises NotFound."""
    appeal, post = await reached(db, me, appeal_id)
    deed = Deed(Act.SAW_PERSON, Purpose.APPEALS, appeal.person_id, appeal.id, appeal.unit_code)
    await audit.record(db, me, deed, post)
    return await shown(db, appeal)
