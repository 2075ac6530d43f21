"""What crosses the doors about tasks."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime
from pydantic import Field as Described

from models.base import RegionCode, Schema, written
from models.regions import Level
from models.tasks.words import Happening, Hindrance, Kind, Outcome, TaskState

LONGEST_NOTE = 500

Chain = Annotated[list[str], Described(examples=[["浙江省", "衢州市", "常山县", "天马街道", "天马社区", "第一网格"]])]
Number = Annotated[str, Described(examples=["1122-7B04E1"])]
Note = Annotated[
    str, Described(max_length=LONGEST_NOTE, examples=["打了三次电话，第三次接通，体温 38.1，已联系医生。"])
]
Filled = Annotated[
    AwareDatetime | None,
    Described(description="when it was written on a phone that had no network; never in the future"),
]


class TaskPerson(Schema):
    """Whom a task is about, as far as whoever looks after them needs it in a list. A call shows the number, logged."""

    person_id: UUID
    name: str = Described(examples=["王小梅"])
    address: str = Described(examples=["桃园路 18 号 2 幢 301"])
    phone: str | None = Described(default=None, examples=["138****1234"])


class TaskListed(Schema):
    """One line of a list: urgent first, then what is overdue, then by building."""

    id: UUID
    number: Number
    kind: Kind
    state: TaskState
    region_code: RegionCode
    chain: Chain
    due_at: datetime
    start_at: datetime
    held_since: datetime = Described(description="since when with this owner, or in this queue")
    overdue: bool
    day: date | None = Described(default=None, description="of the report that is missing or alarming")
    slot: int | None = None
    owner_post_id: UUID | None = Described(default=None, description="null: it stands in the queue of its place")
    owner: str | None = Described(default=None, examples=["李桂芳"])
    mine: bool
    person: TaskPerson | None = None


class TaskCounts(Schema):
    """Open tasks by where they stand. offered + escalated + accepted + in_progress = open; unowned are part of them."""

    open: int = 0
    offered: int = 0
    escalated: int = 0
    accepted: int = 0
    in_progress: int = 0
    urgent: int = 0
    overdue: int = 0
    unaccepted: int = Described(default=0, description="waiting for more than 30 minutes to be accepted")
    unowned: int = 0


class TasksFound(Schema):
    """Tasks of a list. `after` continues it; null at its end."""

    counts: TaskCounts
    items: list[TaskListed]
    after: str | None = None


class TaskPhotoPublic(Schema):
    """A photo that lies with a task. To look at it is recorded, and the person it is about can see that."""

    id: UUID = Described(description="also that of its line in the history")
    size: int = Described(description="bytes", examples=[184320])


class TaskStepPublic(Schema):
    """One line of a task's history."""

    at: datetime
    happening: Happening
    why: str | None = Described(default=None, description="a reason, outcome or hindrance", examples=["least_load"])
    from_name: str | None = Described(default=None, examples=["李桂芳"])
    to_name: str | None = Described(default=None, examples=["陈国平"])
    by_house: bool = Described(description="by a rule, nobody's hand")
    by_name: str | None = Described(default=None, description="whose hand it was", examples=["陈国平"])
    note: str | None = None
    photo: TaskPhotoPublic | None = None
    filled_at: datetime | None = None


class TaskAhead(Schema):
    """What the house does by itself when nobody acts until then."""

    at: datetime
    act: Literal["tell", "climb"]
    unless: str = Described(description="what keeps it from happening: accepted or closed", examples=["accepted"])
    level: Level | None = Described(default=None, description="to which level it climbs; null when somebody is told")


class TaskPublic(TaskListed):
    """A task with everything that happened to it, and what comes next when nobody acts."""

    created_at: datetime
    accept_by: datetime | None = Described(
        default=None,
        description="until when it is to be accepted: then it climbs; null where it does not wait for that",
    )
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    hindrance: Hindrance | None = None
    words: str = Described(default="", description="what is to be done, where somebody wrote it")
    history: list[TaskStepPublic]
    ahead: TaskAhead | None = Described(default=None, description="the next step of the ladder; null at its top")
    may: list[str] = Described(
        description="what the viewer may do: accept, start, note, call, finish, hinder, hand_over, cancel, reopen"
    )


class TaskCalled(Schema):
    """The number of whom a task is about. This look is recorded, and the person can see it."""

    task_id: UUID
    name: str = Described(examples=["王小梅"])
    phone: str = Described(examples=["13857001234"])


class TaskCreate(Schema):
    """A task by hand: a visit, a call or an errand, about somebody or about a place."""

    id: UUID = Described(description="Made by the client; the same id again gets the same answer")
    kind: Kind
    region_code: RegionCode | None = Described(
        default=None, description="left out when it is about a person: it is where they are now"
    )
    person_id: UUID | None = None
    due_at: AwareDatetime
    start_at: AwareDatetime | None = Described(default=None, description="not before now, not after due_at")
    words: Annotated[str, Described(max_length=LONGEST_NOTE, examples=["送两包米，一桶油"])] = Described(
        default="", description="what is to be done; needed where it is about nobody"
    )
    owner_post_id: UUID | None = Described(default=None, description="left out: by the rules of the house")


class TaskAct(Schema):
    """Something done to a task. `id` is made by the phone: the same id again changes nothing."""

    id: UUID
    note: Note = ""
    filled_at: Filled = None


class TaskFinish(TaskAct):
    """Done, with how it went. A task is never done without an outcome."""

    outcome: Outcome


class TaskHinder(TaskAct):
    """It cannot be done, and why."""

    hindrance: Hindrance


class TaskHandOver(TaskAct):
    """To a colleague; without one, to whoever the rules of the house find."""

    post_id: UUID | None = None


class TaskCancel(TaskAct):
    """The reason for it has gone. Says why."""

    note: Annotated[Note, written()]


class TaskWorker(Schema):
    """One colleague and what they have on their hands."""

    post_id: UUID
    name: str = Described(examples=["李桂芳"])
    role: str = Described(examples=["grid_worker"])
    region_code: RegionCode
    open: int
    weight: int
    unaccepted: int
    overdue: int
    present: bool
    overloaded: bool
    silent_since: datetime | None = Described(
        default=None,
        description="on duty, but nothing done to any task for two hours while one of theirs waited; else null",
    )


class TaskBoard(Schema):
    """How the work of a region stands: counts that add up, and who has how much of it."""

    region_code: RegionCode
    chain: Chain
    as_of: datetime
    counts: TaskCounts
    workers: list[TaskWorker] = Described(description="open of all + counts.unowned = counts.open")
    more_workers: int = Described(description="with open tasks, and not in the list")
    closed: int = Described(description="done, not to be done or cancelled within the last seven days")
