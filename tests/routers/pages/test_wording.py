"""What pages say where a loose word would mislead: summaries, strips, receipts, the roll call."""

import re
from typing import Any

import pytest

from routers.kit.forms import FIELDS, Wrong, label_of
from routers.kit.render import environment
from tests.routers.pages.samples import DAY, FORM, REGISTER, RESIDENT, SAMPLES, SERIOUS, Thing
from tests.routers.pages.test_templates import rendered


def summary_of(lang: str, errors: list[Wrong]) -> str:
    html = rendered(lang, "residents/new.html", {"me": RESIDENT, **REGISTER, "errors": errors})
    return html[html.index("data-errors") : html.index("<header><h1")]


def test_summary_says_which_field_each_line_is_about() -> None:
    wrong = [
        Wrong(field, "This answer is needed.", label_of("en", field)) for field in ("name", "address", "member-0-name")
    ]
    lines = re.findall(r">([^<]+)</a></li>", summary_of("en", wrong))
    assert lines == [
        "Name: This answer is needed.",
        "Street, building, door: This answer is needed.",
        "Family member 1, Name: This answer is needed.",
    ]
    assert label_of("zh-Hans", "member-1-id_number") == "家人 2 的证件号码"
    assert label_of("zh-Hans", "id") == label_of("zh-Hans", "member-0-id") == ""


def test_every_visible_field_of_registering_has_a_name_in_the_summary() -> None:
    html = rendered("en", "residents/new.html", {"me": RESIDENT, **REGISTER})
    names = set(re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]* name="([^"]+)"', html))
    assert names - {"place_query"} <= set(FIELDS) | {f"member-{n}-{name}" for n in "0N" for name in FIELDS}


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (("none", "none", "today"), ""),
        (("none", "done", "attention"), "每天都报了"),
        (("late", "part", "missed", "missed"), "1 天迟报 · 1 天只报了一半 · 2 天未报"),
    ],
)
def test_strip_praises_only_days_that_were_reported(states: tuple[str, ...], words: str) -> None:
    strip = environment("zh-Hans").get_template("shared/_strip.html").module
    assert str(strip.strip_words([Thing(day=DAY, state=state) for state in states])).strip() == words  # type: ignore[attr-defined]


@pytest.mark.parametrize("context", SAMPLES["errors/problem.html"])
def test_a_problem_offers_help_once(context: dict[str, Any]) -> None:
    html = rendered("zh-Hans", "errors/problem.html", context)
    assert html[html.index("<main") :].count('href="/help"') == 1


def test_staff_are_told_what_they_can_do_and_not_to_call_themselves() -> None:
    mine, theirs = (
        rendered("en", "checkins/show.html", {**SAMPLES["checkins/show.html"][-1], "receipt": SERIOUS, **change})
        for change in ({"next_steps": ["明天再报一次。"]}, {})
    )
    assert "Call 120 now" in mine
    assert "Call 120 now" not in theirs
    assert "Please call this person now" in theirs
    assert 'href="/residents/mei"' in theirs


def test_a_row_of_the_roll_call_says_why_and_what_is_needed() -> None:
    html = rendered("zh-Hans", "checkins/roll_call.html", SAMPLES["checkins/roll_call.html"][0])
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))
    assert "提醒未销 · 38.6 ℃ · 咳嗽 · 16:41" in text
    assert "药品" in text
    assert "晚上未报" in text
    assert "有需要 1" in text


def test_where_one_stays_may_be_left_out_with_and_without_scripts() -> None:
    html = rendered("en", "checkins/new.html", {"me": RESIDENT, **FORM})
    fourth = html[html.index('id="question-4"') : html.index('id="question-5"')]
    assert "data-missing" not in fourth
    assert "You may leave this out." in fourth
