"""Statements in plain SQL, over sets of rows."""

from typing import cast

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession


async def run(db: AsyncSession, statement: str, **values: object) -> int:
    """Run one statement; returns how many rows it touched."""
    done = await db.exec(text(statement), params=values)  # type: ignore[call-overload]
    return cast(int, done.rowcount)
