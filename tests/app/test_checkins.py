"""Submitting, correcting and making up a report."""

import pytest

from app import checkins
from app.house import House
from app.kit.ids import uuid7
from models.checkins import CheckinCreate, Verdict
from tests.cast import Village

pytestmark = pytest.mark.anyio


def report(**changes: object) -> CheckinCreate:
    words: dict[str, object] = {"id": uuid7(), "temperature": 36.6, "symptoms": ["none"], "exposed": "no"}
    return CheckinCreate.model_validate(words | changes)


async def test_correcting_a_fever_does_not_erase_the_alert(house: House, village: Village) -> None:
    me = village.mei.viewer
    first = await checkins.submit(house.writer, me, report(temperature=38.6))
    second = await checkins.submit(house.writer, me, report(temperature=36.8))
    assert first.receipt.verdict is Verdict.URGENT
    assert (second.receipt.verdict, second.receipt.highest_verdict) == (Verdict.NORMAL, Verdict.URGENT)
    assert second.receipt.corrects == first.receipt.id
