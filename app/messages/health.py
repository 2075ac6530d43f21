"""How the providers are: what the last minutes brought, for the desk and for the choice between two of them."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.messages.judging import Breaker
from models.messages.keeping import ProviderHealth

LATELY = timedelta(minutes=10)
CONFIRMED_WITHIN = timedelta(minutes=5)
ENOUGH, TOO_MANY = 20, 0.3
EXPECTED = timedelta(days=1)  # who has confirmed nothing for so long does not call us, and is not slow for that

# Bounded: at a thousand a second ten minutes are 600,000 tries, and a share is known from far fewer.
_LATELY = """
SELECT t.provider, count(*) AS sent, count(*) FILTER (WHERE d.state = 'delivered') AS delivered,
       count(*) FILTER (WHERE t.state IN ('temporary_failure', 'permanent_failure', 'technical_failure')
                           OR d.state IN ('permanent_failure', 'technical_failure')) AS failed,
       count(*) FILTER (WHERE d.state = 'pending' AND d.provider = t.provider) AS unconfirmed
FROM (SELECT * FROM delivery_attempt WHERE started_at >= :since AND started_at < :until
      ORDER BY started_at DESC LIMIT :most) t JOIN delivery d ON d.id = t.delivery_id
WHERE t.provider <> '' GROUP BY t.provider
"""
# Batches end in one moment. The breaker itself lives in the worker; five that failed one after another shut it.
_LAST = """
SELECT provider, ended_at, bool_and(state IN ('temporary_failure', 'technical_failure')) AS failed, max(code) AS code
FROM (SELECT * FROM delivery_attempt WHERE started_at >= :since ORDER BY started_at DESC LIMIT 2000) t
WHERE provider <> '' GROUP BY provider, ended_at ORDER BY ended_at DESC
"""


async def health(db: AsyncSession) -> list[ProviderHealth]:
    """Every provider that was used in the last ten minutes, those that are shut or slow first."""
    now = clock.now()
    lately = await _counts(db, now - LATELY, now, 20_000)
    late = await slow(db)
    ends: dict[str, list[tuple[datetime, bool, str]]] = {}
    for provider, at, failed, code in await _rows(db, _LAST, since=now - LATELY):
        ends.setdefault(provider, []).append((at, failed, code))
    found = []
    for name, (sent, delivered, failed, unconfirmed) in lately.items():
        tries = ends.get(name, [])
        one = ProviderHealth(
            provider=name, sent=sent, delivered=delivered, failed=failed, unconfirmed=unconfirmed, slow=name in late,
            shut_until=_shut(tries, now), code=tries[0][2] if tries else "",
        )  # fmt: skip
        found.append(one)
    return sorted(found, key=lambda one: (one.shut_until is None, not one.slow, one.provider))


async def slow(db: AsyncSession) -> frozenset[str]:
    """Providers of text messages of whose letters too many are unconfirmed although they were taken long ago."""
    now = clock.now()
    counts = await _counts(db, now - LATELY, now - CONFIRMED_WITHIN, 2_000)
    suspects = {
        name for name, (sent, _, _, unconfirmed) in counts.items() if sent >= ENOUGH and unconfirmed > TOO_MANY * sent
    }
    if not suspects:
        return frozenset()
    speaking = await _rows(
        db, "SELECT DISTINCT provider FROM receipt WHERE at >= :since AND delivery_id IS NOT NULL", since=now - EXPECTED
    )
    return frozenset(suspects & {provider for (provider,) in speaking})


def _shut(ends: list[tuple[datetime, bool, str]], now: datetime) -> datetime | None:
    breaker = Breaker()
    last = ends[: breaker.most]
    if len(last) < breaker.most or not all(failed for _, failed, _ in last):
        return None
    until = last[0][0] + breaker.shut_for
    return until if until > now else None


async def _counts(
    db: AsyncSession, since: datetime, until: datetime, most: int
) -> dict[str, tuple[int, int, int, int]]:
    found = await _rows(db, _LATELY, since=since, until=until, most=most)
    return {provider: (sent, delivered, failed, open_) for provider, sent, delivered, failed, open_ in found}


async def _rows(db: AsyncSession, statement: str, **params: object) -> list[tuple]:  # type: ignore[type-arg]
    done = await db.exec(text(statement), params=params)  # type: ignore[call-overload]
    return [tuple(row) for row in done]
