"""How long things are kept and what was erased, for those who watch over it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import retention
from app.kit.errors import NotFound
from models.staff import Right
from routers.kit.deps import Db, Staff, TheHouse
from routers.kit.render import page

router = APIRouter(include_in_schema=False)


@router.get("/retention")
async def show(request: Request, db: Db, house: TheHouse, me: Staff) -> Response:
    """The rules as the worker asks them, and its counters of the last 30 days."""
    if not (me.with_right(Right.AUDIT) or me.with_right(Right.APPOINT)):
        raise NotFound
    chosen = {str(kind): days for kind, days in house.settings.retention_days.items()}
    rules = {
        rule.kind: {"what": rule.what, "days": retention.days_of(rule, chosen), "after": str(rule.after)}
        for rule in reversed(retention.RULES)
    }
    if "reports" in chosen:
        rules["reports"] |= {"days": chosen["reports"], "after": "row"}
    return page(
        request, "retention/index.html", store=False, rules=dict(reversed(rules.items())),
        erased=await retention.by_day(db),
    )  # fmt: skip
