"""Standing up, as pages: bring a sheet, look at its plan row by row, correct its columns, apply, undo; print codes."""

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import segno
from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from app import appointments, regions
from app.appointments import File, TicketGone
from app.kit.errors import N_, Invalid, NotFound, Refusal
from app.kit.viewer import Viewer
from models.accounts import SecondFactor
from models.appointments import AppointmentSheet, Column, Outcome, Reason, SheetColumns, SheetPublic
from models.staff import Right
from routers.kit import forms, uploads
from routers.kit.deps import Anyone, Db, Grave, Staff, TheHouse, keep_cookie, keep_staff_cookie
from routers.kit.i18n import translator
from routers.kit.labels import ROLE
from routers.kit.render import page, see_other
from routers.kit.sign_ins import enter

router = APIRouter(include_in_schema=False)

TOLD = {
    "applied": N_("Applied. The new people are invited: they sign in with a code sent to their phone."),
    "undone": N_("Undone. Everything is as it was before this sheet."),
    "planned": N_("Planned again, with the posts as they are now."),
    "renamed": N_("The sheet was read again with these columns."),
}


# As a row of the plan calls a field that it changes.
CHANGED = appointments.COLUMN | {Column.SUBSTITUTE: N_("Substitute")}


async def _places(db: AsyncSession, me: Viewer) -> list[tuple[str, str]]:
    """The regions over which the viewer appoints, the widest first, as options of a form. Raises NotFound."""
    posts = sorted(me.with_right(Right.APPOINT), key=lambda post: (post.region_code - post.last_code, post.region_code))
    if not posts:
        raise NotFound
    codes = dict.fromkeys(post.region_code for post in posts)
    return [(str(code), " ".join((await regions.chain_of(db, code))[1:]) or "") for code in codes]


@router.get("/appointments")
async def index(request: Request, db: Db, me: Staff) -> Response:
    """Bring a sheet; the sheets brought before; codes to print."""
    return await _index(request, db, me, {}, [])


async def _index(
    request: Request, db: AsyncSession, me: Viewer, values: dict[str, str], errors: list[forms.Wrong]
) -> Response:
    return page(
        request, "appointments/index.html", status=422 if errors else 200, store=False, values=values, errors=errors,
        sheets=await appointments.sheets_of(db, me), places=await _places(db, me), most=appointments.MOST_IN_THE_WEB,
    )  # fmt: skip


@router.post("/appointments", max_body_size=uploads.MOST_BODY)
async def bring(request: Request, db: Db, me: Staff) -> Response:
    """Take in a file or pasted rows and show the plan."""
    async with uploads.form(request) as (words, file):
        places = [code for code, _ in await _places(db, me)]
        region = words.get("region_code", places[0])
        try:
            if region not in places:
                raise NotFound
            if file is not None:
                sheet = await appointments.bring(db, me, File(file.path, file.name, int(region)))
            elif words.get("paste", "").strip():
                sheet = await appointments.bring_paste(db, me, words["paste"], int(region))
            else:
                raise Invalid(N_("Please choose a file or paste some rows."))
        except Invalid as refusal:
            await forms.undo(db, refusal)
            return await _index(request, db, me, words, forms.told(request, refusal, "paste"))
    return see_other(f"/appointments/{sheet.id}")


@router.post("/appointments/codes")
async def print_slips(request: Request, db: Db, house: TheHouse, me: Grave) -> Response:
    """A page of QR codes to print, cut and hand over. It can be shown once: only digests of the codes are kept."""
    words = await forms.read(request)
    code = words.get("region_code", "")
    if not (code.isascii() and code.isdigit() and len(code) == 15):
        raise NotFound
    sheet = await appointments.print_slips(db, me, int(code), appointments.origin_of(house.settings))
    slips = [{"slip": slip, "qr": _drawn(slip.url), "role": ROLE[slip.role]} for slip in sheet.slips]
    return page(request, "appointments/codes.html", store=False, sheet=sheet, slips=slips)


def _drawn(url: str) -> str:
    """A QR code as the source of an image; level M still reads from crumpled paper."""
    return str(segno.make(url, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))


@router.get("/appointments/{sheet_id}")
async def show(  # noqa: PLR0913
    request: Request, db: Db, me: Staff, sheet_id: UUID, show: str = "", told: str = ""
) -> Response:
    """The plan of a sheet: its counts, and the rows of one class."""
    sheet = await appointments.shown(db, me, sheet_id)
    _ = translator(request)
    request.state.flash = _(TOLD[told]) if told in TOLD else None
    return await _shown(request, db, me, sheet, show)


async def _shown(  # noqa: PLR0913
    request: Request, db: AsyncSession, me: Viewer, sheet: SheetPublic, show: str,
    errors: list[forms.Wrong] | None = None,
) -> Response:  # fmt: skip
    outcome = Outcome(show) if show in set(Outcome) else _first(sheet)
    number = request.query_params.get("page", "1")
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    found = await appointments.rows_of(db, me, sheet.id, (outcome, at))
    swapped = any(row.reason is Reason.SWAPPED for row in found.items)
    return page(
        request, "appointments/show.html", status=409 if errors else 200, store=False, sheet=sheet, show=outcome.value,
        found=found, rows=[_row(row) for row in found.items], errors=errors or [], swapped=swapped,
        columns=_columns(sheet, swapped=swapped), place=(await regions.chain_of(db, sheet.region_code))[-1],
    )  # fmt: skip


def _first(sheet: SheetPublic) -> Outcome:
    """What to look at first: what was refused, else what would happen."""
    return next((each for each in (Outcome.REFUSED, Outcome.NEW, Outcome.CHANGED) if getattr(sheet, each.value)),
                Outcome.UNCHANGED)  # fmt: skip


def _row(row: Any) -> dict[str, object]:  # noqa: ANN401
    words = appointments.ROW.get(row.reason, "") if row.reason else ""
    column = appointments.COLUMN.get(row.field, "") if row.field else ""
    changes = [(CHANGED.get(each.field, ""), each.old, each.new) for each in row.changes]
    return {"row": row, "words": words, "column": column, "role": ROLE.get(row.role or "", ""), "changes": changes}


def _columns(sheet: SheetPublic, *, swapped: bool) -> list[dict[str, object]]:
    """The form that corrects the columns; where name and phone look swapped, it is filled in the other way round."""
    chosen = dict(sheet.columns)
    if swapped and {Column.NAME, Column.PHONE} <= chosen.keys():
        chosen[Column.NAME], chosen[Column.PHONE] = chosen[Column.PHONE], chosen[Column.NAME]
    return [
        {"name": column.value, "words": words, "at": str(chosen[column]) if column in chosen else ""}
        for column, words in appointments.COLUMN.items()
    ]


async def _done(  # noqa: PLR0913
    request: Request, db: AsyncSession, me: Viewer, sheet_id: UUID, act: Awaitable[AppointmentSheet], told: str
) -> Response:
    """The sheet after something was done with it, or again with what was refused said on top."""
    async with forms.trying(request, db, "act") as errors:
        sheet = await act  # read anew it is another one
        return see_other(f"/appointments/{sheet.id}?told={told}")
    return await _shown(request, db, me, await appointments.shown(db, me, sheet_id), "", errors)


@router.post("/appointments/{sheet_id}/columns")
async def rename(request: Request, db: Db, me: Staff, sheet_id: UUID) -> Response:
    """Read the sheet again with its columns named by a person."""
    words = await forms.read(request)
    chosen = {column: words.get(column.value, "") for column in Column}
    columns = {column: int(at) for column, at in chosen.items() if at.isascii() and at.isdigit() and len(at) < 4}
    reading = appointments.rename(db, me, sheet_id, SheetColumns(columns=columns))
    return await _done(request, db, me, sheet_id, reading, "renamed")


@router.post("/appointments/{sheet_id}/plan")
async def plan(request: Request, db: Db, me: Staff, sheet_id: UUID) -> Response:
    """Compare the sheet with the posts as they are now."""
    return await _done(request, db, me, sheet_id, appointments.plan_again(db, me, sheet_id), "planned")


@router.post("/appointments/{sheet_id}/application")
async def apply(request: Request, db: Db, me: Grave, sheet_id: UUID) -> Response:
    """Carry the plan out."""
    return await _done(request, db, me, sheet_id, appointments.apply(db, me, sheet_id), "applied")


@router.post("/appointments/{sheet_id}/undoing")
async def undo(request: Request, db: Db, me: Grave, sheet_id: UUID) -> Response:
    """Take it back."""
    return await _done(request, db, me, sheet_id, appointments.undo(db, me, sheet_id), "undone")


@router.get("/activate/{token}")
async def ask_activation(request: Request, db: Db, me: Anyone, token: str) -> Response:  # noqa: ARG001
    """What a printed code leads to: whose post, and the question for the phone it was made for."""
    return await _activation(request, db, token, [])


async def _activation(request: Request, db: AsyncSession, token: str, errors: list[forms.Wrong]) -> Response:
    ticket = await appointments.ticket_of(db, token)
    return page(
        request, "appointments/activate.html", status=422 if errors else 200, store=False, ticket=ticket,
        role=ROLE[ticket.role], errors=errors,
    )  # fmt: skip


@router.post("/activate/{token}")
async def activate(request: Request, db: Db, me: Anyone, token: str) -> Response:
    """Take up the post and sign in; a post that asks for a second factor leads on to it."""
    words = await forms.read(request)
    try:
        account = await appointments.activate(db, me, token, words.get("phone", ""))
    except TicketGone:
        raise
    except Refusal as refusal:
        await forms.undo(db, refusal)
        return await _activation(request, db, token, forms.told(request, refusal, "phone"))
    entry = await enter(request, db, account)
    keep_cookie(request, entry.token)
    if entry.begun is not None:
        keep_staff_cookie(request, entry.begun.secret)
    if entry.factor in {SecondFactor.NEEDED, SecondFactor.ENROL}:
        return see_other("/second-factor?next=/staff")
    return see_other("/staff")
