"""What crosses the doors for those who look after messages: templates and codes, tests, robots, what is stuck."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field as Described

from models.base import RegionCode, Schema, written
from models.messages.schemas import Said
from models.messages.words import Channel, State

LEFT = (
    "How many more could go out again: `POST /api/v1/staff/gateways/failures/again` sends the next; 50,000 are counted"
)


class Wording(Schema):
    """One language of a template, with sample values filled in, and as each provider wants it written."""

    lang: Literal["zh", "en"]
    title: str
    text: str
    sms: str
    parts: int = Described(ge=0, description="Text messages it takes, the sign before it included", examples=[1])
    push: str
    robot: str
    spelled: dict[str, str] = Described(description="By provider: the text to be approved, with its placeholders")
    codes: dict[str, str] = Described(description="By provider: the code of the approved text")


class TemplatePublic(Schema):
    """A kind of message as it is written today."""

    name: str = Described(examples=["report_missing"])
    version: int = Described(ge=1, examples=[1])
    urgent: bool
    inbox: bool
    channels: list[Channel]
    params: list[str] = Described(examples=[["day", "slot", "number"]])
    personal: list[str] = Described(description="Parameters that never reach a push or a robot")
    wordings: list[Wording]


class CodeKept(TemplatePublic):
    """A template after a code was entered, and the texts that go out again because they had failed for want of it."""

    again: int = Described(ge=0, description="Texts that go out again now, the newest first", examples=[12])
    left: int = Described(ge=0, description=LEFT, examples=[0])


class TemplatesFound(Schema):
    """Every template."""

    items: list[TemplatePublic]


class CodeChange(Schema):
    """Under which code a provider has approved a text; left out: it has not any more."""

    provider: Literal["aliyun", "tencent"]
    lang: Literal["zh", "en"]
    code: Annotated[str, Described(pattern="^[A-Za-z0-9_-]{1,31}$", examples=["SMS_154950909"])] | None = None


class TrialCreate(Schema):
    """A test message to oneself, by one way."""

    channel: Literal["push", "sms", "work"]


class TrialPublic(Schema):
    """The message that a test wrote: `GET /api/v1/inbox/{id}/why` tells its way."""

    id: UUID


class RobotCreate(Schema):
    """A robot of a group: its address as DingTalk shows it, and its secret for signing."""

    region_code: RegionCode
    name: Annotated[str, Described(min_length=1, max_length=40, examples=["常山县指挥部工作群"]), written()]
    webhook: str = Described(
        min_length=1, max_length=400,
        examples=["https://oapi.dingtalk.com/robot/send?access_token=1f3a0c9de2b84756a0b1c2d3e4f5061728394a5b6c7d8e9f"],
    )  # fmt: skip
    secret: str = Described(min_length=1, max_length=120, examples=["SEC000000000000000000000000000000000000000000"])
    lang: Literal["zh", "en"] = "zh"


class RobotPublic(Schema):
    """A robot, without its address and secret: they are never shown again."""

    id: UUID
    name: str
    lang: Literal["zh", "en"]
    created_at: datetime
    ended_at: datetime | None
    blocked_until: datetime | None = Described(description="The group is closed to it until then")
    code: str = Described(description="The last refusal, in the provider's word; empty when there was none")
    said: Said = ""


class RobotsFound(Schema):
    """The robots of a unit."""

    items: list[RobotPublic]


class ProviderHealth(Schema):
    """One provider in the last ten minutes, whoever was written to."""

    provider: str = Described(examples=["aliyun"])
    sent: int = Described(ge=0, description="Tries, at most the newest 20,000 of all providers", examples=[1204])
    delivered: int = Described(ge=0, examples=[1190])
    failed: int = Described(ge=0, examples=[2])
    unconfirmed: int = Described(ge=0, description="Taken, and nobody has said that it arrived", examples=[12])
    slow: bool = Described(description="Too many are unconfirmed after five minutes: another provider goes first")
    shut_until: datetime | None = Described(description="Out of order: nothing is handed to it until then")
    code: str = Described(description="Its last word", examples=["OK"])
    said: Said = ""


class ReceiptsCounted(Schema):
    """What one provider has said of texts afterwards, and what it changed."""

    provider: str = Described(examples=["aliyun"])
    taken: int = Described(ge=0, description="Each once, however often it came", examples=[1204])
    moved: int = Described(ge=0, description="Moved a message forward", examples=[1190])
    unchanged: int = Described(ge=0, description="We knew as much already, or more", examples=[11])
    unknown: int = Described(ge=0, description="Of a message that is not known here", examples=[3])
    repeated: int = Described(ge=0, description="Came again, once or more often: that changes nothing", examples=[2])


class TurnedAway(Schema):
    """Calls of one provider's address that told nothing."""

    provider: str = Described(description="`unknown`: an address of no provider", examples=["aliyun"])
    refused: int = Described(ge=0, description="Without our secret in the address", examples=[0])
    unreadable: int = Described(ge=0, description="Not in the documented form", examples=[0])


class ReceiptsFound(Schema):
    """What providers said afterwards."""

    since: datetime = Described(description="24 hours ago, or later where 100,000 came since")
    items: list[ReceiptsCounted]
    turned_away: list[TurnedAway] = Described(
        default=[], description="Not stored: counted on this machine, since its service was started"
    )


class Counted(Schema):
    """How many deliveries stand in one state."""

    channel: Channel
    provider: str
    state: State
    count: int = Described(ge=0, examples=[12])


class RefusedWith(Schema):
    """How many deliveries failed with one word, and what it means."""

    channel: Channel
    provider: str
    code: str = Described(examples=["no-template-code"])
    count: int = Described(ge=0, examples=[3])
    said: Said = ""


class SetAside(Schema):
    """A delivery that was given up: never to whom, nor with which words."""

    id: UUID
    template: str
    channel: Channel
    attempts: int
    provider: str
    code: str
    said: Said = ""
    set_aside_at: datetime
    over: bool = Described(description="Its time is over: it cannot be sent again")


class FailedAlike(Schema):
    """Messages of one template that failed on our side with one word, and that somebody still wants."""

    template: str
    channel: Channel
    code: str = Described(examples=["no-template-code"])
    said: Said = ""
    count: int = Described(ge=1, examples=[12])


class AgainCreate(Schema):
    """Which of those that failed alike are to be sent again."""

    template: str = Described(min_length=1, max_length=40, examples=["report_missing"])
    channel: Literal["push", "sms", "work", "robot"]
    code: str = Described(default="", max_length=60, examples=["no-template-code"])


class AgainPublic(Schema):
    """How many go out again, and how many are left; nothing is sent twice."""

    again: int = Described(ge=0, description="At most 2,000 at a time, the newest first", examples=[12])
    left: int = Described(ge=0, description=LEFT, examples=[0])


class StuckFound(Schema):
    """What is stuck: counts, what was set aside, what failed and can be sent again, since when the oldest waits."""

    since: datetime = Described(
        description="What is counted was begun after this: 24 hours ago, or later where 100,000 were begun since"
    )
    providers: list[ProviderHealth] = Described(description="Those used in the last ten minutes, troubled ones first")
    counts: list[Counted]
    refused: list[RefusedWith] = Described(description="Why they failed, the most frequent first, at most 20")
    aside: list[SetAside]
    again: list[FailedAlike] = Described(description="Failed on our side, and still wanted; the newest 50,000 counted")
    receipts: ReceiptsFound
    failing: int = Described(ge=0, description="Failed on our side, set aside or not")
    oldest_at: datetime | None = Described(description="Since when the oldest delivery that is due has waited")
