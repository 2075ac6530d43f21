"""What crosses the doors of messages: the inbox, why something was sent or not, and how one wants to be told."""

import re
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, StrictBool, WithJsonSchema
from pydantic import Field as Described

from models.base import Schema
from models.messages.words import Channel, State

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])", re.ASCII)


def _minutes(value: object) -> object:
    """A time of day as people write it, as HH:MM."""
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("clock")
    return f"{int(found[1]):02}:{found[2]}"


Clock = Annotated[
    str,
    BeforeValidator(_minutes),
    WithJsonSchema({"type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$", "examples": ["22:00"]}),
]
Said = Annotated[str, Described(examples=["还没有收到11月22日周日的健康打卡。"])]


class MessageListed(Schema):
    """A message in the inbox, in the reader's language."""

    id: UUID
    template: str = Described(examples=["report_missing"])
    title: str = Described(examples=["今天还没有收到您的打卡"])
    text: str = Described(examples=["11月22日周日的健康打卡还没有收到。"])
    path: str | None = Described(description="Where to act on it", examples=["/today"])
    person_id: UUID | None = Described(description="Whom it is about, when that is somebody")
    urgent: bool
    erased: bool = Described(description="Its words cannot be read any more: erased with the response, or broken")
    sent_at: datetime
    read_at: datetime | None
    cancelled_at: datetime | None = Described(description="The reason has gone: the report has come, for instance")


class MessagesFound(Schema):
    """The inbox, newest first. `after` of the next page is `next`."""

    unread: int = Described(ge=0, examples=[2])
    items: list[MessageListed]
    next: UUID | None


class Reason(Schema):
    """The rule by which a message was written, its version, and the step of it, counted from 1."""

    rule: str = Described(examples=["missing_report"])
    version: str = Described(examples=["1"])
    step: int = Described(ge=0, examples=[1])


class TryPublic(Schema):
    """One try to hand a message over, as it ended."""

    at: datetime
    provider: str = Described(examples=["aliyun"])
    state: State
    code: str = Described(description="The gateway's own word", examples=["OK"])
    said: Said = ""


class WayPublic(Schema):
    """One way out of the house, and what became of the message on it."""

    channel: Channel
    state: State | None = Described(description="Null: there was nothing to send to")
    since: datetime | None
    next_at: datetime | None
    code: str
    said: Said = ""
    tries: list[TryPublic]


class WhyPublic(Schema):
    """Why a message was written, with which data, by which ways it went or did not, and what comes next."""

    id: UUID
    template: str = Described(examples=["report_missing"])
    version: int = Described(ge=1, examples=[1])
    title: str
    reason: Reason | None
    because: Said = ""
    to: Literal["self", "household", "staff", "robot", "nobody"]
    data: dict[str, str] = Described(description="What was filled into the text", examples=[{"day": "11月22日周日"}])
    written_at: datetime
    ways: list[WayPublic]
    left: list[Channel] = Described(description="Ways that will be tried if those before them fail, in order")
    waits_until: datetime | None = Described(description="When the next way is taken")
    quiet: bool = Described(description="It waits for the end of quiet hours")
    expires_at: datetime | None = Described(description="Not sent any more after this")
    read_at: datetime | None
    cancelled_at: datetime | None
    following: Said = ""


class PreferenceChange(Schema):
    """How one wants to be told. Urgent messages always come. Equal times: no quiet hours."""

    lang: Literal["zh", "en"]
    quiet_from: Clock
    quiet_until: Clock
    push: StrictBool
    sms: StrictBool


class BrowserPublic(Schema):
    """A browser that is pushed to."""

    id: UUID
    agent: str | None = Described(description="Kind of browser and system", examples=["Chrome on Android"])
    created_at: datetime
    seen_at: datetime


class PreferencePublic(PreferenceChange):
    """How one is told, and in which browsers."""

    browsers: list[BrowserPublic]


class SubscriptionCreate(Schema):
    """A push subscription, as the browser gave it."""

    endpoint: str = Described(min_length=1, max_length=1000, examples=["https://push.example.org/send/abc"])
    p256dh: str = Described(min_length=1, max_length=120, description="65 bytes as base64url")
    auth: str = Described(min_length=1, max_length=40, description="16 bytes as base64url")


class PushKey(Schema):
    """What a browser needs to subscribe; without a key push is not connected here."""

    connected: bool
    key: str | None = Described(description="65 bytes as base64url: `applicationServerKey`")


class StepPublic(Schema):
    """One step of the ladder for a missing report: when it is due, what became of it, and whom it told."""

    number: int = Described(ge=1, examples=[1])
    act: Literal["tell", "open", "climb"]
    to: Literal["self", "household", "owner", "above"]
    due_at: datetime
    taken_at: datetime | None
    outcome: Literal["told", "done", "reported", "waits", "soon", "nobody", "too_late", "not_then", "closed", "spared"]
    said: Said = ""
    messages: list[WhyPublic]


class SlotPublic(Schema):
    """One report that was due, whether it came, and every reminder about it that went out or did not."""

    slot: Literal["day", "am", "pm"]
    due_at: datetime
    asked: bool = Described(description="False: registered only afterwards")
    reported_at: datetime | None
    version: int | None = Described(description="Of the ladder; null: there is none, and nobody is reminded")
    said: Said = ""
    steps: list[StepPublic]


class RemindersFound(Schema):
    """The reminders about one person's reports of one day."""

    person_id: UUID
    day: date
    slots: list[SlotPublic]
