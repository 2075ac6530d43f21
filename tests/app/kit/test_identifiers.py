"""Identifiers: the vectors of the standards, and properties that no vector can show."""

import re
import string
import unicodedata
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.kit import identifiers
from app.kit.identifiers import BadIdentifier, birth_date, credit_code, document, mobile, plate, resident_id, sex

TODAY = date(2020, 2, 10)
CODES = {"length", "characters", "check_digit", "date", "future", "unknown_type"}
FIRMS = ["91330100799655058B", "91440300708461136T", "91110000600037341L", "91330100716105852F"]
KINDS = ["resident_id", "hmt_permit", "taiwan_permit", "passport", "foreign_permanent", "other"]

regions = st.text("0123456789", min_size=6, max_size=6)
sequences = st.integers(0, 999).map("{:03d}".format)
births = st.dates(max_value=TODAY).map(lambda day: f"{day.year:04d}{day.month:02d}{day.day:02d}")
bodies = st.builds("{}{}{}".format, regions, births, sequences)
hostile = st.text(max_size=80) | st.text(st.characters(codec=None, categories=["Cs", "Cc", "Cf", "Nd", "Zs"]))


def check_character(body: str) -> str:
    """ISO 7064 MOD 11-2 by its recursive definition, independent of the table of weights."""
    rest = 0
    for digit in body:
        rest = (rest + int(digit)) * 2 % 11
    return "0123456789X"[(12 - rest) % 11]


def code_of(call, *args, **kwargs):
    with pytest.raises(BadIdentifier) as refusal:
        call(*args, **kwargs)
    return refusal.value.code


def refusals(**raws_by_code):
    return pytest.mark.parametrize(
        ("raw", "code"), [(raw, code) for code, raws in raws_by_code.items() for raw in raws]
    )


def accepted(call, *args, **kwargs):
    """The canonical number, or None for a refusal out of the catalogue; anything else fails the test."""
    code = None
    try:
        return call(*args, **kwargs)
    except BadIdentifier as refusal:
        code = refusal.code
    assert code in CODES
    return None


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("", ""),
        (" 110105 19491231-002x\r\n", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２ｘ", "11010519491231002X"),
        ("138\u20110013\u20148000", "13800138000"),
        ("\u202d138\u00a00013\u30008000\u202c", "13800138000"),
        ("浙a·12345", "浙A·12345"),
        ("ı", "ı"),
    ],
)
def test_one_number_has_one_form_however_it_was_typed(raw, text):
    assert identifiers.normalise(raw) == text


@pytest.mark.parametrize("raw", ["1\x002", "1\t2", "1\n2", "\x1b1", "1\x7f", "\ud800", "1\udfff2", "1\u20282", "\x85"])
def test_control_characters_and_lone_surrogates_are_refused(raw):
    assert code_of(identifiers.normalise, raw) == "characters"


@pytest.mark.parametrize("raw", ["1" * 257, " " * 1_000_000, "\ufdfa" * 200])
def test_an_absurd_length_is_refused_before_any_work(raw):
    assert code_of(identifiers.normalise, raw) == "length"


@given(hostile)
def test_normalising_twice_changes_nothing(raw):
    once = accepted(identifiers.normalise, raw)
    assert once is None or (identifiers.normalise(once) == once and unicodedata.is_normalized("NFKC", once))


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        *[(valid, valid) for valid in ("11010519491231002X", "34052419800101001X", "360426199101010071")],
        *[("110105491231002", "11010519491231002X"), ("340524800101001", "34052419800101001X")],
        *[
            ("１１０１０５　１９４９１２３１　００２ｘ", "11010519491231002X"),
            ("11010519491231002x", "11010519491231002X"),
        ],
    ],
)
def test_valid_resident_ids_pass_and_fifteen_digits_become_eighteen(raw, number):
    assert resident_id(raw, today=TODAY) == number


@refusals(
    future=["330102203501010018"],
    length=["", "11010519491231002", "11010519491231002X1", "3.30102E+17"],
    characters=["1101051949123100XX", "X10105194912310021", "11010549123100X", "1101051949123100\u0662X"],
    check_digit=["110105194912310021"],
    date=["110105194902300025", "110105190002290025", "110105000001010025", "110105491331002", "110105501231996"],
)
def test_a_bad_resident_id_is_refused_with_its_reason(raw, code):
    assert code_of(resident_id, raw, today=TODAY) == code


def test_born_today_is_not_the_future_and_tomorrow_is():
    today, tomorrow = "33082220200210001", "33082220200211001"
    assert resident_id(today + check_character(today), today=TODAY)
    assert code_of(resident_id, tomorrow + check_character(tomorrow), today=TODAY) == "future"


@pytest.mark.parametrize(
    "region",
    ["330106", "330113", "330114", "330103", "330104", "330184", "511023", "000000", "999999", "810000", "830000"],
)
def test_new_retired_and_unknown_regions_pass(region):
    body = f"{region}19500615012"
    assert resident_id(body + check_character(body), today=TODAY) == body + check_character(body)


@given(bodies)
def test_any_seventeen_digits_with_a_real_date_and_the_computed_check_pass(body):
    number = body + check_character(body)
    assert resident_id(number, today=TODAY) == number


@given(bodies, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_changing_one_character_fails(body, place, other):
    number = body + check_character(body)
    assume(number[place] != other)
    assert code_of(resident_id, number[:place] + other + number[place + 1 :], today=TODAY) in CODES


@given(bodies, st.integers(0, 16))
def test_swapping_neighbours_fails(body, place):
    number = body + check_character(body)
    assume(number[place] != number[place + 1])
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert code_of(resident_id, swapped, today=TODAY) in CODES


@given(regions, st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(0, 995))
def test_fifteen_digits_and_their_eighteen_are_one_number(region, born, sequence):
    full = resident_id(f"{region}{born:%y%m%d}{sequence:03d}", today=TODAY)
    assert full[:6] + full[8:17] == f"{region}{born:%y%m%d}{sequence:03d}"
    assert full[17] == check_character(full[:17])
    assert resident_id(full, today=TODAY) == full
    assert birth_date(full) == born
    assert sex(full) == (1 if sequence % 2 else 2)


def test_birth_date_and_sex_refuse_what_is_no_resident_id():
    assert code_of(birth_date, "1101054912310") == "length"
    assert code_of(birth_date, "110105\u066194912310021") == "characters"
    assert code_of(birth_date, "110105194902300025") == "date"
    assert code_of(sex, "") == "length"
    assert code_of(sex, "1101051949123100²X") == "characters"


@pytest.mark.parametrize(
    ("kind", "raw", "number"),
    [
        ("resident_id", "110105491231002", "11010519491231002X"),
        *[("hmt_permit", "h12345678", "H12345678"), ("hmt_permit", "M1234567800", "M1234567800")],
        *[("taiwan_permit", "12345678", "12345678"), ("taiwan_permit", "012345678b", "012345678B")],
        *[("passport", "e 1234 5678", "E12345678"), ("passport", "AB123", "AB123")],
        ("foreign_permanent", "usa110180010101", "USA110180010101"),
        ("other", "No-2020-17", "NO202017"),
    ],
)
def test_papers_are_accepted_by_their_form(kind, raw, number):
    assert document(kind, raw, today=TODAY) == number


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        *[("hmt_permit", "A12345678", "characters"), ("hmt_permit", "H123456789", "length")],
        *[("hmt_permit", "H1234567X", "characters"), ("taiwan_permit", "1234567A", "characters")],
        *[("taiwan_permit", "123456789", "length"), ("passport", "E123", "length")],
        *[("passport", "E" * 21, "length"), ("passport", "护照123456", "characters")],
        *[("foreign_permanent", "USA11018001010", "length"), ("other", "AB/1234", "characters")],
        *[("foreign_permanent", "81113319800101001X", "characters"), ("other", "a-b-c", "length")],
        *[("other", "A" * 31, "length"), ("drivers_licence", "1234567", "unknown_type")],
        ("", "1234567", "unknown_type"),
    ],
)
def test_papers_of_another_form_are_refused(kind, raw, code):
    assert code_of(document, kind, raw, today=TODAY) == code


@given(st.text("0123456789", min_size=16, max_size=16))
def test_the_new_foreign_card_is_held_to_its_check_character(tail):
    body = "9" + tail
    right = check_character(body)
    wrong = "0" if right != "0" else "1"
    assert document("foreign_permanent", body + right, today=TODAY) == body + right
    assert code_of(document, "foreign_permanent", body + wrong, today=TODAY) == "check_digit"


@given(st.sampled_from(KINDS), hostile)
def test_any_text_is_a_canonical_number_or_a_declared_refusal(kind, raw):
    number = accepted(document, kind, raw, today=TODAY)
    if number is not None:
        assert set(number) <= set(string.digits + string.ascii_uppercase)
        assert document(kind, number, today=TODAY) == number


@pytest.mark.parametrize("code", FIRMS)
def test_credit_codes_of_real_firms_pass(code):
    assert credit_code(code) == code
    assert credit_code(f" {code[:8].lower()} {code[8:].lower()} ") == code


@refusals(
    check_digit=["91330100799655058C", "91330100799655508B"],
    length=["913301007996550", ""],
    characters=["9133010079965505OB", "91330I00799655058B", "9133A100799655058B", "91330100799655058Z"],
)
def test_a_bad_credit_code_is_refused_with_its_reason(raw, code):
    assert code_of(credit_code, raw) == code


@given(st.sampled_from(FIRMS), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_in_a_credit_code_fails(code, place, other):
    assume(code[place] != other)
    assert code_of(credit_code, code[:place] + other + code[place + 1 :]) in {"check_digit", "characters"}


@pytest.mark.parametrize(
    "raw",
    [
        *["13800138000", "+8613800138000", "+86 138-0013-8000", "86-13800138000", "8613800138000"],
        *[" 138 0013 8000 ", "１３８００１３８０００", "＋８６１３８００１３８０００", "\u202d+86 138 0013 8000\u202c"],
    ],
)
def test_a_mobile_number_is_eleven_digits_however_it_was_typed(raw):
    assert mobile(raw) == "13800138000"


@pytest.mark.parametrize("prefix", ["145", "149", "166", "162", "170", "178", "190", "192", "196", "197", "199", "159"])
def test_allotted_prefixes_pass(prefix):
    assert mobile(prefix + "12345678") == prefix + "12345678"


@pytest.mark.parametrize("prefix", ["100", "110", "123", "140", "144", "154", "160", "163", "179", "194"])
def test_prefixes_never_allotted_are_refused_until_a_deployment_lists_them(prefix):
    assert code_of(mobile, prefix + "12345678") == "characters"
    assert mobile(prefix + "12345678", allotted=re.compile(r"1[0-9]{10}")) == prefix + "12345678"


@refusals(
    length=["", "1380013800", "138001380000", "+86", "057012345678"],
    characters=["+85291234567", "1380013800a", "\u0661" * 11, "13800138000\x00"],
)
def test_what_is_no_mobile_number_is_refused(raw, code):
    assert code_of(mobile, raw) == code


@pytest.mark.parametrize(
    "number",
    [
        *["浙A12345", "浙A1234挂", "粤Z1234港", "浙H5Y975", "浙AD12345", "浙A12345D", "浙AF12345", "鄂AB123学"],
        *["使123456", "123456使", "WJ12345", "WJ浙1234T", "VA12345", "沪A1234领"],
    ],
)
def test_plates_pass(number):
    assert plate(number) == number


@pytest.mark.parametrize("raw", ["浙h·5y975", "浙H 5Y975", "浙Ｈ－５Ｙ９７５", "浙H•5Y975", "浙H・5Y975"])
def test_dots_spaces_and_full_width_do_not_change_a_plate(raw):
    assert plate(raw) == "浙H5Y975"


@refusals(
    length=["", "无牌", "浙A1234", "浙A123456D"],
    characters=["浙AI2345", "浙O12345", "A浙12345", "BA12345X", "浙AL12345", "浙A\u06622345", "浙A1234O"],
)
def test_impossible_plates_are_refused(raw, code):
    assert code_of(plate, raw) == code


@given(hostile)
def test_no_text_breaks_credit_code_mobile_or_plate(raw):
    for read in (credit_code, mobile, plate):
        number = accepted(read, raw)
        assert number is None or read(number) == number
