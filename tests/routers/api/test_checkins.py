"""Reporting as JSON: every refusal of a report, replays, corrections, make-ups, proxies."""

import json
import math
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app.kit import clock
from app.kit.ids import uuid7
from tests.cast import Village
from tests.routers.api.problems import pointers, problem

pytestmark = pytest.mark.anyio

CHECKINS = "/api/v1/checkins"


def report(**changes: Any) -> dict[str, Any]:
    """A healthy report with a fresh id."""
    words = {"id": str(uuid7()), "temperature": 36.6, "symptoms": ["none"], "exposed": "no"} | changes
    return {name: word for name, word in words.items() if word is not ...}


async def post(api: httpx.AsyncClient, village: Village, body: Any, who: str = "mei") -> httpx.Response:
    """A report of somebody of the cast; NaN and the like are written as Python writes them."""
    headers = {**getattr(village, who).bearer, "Content-Type": "application/json"}
    return await api.post(CHECKINS, content=body if isinstance(body, bytes) else json.dumps(body), headers=headers)


BAD = {
    "id": ["", "x", None, 7, "0190a0c0-0000-7000-8000-00000000000g", [], ...],
    "temperature": [12, 52, 33.9, 43.1, 37.25, -36.6, 10**400, 2**63, math.nan, math.inf, "warm", "", [], {}, "36,6"],
    "symptoms": [[], ["zzz"], ["none", "cough"], "none", None, [None], [1], ["fever"] * 25, ["\x00"], ["\ud800"], ...],
    "exposed": ["maybe", "", None, 1, True, [], "NO", ...],
    "place": ["moon", 1, "", []],
    "needs": [["gold"], "food", None, [1], ["food"] * 9],
    "note": ["x" * 501, 7, ["x"], "a\x00b", "a\ud800b", "\x1b[31m"],
    "slot": ["noon", 0, "", "DAY"],
    "day": ["2999-01-01", "2020-02-05", "0001-01-01", "9999-12-31", "2020-02-30", "tomorrow", True],
    "filled_at": ["now", "2020-02-05T08:00:00", "", "2020-02-05", "0000-00-00T00:00:00Z", True, []],
    "person_id": ["x", 7, [], ""],
    "temperature_confirmed": ["perhaps", [], None],
}  # fmt: skip


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in BAD.items() for value in values])
async def test_a_wrong_answer_is_refused_and_named(
    api: httpx.AsyncClient, village_of_all: Village, field: str, value: Any
) -> None:
    told = problem(await post(api, village_of_all, report(**{field: value})), 422, "invalid")
    assert {pointer.split("/")[1] for pointer in pointers(told)} == {field}
    assert (await api.get(CHECKINS, headers=village_of_all.mei.bearer)).json() == {"items": []}


@pytest.mark.proves("T18")
@pytest.mark.parametrize(
    "field",
    [
        *("region_code", "role", "verdict", "highest_verdict", "rule_version", "created_at", "received_at", "via"),
        *("late", "made_up", "reporter_id", "number", "flags", "corrects", "corrections", "clock_suspect"),
        *("note_sealed", "__proto__", "a/b~c"),
    ],
)
async def test_nobody_writes_what_the_house_decides(
    api: httpx.AsyncClient, village_of_all: Village, field: str
) -> None:
    told = problem(await post(api, village_of_all, report(**{field: "x"})), 422, "invalid")
    assert pointers(told) == {"/" + field.replace("~", "~0").replace("/", "~1")}


async def test_every_wrong_answer_is_named_at_once(api: httpx.AsyncClient, village_of_all: Village) -> None:
    told = problem(
        await post(api, village_of_all, report(temperature=52, symptoms=["zzz"], needs=["gold"])), 422, "invalid"
    )
    assert pointers(told) == {"/temperature", "/symptoms", "/needs"}
    told = problem(await post(api, village_of_all, {"exposed": "maybe", "x": 1}), 422, "invalid")
    assert pointers(told) == {"/id", "/symptoms", "/exposed", "/x"}


@pytest.mark.parametrize(
    ("typed", "meant"), [(366, 36.6), (98.6, 37.0), (34.5, 34.5), (42.5, 42.5), (380, 38.0), (104, 40.0)]
)
async def test_an_odd_temperature_is_asked_about(
    english: httpx.AsyncClient, village_of_all: Village, typed: float, meant: float
) -> None:
    told = problem(await post(english, village_of_all, report(temperature=typed)), 422, "confirm")
    assert told["proposed"] == {"temperature": meant}
    assert pointers(told) == {"/temperature"}
    assert str(meant) in told["errors"][0]["detail"]


async def test_a_confirmed_odd_temperature_is_stored_and_a_slip_is_never_stored_unread(
    api: httpx.AsyncClient, village: Village
) -> None:
    problem(await post(api, village, report(temperature=366, temperature_confirmed=True)), 422, "confirm")
    answer = await post(api, village, report(temperature=34.5, temperature_confirmed=True))
    assert (answer.status_code, answer.json()["temperature"]) == (201, 34.5)


@pytest.mark.proves("T01")
async def test_a_stranger_cannot_report_for_or_read_mei(api: httpx.AsyncClient, village: Village) -> None:
    for who in ("qian", "wu", "nobody"):
        for person in (village.mei.person_id, village.father.person_id):
            problem(await post(api, village, report(person_id=str(person)), who), 404, "not-found")
            found = await api.get(CHECKINS, params={"person_id": str(person)}, headers=getattr(village, who).bearer)
            problem(found, 404, "not-found")
    problem(await post(api, village, report(person_id=str(uuid7()))), 404, "not-found")


async def test_somebody_not_registered_is_told_to_register(english: httpx.AsyncClient, village: Village) -> None:
    told = problem(await post(english, village, report(), "nobody"), 422, "invalid")
    assert told["detail"].startswith("Please register first")


@pytest.mark.parametrize(
    "query",
    ["from=x", "to=2020-02-30", "person_id=x", "from=2020-02-05&to=2020-02-04", "from=2019-01-01&to=2020-01-01"],
)
async def test_a_history_that_makes_no_sense_is_refused(
    api: httpx.AsyncClient, village_of_all: Village, query: str
) -> None:
    told = problem(await api.get(f"{CHECKINS}?{query}", headers=village_of_all.mei.bearer), 422, "invalid")
    assert pointers(told) <= {"/from", "/to", "/person_id"}


@pytest.mark.parametrize("query", ["to=0001-01-01", "from=9999-12-01&to=9999-12-31", "to=2020-02-05", "x=y&from="[:3]])
async def test_a_history_of_another_age_is_empty(api: httpx.AsyncClient, village_of_all: Village, query: str) -> None:
    assert (await api.get(f"{CHECKINS}?{query}", headers=village_of_all.mei.bearer)).json() == {"items": []}


async def test_the_receipt_says_what_when_and_what_it_means(api: httpx.AsyncClient, village: Village) -> None:
    body = report(needs=["medicine"], note="  昨晚开始  ", place="home", exposed="unsure")
    answer = await post(api, village, body)
    receipt = answer.json()
    assert answer.status_code == 201
    assert receipt["number"].startswith(clock.today().strftime("%m%d-"))
    expected = {"id": body["id"], "person_id": str(village.mei.person_id), "day": str(clock.today()), "slot": "day"}
    expected |= {"via": "self", "temperature": 36.6, "needs": ["medicine"], "note": "昨晚开始", "corrects": None}
    expected |= {"verdict": "attention", "rule_version": 1, "late": receipt["late"], "made_up": False}
    assert {name: receipt[name] for name in expected} == expected
    assert receipt["received_at"].endswith("Z")


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        *((changes, "normal") for changes in ({}, {"temperature": 37.2}, {"temperature": None})),
        *((changes, "urgent") for changes in ({"temperature": 37.3}, {"symptoms": ["short_breath"]})),
        ({"symptoms": ["chest_tightness", "cough"]}, "urgent"),
        *((changes, "attention") for changes in ({"symptoms": ["cough"]}, {"exposed": "yes"}, {"exposed": "unsure"})),
    ],
)
async def test_the_verdict_follows_the_rule(
    api: httpx.AsyncClient, village: Village, changes: dict[str, Any], verdict: str
) -> None:
    receipt = (await post(api, village, report(**changes))).json()
    assert (receipt["verdict"], receipt["highest_verdict"]) == (verdict, verdict)


async def test_the_same_id_again_returns_the_first_report_and_with_other_words_is_refused(
    api: httpx.AsyncClient, village: Village
) -> None:
    body = report(temperature=38.6, symptoms=["fever"])
    first, again = await post(api, village, body), await post(api, village, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    told = problem(await post(api, village, body | {"temperature": 36.6}), 422, "key-reused")
    assert pointers(told) == {"/id"}
    assert len((await api.get(CHECKINS, headers=village.mei.bearer)).json()["items"]) == 1


async def test_another_id_is_a_correction_and_the_alert_stays(api: httpx.AsyncClient, village: Village) -> None:
    first = report(temperature=38.6, symptoms=["fever"])
    await post(api, village, first)
    second = await post(api, village, report(temperature=36.8))
    receipt = second.json()
    assert (second.status_code, receipt["verdict"], receipt["highest_verdict"]) == (201, "normal", "urgent")
    assert receipt["corrects"] == first["id"]
    (stored,) = (await api.get(CHECKINS, headers=village.mei.bearer)).json()["items"]
    assert (stored["id"], stored["temperature"], len(stored["corrections"])) == (first["id"], 38.6, 1)
    roll = (await api.get(f"/api/v1/regions/{village.grid}/roll-call", headers=village.li.bearer)).json()
    assert (roll["people"][0]["state"], roll["people"][0]["alert"]["temperature"]) == ("urgent", 38.6)


async def test_yesterday_can_be_made_up_and_says_so(api: httpx.AsyncClient, village: Village) -> None:
    yesterday = clock.today() - timedelta(days=1)
    receipt = (await post(api, village, report(day=str(yesterday)))).json()
    assert (receipt["day"], receipt["made_up"], receipt["late"]) == (str(yesterday), True, True)


async def test_a_report_that_waited_on_the_phone_counts_for_its_own_day_once(
    api: httpx.AsyncClient, village: Village
) -> None:
    filled = clock.now() - timedelta(hours=26)
    body = report(filled_at=filled.astimezone(clock.SHANGHAI).isoformat())
    first, again = await post(api, village, body), await post(api, village, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["day"] == str(clock.local_day(filled))
    assert first.json()["made_up"]


@pytest.mark.proves("T36")
@pytest.mark.parametrize("away", [timedelta(days=-30), timedelta(days=30), timedelta(hours=-49), timedelta(minutes=6)])
async def test_a_clock_that_cannot_be_believed_gives_way_to_the_moment_of_receipt(
    api: httpx.AsyncClient, village: Village, away: timedelta
) -> None:
    receipt = (await post(api, village, report(filled_at=(clock.now() + away).isoformat()))).json()
    assert receipt["clock_suspect"]
    assert receipt["filled_at"] == receipt["received_at"]
    assert receipt["day"] == str(clock.local_day(datetime.fromisoformat(receipt["received_at"])))


async def test_family_and_grid_worker_report_for_others_and_it_is_marked(
    api: httpx.AsyncClient, village: Village
) -> None:
    father, child = str(village.father.person_id), str(village.child.person_id)
    assert (await post(api, village, report(person_id=father))).json()["via"] == "household"
    assert (await post(api, village, report(person_id=child), "li")).json()["via"] == "staff"
    assert (await post(api, village, report(person_id=str(village.mei.person_id)), "chen")).json()["via"] == "staff"
    acts = [read["act"] for read in (await api.get("/api/v1/me/reads", headers=village.mei.bearer)).json()["items"]]
    assert acts == ["reported_for", "reported_for"]


async def test_twice_a_day_under_observation_and_no_temperature_wants_attention(
    api: httpx.AsyncClient, village: Village
) -> None:
    # Yesterday's morning: before six there is no morning of today yet.
    yesterday = str(clock.today() - timedelta(days=1))
    receipt = (await post(api, village, report(temperature=None, slot="am", day=yesterday), "zhou")).json()
    assert (receipt["slot"], receipt["verdict"]) == ("am", "attention")
    problem(
        await post(api, village, report(slot="pm", day=str(clock.today() + timedelta(days=1))), "zhou"), 422, "invalid"
    )
