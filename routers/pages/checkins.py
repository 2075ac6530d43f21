"""Checking in, the receipt, and one's own records, as pages."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import checkins, glass, regions, residents, staff
from app.kit import clock, readings
from app.kit.errors import N_, Confirm, Fault, Invalid, NotFound, Refusal
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from models.audit import Act, Purpose
from models.checkins import CheckinCreate, Slot, Verdict
from models.residents import Resident
from models.staff import Right
from routers.kit import forms, labels
from routers.kit.deps import Db, Me, MeWithPosts, TheHouse
from routers.kit.i18n import translator
from routers.kit.receipts import shown
from routers.kit.render import page, see_other

router = APIRouter(include_in_schema=False)

NO_TEMPERATURE = N_("Please write the temperature, or tick that there is no thermometer.")
NO_TEMPERATURE_TODAY = N_("Please write the temperature. Without a thermometer, use the white button.")


def _subject(row: Resident, me: Viewer) -> dict[str, object]:
    return {"person_id": row.person_id, "name": row.name, "is_self": row.person_id == me.person_id}


def _people(
    household: list[residents.Person], current: UUID, reports: dict[UUID, list[checkins.Brief]]
) -> list[dict[str, object]]:
    """The chips: oneself and the household, each with whether today is done."""
    today = clock.today()
    return [
        {
            "person_id": person.row.person_id,
            "label": N_("Myself") if person.relation is None else person.row.name,
            "reported": any(report.day == today for report in reports[person.row.person_id]),
            "current": person.row.person_id == current,
        }
        for person in household
    ]


@dataclass(frozen=True)
class _Home:
    """What a resident's page reads, in two statements: the household and its reports of the last days."""

    household: list[residents.Person]
    row: Resident
    reports: dict[UUID, list[checkins.Brief]]


async def _home(db: Db, me: Viewer, wanted: str | None, days: int) -> _Home:
    """The household, the one person this page is about, and everybody's reports. Raises NotFound."""
    household = await residents.household_of(db, me)
    person_id = _uuid(wanted) if wanted else me.person_id
    row = next((person.row for person in household if person.row.person_id == person_id), None)
    if row is None:
        raise NotFound
    today, ids = clock.today(), [person.row.person_id for person in household]
    return _Home(household, row, await checkins.briefs_by(db, ids, today - timedelta(days=days - 1), today))


async def _whose(db: Db, me: Viewer, wanted: UUID | None) -> tuple[checkins.Subject, Resident]:
    """Whom a report may be made for. Raises NotFound; an account without a person must register first."""
    subject, row = await checkins.subject_of(db, me, wanted)
    if subject.staff:
        await residents.covered(db, me, row.person_id, Right.REPORT_FOR)
    return subject, row


@router.get("/today")
async def today(request: Request, db: Db, house: TheHouse, me: Me) -> Response:
    """Today in two taps."""
    if me.person_id is None:
        return see_other("/roll-call" if me.is_staff else "/register")
    home = await _home(db, me, request.query_params.get("for"), 7)
    return await _today(request, db, house, (me, home), [], {}, None)


async def _today(  # noqa: PLR0913
    request: Request,
    db: Db,
    house: TheHouse,
    who: tuple[Viewer, _Home],
    errors: list[forms.Wrong],
    values: dict[str, str],
    confirm: str | None,
) -> Response:
    me, home = who
    row, reports = home.row, home.reports[home.row.person_id]
    _, day, now = translator(request), clock.today(), clock.now()
    rule = house.rules.rule_for(row.programme, row.region_code, day)
    open_day, slot = checkins.open_slot(now, rule.slots)
    # Who reports once a day has done so with a report for any slot of it; the most serious one is shown.
    done = [r for r in reports if r.day == open_day and (r.slot is slot or rule.slots == 1)]
    reported = max(done, key=lambda r: (r.highest_verdict, r.received_at), default=None)
    words, hour = _due_words(rule.due[slot], clock.local(now))
    request.state.header_place = " · ".join((await regions.chain_of(db, row.region_code))[-2:])
    return page(
        request, "checkins/today.html", status=422 if errors or confirm else 200,
        subject=_subject(row, me), people=_people(home.household, row.person_id, home.reports), day=day,
        report=shown(reported.receipt(), row.name) if reported and not errors else None,
        strip=checkins.strip(reports, checkins.last_days(day, 7), clock.local_day(row.created_at), rule.slots),
        asks_temperature=rule.asks,
        report_id=values.get("id") or str(uuid7()), due_words=_(words, time=hour),
        grid_worker=await staff.worker_of(db, row.region_code),
        opened=await glass.lately(db, [person.row.person_id for person in home.household]),
        values=values, errors=errors, confirm={"proposed": confirm} if confirm else None,
    )  # fmt: skip


def _due_words(minutes: int, now: datetime) -> tuple[str, str]:
    """Until when today's report is on time, and what to say of it: a sentence and the hour in it."""
    words = N_("Please report by %(time)s today (Beijing time).")
    if now.hour * 60 + now.minute >= minutes:
        words = N_("It is past %(time)s. Reporting now still counts; it is only marked as late.")
    return words, f"{minutes // 60:02d}:{minutes % 60:02d}"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


@router.get("/checkins/new")
async def ask(request: Request, db: Db, house: TheHouse, me: MeWithPosts) -> Response:
    """All questions in one document, nothing preselected."""
    query = request.query_params
    if me.person_id is None and "for" not in query:
        return see_other("/register")
    subject, row = await _whose(db, me, _uuid(query["for"]) if "for" in query else None)
    if subject.staff:  # the form shows what was reported before: a look like any other
        async with house.database.writing() as ledger:
            await residents.open_record(ledger, me, row.person_id, Act.SAW_PERSON, Purpose.REPORT_FOR)
    values: dict[str, object] = {"id": str(uuid7()), "day": query.get("day", ""), "slot": query.get("slot", "")}
    return await _questions(request, db, house, (me, row), values, [], None)


async def _questions(  # noqa: PLR0913
    request: Request,
    db: Db,
    house: TheHouse,
    who: tuple[Viewer, Resident],
    values: dict[str, object],
    errors: list[forms.Wrong],
    confirm: str | None,
) -> Response:
    me, row = who
    today = clock.today()
    day = _day(str(values.get("day") or "")) or today
    rule = house.rules.rule_for(row.programme, row.region_code, today)
    slot = Slot[str(values["slot"]).upper()] if str(values.get("slot", "")) in {"day", "am", "pm"} else None
    if slot is None and day == today:
        day, slot = checkins.open_slot(clock.now(), rule.slots)
    reports = await checkins.reports_of(db, row.person_id, day, day)
    before = next((r for r in reports if r.slot is (slot or Slot.DAY)), None)
    return page(
        request, "checkins/new.html", status=422 if errors or confirm else 200, store=False,
        subject=_subject(row, me), asks_temperature=rule.asks, symptoms=labels.symptoms(), needs=labels.needs(),
        values=values, errors=errors, confirm={"proposed": confirm} if confirm else None,
        correcting=shown(before, row.name) if before else None,
        make_up_day=day if day < today and not before else None,
        on_behalf=row.person_id not in {p.row.person_id for p in await residents.household_of(db, me)},
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _temperature(words: forms.Words) -> tuple[object, list[Fault], str | None]:
    """(what the schema gets, faults, what was probably meant): 36,6 and 36。6 and full-width digits are 36.6."""
    raw = words.get("temperature", "").strip()
    confirmed = words.get("temperature_confirmed", "")
    if confirmed:
        raw = confirmed
    if not raw:
        return None, [], None
    reading = readings.temperature(raw)
    if confirmed and reading.problem == "confirm" and str(reading.proposed) == confirmed:
        return float(reading.proposed or 0), [], None
    if reading.problem in {"confirm", "fahrenheit"}:
        return None, [], str(reading.proposed)
    if reading.value is None:
        text = checkins.ONE_DECIMAL if reading.problem == "decimals" else checkins.NOT_A_TEMPERATURE
        return None, [Fault("temperature", text)], None
    return float(reading.value), [], None


def _data(words: forms.Words, temperature: object) -> dict[str, object]:
    """The words of a form as the report they mean."""
    data: dict[str, object] = {
        name: words.get(name, "") for name in ("id", "person_id", "slot", "day", "exposed", "place", "note")
    }
    data |= {name: words.many.get(name, []) for name in ("symptoms", "needs")}
    data |= {"temperature": temperature, "temperature_confirmed": bool(words.get("temperature_confirmed"))}
    if words.get("quick"):
        data |= {"symptoms": ["none"], "exposed": "no", "place": "home", "needs": []}
    return data


@router.post("/checkins")
async def submit(request: Request, house: TheHouse, me: MeWithPosts) -> Response:
    """Record the report, then show its receipt; a repeat of an accepted report shows the same receipt."""
    words = await forms.read(request)
    temperature, faults, confirm = _temperature(words)
    form, wrong = forms.fill(CheckinCreate, _data(words, temperature))
    faults += list(wrong)
    async with house.database.reading() as db:
        _, row = await _whose(db, me, _uuid(words["person_id"]) if words.get("person_id") else None)
    rule = house.rules.rule_for(row.programme, row.region_code, clock.today())
    missing = rule.asks and not words.get("temperature") and (words.get("quick") or not words.get("no_thermometer"))
    if missing:
        faults.insert(0, Fault("temperature", NO_TEMPERATURE_TODAY if words.get("quick") else NO_TEMPERATURE))
    if form is not None and not faults and confirm is None:
        try:
            outcome = await checkins.submit(house.writer, me, form)
        except Confirm as refusal:
            proposed = refusal.extra["proposed"]
            confirm = str(proposed["temperature"]) if isinstance(proposed, dict) else None
        except (Invalid, Refusal) as refusal:
            if not refusal.faults and not isinstance(refusal, Invalid):
                raise
            faults = list(refusal.faults) or [Fault("symptoms", refusal.detail, refusal.params)]
        else:
            return see_other(f"/checkins/{shown(outcome.receipt, row.name).id}")
    errors = forms.shown(request, tuple(faults))
    values: dict[str, object] = {
        **words,
        "symptoms": words.many.get("symptoms", []),
        "needs": words.many.get("needs", []),
    }
    async with house.database.reading() as db:
        if words.get("quick") and not any(wrong.field not in {"temperature"} for wrong in errors):
            home = await _home(db, me, str(row.person_id), 7)
            return await _today(request, db, house, (me, home), errors, dict(words), confirm)
        return await _questions(request, db, house, (me, row), values, errors, confirm)


@router.get("/checkins/{person_id}/{day}/{slot}")
async def show(  # noqa: PLR0913
    request: Request, db: Db, house: TheHouse, me: MeWithPosts, person_id: UUID, day: date, slot: str
) -> Response:
    """The receipt: what was reported, what it means, what to do next. A look by staff is logged before it leaves."""
    subject, row = await checkins.subject_of(db, me, person_id)
    if subject.staff:
        async with house.database.writing() as ledger:
            await residents.open_record(ledger, me, person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)
    found = [r for r in await checkins.reports_of(db, person_id, day, day) if r.slot.name.lower() == slot]
    if not found:
        raise NotFound
    receipt = shown(found[0], row.name)
    level = Verdict[receipt.level.upper()]
    contacts = [] if subject.staff else await _contacts(db, row, level)
    return page(
        request, "checkins/show.html", store=not subject.staff, receipt=receipt, contacts=contacts,
        report_id=found[0].id, next_steps=() if subject.staff else labels.NEXT_STEPS[level],
        may_correct=checkins.may_correct(day, clock.now()),
    )  # fmt: skip


async def _contacts(db: Db, row: Resident, level: Verdict) -> list[dict[str, str]]:
    """Whom to call, by how serious it is: the ambulance, the grid worker."""
    contacts = [{"label": N_("Ambulance"), "phone": "120"}] if level is Verdict.URGENT else []
    worker = await staff.worker_of(db, row.region_code)
    if worker is not None and level is not Verdict.NORMAL:
        contacts.append({"label": N_("Grid worker"), "phone": worker.phone})
    return contacts


@router.get("/checkins")
async def index(request: Request, db: Db, house: TheHouse, me: Me) -> Response:
    """One's records of the last 14 days, and the days that may still be made up."""
    if me.person_id is None:
        return see_other("/register")
    home = await _home(db, me, request.query_params.get("for"), 14)
    row, reports = home.row, home.reports[home.row.person_id]
    today, since = clock.today(), clock.local_day(row.created_at)
    slots = house.rules.rule_for(row.programme, row.region_code, today).slots
    return page(
        request, "checkins/index.html", subject=_subject(row, me),
        people=_people(home.household, row.person_id, home.reports),
        strip=checkins.strip(reports, checkins.last_days(today, 14), since, slots),
        reports=[shown(report.receipt(), row.name) for report in reports],
        make_up=checkins.make_up_days([report.day for report in reports], clock.now(), since),
    )  # fmt: skip
