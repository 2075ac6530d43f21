"""What a gateway's answer means for a delivery: over, later, or by another gateway. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.messages.desk import Ended, Taken
from app.messages.letters import Fate, Outcome
from models.messages import State

# After the first, second, ... try; the first is made at once. Nobody tries longer than four hours.
BACKOFF = (30, 120, 600, 3600)
LONGEST = timedelta(hours=4)
SLOWEST_ANSWER_S = 10.0


def judge(taken: Taken, outcome: Outcome, provider: str, now: datetime) -> Ended:
    """How a try ended. Network faults, 429 and 5xx are tried again; whatever else went wrong is over."""
    match outcome.fate:
        case Fate.TAKEN:
            return Ended(State.PENDING, outcome.code, provider, outcome.provider_id)
        case Fate.DELIVERED:
            return Ended(State.DELIVERED, outcome.code, provider, outcome.provider_id)
        case Fate.NEVER:
            return Ended(State.PERMANENT_FAILURE, outcome.code, provider)
        case Fate.BROKEN:
            return Ended(State.TECHNICAL_FAILURE, outcome.code, provider)
    return later(taken, outcome, provider, now)


def later(taken: Taken, outcome: Outcome, provider: str, now: datetime) -> Ended:
    """To be tried again, unless its time is over before that."""
    wait = max(BACKOFF[min(taken.attempts, len(BACKOFF)) - 1], outcome.retry_after or 0)
    next_at = now + timedelta(seconds=wait)
    if next_at > deadline(taken):
        return Ended(State.TECHNICAL_FAILURE, f"gave-up {outcome.code}"[:60], provider)
    return Ended(State.TEMPORARY_FAILURE, outcome.code, provider, next_at=next_at, doubt=outcome.unsure)


def deadline(taken: Taken) -> datetime:
    """Until when a delivery is tried."""
    most = taken.created_at + LONGEST
    return most if taken.expires_at is None else min(most, taken.expires_at)


@dataclass
class Breaker:
    """Keeps a failing gateway out of the way: five failures in a row shut it for ten seconds, then one batch tries."""

    most: int = 5
    shut_for: timedelta = timedelta(seconds=10)
    _failures: int = 0
    _until: datetime | None = field(default=None)

    def open(self, now: datetime) -> bool:
        """May the gateway be used?"""
        return self._until is None or now >= self._until

    def note(self, outcomes: list[Outcome], now: datetime) -> None:
        """Count what a call brought: a batch of which anything was taken is no failure of the gateway."""
        if all(outcome.fate in {Fate.LATER, Fate.BROKEN} for outcome in outcomes):
            self._failures += 1
            if self._failures >= self.most:
                self._until = now + self.shut_for
        else:
            self._failures, self._until = 0, None
