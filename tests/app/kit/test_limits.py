"""Rate limits: a bucket that refills and forgets, and a window that all processes share."""

import asyncio

import pytest

from app.house import House
from app.kit import limits
from app.kit.ids import uuid7
from app.kit.limits import Bucket


class Watch:
    """A monotonic clock that a test moves."""

    at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    monkeypatch.setattr(limits.time, "monotonic", made)
    return made


def test_an_empty_bucket_refuses_until_it_has_refilled(watch: Watch) -> None:
    bucket = Bucket(rate=2, burst=3)
    assert [bucket.take("a") for _ in range(5)] == [True, True, True, False, False]
    assert bucket.take("b")
    watch.at += 0.4
    assert not bucket.take("a")
    watch.at += 0.2
    assert [bucket.take("a") for _ in range(2)] == [True, False]
    watch.at += 3600
    assert [bucket.take("a") for _ in range(4)] == [True, True, True, False]


def test_a_flood_of_invented_subjects_does_not_eat_the_memory(watch: Watch) -> None:
    bucket = Bucket(rate=1, burst=1, most=100)
    for number in range(10_000):
        assert bucket.take(str(number))
    assert len(bucket._levels) <= 100


@pytest.mark.anyio
async def test_a_window_counts_for_all_processes_together_and_begins_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, other = uuid7().bytes, uuid7().bytes
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_010.0)

    async def count(whose: bytes) -> int:
        async with house.database.writing() as db:
            return await limits.count(db, whose, 60)

    assert sorted(await asyncio.gather(*(count(subject) for _ in range(12)))) == list(range(1, 13))
    assert await count(other) == 1
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_060.0)
    assert await count(subject) == 1
