"""The ledger on paper, for auditors."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import audit
from app.kit import clock
from app.kit.errors import NotFound
from app.kit.ids import receipt_number
from app.kit.viewer import Viewer
from models.audit import Act, AuditFound, AuditQuery
from models.staff import Right
from routers.kit import forms
from routers.kit.deps import Db, Staff
from routers.kit.labels import ACT, PURPOSE, ROLE
from routers.kit.render import page

router = APIRouter(prefix="/audit", include_in_schema=False)

FIELDS = ("person_id", "account_id", "actor_name", "act", "since", "until", "page")
EXPORTS = {Act.EXPORTED, Act.EXPORT_REQUESTED, Act.EXPORT_APPROVED, Act.EXPORT_TAKEN}


@router.get("")
async def ask(request: Request, me: Staff) -> Response:
    """The form of a search."""
    return _shown(request, me, {}, None, [])


@router.post("")
async def search(request: Request, db: Db, me: Staff) -> Response:
    """What the ledger holds; the search itself is written down."""
    words = await forms.read(request)
    query, faults = forms.fill(AuditQuery, {name: words.get(name, "") for name in FIELDS})
    errors = forms.shown(request, faults)
    if query is not None:
        async with forms.trying(request, db, "since") as errors:
            return _shown(request, me, words, await audit.search(db, me, query), [])
    return _shown(request, me, words, None, errors)


def _numbers(found: AuditFound | None) -> dict[UUID, str]:
    """How the visible number of a file ends, by the export that a line names; its beginning is the day of the data."""
    lines = found.items if found else []
    named = {line.subject for line in lines if line.subject and line.act in EXPORTS}
    return {subject: receipt_number(clock.today(), subject).partition("-")[2] for subject in named}


def _shown(
    request: Request, me: Viewer, values: Mapping[str, str], found: AuditFound | None, errors: list[forms.Wrong]
) -> Response:
    if not me.with_right(Right.AUDIT):
        raise NotFound
    return page(
        request, "audit/index.html", status=422 if errors else 200, store=False, values=values, errors=errors,
        found=found, numbers=_numbers(found), acts=[(act.value, ACT[act]) for act in Act], act_words=ACT,
        purposes=PURPOSE, roles=ROLE,
    )  # fmt: skip
