"""Tasks in a village, and what plain reading of the rows says of them: is each somebody's who is there?"""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel import col, select

from app import tasks
from app.house import House
from app.kit import clock
from models.tasks import Kind, Task, TaskStep
from tests.entitled import gives, inside

SCOPE = {"scope": "tasks"}


async def opened(house: House, code: int, person: UUID | None = None, **changes: Any) -> Task:
    """A task in a place."""
    words: dict[str, Any] = {"key": str(uuid4()), "kind": Kind.VISIT, "due_at": clock.now() + timedelta(hours=4)}
    new = tasks.New(region_code=code, person_id=person, **(words | changes))
    async with house.database.writing() as db:
        (task,) = await tasks.open_all(db, [new])
    return task


async def again(house: House, task: Task) -> Task:
    """The task as it is now."""
    async with house.database.reading() as db:
        return (await db.exec(select(Task).where(Task.id == task.id))).one()


async def history(house: House, task: Task) -> list[str]:
    """What happened to a task, in order."""
    async with house.database.reading() as db:
        steps = select(TaskStep).where(TaskStep.task_id == task.id).order_by(col(TaskStep.at), col(TaskStep.id))
        return [step.happening for step in await db.exec(steps)]


async def tend(house: House) -> int:
    async with house.database.writing() as db:
        return await tasks.tend(db)


async def climb(house: House) -> int:
    """One tick of the ladder: every step that is due."""
    done = 0
    while True:
        async with house.database.writing() as db:
            some = await tasks.tick(db)
        if not some:
            return done
        done += some


_OPEN = text(
    "SELECT t.id, t.region_code, t.owner_post_id, t.queue_code, p.role, p.region_code, p.ended_at, p.activated_at, "
    "p.valid_from, p.valid_to, p.name, COALESCE(r.current_code, r.region_code) "
    "FROM task t LEFT JOIN post p ON p.id = t.owner_post_id LEFT JOIN resident r ON r.person_id = t.person_id "
    "WHERE t.closed_at IS NULL AND t.region_code BETWEEN :first AND :last"
)
_AWAY = text("SELECT from_at, until_at FROM absence WHERE post_id = :post AND ended_at IS NULL")
_SHIFTS = text(
    "SELECT s.post_id, s.starts_at, s.ends_at FROM shift s WHERE s.region_code = :code AND s.cancelled_at IS NULL"
)


async def orphans(house: House, first: int, last: int, *, moved: bool = True) -> list[str]:
    """Open tasks of a stretch that are nobody's, or somebody's who is not there, told by the rows alone."""
    found = []
    today, now = clock.today(), clock.now()
    async with house.database.reading() as db:
        for row in (await db.exec(_OPEN, params={"first": first, "last": last}, execution_options=SCOPE)).all():
            name, code, owner, queue, role, at, ended, taken_up, begins, ends, who, stays = row
            if moved and stays and stays != code:
                found.append(f"{name} is at {code}, its person at {stays}")
            if owner is None:
                if queue is None or not inside(code, queue):
                    found.append(f"{name} stands in no queue of its own place: {queue}")
                continue
            if ended or not taken_up or begins > today or (ends and ends < today):
                found.append(f"{name} is {who}'s, whose post is over")
            if not inside(code, at) or not gives(role, at, "people"):
                found.append(f"{name} is {who}'s, who does not look after that place")
            away = (await db.exec(_AWAY, params={"post": owner})).all()
            if any(start <= now < end for start, end in away):
                found.append(f"{name} is {who}'s, who is away")
            shifts = (await db.exec(_SHIFTS, params={"code": at})).all()
            planned = any(s <= now and e > now - timedelta(hours=36) for _, s, e in shifts) and any(
                e > now and s < now + timedelta(hours=36) for _, s, e in shifts
            )
            if planned and not any(post == owner and s <= now < e for post, s, e in shifts):
                found.append(f"{name} is {who}'s, who is off duty")
    return found
