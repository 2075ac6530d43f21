"""Where providers of text messages say what became of them. Neither signs its calls: the address is the secret."""

from dataclasses import asdict

from fastapi import APIRouter, Request

from app.kit.errors import Invalid, NotFound
from app.messages import receiving
from routers.kit import metrics
from routers.kit.deps import Db, TheHouse
from routers.kit.openapi import refusals
from routers.kit.uploads import MOST_RECEIPTS

router = APIRouter(prefix="/api/v1/receipts", tags=["receipts"])

# Exactly so, and within 700 ms, or they call again (app/messages/receipts.py says where that is written).
ANSWERS: dict[str, dict[str, int | str]] = {
    "aliyun": {"code": 0, "msg": "OK"},
    "tencent": {"result": 0, "errmsg": "OK"},
}


@router.post("/{provider}/{token}", responses=refusals(404, 413, 422), max_body_size=MOST_RECEIPTS)
async def receive(request: Request, db: Db, house: TheHouse, provider: str, token: str) -> dict[str, int | str]:
    """A provider's receipts, in the provider's own format. `shouwang messages callbacks` prints the addresses.

    A receipt only ever moves a message forward; the same one again changes nothing.
    """
    if not receiving.genuine(house.vault.ring, provider, token):
        metrics.RECEIPTS.labels(provider if provider in ANSWERS else "unknown", "refused").inc()
        raise NotFound
    raw = await request.body()
    try:
        received = await receiving.receive(db, provider, raw)
    except ValueError:
        metrics.RECEIPTS.labels(provider, "unreadable").inc()
        raise Invalid from None
    for what, count in asdict(received).items():
        metrics.RECEIPTS.labels(provider, what).inc(count)
    return ANSWERS[provider]
