"""What crosses a door: nothing unknown, nothing that cannot be stored, nothing that is not a number."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.kit.sheets import safe_cell
from models.base import _FORMULA, PersonName, RegionCode, plain
from models.checkins import NEEDS, SYMPTOMS, CheckinCreate, Slot, Symptom, words_of
from models.residents import MemberCreate, ResidentCreate
from tests.cast import report

GOOD = json.loads(report().model_dump_json())
CODE, NAME = TypeAdapter(RegionCode), TypeAdapter(PersonName)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "NaN", "1e999", "Infinity", [36.6], {}, "warm"])
def test_what_is_no_number_is_no_temperature(value: object) -> None:
    with pytest.raises(ValidationError):
        CheckinCreate.model_validate(GOOD | {"temperature": value})


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_json_that_other_parsers_let_pass_is_refused(literal: str) -> None:
    body = json.dumps(GOOD | {"temperature": 0}).replace('"temperature": 0', f'"temperature": {literal}')
    with pytest.raises(ValidationError):
        CheckinCreate.model_validate_json(body)


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "a\udfffb", "\x1b[31m", "\x7f", "\r", "a\u202eb"])
@pytest.mark.parametrize("field", ["note", "symptoms"])
def test_characters_that_cannot_be_stored_are_refused(field: str, text: str) -> None:
    value: object = [text] if field == "symptoms" else f"a{text}b"
    with pytest.raises(ValidationError, match="control_characters"):
        CheckinCreate.model_validate(GOOD | {field: value})


@pytest.mark.proves("T18")
@pytest.mark.parametrize("field", ["verdict", "rule_version", "received_at", "region_code", "via", "reporter_id", "x"])
def test_nobody_sends_what_only_the_house_decides(field: str) -> None:
    for schema, good in ((CheckinCreate, GOOD), (MemberCreate, {"name": "a", "id_type": "none", "relation": "child"})):
        schema.model_validate(good)
        with pytest.raises(ValidationError) as refused:
            schema.model_validate(good | {field: 1})
        assert [error["type"] for error in refused.value.errors()] == ["extra_forbidden"]
    assert "programme" not in ResidentCreate.model_fields


@pytest.mark.parametrize(
    "value",
    ["", "330822", "33082200120100", "3308220012010001", "三三", "-30822001201001", 0, -1, True, None, 2**63, 10**15,
     "0" * 15, "010000000000000", 3.3e14, [330822001201001], "330822001201001 1"],
)  # fmt: skip
def test_what_is_no_region_code_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        CODE.validate_python(value)


@given(st.integers(11 * 10**10, 10**12 - 1))
def test_a_region_code_of_twelve_digits_is_the_one_of_fifteen(code: int) -> None:
    for written in (code, str(code), f" {code}000 ", code * 1000):
        assert CODE.validate_python(written) == code * 1000
    assert CODE.dump_json(code * 1000) == f'"{code}000"'.encode()


@given(st.text())
def test_plain_text_is_exactly_what_utf8_and_the_database_can_hold(text: str) -> None:
    try:
        storable = "\x00" not in text and bool(text.encode() or True)
    except UnicodeEncodeError:
        storable = False
    assert storable or not plain(text)


@given(st.sets(st.sampled_from(list(SYMPTOMS))))
def test_a_mask_of_words_gives_back_the_words(words: set[str]) -> None:
    assert set(words_of(sum(SYMPTOMS[word] for word in words), SYMPTOMS)) == words


def test_the_vocabulary_fits_the_limits_of_the_table() -> None:
    assert sum(SYMPTOMS.values()) == 2 * max(SYMPTOMS.values()) - 1 == 2**20 - 1 - 2**19 == 524287
    assert SYMPTOMS["none"] == Symptom.NONE == 1
    assert sum(NEEDS.values()) < 2**15
    assert [slot.name.lower() for slot in Slot] == ["day", "am", "pm"]
    with pytest.raises(ValidationError):
        CheckinCreate.model_validate(GOOD | {"slot": "noon"})


def test_a_name_and_a_cell_begin_like_a_formula_with_the_same_signs() -> None:
    assert {sign for sign in map(chr, range(0x10000)) if safe_cell(sign) != sign} - {"\t", "\r", "\n"} == set(_FORMULA)


@pytest.mark.parametrize("name", ["=1+1", '=HYPERLINK("http://x")', "+86", "-1", "@SUM", "＝１"])
def test_a_name_that_a_spreadsheet_would_work_out_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="formula"):
        NAME.validate_python(name)


@pytest.mark.parametrize("name", ["\u200b", "\u200b \u2060", "\ufeff", "\u3164\u200d"])
def test_a_name_that_nobody_sees_is_none(name: str) -> None:
    with pytest.raises(ValidationError):
        NAME.validate_python(name)


@pytest.mark.parametrize("name", ["李桂芳", "阿依古丽·买买提", "O'Neil-Smith", "Özil"])
def test_names_of_people_are_not_formulas(name: str) -> None:
    assert NAME.validate_python(name) == name
