"""Auditors find what was done in or about their region, nothing else, and leave a line of their own."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from app import audit, residents
from app.audit import searching
from app.house import House
from app.kit import asking, clock
from app.kit.asking import Asking
from app.kit.errors import Invalid, NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Held, Viewer
from models.audit import Act, AuditFound, AuditQuery, Purpose
from models.regions import SPAN, Level, county_of, last_of
from models.staff import Role
from tests import cast
from tests.app.ledger import sealer_of
from tests.cast import Village

pytestmark = pytest.mark.anyio


def auditor(house: House, village: Village, code: int, role: Role = Role.AUDITOR) -> Viewer:
    """An account with a post of an auditor, over a county or city."""
    return Viewer(village.nobody.token, (Held(uuid7(), role, code, last_of(code), "沈审计"),))


async def act(house: House, who: Viewer, **what: object) -> None:
    words = {"act": Act.SAW_PERSON, "purpose": Purpose.PERSON_PAGE} | what
    async with house.database.writing() as db:
        await audit.record(db, who, audit.Deed(**words), who.posts[0])  # type: ignore[arg-type]


async def found(house: House, me: Viewer, **query: object) -> AuditFound:
    async with house.database.writing() as db:
        return await audit.search(db, me, AuditQuery.model_validate(query))


async def test_an_auditor_finds_acts_in_the_region_and_about_the_region(
    house: House, village: Village, tmp_path: Path
) -> None:
    county = county_of(village.code)
    li = await cast.on_duty(house, village.li)
    me = auditor(house, village, county)
    elsewhere = auditor(house, village, 650100000000000 if county < 650000000000000 else 330100000000000)
    person = uuid7()
    with asking.during(Asking(uuid7(), "10.0.0.*, Chrome on Android")) as asked:
        await act(house, li, person_id=person, place_code=village.grid, facts={"people": 1})
    sealer = sealer_of(house, tmp_path / "heads.jsonl")
    while await sealer.seal():
        pass
    await sealer.close()
    await act(house, elsewhere, person_id=person, place_code=village.grid, act=Act.BROKE_GLASS)
    await act(house, elsewhere, person_id=person, act=Act.EXPORTED)
    mine = (await found(house, me, person_id=person)).items
    assert [(one.act, one.seq is None, one.place[-1:]) for one in mine] == [
        ("broke_glass", True, ["第一网格"]), ("saw_person", False, ["第一网格"]),
    ]  # fmt: skip
    assert (mine[1].who, mine[1].role, mine[1].facts) == ("李桂芳", "grid_worker", {"people": 1})
    assert (mine[1].origin, mine[1].request_id) == (asked.origin, asked.request_id)
    assert (mine[0].origin, mine[0].request_id) == ("", None)
    # Their own auditors see what their people did, wherever it was.
    theirs = (await found(house, elsewhere, person_id=person)).items
    assert {one.act for one in theirs} == {"broke_glass", "exported"}
    assert [one.act for one in (await found(house, me, person_id=person, act="broke_glass")).items] == ["broke_glass"]
    assert {one.act for one in (await found(house, me, account_id=li.account_id)).items} >= {"saw_person"}
    assert (await found(house, me, person_id=person, actor_name="李桂")).items == [], "a name is whole or not at all"
    by_name = (await found(house, me, person_id=person, actor_name="李桂芳")).items
    assert [one.act for one in by_name] == ["saw_person"]
    (line, *_) = (await found(house, me, person_id=person, act="searched_ledger")).items
    assert line.facts["by"] == "name"
    assert "李桂芳" not in str(line.facts)


@pytest.mark.proves("T31")
async def test_a_look_from_outside_is_found_by_the_auditor_of_the_persons_region(
    house: House, village: Village
) -> None:
    visited = await cast.village(house)
    doctor = await cast.on_duty(house, await cast.appoint(house, "徐敏", Role.DOCTOR, 330881 * 10**9))
    doctor = replace(doctor, glass=frozenset({visited.mei.person_id}))
    async with house.database.writing() as db:
        await residents.open_record(db, doctor, visited.mei.person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)
    me = auditor(house, village, county_of(visited.code))
    (one,) = (await found(house, me, account_id=doctor.account_id, act="saw_person")).items
    assert (one.who, one.place_code, one.purpose) == ("徐敏", visited.grid, "break_glass")


@pytest.mark.proves("T31")
async def test_every_search_is_an_act_and_whom_it_named_reads_of_it(house: House, village: Village) -> None:
    me = auditor(house, village, county_of(village.code))
    for _ in range(2):
        await found(house, me, person_id=village.mei.person_id, act="saw_person")
    async with house.database.reading() as db:
        (read,) = await audit.about(db, [village.mei.person_id])
    assert (read.who, read.role, read.act, read.purpose, read.count) == (
        "沈审计", "auditor", "searched_ledger", "audit", 2,
    )  # fmt: skip
    (last, first) = (await found(house, me, person_id=village.mei.person_id, act="searched_ledger")).items
    assert (last.facts["found"], first.facts["act"]) == (0, "saw_person")


@pytest.mark.proves("T03")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
async def test_nobody_but_an_auditor_searches(house: House, village: Village, role: Role) -> None:
    county = county_of(village.code)
    with pytest.raises(NotFound):
        await found(house, auditor(house, village, county, role))
    with pytest.raises(NotFound):  # nor an auditor at a level that has none
        await found(house, auditor(house, village, village.code - village.code % SPAN[Level.TOWNSHIP]))
    with pytest.raises(NotFound):
        await found(house, village.mei.viewer)


async def test_pages_follow_each_other_without_gap_or_repeat_while_acts_are_sealed(
    house: House, village: Village, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "PAGE", 3)
    li, person, seen = await cast.on_duty(house, village.li), uuid7(), []
    for number in range(10):
        await act(house, li, person_id=person, facts={"number": number})
    me = auditor(house, village, county_of(village.code))
    sealer, page = sealer_of(house, tmp_path / "heads.jsonl"), None
    while True:
        answer = await found(house, me, account_id=li.account_id, person_id=person, page=page)
        seen += [one.facts["number"] for one in answer.items]
        if (page := answer.next) is None:
            break
        await sealer.seal()
    await sealer.close()
    assert seen == list(range(9, -1, -1))


@pytest.mark.parametrize(
    "days",
    [
        {"since": "2026-01-01", "until": "2026-04-03"}, {"since": "2026-04-02", "until": "2026-04-01"},
        {"since": "0001-01-01", "until": "9999-12-31"}, {"until": "0001-01-01"}, {"since": "9999-12-31"},
        {"page": "x"}, {"page": "-"}, {"page": "f" * 20 + "-" + "0" * 32}, {"page": "1-" + "g" * 32},
    ],
)  # fmt: skip
async def test_days_and_pages_that_cannot_be_are_refused_by_name(
    house: House, village: Village, days: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        await found(house, auditor(house, village, county_of(village.code)), **days)
    assert refused.value.faults[0].field in days | {"until": "", "since": ""}


async def test_the_widest_search_is_92_days_and_the_usual_one_a_week(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = auditor(house, village, county_of(village.code))
    assert searching._days(AuditQuery(since=date(2026, 1, 1), until=date(2026, 4, 2)))
    assert searching._days(AuditQuery()) == (clock.today() - timedelta(days=6), clock.today())
    await found(house, me, since=clock.today() - timedelta(days=91))
