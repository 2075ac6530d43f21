"""The ledger as JSON, for auditors."""

from fastapi import APIRouter, Response

from app import audit
from models.audit import AuditFound, AuditQuery
from routers.kit.deps import Db, Staff
from routers.kit.openapi import refusals

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])


# A POST: whom somebody searched for belongs into no address, and the search itself is written down.
@router.post("/searches", responses=refusals(401, 403, 404, 413, 415, 422))
async def search(db: Db, me: Staff, query: AuditQuery, response: Response) -> AuditFound:
    """Acts of my region or about it, newest first, 50 a page. The search itself becomes an act in the ledger."""
    response.headers["Cache-Control"] = "no-store"
    return await audit.search(db, me, query)
