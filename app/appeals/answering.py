"""Answering: by whoever holds the right over the unit, and never about one's own act."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, residents
from app.appeals import steps
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound, Refusal
from app.kit.viewer import Held, Viewer
from models.appeals import AnswerCreate, Appeal, AppealKind, AppealOutcome, AppealStage
from models.audit import Act, Purpose
from models.staff import Right


class AlreadyAnswered(Refusal):
    """Answered or closed; only the person can have it looked at again."""

    detail = N_("This appeal has been answered or closed. A second look is answered by the next level.")


class NobodyJudgesThemselves(Refusal):
    """The viewer is the person, or filed it, or answered it the first time."""

    detail = N_("This appeal is about yourself, or you have answered it before. A colleague or the next level answers.")


async def reached(db: AsyncSession, me: Viewer, appeal_id: UUID, *, lock: bool = False) -> tuple[Appeal, Held]:
    """An appeal of a unit over which the viewer may answer, and the post. Raises NotFound.

    An appeal about somebody's own act does not exist for them: they would read who objects to it.
    """
    statement = select(Appeal).where(Appeal.id == appeal_id)
    appeal = (await db.exec(statement.with_for_update() if lock else statement)).one_or_none()
    if appeal is None or appeal.against == me.account_id:
        raise NotFound
    post = me.post_over(appeal.unit_code, Right.APPEALS)
    if post is None:
        raise NotFound
    return appeal, post


async def _open(db: AsyncSession, me: Viewer, appeal_id: UUID) -> tuple[Appeal, Held]:
    appeal, post = await reached(db, me, appeal_id, lock=True)
    if appeal.closed_at is not None or appeal.answered_at is not None:
        raise AlreadyAnswered
    if me.account_id in await steps.answered_by(db, appeal) or me.person_id == appeal.person_id:
        raise NobodyJudgesThemselves
    return appeal, post


async def take_on(db: AsyncSession, me: Viewer, appeal_id: UUID) -> None:
    """Become the one who answers, out of the queue or from a colleague."""
    appeal, post = await _open(db, me, appeal_id)
    if appeal.owner_post_id == post.id:
        return
    appeal.owner_post_id = post.id
    db.add(appeal)
    await steps.add(db, appeal, AppealStage.OWNED, (me.account_id, post.id))


async def answer(db: AsyncSession, me: Viewer, appeal_id: UUID, form: AnswerCreate) -> None:
    """Answer. The answer to a second look closes the appeal; the first leaves the person a week to ask for one.

    With a document the number in the record is put right in the same transaction.
    Raises NotFound, AlreadyAnswered, NobodyJudgesThemselves, Invalid.
    """
    appeal, post = await _open(db, me, appeal_id)
    if form.id_number is not None or form.id_type is not None:
        await _put_right(db, me, (appeal, post), form)
    by = (me.account_id, post.id)
    appeal.owner_post_id, appeal.answered_at = post.id, clock.now()
    await steps.add(db, appeal, AppealStage.ANSWERED, by, (form.outcome, form.words))
    if appeal.second_look_at is not None:
        appeal.closed_at = clock.now()
        await steps.add(db, appeal, AppealStage.CLOSED, by)
    db.add(appeal)
    facts = {"outcome": form.outcome.value, "kind": appeal.kind}
    deed = Deed(Act.APPEAL_ANSWERED, Purpose.APPEALS, appeal.person_id, appeal.id, appeal.unit_code, facts)
    await audit.record(db, me, deed, post)


async def _put_right(db: AsyncSession, me: Viewer, about: tuple[Appeal, Held], form: AnswerCreate) -> None:
    """The document as the official has seen it. The ledger says that it changed, never what it was."""
    appeal, post = about
    if appeal.kind != AppealKind.RECORD or form.outcome is AppealOutcome.UPHELD:
        words = N_(
            "A document is put right only in an appeal about the record, with an answer that corrects something."
        )
        raise Invalid(faults=(Fault("id_number", words),))
    row = await residents.put_document_right(db, appeal.person_id, (form.id_type, form.id_number))
    facts = {"fields": "id"}
    deed = Deed(Act.CORRECTED, Purpose.APPEALS, row.person_id, appeal.id, row.region_code, facts)
    await audit.record(db, me, deed, post)
