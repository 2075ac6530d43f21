"""Asking for a stand-down and doing it: two officials, or the operator at the machine; never one official alone."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, staff
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound, Refusal
from app.kit.ids import uuid7
from app.kit.viewer import Held, Viewer
from app.standdown import closing, telling
from models.audit import Act, Purpose
from models.regions import last_of
from models.retention import StandDown, StandDownCreate
from models.staff import Response, Right, Role

GOOD = timedelta(hours=24)
OPERATOR = UUID(int=0)


class Alone(Refusal):
    """Two persons are two."""

    detail = N_("You asked for this stand-down yourself. Another administrator or supervisor has to confirm it.")


class AlreadyAsked(Refusal):
    """One request at a time."""

    detail = N_("%(name)s has asked for the stand-down already. It waits for a second person.")


class RequestRunOut(Refusal):
    """A request is good for a day."""

    detail = N_("This request is older than 24 hours. Please ask for the stand-down once more.")


class WrongName(Invalid):
    """The name is typed so that nobody ends a response by a slip of the finger."""

    detail = N_("Please type the name of the response exactly as it stands there.")


def may_ask(me: Viewer, response: Response) -> Held | None:
    """The post by which the viewer may ask for the stand-down of a response: administrator of its whole region."""
    return _covering(me.with_right(Right.RESPONSE), response)


def may_approve(me: Viewer, response: Response) -> Held | None:
    """The post by which the viewer may be the second person: administrator or supervisor of the whole region."""
    supervisors = tuple(post for post in me.posts if post.role is Role.SUPERVISOR)
    return may_ask(me, response) or _covering(supervisors, response)


def _covering(posts: tuple[Held, ...], response: Response) -> Held | None:
    first, last = response.region_code, last_of(response.region_code)
    return next((post for post in posts if post.region_code <= first and last <= post.last_code), None)


async def pending(db: AsyncSession, response: Response) -> StandDown | None:
    """The request that waits for a second person, if any."""
    waiting = select(StandDown).where(
        StandDown.response_id == response.id, col(StandDown.done_at).is_(None), col(StandDown.at) > clock.now() - GOOD
    )
    return (await db.exec(waiting.order_by(col(StandDown.at).desc()).limit(1))).first()


async def ask(db: AsyncSession, me: Viewer, form: StandDownCreate) -> StandDown:
    """Ask for the stand-down of the response under way; who may confirm it is told.

    Raises NotFound without the right, WrongName, AlreadyAsked.
    """
    response = await _locked(db)
    post = may_ask(me, response)
    if post is None:
        raise NotFound
    _named(response, form.name)
    if (waiting := await pending(db, response)) is not None:
        raise AlreadyAsked(name=waiting.by_name)
    row = StandDown(id=uuid7(), response_id=response.id, by_account=me.account_id, by_name=post.name, at=clock.now())
    db.add(row)
    await db.flush()
    deed = Deed(
        Act.STOOD_DOWN, Purpose.RESPONSE, subject=response.id, place_code=response.region_code, facts={"step": "asked"}
    )
    await audit.record(db, me, deed, post)
    await telling.tell(db, response, row, f"{clock.local(row.at + GOOD):%m-%d %H:%M}")
    return row


async def approve(db: AsyncSession, me: Viewer, stand_down_id: UUID) -> StandDown:
    """The second person: the response ends now, in this transaction.

    Raises NotFound without the right or when it was done before, Alone, RequestRunOut.
    """
    response = await _locked(db)
    row = await db.get(StandDown, stand_down_id, with_for_update=True, populate_existing=True)
    post = may_approve(me, response)
    if row is None or post is None or row.response_id != response.id or row.done_at is not None:
        raise NotFound
    if row.by_account == me.account_id:
        raise Alone
    if row.at <= clock.now() - GOOD:
        raise RequestRunOut
    row.second_account, row.second_name = me.account_id, post.name
    await closing.close(db, response, row)
    await _wrote(db, me, (response, row), post)
    return row


async def by_operator(db: AsyncSession, typed: str, operator: str) -> StandDown:
    """The operator's way, at the machine: the response under way ends now. Raises NoResponse, WrongName."""
    response = await _locked(db)
    _named(response, typed)
    row = StandDown(id=uuid7(), response_id=response.id, by_account=OPERATOR, by_name=operator[:50], at=clock.now())
    await closing.close(db, response, row)
    await _wrote(db, audit.operator(), (response, row), None)
    return row


async def _locked(db: AsyncSession) -> Response:
    response = await staff.active(db)
    # Two who confirm at the same moment: the second finds it done.
    found = await db.exec(
        select(Response)
        .where(Response.id == response.id, col(Response.stood_down_at).is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = found.one_or_none()
    if row is None:
        raise staff.NoResponse
    return row


def _named(response: Response, typed: str) -> None:
    if typed.strip() != response.name:
        raise WrongName(faults=(Fault("name", WrongName.detail),))


async def _wrote(db: AsyncSession, me: Viewer, what: tuple[Response, StandDown], post: Held | None) -> None:
    response, _ = what
    purpose = Purpose.RESPONSE if post else Purpose.OPERATOR
    deed = Deed(Act.STOOD_DOWN, purpose, subject=response.id, place_code=response.region_code, facts={"step": "done"})
    await audit.record(db, me, deed, post)
