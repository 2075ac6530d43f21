"""Due work: may run twice, by two workers, on any day, and never does the same thing twice."""

import asyncio
import logging
from datetime import date, datetime

import pytest
from sqlalchemy import text

from app import retention, worker
from app.house import House
from app.kit import clock
from tests.app.test_partitions import names

pytestmark = pytest.mark.anyio


async def test_once_and_once_again_is_the_same_as_once(house: House) -> None:
    await worker.once(house)
    there = await names(house)
    await worker.once(house)
    await asyncio.gather(worker.once(house), worker.once(house))
    assert await names(house) == there


async def test_while_another_worker_is_at_it_nothing_is_done_and_nothing_waits(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    async def note(_db: object) -> None:
        done.append("work")

    monkeypatch.setattr(worker, "DUE", {"partitions": note, "purge": note})
    caplog.set_level(logging.INFO, "shouwang.worker")
    async with house.database.writing() as db:
        await db.exec(text(f"SELECT pg_advisory_xact_lock({worker.ONE_AT_A_TIME})"))
        await worker.once(house)
    assert done == []
    assert [record.message for record in caplog.records] == [
        "partitions: another worker is at it", "purge: another worker is at it",
    ]  # fmt: skip
    await worker.once(house)
    assert done == ["work", "work"]


def test_whatever_is_dropped_is_counted_under_a_kind_that_the_page_has_words_for() -> None:
    assert set(worker.DROPS) <= {rule.kind for rule in retention.RULES}
    assert set(worker.DROPS) <= set(worker.DUE)


async def test_work_that_fails_leaves_what_was_done_before_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_db: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat("2033-05-05T00:00:00Z"))
    monkeypatch.setattr(worker, "DUE", {"partitions": worker.DUE["partitions"], "purge": fail})
    with pytest.raises(ZeroDivisionError):
        await worker.once(house)
    assert f"checkin_{date(2033, 5, 1):%Y%m}" in await names(house)
