"""A new ladder by the operator's hand: judged before it is written, and written once."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from app import tasks
from app.house import House
from app.kit import clock
from models.audit import AuditEvent
from models.tasks import Kind, Ladder
from models.tasks.ladders import LADDERS, spelled
from tests.app.test_cli import shouwang
from tests.cast import Village

pytestmark = pytest.mark.anyio

STEP = {"after": 60, "act": "tell", "to": "owner", "template": "task_unaccepted", "base": "start", "unless": "accepted"}
LATER = STEP | {"template": "task_overdue", "base": "due", "after": 0, "unless": "closed"}


@pytest.mark.parametrize("kind", list(LADDERS))
def test_what_is_in_force_may_be_decided_again(kind: Kind) -> None:
    assert tasks.checked(kind, spelled(LADDERS[kind]).encode()) == LADDERS[kind]


@pytest.mark.parametrize(
    ("kind", "steps", "words"),
    [
        ("visit", [], "one step at least"), ("visit", {"after": 1}, "not a ladder"),
        ("visit", [STEP | {"template": "no_such_text"}], "step 1: there is no text 'no_such_text'"),
        ("visit", [STEP, STEP | {"template": "notice"}], "step 2: such a step is not known"),
        ("visit", [STEP | {"after": 120}, STEP], "step 2 comes before step 1"),
        ("visit", [LATER, STEP], "`due` after `start`"), ("visit", [STEP | {"after": -1}], "step 1: it comes 0 to"),
        ("visit", [STEP | {"after": 10**9}], "step 1: it comes 0 to"), ("visit", [STEP | {"x": 1}], "not a ladder"),
        ("urgent_report", [LATER], "no step opens a task"),
    ],
)  # fmt: skip
def test_what_is_no_ladder_is_refused_in_words(kind: str, steps: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        tasks.checked(Kind(kind), json.dumps(steps).encode())
    with pytest.raises(ValueError, match="UTF-8"):
        tasks.checked(Kind(kind), b"\xff\xfe")


async def test_it_is_shown_first_then_written_once_and_stands_in_the_ledger(
    house: House, village: Village, tmp_path: Path
) -> None:
    file, day = tmp_path / "visit.json", (clock.today() + timedelta(days=3)).isoformat()
    file.write_text(json.dumps([STEP, LATER]))
    words = ["ladders", "add", "visit", str(file), "--region", str(village.code), "--source", "县指挥部 12 号令"]
    code, said, complained = await shouwang(house, *words, "--from", day)
    assert (code, "nothing is written yet" in said) == (0, True), complained
    assert "0 h 01 min after the start: tell owner (task_unaccepted), unless accepted" in said
    here = select(Ladder).where(Ladder.region_code == village.code)
    async with house.database.reading() as db:
        assert list(await db.exec(here)) == []
    code, said, complained = await shouwang(house, *words, "--from", day, "--apply")
    assert (code, "written: version" in said) == (0, True), complained
    async with house.database.reading() as db:
        (row,) = await db.exec(here)
        deeds = await db.exec(select(AuditEvent.facts).where(
            AuditEvent.place_code == village.code, AuditEvent.act == "ladder_added"
        ))  # fmt: skip
        assert [json.loads(facts or "")["version"] for facts in deeds] == [row.version]
    for since, region, complaint in (
        (day, str(village.code), "decided for this place already"), ("2020-02-05", str(village.code), "in the past"),
        (day, "330822001202999", "there is no region"),
    ):  # fmt: skip
        words[5] = region
        code, _, complained = await shouwang(house, *words, "--from", since, "--apply")
        assert (code, complaint in complained) == (2, True), complained
