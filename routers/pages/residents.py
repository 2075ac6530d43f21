"""Registering, and the page of a person for those who look after them."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import accounts, checkins, regions, residents, staff
from app.kit import clock
from app.kit.errors import N_, Invalid, NotFound
from models.audit import Act, Purpose
from models.residents import MemberCreate, ResidentCreate
from models.staff import Right
from routers.kit import forms, picking
from routers.kit.deps import Db, Me, Staff, TheHouse, keep_cookie
from routers.kit.labels import RELATION
from routers.kit.receipts import shown
from routers.kit.render import page, see_other
from routers.kit.whole import together

router = APIRouter(include_in_schema=False)

MOST_MEMBERS = 6
_PERSON = ("name", "id_type", "id_number", "birth_date")


@router.get("/register")
async def ask(request: Request, db: Db, me: Me, region_code: str = "") -> Response:
    """The form; somebody registered is sent on."""
    if me.person_id is not None:
        return see_other("/today")
    account = await accounts.account_of(db, me.account_id)
    values = {"phone": accounts.phone_in(db, account), "region_code": region_code}
    return await _form(request, db, values, 0, [])


async def _form(
    request: Request, db: Db, values: Mapping[str, str], members: int, errors: list[forms.Wrong]
) -> Response:
    return page(
        request, "residents/new.html", status=422 if errors else 200, store=False, values=values, errors=errors,
        member_count=members, **await picking.picker(db, values),
    )  # fmt: skip


def _member_words(words: forms.Words, index: int) -> dict[str, str]:
    names = (*_PERSON, "relation")
    return {name: words.get(f"member-{index}-{name}", "") for name in names}


@router.post("/register")
async def register(request: Request, db: Db, me: Me) -> Response:
    """Register oneself and the household."""
    words = await forms.read(request)
    counted = words.get("member_count", "")
    count = min(int(counted), MOST_MEMBERS) if counted.isascii() and counted.isdigit() and len(counted) < 3 else 0
    if picking.asks(words) or words.get("add_member"):
        return await _form(request, db, words, min(count + bool(words.get("add_member")), MOST_MEMBERS), [])
    # A family block that was opened and left empty is not a wrong one.
    members = [index for index in range(MOST_MEMBERS) if any(
        word for name, word in _member_words(words, index).items() if name != "id_type"
    )]  # fmt: skip
    data: dict[str, object] = {name: words.get(name, "") for name in (*_PERSON, "phone", "address", "region_code")}
    data["household"] = [{k: v for k, v in _member_words(words, index).items() if v} for index in members]
    form, faults = forms.fill(ResidentCreate, data)
    names = {
        f"household/{place}/{name}": f"member-{index}-{name}"
        for place, index in enumerate(members)
        for name in (*_PERSON, "relation")
    }
    if form is None:
        faults = together(faults, residents.also_wrong(data))
        return await _form(request, db, words, max(count, len(members)), forms.shown(request, faults, names))
    async with forms.trying(request, db, "id_number", names) as errors:
        await residents.register(db, me, form)
        keep_cookie(request, await accounts.claims_of(db, me.account_id, me.token.device))
        return see_other("/today")
    return await _form(request, db, words, max(count, len(members)), errors)


@router.get("/me/household")
async def ask_member(request: Request, me: Me) -> Response:  # noqa: ARG001
    """The form for one more household member."""
    return page(request, "residents/member.html", values={}, errors=[])


@router.post("/me/household")
async def add_member(request: Request, db: Db, me: Me) -> Response:
    """Add a household member who has no phone."""
    words = await forms.read(request)
    form, faults = forms.fill(MemberCreate, {name: words.get(name, "") for name in (*_PERSON, "relation")})
    errors = forms.shown(request, faults)
    if form is not None:
        async with forms.trying(request, db, "name") as errors:
            try:
                await residents.add_member(db, me, form)
            except NotFound:
                raise Invalid(N_("Please register first: it takes a minute, then you can check in.")) from None
            return see_other("/me?told=added")
    return page(request, "residents/member.html", status=422, store=False, values=words, errors=errors)


# --- for those who look after people ---------------------------------------------------------------------------------


@router.get("/residents/{person_id}")
async def person(request: Request, db: Db, house: TheHouse, me: Staff, person_id: UUID) -> Response:
    """A person's page for staff: 14 days and what was reported. The look is logged before the page leaves."""
    async with house.database.writing() as ledger:
        row = await residents.open_record(ledger, me, person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)
    today = clock.today()
    others = await residents.living_with(db, me, row)
    household = [
        {
            "person_id": other.row.person_id,
            "name": other.row.name,
            "relation_label": RELATION[other.relation] if other.relation else N_("Reports for the household"),
        }
        for other in others
    ]
    reports = await checkins.reports_of(db, person_id, today - timedelta(days=13), today)
    since = clock.local_day(row.created_at)
    rule = house.rules.rule_for(row.programme, row.region_code, today)
    about = {
        "person_id": row.person_id, "name": row.name, "id_mask": residents.id_mask(db, row) or "",
        "phone_mask": residents.phone_mask(db, row) or "", "place_chain": await regions.chain_of(db, row.region_code),
        "age_words": None if row.birth_date is None else str(_age(row.birth_date.toordinal(), today.toordinal())),
        "relation_note": next((other.row.name for other in others if other.relation is None), None),
        "may_task": me.post_over(row.place_code) is not None,
        "current": await residents.current(db, row), "through_glass": person_id in me.glass,
        "may_report": residents.allowed(me, row, Right.REPORT_FOR), "may_call": residents.allowed(me, row, Right.CALL),
    }  # fmt: skip
    return page(
        request, "residents/show.html", store=False, person=about, household=household,
        strip=checkins.strip(reports, checkins.last_days(today, 14), since, rule.slots),
        reports=[shown(report, row.name) for report in reports],
    )  # fmt: skip


def _age(born: int, today: int) -> int:
    return int((today - born) / 365.2425)


@router.post("/residents/{person_id}/call")
async def call(request: Request, db: Db, me: Staff, person_id: UUID) -> Response:
    """The number of a person, in full: logged, and shown to the person."""
    row, phone = await residents.reveal_phone(db, me, person_id)
    if phone is None:
        raise NotFound
    return page(request, "residents/call.html", store=False, person_name=row.name, phone=phone)


@router.post("/call/worker")
async def call_worker(request: Request, db: Db, me: Me) -> Response:
    """The duty number of one's own grid worker."""
    worker = await staff.worker_of(db, me.token.region) if me.person_id else None
    if worker is None:
        raise NotFound
    return page(request, "residents/call.html", store=False, person_name=worker.name, phone=worker.phone)
