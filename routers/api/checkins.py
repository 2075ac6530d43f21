"""Check-ins and roll call, as JSON. The ordinary case of `submit` is answered by the lane before it gets here."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app import checkins, residents
from app.kit import clock
from models.audit import Act, Purpose
from models.checkins import CheckinCreate, CheckinPublic, CheckinsFound, RollCallPublic
from routers.kit.deps import Db, MeWithPosts, Staff, TheHouse
from routers.kit.openapi import refusals
from routers.kit.params import Code

FROM = "First day; 13 days before the last when left out"
TO = "Last day; today when left out"

router = APIRouter(prefix="/api/v1", tags=["check-ins"])


@router.post(
    "/checkins",
    status_code=201,
    responses=refusals(401, 404, 410, 413, 415, 422)
    | {200: {"model": CheckinPublic, "description": "The same report came before: the first answer again"}},
)
async def submit(response: Response, house: TheHouse, me: MeWithPosts, report: CheckinCreate) -> CheckinPublic:
    """Record a report of today, or of the last 48 hours.

    Send the same `id` again as often as needed: the first report is the answer. Another id for the same day and
    slot is a correction; the first report is kept, and so is the alert it raised. Answers after the commit.
    """
    outcome = await checkins.submit(house.writer, me, report)
    if not outcome.new:
        response.status_code = 200
    return outcome.receipt


@router.get("/checkins", responses=refusals(401, 404, 410, 422))
async def index(  # noqa: PLR0913  (each is a dependency or a query parameter)
    db: Db,
    house: TheHouse,
    me: MeWithPosts,
    response: Response,
    person_id: UUID | None = None,
    first: Annotated[date | None, Query(alias="from", description=FROM)] = None,
    last: Annotated[date | None, Query(alias="to", description=TO)] = None,
) -> CheckinsFound:
    """The reports of oneself, a household member, or for staff a resident of their grid (that look is logged)."""
    response.headers["Cache-Control"] = "no-store"
    subject, _ = await checkins.subject_of(db, me, person_id)
    if subject.staff:
        async with house.database.writing() as ledger:
            await residents.open_record(ledger, me, subject.person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)
    last = last or clock.today()
    first = first or date.fromordinal(max(1, last.toordinal() - 13))
    reports = await checkins.reports_of(db, subject.person_id, first, last)
    return CheckinsFound(items=reports)


@router.get("/regions/{code}/roll-call", responses=refusals(401, 403, 404, 410, 422))
async def roll_call(  # noqa: PLR0913
    db: Db, house: TheHouse, me: Staff, response: Response, code: Code, day: date | None = None
) -> RollCallPublic:
    """Who in a grid is urgent, needs attention, is missing or done; for a village, its grids. Counts add up.

    A look at the people of a grid is logged, and they can read it.
    """
    response.headers["Cache-Control"] = "no-store"
    roll = await checkins.roll_call(db, me, code, day)
    async with house.database.writing() as ledger:
        await checkins.saw_list(ledger, me, roll)
    return roll
