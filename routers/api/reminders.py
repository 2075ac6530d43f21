"""Why reminders about reports went out or not, as JSON: about one's household, and for those who look after people."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app import reminders
from models.messages.schemas import RemindersFound
from routers.kit.deps import Db, Me, Staff, TheHouse
from routers.kit.i18n import language_of
from routers.kit.message_words import told
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1", tags=["messages"])

Day = Annotated[date | None, Query(description="a local day of the last four weeks; today when left out")]
Whom = Annotated[UUID | None, Query(description="somebody of my household; myself when left out")]


@router.get("/me/reminders", responses=refusals(401, 404, 422))
async def own(  # noqa: PLR0913
    request: Request, response: Response, db: Db, house: TheHouse, me: Me, person_id: Whom = None, day: Day = None
) -> RemindersFound:
    """Every report of a day that was due for one of my household, and each reminder that went out or did not."""
    response.headers["Cache-Control"] = "no-store"
    lang = language_of(request)
    return told(lang, await reminders.own(db, me, house.rules, (person_id, reminders.Asked(day, lang))))


@router.get("/residents/{person_id}/reminders", responses=refusals(401, 403, 404, 422))
async def of(  # noqa: PLR0913
    request: Request, response: Response, house: TheHouse, me: Staff, person_id: UUID, day: Day = None
) -> RemindersFound:
    """The same about somebody I look after. The look is written down, and they see it."""
    response.headers["Cache-Control"] = "no-store"
    lang = language_of(request)
    async with house.database.writing() as db:
        return told(lang, await reminders.of(db, me, house.rules, (person_id, reminders.Asked(day, lang))))
