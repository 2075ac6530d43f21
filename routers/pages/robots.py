"""The robots of a unit's group chats, as pages: the list, adding one, a test, the end of one."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import messages, regions
from app.kit.errors import N_, NotFound
from app.kit.viewer import Viewer
from models.messages.keeping import RobotCreate
from models.staff import Right
from routers.kit import forms
from routers.kit.deps import Db, Grave, Staff
from routers.kit.i18n import language_of, translator
from routers.kit.message_words import CHANNEL, PROVIDER, code_words, spoken
from routers.kit.params import Code
from routers.kit.render import page, see_other

router = APIRouter(prefix="/staff", include_in_schema=False)

TOLD = {
    "added": N_("Added. Have it post a test: what it says about itself stands here."),
    "ended": N_("Ended. It posts no more, and its secret is forgotten."),
}


@router.get("/units/{code}/robots")
async def index(  # noqa: PLR0913
    request: Request, db: Db, me: Staff, code: Code, told: str = "", trial: UUID | None = None
) -> Response:
    """The robots of a unit; what became of the test just sent."""
    found, lang = await messages.robots(db, me, code), language_of(request)
    for robot in found.items:
        robot.said = code_words(lang, robot.code)
    tried = await messages.trial_of(db, me, trial, lang) if trial else None
    if tried is not None:
        spoken(lang, [tried])
    request.state.flash = translator(request)(TOLD[told]) if told in TOLD else None
    (place,) = await regions.public(db, [await regions.named(db, code)])
    return page(
        request, "messages/robots.html", store=False, region=place, robots=found.items, tried=tried, channels=CHANNEL,
        providers=PROVIDER,
    )  # fmt: skip


async def _form(
    request: Request, db: Db, where: tuple[Viewer, int], form: tuple[Mapping[str, str], list[forms.Wrong]]
) -> Response:
    me, code = where
    values, errors = form
    if me.post_over(code, Right.ROBOTS) is None:
        raise NotFound
    (place,) = await regions.public(db, [await regions.named(db, code)])
    # The secret is typed again: it stands in no page.
    kept = {name: word for name, word in values.items() if name != "secret"}
    status = 422 if errors else 200
    return page(
        request, "messages/robot_new.html", status=status, store=False, region=place, values=kept, errors=errors
    )


@router.get("/units/{code}/robots/new")
async def ask(request: Request, db: Db, me: Grave, code: Code) -> Response:
    """The form for a robot. The proof comes first, so that no secret has to wait for it."""
    return await _form(request, db, (me, code), ({"lang": "zh"}, []))


@router.post("/units/{code}/robots")
async def add(request: Request, db: Db, me: Grave, code: Code) -> Response:
    """Add a robot."""
    words = await forms.read(request)
    data = {each: words.get(each, "") for each in ("name", "webhook", "secret", "lang")}
    form, faults = forms.fill(RobotCreate, data | {"region_code": str(code)})
    errors = forms.shown(request, faults)
    if form is not None:
        async with forms.trying(request, db, "webhook") as errors:
            await messages.add_robot(db, me, form)
            return see_other(f"/staff/units/{code}/robots?told=added")
    return await _form(request, db, (me, code), (words, errors))


@router.post("/robots/{robot_id}/trial")
async def try_out(db: Db, me: Staff, robot_id: UUID) -> Response:
    """Have a robot post a test."""
    code, message = await messages.try_robot(db, me, robot_id)
    return see_other(f"/staff/units/{code}/robots?trial={message}")


@router.post("/robots/{robot_id}/ending")
async def end(db: Db, me: Staff, robot_id: UUID) -> Response:
    """End a robot."""
    code = await messages.end_robot(db, me, robot_id)
    return see_other(f"/staff/units/{code}/robots?told=ended")
