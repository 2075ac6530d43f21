"""Notices and messages as pages: the inbox, a notice and its receipts, sending one, conversations."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import notices, regions
from app.kit.errors import N_, NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from models.notices import Box, DirectCreate, NoticeCreate, Reading
from models.regions import RegionPublic, ancestors_of
from models.staff import Right, Role
from routers.kit import forms
from routers.kit.deps import Db, Staff, TheHouse
from routers.kit.house_words import spoken
from routers.kit.i18n import translator
from routers.kit.labels import ROLE
from routers.kit.render import page, see_other

router = APIRouter(include_in_schema=False)

TOLD = {
    "sent": N_("Sent. Whoever comes into one of these posts later sees it as well."),
    "confirmed": N_("Confirmed. The sender sees it."),
    "withdrawn": N_("Withdrawn. Nobody sees the words any more."),
}
READINGS = {
    Reading.UNREAD: N_("Not read yet"),
    Reading.READ: N_("Read, not confirmed"),
    Reading.DONE: N_("Done"),
}


@router.get("/notices")
async def index(request: Request, db: Db, me: Staff, box: str = "", last: UUID | None = None) -> Response:
    """The inbox in two parts, notices and messages; what one's unit sent behind a link."""
    which = Box.SENT if box == Box.SENT else Box.IN
    found = await notices.box(db, me, which, last)
    threads = await notices.threads(db, me)
    for thread in threads.items:
        spoken(request, [thread.last])
    return page(
        request, "notices/index.html", store=False, box=which, found=found, threads=threads, roles=ROLE,
        may_send=bool(me.with_right(Right.NOTICE)), paged=last is not None,
    )  # fmt: skip


@dataclass(frozen=True)
class Area:
    """To whom a notice goes: the region, the way up that the sender's posts allow, and what lies below."""

    region: RegionPublic
    way: list[RegionPublic]
    below: list[RegionPublic]


async def _area(db: Db, me: Viewer, code: str) -> Area:
    """The region a form stands at; the sender's own where it names none that they may write to."""
    wanted = int(code) if code.isascii() and code.isdigit() and len(code) == 15 else 0
    region = await regions.known(db, wanted) if wanted else None
    if region is None or notices.over(me, region.code) is None:
        posts = me.with_right(Right.NOTICE)
        if not posts:
            raise NotFound
        region = await regions.named(db, posts[0].region_code)
    above = [await regions.named(db, step) for step in ancestors_of(region.code) if notices.over(me, step)]
    own = [await regions.named(db, post.region_code) for post in me.with_right(Right.NOTICE)]
    others = [place for place in own if place.code not in {step.code for step in (*above, region)}]
    (shown,) = await regions.public(db, [region])
    way = await regions.public(db, [*above, *others])
    return Area(shown, way, await regions.children_of(db, region.code))


async def _form(
    request: Request, db: Db, me: Viewer, values: forms.Words | Mapping[str, str], errors: list[forms.Wrong]
) -> Response:
    area = await _area(db, me, values.get("browse") or values.get("region_code", ""))
    many = values.many if isinstance(values, forms.Words) else {}
    return page(
        request, "notices/new.html", status=422 if errors else 200, store=False, area=area, values=values,
        errors=errors, roles=[(role.value, ROLE[role]) for role in Role], chosen=many.get("roles", []),
        asks_numbers=bool(values.get("asked")), id=uuid7(),
    )  # fmt: skip


@router.get("/notices/new")
async def ask(request: Request, db: Db, me: Staff, region: str = "") -> Response:
    """The form of a new notice."""
    return await _form(request, db, me, {"region_code": region}, [])


@router.post("/notices")
async def send(request: Request, db: Db, me: Staff) -> Response:
    """Send a notice, or choose another region with every word kept."""
    words = await forms.read(request)
    if "browse" in words:
        return await _form(request, db, me, words, [])
    data: dict[str, object] = {name: words.get(name, "") for name in ("id", "region_code", "title", "words")}
    data |= {name: words.get(name) == "yes" for name in ("must_confirm", "numbers_confirmed")}
    form, faults = forms.fill(NoticeCreate, data | {"roles": words.many.get("roles", [])})
    errors = forms.shown(request, faults, {"id": "title", "roles/0": "roles"})
    if form is not None:
        async with forms.trying(request, db, "title", {"id": "title"}) as errors:
            try:
                notice = await notices.send(db, me, form)
            except notices.SomebodysNumber:
                words["asked"] = "yes"
                raise
            return see_other(f"/notices/{notice.id}?told=sent")
    return await _form(request, db, me, words, errors)


@router.get("/notices/{notice_id}")
async def read(request: Request, house: TheHouse, me: Staff, notice_id: UUID, told: str = "") -> Response:
    """A notice. The first opening by somebody it is addressed to is its receipt."""
    async with house.database.writing() as db:
        notice = await notices.read(db, me, notice_id)
    _ = translator(request)
    request.state.flash = _(TOLD[told]) if told in TOLD else None
    return page(request, "notices/show.html", store=False, notice=notice, roles=ROLE)


@router.post("/notices/{notice_id}/confirmation")
async def confirm(db: Db, me: Staff, notice_id: UUID) -> Response:
    """Confirm a notice."""
    await notices.confirm(db, me, notice_id)
    return see_other(f"/notices/{notice_id}?told=confirmed")


@router.post("/notices/{notice_id}/withdrawal")
async def withdraw(db: Db, me: Staff, notice_id: UUID) -> Response:
    """Take a notice back."""
    await notices.withdraw(db, me, notice_id)
    return see_other(f"/notices/{notice_id}?told=withdrawn")


@router.get("/notices/{notice_id}/readers")
async def readers(  # noqa: PLR0913
    request: Request, db: Db, me: Staff, notice_id: UUID, state: str = "", last: UUID | None = None
) -> Response:
    """Who has read it and who has not: first those to call."""
    which = next((one for one in Reading if one == state), Reading.UNREAD)
    found = await notices.readers(db, me, notice_id, (which, last))
    notice = await notices.public(db, me, notice_id)
    return page(
        request, "notices/readers.html", store=False, notice=notice, found=found, state=which, roles=ROLE,
        states=[(one.value, READINGS[one], getattr(found, one.value)) for one in Reading
                if one is not Reading.READ or notice.must_confirm],
    )  # fmt: skip


# --- messages --------------------------------------------------------------------------------------------------------


@router.get("/messages/new")
async def choose(me: Staff, to: UUID | None = None) -> Response:  # noqa: ARG001
    """To the conversation with a colleague; without one, to the directory where they are found."""
    return see_other(f"/messages/{to}" if to else "/directory")


@router.get("/messages/unit")
async def unit(request: Request, house: TheHouse, me: Staff, last: UUID | None = None) -> Response:
    """What the house told one's posts, and what waits for one's units."""
    async with house.database.writing() as db:
        found = await notices.unit(db, me, last)
    spoken(request, found.items)
    return page(request, "notices/unit.html", store=False, found=found, paged=last is not None)


@router.get("/messages/{post_id}")
async def conversation(
    request: Request, house: TheHouse, me: Staff, post_id: UUID, last: UUID | None = None
) -> Response:
    """The messages with a colleague's post, and the form for another one."""
    async with house.database.writing() as db:
        found = await notices.conversation(db, me, post_id, last)
        mine = await _posts(db, me)
    party = found.party
    if party is not None and party.post_id != post_id:  # somebody else has followed in the post
        return see_other(f"/messages/{party.post_id}")
    return page(
        request, "notices/conversation.html", store=False, found=found, roles=ROLE, mine=mine, id=uuid7(),
        paged=last is not None,
    )  # fmt: skip


async def _posts(db: Db, me: Viewer) -> list[tuple[str, str, list[str]]]:
    """The viewer's posts, to choose from which to write."""
    return [(str(post.id), ROLE[post.role], await regions.chain_of(db, post.region_code)) for post in me.posts]


@router.post("/messages/{post_id}")
async def write(request: Request, db: Db, me: Staff, post_id: UUID) -> Response:
    """Write to a colleague's post."""
    words = await forms.read(request)
    data: dict[str, object] = {name: words.get(name, "") for name in ("id", "words", "from_post_id")}
    form, faults = forms.fill(DirectCreate, data | {"numbers_confirmed": words.get("numbers_confirmed") == "yes"})
    errors = forms.shown(request, faults, {"id": "words"})
    if form is not None:
        async with forms.trying(request, db, "words", {"id": "words"}) as errors:
            try:
                await notices.write(db, me, post_id, form)
            except notices.NumberInMessage:
                words["asked"] = "yes"
                raise
            return see_other(f"/messages/{post_id}")
    found = await notices.conversation(db, me, post_id)
    return page(
        request, "notices/conversation.html", status=422, store=False, found=found, roles=ROLE,
        mine=await _posts(db, me), id=uuid7(), paged=False, values=words, errors=errors,
    )  # fmt: skip
