"""A copy of one's own data, as pages: to read, to print, as a file."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import copies, messages
from app.accounts import NoChannel
from app.kit.errors import QuotaSpent, Refusal
from app.kit.viewer import Viewer
from models.copies import CopyPublic
from models.residents import Relation
from routers.kit import forms
from routers.kit.deps import Db, Me, MeWithPosts, TheHouse, device_address
from routers.kit.labels import ACT, APPEAL, DOCUMENT, OUTCOME, REASON, RELATION, ROLE, STEP
from routers.kit.receipts import shown
from routers.kit.render import page, see_other

router = APIRouter(prefix="/me/copy", include_in_schema=False)


def _ask(request: Request, me: Viewer, status: int, **what: object) -> Response:
    return page(request, "residents/copy.html", status=status, store=False,
                **{"sent": False, "as_staff": bool(me.posts), **what})  # fmt: skip


@router.get("")
async def ask(request: Request, me: MeWithPosts) -> Response:
    """What a copy is, and the proof it asks for."""
    if me.person_id is None:
        return see_other("/register")
    return _ask(request, me, 200)


@router.post("/code")
async def send_code(request: Request, db: Db, house: TheHouse, me: Me, sent: bool = False) -> Response:  # noqa: FBT001, FBT002
    """Send a code to one's own phone, then ask for it. `sent`: this page has sent one before."""
    if not messages.connected(house.settings):
        raise NoChannel(retry_after=3600)
    try:
        await copies.send_code(db, me, device_address(request))
    except QuotaSpent as refusal:
        await forms.undo(db, refusal)
        response = _ask(request, me, 429, sent=sent, errors=forms.told(request, refusal, "send"))
        response.headers["Retry-After"] = str(refusal.retry_after or 60)
        return response
    return _ask(request, me, 200, sent=True)


@router.post("")
async def copy(request: Request, db: Db, me: MeWithPosts) -> Response:
    """The copy, as a page to print or as a file. The slip on that page asks for the other form without a new code."""
    words = await forms.read(request)
    slip = words.get("slip", "")
    if not copies.holds(db, me, slip):
        try:
            slip = await copies.prove(db, me, words.get("code"))
        except Refusal as refusal:
            if refusal.status != 422:  # not registered, or a step-up is asked for
                raise
            await forms.undo(db, refusal)
            return _ask(request, me, 422, sent=True, values=words, errors=forms.told(request, refusal, "code"))
    made = await copies.copy(db, me)
    if words.get("as") == "file":
        name = f"shouwang-{made.made_at:%Y%m%d}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(made.model_dump_json(indent=1), media_type="application/json", headers=headers)
    return _print(request, made, slip)


def _print(request: Request, made: CopyPublic, slip: str) -> Response:
    people = [
        {"row": person, "document": DOCUMENT[person.id_type],
         "relation": RELATION[Relation(person.relation)] if person.relation else None,
         "reports": [shown(report, person.name) for report in person.checkins]}
        for person in made.people
    ]  # fmt: skip
    return page(
        request, "residents/copied.html", store=False, made=made, people=people, slip=slip, acts=ACT, roles=ROLE,
        reasons=REASON, kinds=APPEAL, steps=STEP, outcomes=OUTCOME,
    )  # fmt: skip
