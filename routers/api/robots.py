"""The robots of a unit's group chats, as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from app import messages
from models.base import RegionCode
from models.messages.keeping import RobotCreate, RobotPublic, RobotsFound
from models.messages.schemas import WhyPublic
from routers.kit.deps import Db, Grave, Staff
from routers.kit.i18n import language_of
from routers.kit.message_words import code_words, spoken
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1/staff", tags=["messages"])

Region = Annotated[RegionCode, Query(description="A unit: its 15 digits, or the 12 of the national table")]


@router.get("/robots", responses=refusals(401, 403, 404, 422))
async def robots(request: Request, db: Db, me: Staff, region: Region) -> RobotsFound:
    """The robots of a unit, without address and secret: these are never shown again."""
    found = await messages.robots(db, me, region)
    for robot in found.items:
        robot.said = code_words(language_of(request), robot.code)
    return found


@router.post("/robots", status_code=201, responses=refusals(401, 403, 404, 409, 413, 415, 422))
async def add(db: Db, me: Grave, form: RobotCreate) -> RobotPublic:
    """Add a robot: the address that DingTalk shows, and the secret for signing. Needs a fresh proof."""
    return await messages.add_robot(db, me, form)


@router.post("/robots/{robot_id}/trial", status_code=201, responses=refusals(401, 403, 404, 409, 422, 429))
async def try_out(request: Request, db: Db, me: Staff, robot_id: UUID) -> WhyPublic:
    """Have a robot post a test."""
    lang = language_of(request)
    _, message = await messages.try_robot(db, me, robot_id)
    tried = await messages.trial_of(db, me, message, lang)
    spoken(lang, [tried])
    return tried


@router.post("/robots/{robot_id}/ending", status_code=204, responses=refusals(401, 403, 404, 422))
async def end(db: Db, me: Staff, robot_id: UUID) -> None:
    """End a robot: it posts no more, and its secret is forgotten."""
    await messages.end_robot(db, me, robot_id)
