"""One's own messages as pages: the inbox, a message, why it was sent, and how one wants to be told."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import accounts, messages, residents
from app.kit import masks
from app.kit.errors import N_
from app.kit.viewer import Viewer
from models.messages.schemas import MessageListed, PreferenceChange
from routers.kit import forms
from routers.kit.deps import Db, Me, TheHouse
from routers.kit.devices import agent_words
from routers.kit.i18n import language_of, translator
from routers.kit.message_words import CHANNEL, PROVIDER, spoken
from routers.kit.params import Asked
from routers.kit.render import page, see_other

router = APIRouter(include_in_schema=False)

TOLD = {
    "read": N_("Everything is marked as read."),
    "kept": N_("Noted. It holds for every message from now on."),
    "forgotten": N_("This browser is not notified any more."),
}


def _flash(request: Request, told: str) -> None:
    request.state.flash = translator(request)(TOLD[told]) if told in TOLD else None


async def _names(db: Db, me: Viewer, items: list[MessageListed]) -> dict[UUID, str]:
    """The names of family members that messages are about."""
    if not any(item.person_id not in (None, me.person_id) for item in items):
        return {}
    return {
        person.row.person_id: person.row.name
        for person in await residents.household_of(db, me)
        if person.row.person_id != me.person_id
    }


@router.get("/inbox")
async def inbox(request: Request, db: Db, me: Me, told: str = "") -> Response:
    """My messages, newest first."""
    asked = Asked(request)
    last: UUID | None = asked.value("last", UUID, None)
    found = await messages.inbox(db, me, language_of(request), last)
    _flash(request, told)
    return page(
        request, "messages/index.html", store=False, astray=asked.errors, found=found,
        names=await _names(db, me, found.items), paged=last is not None,
    )  # fmt: skip


@router.post("/inbox/reading")
async def read_all(db: Db, me: Me) -> Response:
    """Mark all as read."""
    await messages.read_all(db, me)
    return see_other("/inbox?told=read")


@router.get("/inbox/{message_id}")
async def read(request: Request, house: TheHouse, me: Me, message_id: UUID) -> Response:
    """A message; the first opening marks it as read."""
    async with house.database.writing() as db:
        message = await messages.read(db, me, message_id, language_of(request))
        names = await _names(db, me, [message])
    return page(request, "messages/show.html", store=False, message=message, names=names)


@router.get("/inbox/{message_id}/why")
async def why(request: Request, db: Db, me: Me, message_id: UUID) -> Response:
    """Why this message came, and what became of it."""
    found, lang = await messages.why(db, me, message_id, language_of(request)), language_of(request)
    spoken(lang, [found])
    return page(request, "messages/why.html", store=False, found=found, channels=CHANNEL, providers=PROVIDER)


# --- how one wants to be told ----------------------------------------------------------------------------------------


async def _form(
    request: Request, db: Db, who: tuple[TheHouse, Viewer], values: Mapping[str, str], errors: list[forms.Wrong]
) -> Response:
    house, me = who
    found = await messages.preferences(db, me)
    kept = {
        "lang": found.lang, "quiet_from": found.quiet_from, "quiet_until": found.quiet_until,
        "push": "yes" if found.push else "", "sms": "yes" if found.sms else "",
    }  # fmt: skip
    account = await accounts.account_of(db, me.account_id)
    lang = language_of(request)
    browsers = [each.model_dump() | {"agent": agent_words(lang, each.agent or "")} for each in found.browsers]
    return page(
        request, "messages/preferences.html", status=422 if errors else 200, store=False, values=values or kept,
        errors=errors, browsers=browsers, push=messages.push_key(house.settings),
        phone=masks.mask_phone(accounts.phone_in(db, account)),
    )  # fmt: skip


@router.get("/me/messages")
async def preferences(request: Request, db: Db, house: TheHouse, me: Me, told: str = "") -> Response:
    """The form for language, quiet hours and ways, and the browsers that are notified."""
    _flash(request, told)
    return await _form(request, db, (house, me), {}, [])


@router.post("/me/messages")
async def prefer(request: Request, db: Db, house: TheHouse, me: Me) -> Response:
    """Say how one wants to be told."""
    words = await forms.read(request)
    data: dict[str, object] = {name: words.get(name, "") for name in ("lang", "quiet_from", "quiet_until")}
    form, faults = forms.fill(PreferenceChange, data | {name: words.get(name) == "yes" for name in ("push", "sms")})
    if form is None:
        return await _form(request, db, (house, me), words, forms.shown(request, faults))
    await messages.prefer(db, me, form)
    return see_other("/me/messages?told=kept")


@router.post("/me/messages/browsers/{browser_id}/removal")
async def forget(db: Db, me: Me, browser_id: UUID) -> Response:
    """Do not notify a browser any more."""
    await messages.unsubscribe(db, me, browser_id)
    return see_other("/me/messages?told=forgotten")
