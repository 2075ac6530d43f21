"""Ladders in words: what the house does by itself when nobody acts, in which place and since when."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import regions, tasks
from app.tasks import Policy
from models.base import RegionCode
from routers.kit import ladder_words, task_words
from routers.kit.deps import Db, Staff
from routers.kit.i18n import language_of
from routers.kit.params import Asked
from routers.kit.render import page
from routers.pages.task_board import widest

router = APIRouter(prefix="/staff", include_in_schema=False)


@router.get("/ladders")
async def ladders(request: Request, db: Db, me: Staff) -> Response:
    """The steps for each kind of task as they are in force in a place one looks after."""
    asked = Asked(request)
    code = asked.value("region", RegionCode, None) or widest(me)
    found = await tasks.policies(db, me, code)
    (place,) = await regions.public(db, [await regions.named(db, code)])
    lang = language_of(request)
    return page(
        request, "tasks/ladders.html", store=False, astray=asked.errors, region=place, kinds=task_words.KIND,
        since=ladder_words.FROM, policies=[await _shown(db, lang, each) for each in found],
    )  # fmt: skip


async def _shown(db: Db, lang: str, policy: Policy) -> dict[str, Any]:
    now = policy.now
    return {
        "kind": policy.kind, "now": now, "coming": policy.coming,
        "steps": [ladder_words.step(lang, policy.kind, rung) for rung in now.rungs] if now else [],
        "place": (await regions.chain_of(db, now.first))[-1:] if now and now.first else [],
        "below": [(one.first, (await regions.chain_of(db, one.first))[-1]) for one in policy.below],
    }  # fmt: skip
