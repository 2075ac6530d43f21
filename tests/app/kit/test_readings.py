"""Temperatures as typed: read when clear, asked about when not, refused when impossible."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.readings import Reading, temperature


@pytest.mark.parametrize(
    "raw",
    [
        *["36.6", "36,6", "36。6", "３６．６", "３６，６", "３６。６", "36｡6", "36·6", " 36.6℃", "36.6度", "36.60"],
        *["36 . 6", "36.6 °C", "36.6c", "36.6摄氏度", "36度6", "36点6", "36点6度", "+36.6", "\u300036.6\n"],
    ],
)
def test_every_way_to_type_it_reads_as_one_number(raw):
    assert temperature(raw) == Reading(Decimal("36.6"), None, None)


@pytest.mark.parametrize("raw", ["37", "37.", "37度", "37.0", "37。"])
def test_a_whole_number_has_one_decimal(raw):
    assert str(temperature(raw).value) == "37.0"


@pytest.mark.parametrize(
    ("raw", "proposed", "problem"),
    [
        ("366", "36.6", "confirm"),
        ("366度", "36.6", "confirm"),
        ("３６６", "36.6", "confirm"),
        ("340", "34.0", "confirm"),
        ("430", "43.0", "confirm"),
        ("34.0", "34.0", "confirm"),
        ("34.9", "34.9", "confirm"),
        ("42.1", "42.1", "confirm"),
        ("43", "43.0", "confirm"),
        ("98.6", "37.0", "fahrenheit"),
        ("98.6F", "37.0", "fahrenheit"),
        ("98.6℉", "37.0", "fahrenheit"),
        ("98.6华氏度", "37.0", "fahrenheit"),
        ("101", "38.3", "fahrenheit"),
        ("93.2", "34.0", "fahrenheit"),
        ("109.4", "43.0", "fahrenheit"),
        ("36.65", "36.7", "decimals"),
        ("36.64", "36.6", "decimals"),
        ("37.25", "37.3", "decimals"),
        ("37.249999999", "37.2", "decimals"),
    ],
)
def test_what_may_be_meant_is_asked(raw, proposed, problem):
    assert temperature(raw) == Reading(None, Decimal(proposed), problem)


@pytest.mark.parametrize(
    "raw",
    [
        "12",
        "52",
        "0",
        "33.9",
        "33.99",
        "43.01",
        "43.1",
        "339",
        "431",
        "93.1",
        "109.5",
        "-36.6",
        "36.6F",
        "3660",
        "999999999",
    ],
)
def test_what_no_living_person_shows_is_out_of_range(raw):
    assert temperature(raw) == Reading(None, None, "out_of_range")


@pytest.mark.parametrize(
    "raw",
    [
        *["", " ", "NaN", "nan", "inf", "-Infinity", "1e999", "3.66e1", "正常", "三十六度六", "36.6.6", ".6", "36..6"],
        *["0x24", "36_6", "36 6", "²⁄", "٣٦.٦", "36.6 37.0", "36.6\x00", "\ud800", "3" * 65, " " * 1_000_000],
    ],
)
def test_words_and_other_tongues_of_machines_are_no_number(raw):
    assert temperature(raw) == Reading(None, None, "not_a_number")


@pytest.mark.parametrize("raw", ["35.0", "35", "42.0", "37.3", "37.2"])
def test_the_usual_range_is_inclusive_and_asks_nothing(raw):
    assert temperature(raw) == Reading(Decimal(raw).quantize(Decimal("0.1")), None, None)


@given(
    st.integers(350, 420), st.sampled_from([".", ",", "。", "．", "，", "度", "点"]), st.sampled_from(["", "℃", " 度"])
)
def test_every_usual_tenth_is_read_exactly(tenths, mark, unit):
    assert temperature(f"{tenths // 10}{mark}{tenths % 10}{unit}").value == Decimal(tenths) / 10


@given(st.text() | st.text("0123456789.,。度℃F+- 点", max_size=12) | st.text(st.characters(codec=None)))
def test_no_text_raises_and_every_answer_is_consistent(raw):
    reading = temperature(raw)
    assert (reading.value is None) == (reading.problem is not None)
    assert (reading.proposed is not None) == (reading.problem in {"confirm", "fahrenheit", "decimals"})
    for number in (reading.value, reading.proposed):
        if number is not None:
            assert Decimal(34) <= number <= Decimal(43)
            assert number.as_tuple().exponent == -1


@given(st.decimals(34, 43, places=3))
def test_accepting_a_proposal_leads_to_a_reading_or_one_last_question(number):
    reading = temperature(str(number))
    while reading.problem in {"decimals", "confirm"} and temperature(str(reading.proposed)) != reading:
        reading = temperature(str(reading.proposed))
    assert reading.problem in {None, "confirm"}
