"""Why a reminder went out, or not, as pages: for the household, and for those who look after people."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import reminders, residents
from app.kit import clock
from app.kit.errors import NotFound
from models.messages.schemas import RemindersFound
from routers.kit.deps import Db, Me, Staff, TheHouse
from routers.kit.i18n import gettext, language_of
from routers.kit.message_words import ACT, CHANNEL, PROVIDER, SLOT, TO, told
from routers.kit.params import Asked
from routers.kit.render import page

router = APIRouter(include_in_schema=False)

A_DAY = timedelta(days=1)


def _asked(request: Request) -> tuple[Asked, reminders.Asked]:
    """The day of an address; today for what is none of the days that can be asked for."""
    asked = Asked(request)
    day: date | None = asked.value("day", date, None)
    if day is not None and not 0 <= (clock.today() - day).days <= reminders.FURTHEST_BACK:
        asked.refuse("day", gettext(language_of(request), reminders.NOT_KEPT))
        day = None
    return asked, reminders.Asked(day, language_of(request))


def _page(request: Request, asked: Asked, found: RemindersFound, **about: Any) -> Response:  # noqa: ANN401
    first = clock.today() - reminders.FURTHEST_BACK * A_DAY
    return page(
        request, "messages/reminders.html", store=False, astray=asked.errors,
        found=told(language_of(request), found), acts=ACT,
        before=found.day - A_DAY if found.day > first else None,
        after=found.day + A_DAY if found.day < clock.today() else None,
        channels=CHANNEL, providers=PROVIDER, slots=SLOT, addressees=TO, **about,
    )  # fmt: skip


@router.get("/me/reminders")
async def own(request: Request, db: Db, house: TheHouse, me: Me) -> Response:
    """About oneself or somebody of the household."""
    people = await residents.household_of(db, me)
    asked, about = _asked(request)
    wanted: UUID | None = asked.value("for", UUID, None)
    person = next((each.row for each in people if wanted in {None, each.row.person_id}), None)
    if person is None:
        raise NotFound
    found = await reminders.own(db, me, house.rules, (person.person_id, about))
    return _page(
        request, asked, found, name=person.name, here="/me/reminders", official=False,
        people=[(each.row.person_id, each.row.name) for each in people],
    )  # fmt: skip


@router.get("/residents/{person_id}/reminders")
async def of(request: Request, house: TheHouse, me: Staff, person_id: UUID) -> Response:
    """About a resident one looks after; the look is logged before the page leaves."""
    asked, about = _asked(request)
    async with house.database.writing() as db:
        found = await reminders.of(db, me, house.rules, (person_id, about))
        person = await residents.covered(db, me, person_id)
    here = f"/residents/{person_id}/reminders"
    return _page(request, asked, found, name=person.name, here=here, official=True, people=[])
