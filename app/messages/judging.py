"""What a gateway's answer means for a delivery: over, later, or by another gateway. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from app.messages.letters import Ended, Fate, Outcome
from models.messages import State

# After the first, second, ... try; the first is made at once. Nobody tries longer than four hours.
BACKOFF = (30, 120, 600, 3600)
LONGEST = timedelta(hours=4)
_OFF_LINE = {"unreachable", "no-answer", "broken-off", "too-large", "not-understood", "not-tried"}
_TOO_FAST = ("http-", "Throttling", "RequestLimitExceeded")


class Tried(Protocol):
    """A delivery, as far as its next try is concerned."""

    @property
    def attempts(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime | None: ...


def judge(taken: Tried, outcome: Outcome, provider: str, now: datetime) -> Ended:
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


def later(taken: Tried, outcome: Outcome, provider: str, now: datetime) -> Ended:
    """To be tried again, unless its time is over before that."""
    wait = max(BACKOFF[min(max(taken.attempts, 1), len(BACKOFF)) - 1], outcome.retry_after or 0)
    next_at = now + timedelta(seconds=wait)
    if next_at > deadline(taken):
        return Ended(State.TECHNICAL_FAILURE, f"gave-up {outcome.code}"[:60], provider)
    return Ended(State.TEMPORARY_FAILURE, outcome.code, provider, next_at=next_at, doubt=outcome.unsure)


def deadline(taken: Tried) -> datetime:
    """Until when a delivery is tried."""
    most = taken.created_at + LONGEST
    return most if taken.expires_at is None else min(most, taken.expires_at)


def is_down(outcome: Outcome) -> bool:
    """Does this say something of the gateway, rather than of one letter?"""
    return outcome.fate is Fate.LATER and (outcome.code in _OFF_LINE or outcome.code.startswith(_TOO_FAST))


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

    @property
    def until(self) -> datetime | None:
        """Until when it is shut, while it is or was."""
        return self._until

    def note(self, outcomes: Sequence[Outcome], now: datetime) -> None:
        """Count what a call brought. It fails the gateway when nothing was taken and that is not one person's doing:
        a phone may have had too many texts today, and a text may not be approved."""
        if not outcomes:
            return
        if all(outcome.fate is Fate.LATER for outcome in outcomes) and (len(outcomes) > 1 or is_down(outcomes[0])):
            self._failures += 1
            if self._failures >= self.most:
                self._until = now + self.shut_for
        else:
            self._failures, self._until = 0, None
