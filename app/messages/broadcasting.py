"""Telling many the same: one statement for everybody, however many they are. Nothing personal stands in it."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, Uuid, cast, func, literal
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.kit.db import among
from app.messages import wording
from app.messages.telling import About, cancel, spelled
from models.messages import Message
from models.messages.templates import newest


async def tell_each(
    db: AsyncSession, accounts: Select[Any], template: str, facts: Mapping[str, object], about: About
) -> int:
    """Tell every account of a select the same, in the caller's transaction; `about.key` makes it once for each.

    Returns how many. Raises Unfit, and ValueError for a template with personal parameters: those differ.
    """
    kind, now = newest(template), clock.now()
    if kind.personal or about.key is None:
        raise ValueError(f"{template} cannot be told to many at once")
    kept = spelled(wording.checked(kind, facts))
    who = accounts.subquery()
    account = who.c[0]
    values: dict[str, Any] = {
        "id": _named(literal(f"{about.key}|") + cast(account, String)), "created_at": literal(now),
        "template": literal(kind.name), "version": literal(kind.version), "account_id": account,
        "phone_index": literal(b""), "phone_sealed": literal(b""), "region_code": literal(about.region_code),
        "subject": literal(about.subject, Uuid()), "reason": literal(about.reason), "facts": literal(kept),
        "facts_sealed": literal(b""), "urgent": literal(kind.urgent), "channels": literal(",".join(kind.channels)),
        "due_at": literal(now), "expires_at": literal(now + kind.lasts),
    }  # fmt: skip
    rows = select(*values.values()).where(account.is_not(None))
    done = await db.exec(insert(Message).from_select(list(values), rows).on_conflict_do_nothing())
    return int(done.rowcount)


def _named(key: Any) -> Any:  # noqa: ANN401  (an expression)
    """ids.named, in SQL."""
    digest = func.md5(key)
    spelt = func.substr(digest, 1, 12) + "8" + func.substr(digest, 14, 3) + "8" + func.substr(digest, 18)
    return cast(spelt, Uuid())


async def told_of(db: AsyncSession, subjects: Iterable[UUID]) -> set[UUID]:
    """Those of these things of which anybody was told; what a person is reminded of themselves does not count."""
    mine = among(col(Message.subject), list(subjects)), col(Message.day).is_(None)
    about = select(Message.subject).where(*mine).distinct()
    return {subject for subject in await db.exec(about) if subject is not None}


async def cancel_about(db: AsyncSession, *subjects: UUID) -> None:
    """What was to be told of something is not told any more, as far as it has not left the house."""
    # Reminders of reports carry a day, are found by their person, and have an end of their own.
    mine = among(col(Message.subject), subjects), col(Message.day).is_(None), col(Message.cancelled_at).is_(None)
    await cancel(db, list((await db.exec(select(Message.id).where(*mine))).all()))
