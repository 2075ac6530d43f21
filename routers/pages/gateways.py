"""Looking after messages, as pages: what is stuck, each template as it reaches a phone, codes of texts, tests."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app import messages
from app.kit.errors import N_
from app.kit.viewer import Viewer
from models.messages import Channel
from models.messages.keeping import AgainCreate, AgainPublic, CodeChange, TrialCreate
from routers.kit import forms, i18n
from routers.kit.deps import Db, Grave, Staff, TheHouse
from routers.kit.i18n import language_of
from routers.kit.message_words import CHANNEL, PROVIDER, SHORT, TEMPLATE, explained, joined
from routers.kit.render import page, see_other

router = APIRouter(prefix="/staff", include_in_schema=False)

TOLD = {
    "again": N_("Written anew. It goes out by the same way within seconds."),
    "all": N_("Written anew. They go out by the same way within seconds."),
    "none": N_("There was nothing left to send again: somebody was quicker, or nobody wants it any more."),
    "code": N_("Noted. The next text message goes out under this code."),
}
WAYS = (Channel.SMS, Channel.PUSH, Channel.WORK)


Number = Annotated[int, Query(ge=0, le=1_000_000)]


def _flash(request: Request, told: str, sent: AgainPublic) -> None:
    """What was just done, and how many messages go out again for it."""
    lang, said = language_of(request), []
    ngettext = partial(i18n.ngettext, lang)
    if told in TOLD:
        said.append(i18n.gettext(lang, TOLD[told]))
    if sent.again:
        words = ngettext("%(n)s that had failed goes out again.", "%(n)s that had failed go out again.", sent.again)
        said.append(words)
    if sent.left:
        said.append(ngettext("%(n)s more waits: send again.", "%(n)s more wait: send again.", sent.left))
    request.state.flash = joined(lang, *said) or None


def _counts(again: int, left: int) -> str:
    return f"&again={again}&left={left}" if again or left else ""


async def _desk(request: Request, db: Db, me: Viewer, errors: list[forms.Wrong]) -> Response:
    found = await messages.stuck(db, me)
    explained(language_of(request), found)
    there = messages.ways_open(request.app.state.settings)
    return page(
        request, "messages/gateways.html", status=422 if errors else 200, store=False, found=found, errors=errors,
        channels=CHANNEL, providers=PROVIDER, states=SHORT, names=TEMPLATE,
        ways=[way for way in WAYS if way in there], shut=[way for way in WAYS if way not in there],
    )  # fmt: skip


@router.get("/gateways")
async def desk(  # noqa: PLR0913
    request: Request, db: Db, me: Staff, told: str = "", again: Number = 0, left: Number = 0
) -> Response:
    """What is stuck, and a test to oneself."""
    _flash(request, told, AgainPublic(again=again, left=left))
    return await _desk(request, db, me, [])


@router.post("/gateways/trials")
async def try_out(request: Request, db: Db, house: TheHouse, me: Staff) -> Response:
    """Send oneself a test; the page that follows tells its way."""
    words = await forms.read(request)
    form, faults = forms.fill(TrialCreate, {"channel": words.get("channel", "")})
    errors = forms.shown(request, faults)
    if form is not None:
        async with forms.trying(request, db, "channel") as errors:
            message = await messages.try_out(db, me, form, house.settings)
            return see_other(f"/inbox/{message}/why")
    return await _desk(request, db, me, errors)


@router.post("/gateways/deliveries/{delivery_id}/again")
async def send_again(db: Db, me: Staff, delivery_id: UUID) -> Response:
    """Have what was set aside sent once more."""
    await messages.send_again(db, me, delivery_id)
    return see_other("/staff/gateways?told=again")


@router.post("/gateways/failures/again")
async def send_failed_again(request: Request, db: Db, me: Staff) -> Response:
    """Have everything sent again that failed alike."""
    words = await forms.read(request)
    form, faults = forms.fill(AgainCreate, {field: words.get(field, "") for field in ("template", "channel", "code")})
    if form is None:
        return await _desk(request, db, me, forms.shown(request, faults))
    sent = await messages.send_failed_again(db, me, form)
    return see_other(f"/staff/gateways?told={'all' if sent.again else 'none'}{_counts(sent.again, sent.left)}")


# --- templates -------------------------------------------------------------------------------------------------------


@router.get("/templates")
async def index(request: Request, db: Db, house: TheHouse, me: Staff) -> Response:
    """Every template: version, ways, how many text messages it takes, which codes are missing."""
    found = await messages.templates(db, me, house.settings)
    return page(request, "messages/templates.html", store=False, found=found, channels=CHANNEL, names=TEMPLATE)


async def _show(
    request: Request, db: Db, who: tuple[TheHouse, Viewer, str], form: tuple[Mapping[str, str], list[forms.Wrong]]
) -> Response:
    house, me, name = who
    values, errors = form
    kind = await messages.template(db, me, name, house.settings)
    return page(
        request, "messages/template.html", status=422 if errors else 200, store=False, kind=kind, channels=CHANNEL,
        names=TEMPLATE, providers=PROVIDER, values=values, errors=errors,
    )  # fmt: skip


@router.get("/templates/{name}")
async def show(  # noqa: PLR0913
    request: Request, db: Db, house: TheHouse, me: Staff, name: str, told: str = "", again: Number = 0, left: Number = 0
) -> Response:
    """A template in both languages, on a phone, and as providers want it."""
    _flash(request, told, AgainPublic(again=again, left=left))
    return await _show(request, db, (house, me, name), ({}, []))


@router.post("/templates/{name}/codes")
async def set_code(request: Request, db: Db, house: TheHouse, me: Grave, name: str) -> Response:
    """Note under which code a provider has approved the text."""
    words = await forms.read(request)
    form, faults = forms.fill(CodeChange, {field: words.get(field, "") for field in ("provider", "lang", "code")})
    errors = forms.shown(request, faults)
    if form is not None:
        async with forms.trying(request, db, "code") as errors:
            kept = await messages.set_code(db, me, name, form, house.settings)
            return see_other(f"/staff/templates/{name}?told=code{_counts(kept.again, kept.left)}")
    return await _show(request, db, (house, me, name), (words, errors))
