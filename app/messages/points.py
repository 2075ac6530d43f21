"""The named points of a delivery. Nothing happens at them; the kill campaign ends the process exactly there."""

POINTS = (
    "routed", "routes-committed", "queued", "queue-committed", "picked", "claimed", "claim-committed", "opened",
    "sent", "answered", "concluded", "conclusion-committed",
)  # fmt: skip


def passing(point: str) -> None:
    """A delivery passes a point."""
