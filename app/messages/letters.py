"""What travels to a gateway, and what comes back: a letter, its fate, and the protocol of whoever carries it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from models.messages import State


class Fate(StrEnum):
    """What became of one letter, as far as the gateway's answer says."""

    TAKEN = "taken"  # handed over; a receipt will say whether it arrived
    DELIVERED = "delivered"  # the gateway's answer is the last word
    LATER = "later"  # network fault, 429, 5xx, too fast: try again
    NEVER = "never"  # this recipient cannot receive: no such number, a dead subscription, refused by them
    BROKEN = "broken"  # our side: wrong secret, no money, template not approved; trying again alone mends nothing


@dataclass(frozen=True, slots=True)
class Outcome:
    """The fate of one letter. `code` is the gateway's own word for it, at most 60 characters, never personal data."""

    fate: Fate
    code: str = ""
    provider_id: str | None = None  # by which a receipt names it
    retry_after: float | None = None  # seconds, when the gateway said so
    unsure: bool = False  # it may have been taken: the connection broke after it was sent


@dataclass(frozen=True, slots=True)
class Ended:
    """How one try ended, and when the next one is due."""

    state: State
    code: str = ""
    provider: str = ""
    provider_id: str | None = None
    next_at: datetime | None = None
    doubt: bool = False
    counts: bool = True  # False: nothing was tried (a budget was spent), and no try is counted


@dataclass(frozen=True, slots=True)
class Sms:
    """One text message: approved templates with parameters, no free text."""

    id: UUID  # of the message; travels as the gateway's own reference where it has one
    phone: str  # 11 digits
    template: str  # the gateway's code of the approved template
    params: tuple[tuple[str, str], ...]  # in the order of the template; names as in the approved text


@dataclass(frozen=True, slots=True)
class Push:
    """One Web Push: a subscription as the browser gave it, and what to show."""

    id: UUID
    endpoint: str
    p256dh: str  # base64url, 65 bytes uncompressed point
    auth: str  # base64url, 16 bytes
    title: str
    body: str
    url: str  # path within the house, opened on a tap
    lang: str
    ttl: int  # seconds the push service keeps it
    urgent: bool


@dataclass(frozen=True, slots=True)
class RobotPost:
    """One text for a group's robot: heading and lines of Markdown. Robots get counts and links, never people."""

    ids: tuple[UUID, ...]  # of the messages merged into it
    token: str
    secret: str = field(repr=False)
    title: str
    markdown: str


@dataclass(frozen=True, slots=True)
class WorkNotice:
    """One work notice to a colleague, found by their phone."""

    id: UUID
    phone: str
    title: str
    markdown: str


class SmsGateway(Protocol):
    """A provider of text messages. An outcome for each letter, in order; never raises for what a gateway does."""

    name: str
    reports_late: bool  # it tells of a letter only once the carrier has reported: that it knows nothing says little

    async def send(self, letters: Sequence[Sms]) -> list[Outcome]: ...

    async def look_up(self, letter: Sms) -> Outcome | None:
        """What became of a letter that may have been taken; None when the gateway does not know it."""
