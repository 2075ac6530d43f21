"""Pouring: a hundred thousand messages into the table within one transaction, in seconds."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

# What is written of a message, in the order of the rows that `telling` makes.
COLUMNS = {
    "id": "uuid", "created_at": "timestamptz", "template": "text", "version": "int2", "account_id": "uuid",
    "phone_index": "bytea", "phone_sealed": "bytea", "robot_id": "uuid", "post_id": "uuid", "person_id": "uuid",
    "region_code": "int8", "subject": "uuid", "day": "date", "slot": "int2", "reason": "text", "facts": "text",
    "facts_sealed": "bytea", "lang": "text", "urgent": "bool", "channels": "text", "due_at": "timestamptz",
    "expires_at": "timestamptz",
}  # fmt: skip
PORTION = 10_000  # rows in one statement: each stays far below the patience of the database
_ARRAYS = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(COLUMNS.values(), 1))
_POUR = f"INSERT INTO message ({', '.join(COLUMNS)}) SELECT * FROM unnest({_ARRAYS}) ON CONFLICT DO NOTHING"  # noqa: S608


async def pour(db: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows in the session's own transaction, those that are there already left as they are.

    Past SQLAlchemy, whose insert of many rows spends most of its time on spelling out a parameter for each value.
    """
    await db.flush()
    raw = await (await db.connection()).get_raw_connection()
    connection = raw.driver_connection
    assert connection is not None
    for start in range(0, len(rows), PORTION):
        await connection.execute(_POUR, *zip(*rows[start : start + PORTION], strict=True))
