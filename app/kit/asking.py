"""The request that is being answered: its number, and from where it came. For ledger and log, never for a decision.

It travels beside the code, not through it: an act that forgot to hand it on would be written down without its origin.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Asking:
    """One request. `origin` is the address (last part hidden) and the kind of device: 10.0.0.*, Chrome on Android."""

    request_id: UUID | None = None  # the answer carries it as X-Request-Id
    origin: str = ""


_NOBODY = Asking()
_now: ContextVar[Asking] = ContextVar("asking", default=_NOBODY)


@contextmanager
def during(asking: Asking) -> Iterator[Asking]:
    """What is done inside belongs to that request."""
    token = _now.set(asking)
    try:
        yield asking
    finally:
        _now.reset(token)


def now() -> Asking:
    """The request being answered; an empty one in the worker and in commands."""
    return _now.get()
