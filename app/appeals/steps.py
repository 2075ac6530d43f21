"""What every step of an appeal needs: whose turn it is, and the row that says who did what."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import notices, staff, vault
from app.kit import clock
from app.kit.errors import N_
from models.appeals import Appeal, AppealOutcome, AppealStage, AppealStep
from models.regions import ancestors_of, last_of, level_of
from models.staff import Post, Right, Role, may

CLOCK = timedelta(hours=24)  # until an answer is due
PLACE = "appeal|words"
THE_CLOCK = UUID(int=0)
By = tuple[UUID, UUID | None]  # an account, and the post it acts by
WAITS = N_("An appeal of a person you look after waits for an answer until %(due)s. You find it under Appeals.")


async def add(
    db: AsyncSession, appeal: Appeal, kind: AppealStage, by: By, said: tuple[AppealOutcome, str] | None = None
) -> AppealStep:
    """Append a step to an appeal that the caller has locked."""
    last = await db.exec(select(func.max(AppealStep.seq)).where(AppealStep.appeal_id == appeal.id))
    before = last.one()
    seq = 0 if before is None else before + 1
    step = AppealStep(
        appeal_id=appeal.id, seq=seq, kind=kind, outcome=said and said[0], by_account=by[0], by_post_id=by[1],
        words_sealed=said and vault.of(db).seal(said[1], f"{PLACE}|{seq}", appeal.id, appeal.unit_code),
        unit_code=appeal.unit_code, at=clock.now(),
    )  # fmt: skip
    db.add(step)
    await db.flush()
    return step


def words_of(db: AsyncSession, step: AppealStep) -> str | None:
    """The words of a step, opened."""
    if step.words_sealed is None:
        return None
    return vault.of(db).open(step.words_sealed, f"{PLACE}|{step.seq}", step.appeal_id)


async def assign(db: AsyncSession, appeal: Appeal, but: set[UUID]) -> None:
    """Give an appeal to whoever is on duty in its unit; never to an account of `but`. Nobody: it waits in the queue."""
    found = (await staff.answers(db, [appeal.unit_code])).get(appeal.unit_code, [])
    fit = [each.post for each in found if each.post.account_id not in but]
    appeal.owner_post_id = fit[0].id if fit else None
    db.add(appeal)
    if fit:
        await add(db, appeal, AppealStage.OWNED, (THE_CLOCK, fit[0].id))
    due = f"{clock.local(appeal.due_at):%m-%d %H:%M}"
    await notices.from_the_house(db, appeal.unit_code, WAITS, {"due": due})


async def first_unit(db: AsyncSession, village: int, against: UUID | None) -> int:
    """Where an appeal begins: at the village, or one level above every post by which the account whose act it is
    about could answer it. Who serves for the whole province is kept away by their account alone."""
    if against is None:
        return village
    posts = await db.exec(select(Post.region_code, Post.role).where(Post.account_id == against, staff.in_force()))
    own = [
        code for code, role in posts
        if code <= village <= last_of(code) and may(Role(role), Right.APPEALS, level_of(code))
    ]  # fmt: skip
    if not own:
        return village
    highest = min(own, key=lambda code: len(ancestors_of(code)))
    return (*ancestors_of(highest), highest)[-2:][0]


async def answered_by(db: AsyncSession, appeal: Appeal) -> set[UUID]:
    """The accounts that must not answer: whose act it is about, who filed it, and who has answered before."""
    rows = await db.exec(
        select(AppealStep.by_account).where(
            AppealStep.appeal_id == appeal.id, col(AppealStep.kind) == AppealStage.ANSWERED.value
        )
    )
    return {*rows, appeal.filed_by, *({appeal.against} if appeal.against else ())}
