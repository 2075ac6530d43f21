"""Rate limits: a local bucket that a flood cannot pass, and windows shared by all processes."""

import time
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

_COUNT = text(
    "INSERT INTO rate_window (subject, starts_at, count) VALUES (:subject, :starts_at, 1) "
    "ON CONFLICT (subject, starts_at) DO UPDATE SET count = rate_window.count + 1 RETURNING count"
)


class Bucket:
    """A token bucket per subject in this process: `rate` a second, `burst` at once. Costs no database."""

    def __init__(self, rate: float, burst: int, most: int = 50_000) -> None:
        self._rate, self._burst, self._most = rate, burst, most
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, subject: str) -> bool:
        """Take one token; False when the bucket of this subject is empty."""
        now = time.monotonic()
        level, then = self._levels.get(subject, (float(self._burst), now))
        level = min(self._burst, level + (now - then) * self._rate)
        if len(self._levels) >= self._most:  # a flood of invented subjects must not eat the memory
            self._levels.clear()
        self._levels[subject] = (level - 1 if level >= 1 else level, now)
        return level >= 1


async def count(db: AsyncSession, subject: bytes, window_s: int) -> int:
    """Count one more in the fixed window of a subject (a keyed digest) and return the count so far."""
    start = datetime.fromtimestamp(time.time() // window_s * window_s, UTC)
    done = await db.exec(_COUNT, params={"subject": subject, "starts_at": start})  # type: ignore[call-overload]
    return cast(int, done.scalar_one())
