"""What crosses the doors about calls: who is to be told by telephone, the number, and how a call went."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field as Described

from models.base import RegionCode, Schema
from models.messages import State
from models.tasks.schemas import Filled, TaskPerson

TRIES = 3  # then somebody stands at the end of the list
MOST_ALSO = 20  # further things somebody is told in one conversation


class CallOutcome(StrEnum):
    """How a call went."""

    TOLD = "told"
    NOT_REACHED = "not_reached"  # stays on the list
    WRONG_NUMBER = "wrong_number"  # nobody can be told this way


class CallReason(Schema):
    """One thing that somebody is to be told."""

    id: UUID = Described(description="of the delivery")
    why: str = Described(examples=["11月22日周日早上的健康打卡还没有收到"])


class CallListed(CallReason):
    """Somebody who is to be told by telephone: no other way has reached them."""

    person: TaskPerson
    region_code: RegionCode
    also: list[CallReason] = Described(description="what else they are to be told, in the same conversation")
    urgent: bool
    since: datetime
    tries: int = Described(ge=0, examples=[1])
    tried_at: datetime | None = Described(description="when somebody tried last")
    over_at: datetime | None = Described(description="nobody wants to hear of it any more after this")


class CallsFound(Schema):
    """The call list: urgent first, then the oldest; whom three tries did not reach stand at its end."""

    items: list[CallListed]
    more: int = Described(ge=0, description="how many stand behind those shown here")


class CallNumber(CallReason):
    """Whom to ring up. This look is recorded, and the person can see it."""

    also: list[CallReason] = Described(description="what else they are to be told, in the same conversation")
    name: str = Described(examples=["王建国"])
    whose: Literal["own", "reporter", "nobody"] = Described(
        description="their own phone, of who reports for them, or none is known"
    )
    reporter: str | None = Described(description="who reports for them, if they live in my places", examples=["王小梅"])
    phone: str | None = Described(examples=["13857001234"])


class CallFinish(Schema):
    """How a call went. `id` is made by the phone: the same id again changes nothing."""

    id: UUID
    outcome: CallOutcome
    also: list[UUID] = Described(
        default=[], max_length=MOST_ALSO, description="further calls about the same person that went the same way"
    )
    filled_at: Filled = None


class CallFinished(Schema):
    """Where it stands now."""

    id: UUID
    state: State
    tries: int = Described(ge=0, examples=[1])
