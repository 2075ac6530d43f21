"""What the rows about the organisation are asked of: a post, a shift, a notice ... of the child's own grid."""

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from app import checkins, notices, staff, tasks
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from models.notices import NoticeCreate
from models.regions import Level
from models.retention import Certificate
from models.staff import Absence, Post, Response, Role, Shift
from models.tasks import Kind
from tests import cast
from tests.organisation import Organisation, fresh_post
from tests.routers.matrix import letters
from tests.routers.matrix.papers import brought, laid, objected

NOBODY = UUID("0190a0c0-0000-7000-8000-000000000009")


@dataclass
class Things:
    """One of each, and what a path calls it."""

    house: House
    org: Organisation
    ids: dict[str, UUID] = field(default_factory=dict)
    spans: int = 0  # shifts and absences planned so far, one after the other

    def span(self) -> tuple[str, str]:
        """Some minutes in which nobody has planned anything yet; near enough to be planned, however many are asked."""
        self.spans += 1
        start = clock.local(clock.now()) + timedelta(days=3, minutes=20 * self.spans)
        return start.isoformat(), (start + timedelta(minutes=10)).isoformat()


async def make(house: House, org: Organisation) -> Things:
    """Everything, and a report of today by the guardian for the child."""
    report = cast.report(person_id=org.child.person_id)
    await checkins.submit(house.writer, org.guardian.viewer, report)
    things = Things(house, org)
    now, worker, by = clock.now(), org.posts["grid_worker@grid"], uuid7()
    shift = Shift(
        id=uuid7(), post_id=worker, region_code=org.places[Level.GRID], starts_at=now + timedelta(days=2),
        ends_at=now + timedelta(days=2, hours=3), by_account=by, created_at=now,
    )  # fmt: skip
    absence = Absence(
        id=uuid7(), post_id=worker, from_at=now + timedelta(days=60), until_at=now + timedelta(days=61), by_account=by,
        created_at=now,
    )  # fmt: skip
    things.ids = {"post_id": worker, "shift_id": shift.id, "absence_id": absence.id}
    things.ids["invited"] = await invited(house, org)
    async with house.database.writing() as db:
        db.add_all([shift, absence])
    things.ids |= {"notice_id": await noticed(house, org)} | await laid(house, org)
    things.ids |= {"response_id": await over(house, org), "task_id": await to_do(house, org, hours=1)}
    things.ids["photo_id"] = await photographed(house, org, things.ids["task_id"])
    things.ids |= await letters.laid(house, org)
    return things


async def over(house: House, org: Organisation) -> UUID:
    """A response of former times, stood down, with its certificate."""
    now, name = clock.now(), uuid7()
    about = {"name": "旧响应", "region": ["浙江省"], "started_on": "2020-01-23"}
    said = {"response": about, "by": ["甲", "乙"], "ended": {}, "destroyed_keys": {}, "unreadable": {},
            "house": "shouwang", "signed_at": "2020-04-01"}  # fmt: skip
    async with house.database.writing() as db:
        db.add(Response(id=name, name="旧响应", region_code=org.places[Level.PROVINCE], started_on=clock.today(),
                        created_at=now, stood_down_at=now))  # fmt: skip
        await db.flush()
        db.add(Certificate(response_id=name, said=json.dumps(said), signature=bytes(64), public_key=bytes(32), at=now))
    return name


async def to_do(house: House, org: Organisation, hours: int = 4) -> UUID:
    """A visit to the child, of the grid worker of grid 1; the one due first stands first in every list."""
    new = tasks.New(
        f"matrix|{uuid7()}", Kind.VISIT, org.places[Level.GRID], clock.now() + timedelta(hours=hours),
        org.child.person_id, owner=org.posts["grid_worker@grid"],
    )  # fmt: skip
    async with house.database.writing() as db:
        (task,) = await tasks.open_all(db, [new])
        return task.id


async def photographed(house: House, org: Organisation, task_id: UUID) -> UUID:
    """A photo that the grid worker of grid 1 has laid with a task."""
    worker = org.actors["grid_worker@grid"].person
    assert worker is not None
    me = await cast.on_duty(house, worker)
    async with house.database.writing() as db:
        return (await tasks.photograph(db, me, task_id, tasks.Drawn(uuid7(), b"a picture"))).id


async def noticed(house: House, org: Organisation) -> UUID:
    """A notice of the village cadre to the party members of the child's grid, who are asked to confirm it."""
    sender = org.actors["village_cadre@village"].person
    assert sender is not None
    form = NoticeCreate(
        id=uuid7(), region_code=org.places[Level.GRID], roles=[Role.PARTY_MEMBER], title="清点口罩",
        words="八点前报数。", must_confirm=True,
    )  # fmt: skip
    me = await cast.on_duty(house, sender)
    async with house.database.writing() as db:
        await notices.send(db, me, form)
    return form.id


async def invited(house: House, org: Organisation) -> UUID:
    """A post that nobody has taken up yet."""
    async with house.database.writing() as db:
        made = await staff.appoint(db, cast.fresh_phone(), "未到", Role.GRID_WORKER, org.places[Level.GRID])
        row = await db.get_one(Post, made.id)
        row.account_id = row.activated_at = None
        db.add(row)
        return row.id


# Routes that use up what they are asked of: whoever is let in gets one of their own.
ENDS = ("dismissal", "transfer", "factor-reset")
USES_UP = {f"POST {door}/staff/posts/{{post_id}}/{act}" for door in ("", "/api/v1") for act in ENDS}


async def renewed(things: Things, name: str) -> Things:  # noqa: C901, PLR0911  (one line a kind of thing)
    """The same things, with a fresh post, appeal or sheet for a route that ends it."""
    if name.endswith(("/closure", "/second-look")):
        return replace(things, ids=things.ids | {"appeal_id": await objected(things.house, things.org)})
    if name.endswith("/withdrawal"):
        return replace(things, ids=things.ids | {"notice_id": await noticed(things.house, things.org)})
    if name.endswith(("/{sheet_id}/columns", "/{sheet_id}/plan", "/{sheet_id}/application")):
        return replace(things, ids=things.ids | {"sheet_id": await brought(things.house, things.org)})
    if name.endswith("/{sheet_id}/undoing"):
        return replace(things, ids=things.ids | {"sheet_id": await brought(things.house, things.org, applied=True)})
    if "/tasks/{task_id}/" in name and not name.endswith(("/notes", "/calls", "/{photo_id}")):
        return replace(things, ids=things.ids | {"task_id": await to_do(things.house, things.org)})
    if name.endswith("/{delivery_id}/again"):
        return replace(things, ids=things.ids | {"delivery_id": await letters.aside(things.house, things.org)})
    if "/calls/{delivery_id}/" in name:
        return replace(things, ids=things.ids | {"delivery_id": await letters.called(things.house, things.org)})
    if name.endswith("/{robot_id}/ending"):
        return replace(things, ids=things.ids | {"robot_id": await letters.added(things.house, things.org)})
    if "{browser_id}" in name:
        return replace(things, ids=things.ids | {"browser_id": await letters.subscribed(things.house, things.org)})
    if name not in USES_UP:
        return things
    return replace(things, ids=things.ids | {"post_id": await fresh_post(things.house, things.org)})


def place_of(name: str, org: Organisation) -> int:
    """The region a route is asked of: a roll call of the grid, everything else of the village."""
    return org.places[Level.GRID if "roll-call" in name else Level.VILLAGE]


def words(name: str, things: Things) -> dict[str, Any]:
    """Bodies about the organisation, as the fields of a form."""
    org = things.org
    first, last = things.span()
    return {
        "six": {"code": "000000"},
        "credential": {"credential": "{}"},
        "new-passkey": {"credential": "{}", "name": "x"},
        "invitation": {
            "phone": cast.fresh_phone(), "name": "邀请", "role": "grid_worker",
            "region_code": str(org.places[Level.GRID]),
        },
        "cadre": {"phone": cast.fresh_phone(), "name": "邀请", "role": "village_cadre"},
        "department": {"department": f"卫生站{things.spans}"},
        "dismissal": {"reason": "换人"},
        "transfer": {"role": "grid_worker", "region_code": str(org.other_grid)},
        "shift": {"post_id": str(things.ids["post_id"]), "starts_at": first, "ends_at": last},
        "absence": {"post_id": str(things.ids["post_id"]), "from_at": first, "until_at": last},
        "query": {"act": "saw_person"},
        "paste": {"paste": f"甲某\t{cast.fresh_phone()}\t村干部\t{org.places[Level.VILLAGE]}"},
        "columns": {"columns": {"name": 0}},
        "village": {"region_code": str(org.places[Level.VILLAGE])},
        "notice": {
            "id": str(uuid7()), "region_code": str(org.places[Level.VILLAGE]), "title": "清点口罩",
            "words": "八点前报数。",
        },
        "message": {"id": str(uuid7()), "words": "口罩到了吗？"},
        "task": {
            "id": str(uuid7()), "kind": "visit", "region_code": str(org.places[Level.GRID]), "words": "看一看",
            "due_at": (clock.local(clock.now()) + timedelta(days=1)).isoformat(),
        },
        "task act": {"id": str(uuid7())},
        "task note": {"id": str(uuid7()), "note": "已由镇上处理"},
        "task outcome": {"id": str(uuid7()), "outcome": "reached"},
        "call outcome": {"id": str(uuid7()), "outcome": "told"},
        "task hindrance": {"id": str(uuid7()), "hindrance": "moved"},
        "robot": letters.robot(org.places[Level.VILLAGE]),
    }.get(name, {})  # fmt: skip
