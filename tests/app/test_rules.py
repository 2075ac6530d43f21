"""The verdict: thresholds are inclusive, a symptom counts without fever, and the rule in force is the nearest one."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from app.checkins import Rules
from app.house import House
from app.kit import clock
from app.kit.errors import Overloaded
from models.checkins import BREATHING, SYMPTOMS, Answer, Rule, Symptom, Verdict, VerdictRule
from models.regions import last_of
from models.residents import Programme
from tests.cast import Village

pytestmark = pytest.mark.anyio

NORMAL, ATTENTION, URGENT = Verdict
NONE, COUGH, FEVER = Symptom.NONE, Symptom.COUGH, Symptom.FEVER
GENERAL, EMPLOYEE, OBSERVED = Programme


# (temperature in tenths, symptoms, contact) -> verdict for general, employee, under observation
TABLE = [
    (366, NONE, Answer.NO, (NORMAL, NORMAL, NORMAL)),
    (372, NONE, Answer.NO, (NORMAL, NORMAL, NORMAL)),
    (373, NONE, Answer.NO, (URGENT, URGENT, URGENT)),
    (430, NONE, Answer.NO, (URGENT, URGENT, URGENT)),
    (340, NONE, Answer.NO, (NORMAL, NORMAL, NORMAL)),
    (None, NONE, Answer.NO, (NORMAL, ATTENTION, ATTENTION)),
    (368, COUGH, Answer.NO, (ATTENTION, ATTENTION, URGENT)),
    (None, COUGH, Answer.NO, (ATTENTION, ATTENTION, URGENT)),
    (366, FEVER, Answer.NO, (ATTENTION, ATTENTION, URGENT)),
    (366, Symptom.SHORT_BREATH, Answer.NO, (URGENT, URGENT, URGENT)),
    (366, Symptom.CHEST_TIGHTNESS, Answer.NO, (URGENT, URGENT, URGENT)),
    (None, Symptom.SHORT_BREATH | COUGH, Answer.NO, (URGENT, URGENT, URGENT)),
    (366, NONE, Answer.YES, (ATTENTION, ATTENTION, ATTENTION)),
    (366, NONE, Answer.UNSURE, (ATTENTION, ATTENTION, ATTENTION)),
    (373, NONE, Answer.UNSURE, (URGENT, URGENT, URGENT)),
    (366, Symptom.CONJUNCTIVITIS, Answer.NO, (ATTENTION, ATTENTION, URGENT)),
]


@pytest.mark.parametrize(("tenths", "symptoms", "exposed", "verdicts"), TABLE)
async def test_the_shipped_rules_judge_as_the_notices_say(
    house: House, tenths: int | None, symptoms: int, exposed: int, verdicts: tuple[Verdict, ...]
) -> None:
    for programme, verdict in zip(Programme, verdicts, strict=True):
        rule = house.rules.rule_for(programme, 330822001201001, clock.today())
        assert rule.verdict(tenths, int(symptoms), exposed) is verdict
        assert rule.fever == 373


def rule(urgent: int = int(BREATHING), *, asks: bool = False) -> Rule:
    return Rule(1, 0, 0, 10**15, date(2020, 1, 1), 373, urgent, asks, 1, {})


masks = st.integers(1, 524287).filter(lambda mask: not mask & 1 or mask == 1)


@given(st.one_of(st.none(), st.integers(340, 430)), masks, st.sampled_from(Answer), st.booleans())
def test_a_worse_report_is_never_judged_milder(tenths: int | None, symptoms: int, exposed: Answer, asks: bool) -> None:
    judged = rule(asks=asks).verdict(tenths, symptoms, exposed)
    worse = symptoms | Symptom.COUGH if symptoms != 1 else int(Symptom.COUGH)
    assert rule(asks=asks).verdict(tenths, int(worse), exposed) >= judged
    assert rule(asks=asks).verdict(tenths, symptoms, Answer.YES) >= judged
    assert rule(asks=asks).verdict(max(tenths or 0, 373), symptoms, exposed) is Verdict.URGENT
    assert rule(524286, asks=asks).verdict(tenths, symptoms, exposed) >= judged


def test_only_a_report_without_anything_is_normal() -> None:
    for word, bit in SYMPTOMS.items():
        expected = Verdict.NORMAL if word == "none" else Verdict.URGENT if bit & BREATHING else Verdict.ATTENTION
        assert rule().verdict(366, bit, Answer.NO) is expected


# --- which rule ------------------------------------------------------------------------------------------------------


async def test_without_any_rule_the_house_asks_to_try_again_instead_of_guessing(house: House) -> None:
    empty = Rules(house.database)
    with pytest.raises(Overloaded) as refused:
        empty.rule_for(0, 330822001201001, clock.today())
    assert refused.value.retry_after


def a_rule(version: int, region: int, last: int, since: date, fever: str) -> dict[str, object]:
    return {
        "version": version, "programme": 0, "region_code": region, "last_code": last, "in_force_from": since,
        "fever_at": Decimal(fever), "urgent_symptoms": 34816, "temperature_asked": False, "slots_a_day": 1,
        "due_am": "10:00", "due_pm": "20:00", "source": "test",
    }  # fmt: skip


async def test_the_smallest_region_and_then_the_newest_day_decides(house: House, village: Village) -> None:
    today, before = clock.today(), clock.today() - timedelta(days=10)
    number = village.code // 1000 % 1_000_000 * 10 + 10**7
    ahead = today + timedelta(days=1)
    async with house.database.writing() as db:
        rows = [
            a_rule(number, village.code, last_of(village.code), before, "37.5"),
            a_rule(number + 1, village.code, last_of(village.code), today, "38.0"),
            a_rule(number + 2, village.code, last_of(village.code), ahead, "39.0"),
            a_rule(number + 3, village.grid, last_of(village.grid), before, "37.8"),
        ]
        await db.exec(insert(VerdictRule), params=rows)
    rules = Rules(house.database)
    await rules.read()
    assert rules.rule_for(0, village.grid, today).fever == 378
    assert rules.rule_for(0, village.other_grid, today).fever == 380
    assert rules.rule_for(0, village.other_grid, today - timedelta(days=1)).fever == 375
    assert rules.rule_for(0, village.other_grid, before - timedelta(days=1)).fever == 373
    assert rules.rule_for(0, village.other_grid, ahead).fever == 390
    assert rules.rule_for(0, village.code + 1000, today).fever == 373
    assert rules.rule_for(2, village.grid, today).version == 3


async def test_a_new_rule_is_in_force_within_seconds_without_a_restart(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.checkins.rules.REREAD_S", 0.02)
    rules = Rules(house.database)
    await rules.start()
    assert rules.rule_for(0, village.grid, clock.today()).version == 1
    version = village.code // 1000 % 1_000_000 * 10 + 10**7
    async with house.database.writing() as db:
        rows = [a_rule(version, village.grid, village.grid, clock.today(), "37.6")]
        await db.exec(insert(VerdictRule), params=rows)
    for _ in range(300):
        if rules.rule_for(0, village.grid, clock.today()).version == version:
            break
        await asyncio.sleep(0.01)
    else:
        pytest.fail("the new rule never came into force")
    await rules.stop()
