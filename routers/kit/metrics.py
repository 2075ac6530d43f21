"""Counters for Prometheus, added up over all web workers. Nothing in them is about a person."""

import os
from collections import Counter as Counts
from collections import defaultdict

from prometheus_client import REGISTRY as OF_THIS_PROCESS
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest, multiprocess

from app.checkins import CheckinWriter
from models.messages.keeping import TurnedAway

REQUESTS = Counter("shouwang_requests", "Requests answered, by door, method and status", ["door", "method", "status"])
CHECKINS = Counter("shouwang_checkins_stored", "Check-ins stored by the hot lane")
RECEIPTS = Counter("shouwang_receipts", "Receipts of providers, by what became of them", ["provider", "what"])
BATCHES = Counter("shouwang_checkin_batches", "Group commits")
ROWS = Counter("shouwang_checkin_rows", "Reports handed to group commits")
WAITING = Gauge("shouwang_checkins_waiting", "Reports waiting for the next batch", multiprocess_mode="livesum")

_unsaid = 0


def checkin_stored() -> None:
    """Count one stored check-in. Told to Prometheus in hundreds: this is the hottest line of the house."""
    global _unsaid  # noqa: PLW0603
    _unsaid += 1
    if _unsaid == 100:
        _say()


def _say() -> None:
    global _unsaid  # noqa: PLW0603
    CHECKINS.inc(_unsaid)
    REQUESTS.labels("api", "POST", "201").inc(_unsaid)
    _unsaid = 0


def render(writer: CheckinWriter) -> bytes:
    """The exposition text. What other workers counted since their last hundred follows with their next."""
    _say()
    batches, rows = writer.counted()
    BATCHES.inc(batches)
    ROWS.inc(rows)
    WAITING.set(writer.depth)
    return generate_latest(_registry())


def _registry() -> CollectorRegistry:
    """What all web workers of this machine have counted since they were started."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return OF_THIS_PROCESS
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def turned_away() -> list[TurnedAway]:
    """Calls of providers that told nothing: nobody stores what anybody may send."""
    counts: dict[str, Counts[str]] = defaultdict(Counts)
    for family in _registry().collect():
        for sample in family.samples:
            if sample.name == "shouwang_receipts_total" and sample.labels["what"] in {"refused", "unreadable"}:
                counts[sample.labels["provider"]][sample.labels["what"]] += int(sample.value)
    return [
        TurnedAway(provider=provider, refused=found["refused"], unreadable=found["unreadable"])
        for provider, found in sorted(counts.items())
        if found.total()
    ]
