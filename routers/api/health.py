"""Is the house alive, can it work, and how busy is it."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from app.kit.db import DatabaseAway
from routers.kit import metrics
from routers.kit.deps import TheHouse
from routers.kit.openapi import refusals

router = APIRouter(tags=["health"])


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/health/ready", responses=refusals(503))
async def ready(house: TheHouse) -> dict[str, str]:
    """The database answers and sign-ins are judged by fresh knowledge."""
    if not house.endings.trusted:
        raise DatabaseAway(retry_after=2)
    await house.database.ping()
    return {"status": "ready"}


@router.get("/metrics", include_in_schema=False)
async def show(house: TheHouse) -> Response:
    """Counters for Prometheus, of all web workers together. No personal data; the proxy keeps it inside."""
    return Response(metrics.render(house.writer), media_type=CONTENT_TYPE_LATEST)
