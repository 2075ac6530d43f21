"""The response: the emergency that the organisation stands for, and its work groups."""

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, Refusal
from app.kit.ids import uuid7
from app.staff.posts import in_force
from models.audit import Act, Purpose
from models.staff import Post, Response, WorkGroup


class NoResponse(Refusal):
    """Posts exist within a response only."""

    detail = N_("No response is under way. The operator starts one: shouwang response start.")


class ResponseUnderWay(Refusal):
    """One at a time: its key is what makes the data of one emergency destroyable."""

    detail = N_("The response %(name)s is under way. Stand it down before another one starts.")


async def active(db: AsyncSession) -> Response:
    """The response under way. Raises NoResponse."""
    response = (await db.exec(select(Response).where(col(Response.stood_down_at).is_(None)))).one_or_none()
    if response is None:
        raise NoResponse
    return response


async def start(db: AsyncSession, name: str, region_code: int) -> Response:
    """Begin a response over a region. Raises ResponseUnderWay, NotFound for an unknown region."""
    going = (await db.exec(select(Response).where(col(Response.stood_down_at).is_(None)))).one_or_none()
    if going is not None:
        raise ResponseUnderWay(name=going.name)
    region = await regions.named(db, region_code)
    response = Response(
        id=uuid7(), name=name, region_code=region.code, started_on=clock.today(), created_at=clock.now()
    )
    db.add(response)
    deed = Deed(Act.RESPONSE_STARTED, Purpose.OPERATOR, subject=response.id, place_code=region.code)
    await audit.record(db, audit.operator(), deed)
    return response


async def groups_of(db: AsyncSession, code: int) -> list[tuple[str, str | None, int]]:
    """The open work groups of a unit: name, who leads, how many people."""
    lead = func.max(col(Post.name)).filter(col(Post.lead))
    found = await db.exec(
        select(WorkGroup.name, lead, func.count(col(Post.id)))
        .join(Post, col(Post.group_id) == WorkGroup.id)
        .where(WorkGroup.region_code == code, col(WorkGroup.closed_at).is_(None), in_force())
        .group_by(col(WorkGroup.id))
        .order_by(col(WorkGroup.created_at))
    )
    return list(found.all())


async def group_of(db: AsyncSession, response: Response, region_code: int, name: str) -> WorkGroup:
    """The open work group of that name in a unit, made when missing."""
    place = WorkGroup.response_id == response.id, WorkGroup.region_code == region_code, WorkGroup.name == name
    group = (await db.exec(select(WorkGroup).where(*place))).one_or_none()
    if group is None:
        group = WorkGroup(
            id=uuid7(), response_id=response.id, region_code=region_code, name=name, created_at=clock.now()
        )
        db.add(group)
        await db.flush()
    return group
