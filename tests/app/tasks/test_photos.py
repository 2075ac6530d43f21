"""Photos of a task: they go with it, and nobody reads them once the key is gone."""

from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from app import retention, tasks
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from app.vault import Erased
from models.tasks import Outcome, Task, TaskFinish, TaskPhoto
from tests import cast
from tests.app.standing import scene, stood_down
from tests.app.tasks.work import opened
from tests.cast import Village

pytestmark = pytest.mark.anyio

__all__ = ["scene"]


async def photographed(house: House, village: Village) -> tuple[Task, TaskPhoto]:
    """A visit that was done, with a photo."""
    task, me = await opened(house, village.grid, village.mei.person_id), await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        await tasks.finish(db, me, task.id, TaskFinish(id=uuid7(), outcome=Outcome.REACHED))
        await tasks.photograph(db, me, task.id, tasks.Drawn(uuid7(), b"a picture"))
    async with house.database.reading() as db:
        return task, (await db.exec(select(TaskPhoto).where(TaskPhoto.task_id == task.id))).one()


async def test_photos_go_with_their_task(house: House, village: Village) -> None:
    old, fresh = [(await photographed(house, village))[0] for _ in range(2)]
    async with house.database.writing() as db:
        past = clock.now() - timedelta(days=181)
        await db.exec(update(Task).where(col(Task.id) == old.id).values(closed_at=past))
    await retention.run(house.database, {})
    async with house.database.reading() as db:
        left = select(TaskPhoto.task_id).where(col(TaskPhoto.task_id).in_([old.id, fresh.id]))
        assert list(await db.exec(left)) == [fresh.id]
        assert list(await db.exec(select(Task.id).where(Task.id == old.id))) == []


@pytest.mark.proves("T32")
async def test_nobody_sees_a_photo_once_the_response_is_over(scene: tuple[House, Village]) -> None:
    house, village = scene
    task, photo = await photographed(house, village)
    me = await cast.on_duty(house, village.chen)
    async with house.database.writing() as db:
        assert (await tasks.look_at_photo(db, me, task.id, photo.id)).picture == b"a picture"
    await stood_down(house)
    with pytest.raises(Erased):
        async with house.database.writing() as db:
            await tasks.look_at_photo(db, me, task.id, photo.id)
