"""What auditors find in the ledger: the acts of their region or about it, and every search is itself an act."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import json
from sqlalchemy import BigInteger, ColumnElement, and_, cast, literal, null, or_, tuple_, union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.audit.reading import chains_of
from app.audit.recording import Deed, record
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound
from app.kit.viewer import Held, Viewer
from models.audit import Act, AuditEvent, AuditFound, AuditLedger, AuditPublic, AuditQuery, Purpose
from models.staff import Right

PAGE = 50
MOST_DAYS = 92
USUAL_DAYS = 7
FIRST = date(2020, 1, 1)  # nothing here is older; and no arithmetic on days leaves the calendar
_COLUMNS = (
    "id", "at", "account_id", "post_id", "actor_name", "role", "region_code", "person_id", "subject", "place_code",
    "act", "purpose", "facts", "origin", "request_id",
)  # fmt: skip


async def search(db: AsyncSession, me: Viewer, query: AuditQuery) -> AuditFound:
    """One page of acts, newest first, as far as actor or place lie inside an auditor's region; written down as well.

    Raises NotFound for who is no auditor, Invalid for days that do not fit.
    """
    posts = me.with_right(Right.AUDIT)
    if not posts:
        raise NotFound
    since, until = _days(query)
    wanted = [_found_by(table, posts, query, (since, until)) for table in (AuditEvent, AuditLedger)]
    both = union_all(*wanted).subquery()
    columns: Any = both.c
    newest = select(*columns).order_by(both.c.at.desc(), both.c.id.desc()).limit(PAGE + 1)
    rows: Any = (await db.exec(newest)).all()
    shown, more = rows[:PAGE], len(rows) > PAGE
    facts: dict[str, str | int] = {"found": len(shown), "since": since.isoformat(), "until": until.isoformat()}
    if query.act is not None:
        facts["act"] = query.act
    if query.actor_name is not None:
        facts["by"] = "name"  # which one, the facts never say
    deed = Deed(Act.SEARCHED_LEDGER, Purpose.AUDIT, person_id=query.person_id, subject=query.account_id, facts=facts)
    await record(db, me, deed, posts[0])
    places = await chains_of(db, {code for row in shown for code in (row.region_code, row.place_code) if code})
    return AuditFound(
        items=[_public(row, places) for row in shown], next=_cursor(shown[-1].at, shown[-1].id) if more else None
    )


def _days(query: AuditQuery) -> tuple[date, date]:
    """The local days asked for, both included. Raises Invalid."""
    until = min(query.until or clock.today(), clock.today())
    since = query.since or max(until, FIRST) - timedelta(days=USUAL_DAYS - 1)
    since = max(since, FIRST)
    if since > until:
        raise Invalid(faults=(Fault("until", N_("The last day comes before the first.")),))
    if (until - since).days >= MOST_DAYS:
        words = N_("Search at most %(days)s days at once, please.")
        raise Invalid(faults=(Fault("since", words, {"days": MOST_DAYS}),))
    return since, until


def _found_by(
    table: type[AuditEvent] | type[AuditLedger], posts: tuple[Held, ...], query: AuditQuery, days: tuple[date, date]
) -> Any:  # noqa: ANN401  (a select of fifteen columns)
    """What one table holds of a page: each half is cut to size before the two are put together."""
    at, name = col(table.at), col(table.id)
    first, after = clock.midnight(days[0]), clock.midnight(days[1] + timedelta(days=1))
    conditions = [_reached(table, posts), at >= first, at < after]
    conditions += [
        col(getattr(table, field)) == value
        for field in ("person_id", "account_id", "actor_name", "act")
        if (value := getattr(query, field)) is not None
    ]
    if query.page is not None:
        conditions.append(tuple_(at, name) < tuple_(*map(literal, _place(query.page))))
    seq: Any = cast(null(), BigInteger) if table is AuditEvent else col(AuditLedger.seq)
    columns: Any = [*(col(getattr(table, field)) for field in _COLUMNS), seq.label("seq")]
    found = select(*columns).where(and_(*conditions))
    cut: Any = found.order_by(at.desc(), name.desc()).limit(PAGE + 1).subquery()
    return select(cut)


def _reached(table: type[AuditEvent] | type[AuditLedger], posts: tuple[Held, ...]) -> ColumnElement[bool]:
    """Does the actor's post, or the place that the act was about, lie inside one of these posts?"""
    return or_(
        *(
            column.between(post.region_code, post.last_code)
            for post in posts
            for column in (col(table.region_code), col(table.place_code))
        )
    )


def _public(row: Any, places: dict[int, list[str]]) -> AuditPublic:  # noqa: ANN401  (a row of the search)
    return AuditPublic(
        id=row.id, at=row.at, account_id=row.account_id, post_id=row.post_id, who=row.actor_name, role=row.role,
        region_code=row.region_code or None, region=places.get(row.region_code, []), person_id=row.person_id,
        subject=row.subject, place_code=row.place_code, place=places.get(row.place_code, []), act=row.act,
        purpose=row.purpose, facts=json.decode(row.facts) if row.facts else {}, origin=row.origin or "",
        request_id=row.request_id, seq=row.seq,
    )  # fmt: skip


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _cursor(at: datetime, name: UUID) -> str:
    return f"{(at - _EPOCH) // _MICROSECOND:x}-{name.hex}"


def _place(cursor: str) -> tuple[datetime, UUID]:
    """Where a page ended. Raises Invalid for what is no cursor of ours."""
    try:
        since, _, name = cursor.partition("-")
        return _EPOCH + int(since, 16) * _MICROSECOND, UUID(hex=name)
    except (ValueError, OverflowError):
        raise Invalid(
            faults=(
                Fault(
                    "page",
                    N_("This is not the next page of a search."),
                ),
            )
        ) from None
