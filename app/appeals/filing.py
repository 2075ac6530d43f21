"""Filing an appeal: once for a decision, with a clock from the first minute."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, residents, vault
from app.appeals import decisions, steps
from app.appeals.reading import shown
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, Fault, KeyReused, NotFound, Refusal
from app.kit.viewer import Viewer
from models.appeals import Appeal, AppealCreate, AppealPublic, AppealStage
from models.audit import Act, Purpose
from models.regions import SPAN, Level


class AppealSentBefore(KeyReused):
    """The same id with other content."""

    title = N_("This appeal was sent before")
    detail = N_("It had other words then, or was about something else. Please open the form once more.")


class AlreadyAppealed(Refusal):
    """One open appeal on one decision; `appeal_id` is the first."""

    detail = N_("You have objected to this already, and the answer is still to come. You can follow it on your page.")


async def file(db: AsyncSession, me: Viewer, form: AppealCreate) -> AppealPublic:
    """Object. The same id again is the same appeal. Raises NotFound, Invalid, AlreadyAppealed, AppealSentBefore."""
    wanted = form.person_id or me.person_id
    if wanted is None:
        raise NotFound
    row = (await residents.reachable(db, me, wanted)).row
    if (before := await db.get(Appeal, form.id)) is not None:
        return await _same(db, me, before, form)
    against = await decisions.decider(db, row, form.kind, form.decision_id)
    now = clock.now()
    village = row.region_code - row.region_code % SPAN[Level.VILLAGE]
    unit = await steps.first_unit(db, village, against)
    stored = await db.exec(
        insert(Appeal)
        .values(
            id=form.id, person_id=row.person_id, filed_by=me.account_id, kind=form.kind, decision_id=form.decision_id,
            against=against, unit_code=unit, filed_at=now, due_at=now + steps.CLOCK,
            words_sealed=vault.of(db).seal(form.words, steps.PLACE, form.id, village),
        )
        .on_conflict_do_nothing()
        .returning(col(Appeal.id))
    )  # fmt: skip
    if stored.first() is None:
        raise await _standing(db, row.person_id, form)
    appeal = await db.get_one(Appeal, form.id)
    await steps.add(db, appeal, AppealStage.FILED, (me.account_id, None))
    await steps.assign(db, appeal, {me.account_id, *({against} if against else ())})
    facts = {"kind": form.kind.value}
    await audit.record(db, me, Deed(Act.APPEALED, Purpose.OWN_DATA, row.person_id, appeal.id, village, facts))
    return await shown(db, appeal)


async def _same(db: AsyncSession, me: Viewer, before: Appeal, form: AppealCreate) -> AppealPublic:
    """The first answer again, if it is the same appeal of the same account."""
    words = None
    if before.filed_by == me.account_id:
        words = vault.of(db).open(before.words_sealed, steps.PLACE, before.id)
    person = form.person_id or me.person_id
    if (words, before.kind, before.decision_id, before.person_id) != (form.words, form.kind, form.decision_id, person):
        raise AppealSentBefore(faults=(Fault("id", AppealSentBefore.detail),))
    return await shown(db, before)


async def _standing(db: AsyncSession, person_id: UUID, form: AppealCreate) -> Refusal:
    first = await db.exec(
        select(Appeal.id).where(
            Appeal.person_id == person_id, Appeal.kind == form.kind, col(Appeal.closed_at).is_(None),
            col(Appeal.decision_id).is_not_distinct_from(form.decision_id),
        )
    )  # fmt: skip
    found = first.first()
    return AlreadyAppealed(extra={"appeal_id": str(found)} if found else {})
