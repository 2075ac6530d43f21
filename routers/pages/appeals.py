"""Appeals, as pages: object, follow it, ask for a second look; for officials, what is due and the answer."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import appeals, residents
from app.kit.errors import Invalid
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from models.appeals import NAMED, AnswerCreate, AppealCreate, AppealKind, AppealPublic
from models.residents import IdType
from routers.kit import forms
from routers.kit.deps import Db, Me, Staff, TheHouse
from routers.kit.i18n import translator
from routers.kit.labels import APPEAL, DOCUMENT, OUTCOME, ROLE, STEP
from routers.kit.render import page, see_other

router = APIRouter(include_in_schema=False)

_FIELDS = ("id", "kind", "decision_id", "person_id", "words")
# Kinds that somebody may choose; the others come with the button beside the decision.
_CHOICES = tuple(kind for kind in AppealKind if kind not in NAMED)


def _shown(appeal: AppealPublic) -> dict[str, object]:
    """An appeal in words."""
    steps = [
        {"kind": STEP[step.kind], "outcome": OUTCOME[step.outcome] if step.outcome else None, "words": step.words,
         "who": step.who, "role": ROLE[step.role] if step.role else None, "unit": step.unit[-2:], "at": step.at}
        for step in appeal.steps
    ]  # fmt: skip
    return {**appeal.model_dump(), "kind": APPEAL[appeal.kind], "state_words": STEP[appeal.state], "steps": steps,
            "is_open": appeal.closed_at is None, "answered": appeal.state == "answered"}  # fmt: skip


# --- the person ------------------------------------------------------------------------------------------------------


@router.get("/me/appeals")
async def mine(request: Request, db: Db, me: Me) -> Response:
    """One's appeals and those of the household."""
    found = await appeals.mine(db, me)
    return page(request, "appeals/mine.html", store=False, appeals=[_shown(each) for each in found.items])


async def _form(request: Request, db: Db, me: Viewer, values: Mapping[str, str], errors: list[forms.Wrong]) -> Response:
    people = [(str(person.row.person_id), person.row.name) for person in await residents.household_of(db, me)]
    if not people:
        return see_other("/register")
    named = values.get("kind", "") in {kind.value for kind in NAMED}
    return page(
        request, "appeals/new.html", status=422 if errors else 200, store=False, values=values, errors=errors,
        people=people, kind_words=APPEAL[AppealKind(values["kind"])] if named else None,
        kinds=[(kind.value, translator(request)(APPEAL[kind])) for kind in _CHOICES],
    )  # fmt: skip


@router.get("/me/appeals/new")
async def ask(request: Request, db: Db, me: Me) -> Response:
    """The form; a button beside a decision leads here with what it is about."""
    given = {name: request.query_params.get(name, "")[:60] for name in ("kind", "decision_id", "person_id")}
    return await _form(request, db, me, {"id": str(uuid7()), **given}, [])


@router.post("/me/appeals")
async def file(request: Request, db: Db, me: Me) -> Response:
    """Object. Somebody who has objected to the same decision before is led to that appeal."""
    words = await forms.read(request)
    form, faults = forms.fill(AppealCreate, {name: words.get(name, "") for name in _FIELDS})
    errors = forms.shown(request, faults)
    if form is not None:
        async with forms.trying(request, db, "words") as errors:
            try:
                shown = await appeals.file(db, me, form)
            except appeals.AlreadyAppealed as refusal:
                await forms.undo(db, refusal)
                return see_other(f"/me/appeals/{refusal.extra['appeal_id']}?told=before")
            return see_other(f"/me/appeals/{shown.id}")
    return await _form(request, db, me, words, errors)


@router.get("/me/appeals/{appeal_id}")
async def own(request: Request, db: Db, me: Me, appeal_id: UUID, told: str = "") -> Response:
    """One of one's appeals, with every step."""
    shown = _shown(await appeals.own(db, me, appeal_id))
    return page(request, "appeals/own.html", store=False, appeal=shown, before=told == "before")


@router.post("/me/appeals/{appeal_id}/second-look")
async def second_look(db: Db, me: Me, appeal_id: UUID) -> Response:
    """Not content with the answer: the level above answers."""
    await appeals.second_look(db, me, appeal_id)
    return see_other(f"/me/appeals/{appeal_id}")


@router.post("/me/appeals/{appeal_id}/closure")
async def close(db: Db, me: Me, appeal_id: UUID) -> Response:
    """Settled."""
    await appeals.close(db, me, appeal_id)
    return see_other(f"/me/appeals/{appeal_id}")


# --- those who answer ------------------------------------------------------------------------------------------------


@router.get("/appeals")
async def waiting(request: Request, db: Db, me: Staff, show: str = "") -> Response:
    """What waits in one's region: due first, overdue marked, the queue that nobody answers for."""
    found = await appeals.waiting(db, me, unowned=show == "unowned")
    rows = [{**each.model_dump(), "kind": APPEAL[each.kind], "state_words": STEP[each.state]} for each in found.items]
    return page(request, "appeals/index.html", store=False, rows=rows, counts=found, show=show)


@router.get("/appeals/{appeal_id}")
async def show(request: Request, house: TheHouse, me: Staff, appeal_id: UUID) -> Response:
    """One appeal and the form for the answer. The look is recorded before the page leaves."""
    async with house.database.writing() as ledger:
        shown = await appeals.open_appeal(ledger, me, appeal_id)
    return _answer_page(request, shown, {}, [])


def _answer_page(
    request: Request, shown: AppealPublic, values: Mapping[str, str], errors: list[forms.Wrong]
) -> Response:
    return page(
        request, "appeals/show.html", status=422 if errors else 200, store=False, appeal=_shown(shown), values=values,
        errors=errors, record=shown.kind is AppealKind.RECORD, documents=_documents(request),
        outcomes=[(outcome.value, translator(request)(words)) for outcome, words in OUTCOME.items()],
    )  # fmt: skip


def _documents(request: Request) -> list[tuple[str, str]]:
    """The kinds of document, to choose from."""
    return [(kind.name.lower(), translator(request)(words)) for kind, words in DOCUMENT.items() if kind != IdType.NONE]


@router.post("/appeals/{appeal_id}/owner")
async def take_on(db: Db, me: Staff, appeal_id: UUID) -> Response:
    """Become the one who answers."""
    await appeals.take_on(db, me, appeal_id)
    return see_other(f"/appeals/{appeal_id}")


@router.post("/appeals/{appeal_id}/answer")
async def answer(request: Request, db: Db, me: Staff, appeal_id: UUID) -> Response:
    """Answer the appeal."""
    words = await forms.read(request)
    form, faults = forms.fill(AnswerCreate, _answered(words))
    if form is None:
        shown = await appeals.open_appeal(db, me, appeal_id)
        return _answer_page(request, shown, words, forms.shown(request, faults))
    try:
        await appeals.answer(db, me, appeal_id, form)
    except Invalid as refusal:
        await forms.undo(db, refusal)
        shown = await appeals.open_appeal(db, me, appeal_id)
        return _answer_page(request, shown, words, forms.shown(request, refusal.faults))
    return see_other("/appeals")


def _answered(words: Mapping[str, str]) -> dict[str, object]:
    """The fields of an answer. The kind of document stands chosen in the form: alone it says nothing."""
    names = ("outcome", "words", "id_type", "id_number") if words.get("id_number") else ("outcome", "words")
    return {name: words.get(name, "") for name in names}
