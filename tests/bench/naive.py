"""The naive handler beside which ours is measured: FastAPI, SQLModel, one session, add, commit, refresh.

It writes the same table, checks the same signed token and validates the body, as the tutorials do it. It does less
than ours: no replay, no correction, no revocation, no refusals in words.
"""

import os
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from time import time
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit.crypto import read_key_file
from app.kit.tokens import Signer, Token
from models.checkins import NEEDS, SYMPTOMS, Answer, Checkin, Place, Verdict

POOL = 16
_CST = timezone(timedelta(hours=8))

signer = Signer(read_key_file(Path(os.environ["BENCH_KEY_FILE"])))
engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://"), pool_size=POOL, max_overflow=0
)
app = FastAPI()


class CheckinIn(BaseModel):
    """A report, validated by pydantic."""

    id: UUID
    temperature: Annotated[Decimal | None, Field(ge=34, le=43, decimal_places=1)] = None
    symptoms: Annotated[list[str], Field(min_length=1, max_length=24)]
    exposed: Literal["no", "yes", "unsure"]
    place: Literal["home", "elsewhere"] | None = None
    needs: Annotated[list[str], Field(max_length=8)] = []
    filled_at: AwareDatetime


class CheckinOut(BaseModel):
    """What comes back."""

    id: UUID
    person_id: UUID
    day: date
    temperature: Decimal | None
    symptoms: int
    exposed: int
    place: int | None
    needs: int
    verdict: int
    filled_at: datetime
    received_at: datetime


async def session() -> AsyncIterator[AsyncSession]:
    """One session a request."""
    async with AsyncSession(engine) as db:
        yield db


def signed_in(authorization: Annotated[str, Header()]) -> Token:
    """The same check of the same token as ours."""
    token = signer.check(authorization.removeprefix("Bearer ").encode(), int(time() * 1000))
    if token is None or token.person is None:
        raise HTTPException(401)
    return token


@app.post("/api/v1/checkins", status_code=201, response_model=CheckinOut)
async def submit(
    report: CheckinIn, me: Annotated[Token, Depends(signed_in)], db: Annotated[AsyncSession, Depends(session)]
) -> Checkin:
    """Store one report: add, commit, refresh."""
    symptoms = sum(SYMPTOMS[word] for word in report.symptoms)
    fever = report.temperature is not None and report.temperature >= Decimal("37.3")
    row = Checkin(
        person_id=me.person, day=report.filled_at.astimezone(_CST).date(), slot=0, id=report.id,
        region_code=me.region, filled_at=report.filled_at, received_at=datetime.now(UTC), reporter_id=me.account,
        symptoms=symptoms, rule_version=1, via=0, exposed=Answer[report.exposed.upper()],
        place=None if report.place is None else Place[report.place.upper()],
        needs=sum(NEEDS[word] for word in report.needs),
        verdict=Verdict.URGENT if fever else Verdict.NORMAL if symptoms == 1 else Verdict.ATTENTION,
        flags=0, temperature=report.temperature,
    )  # fmt: skip
    db.add(row)
    await db.commit()
    await db.refresh(row)
    return row


@app.get("/health/ready")
async def ready() -> dict[str, bool]:
    """Up."""
    return {"ready": True}
